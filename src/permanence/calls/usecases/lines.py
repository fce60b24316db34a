"""The numbers that callers dial, and what they hear before somebody answers."""

from hashlib import sha256

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from permanence.audit.usecases import record
from permanence.calls.events import LineDescribed, LineOpened
from permanence.calls.models import Line
from permanence.calls.ports import converter
from permanence.clients.models import Client
from permanence.database.notices import tell
from permanence.database.refusing import refusing
from permanence.kernel.actor import OVERSEERS, Actor, Role, require
from permanence.kernel.events import publish
from permanence.kernel.phones import parse
from permanence.kernel.refusals import Refused

LONGEST_SAID = 400


class SaidTooLong(Refused):
    message = _(
        "%(length)s characters are too long to be said to a caller, %(most)s at most. Your text is kept. Shorten it."
    )


class NumberTaken(Refused):
    message = _("This number already belongs to a line. Nothing was opened. Check the number.")


@transaction.atomic
def open_line(*, actor: Actor, client: Client, number: str, label: str = "") -> Line:
    """``number`` as people write it, forwarded to the bureau. Raises ``NotAPhoneNumber`` or ``NumberTaken``."""
    require(actor, *OVERSEERS)
    line = Line(client=client, number=parse(number), label=label.strip())
    with refusing("calls_line_number_key", NumberTaken):
        line.save(force_insert=True)
    opened = LineOpened(client_id=client.pk, line_id=line.pk)
    record(actor, opened)
    publish(opened)
    tell("bureau", "clients", client.pk)
    return line


@transaction.atomic
def describe_line(*, actor: Actor, line: Line, welcome_text: str, closed_text: str) -> Line:
    """The next caller hears these words, spoken by the machine where no recording replaces them."""
    require(actor, Role.OWNER)
    for said in (welcome_text, closed_text):
        if len(said) > LONGEST_SAID:
            raise SaidTooLong(length=len(said), most=LONGEST_SAID)
    line.welcome_text, line.closed_text = welcome_text.strip(), closed_text.strip()
    line.save(update_fields=["welcome_text", "closed_text"])
    _announce(actor, line)
    return line


@transaction.atomic
def record_welcome(*, actor: Actor, line: Line, audio: bytes) -> Line:
    """The next caller hears this recording (WAV or MP3), kept as the telephone plays it, or refused."""
    require(actor, Role.OWNER)
    sound = converter()(audio)
    line.welcome_audio.save(f"{sha256(sound).hexdigest()[:24]}.wav", ContentFile(sound), save=False)
    line.save(update_fields=["welcome_audio"])
    _announce(actor, line)
    return line


@transaction.atomic
def remove_welcome(*, actor: Actor, line: Line) -> Line:
    """The machine speaks the line's words again."""
    require(actor, Role.OWNER)
    if line.welcome_audio:
        line.welcome_audio.delete(save=False)
        line.save(update_fields=["welcome_audio"])
        _announce(actor, line)
    return line


def _announce(actor: Actor, line: Line) -> None:
    described = LineDescribed(client_id=line.client_id, line_id=line.pk)
    record(actor, described)
    publish(described)
    tell(f"client:{line.client_id}", "sheet", line.client_id)
