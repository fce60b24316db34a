"""The book of instructions: published, changed by a new version, withdrawn, ticked as read."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from permanence.audit.usecases import record
from permanence.clients.events import InstructionPublished, InstructionTicked, InstructionWithdrawn
from permanence.clients.models import Client, Instruction, InstructionReading, InstructionVersion, Person
from permanence.database.notices import tell
from permanence.kernel.actor import Actor, NotAllowed, Role, require, signed_in
from permanence.kernel.clock import now
from permanence.kernel.events import publish
from permanence.kernel.refusals import Refused

LONGEST_TEXT = 1_000


class InstructionEmpty(Refused):
    message = _("The instruction is empty. Nothing was changed. Write what the secretary should do.")


class InstructionTooLong(Refused):
    message = _(
        "The instruction has %(length)s characters; %(most)s are read in one glance. Your text is kept. Shorten it."
    )


class NeedsAnEnd(Refused):
    message = _(
        "A temporary instruction ceases alone, so it needs an end. Your text is kept. Choose the day and the time."
    )


class EndsInThePast(Refused):
    message = _("This end is already past, or comes before the start. Your text is kept. Choose a later one.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What an instruction says, in which layer, for whom and until when (aware instants)."""

    layer: str
    text: str
    title: str = ""
    person: Person | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@transaction.atomic
def publish_instruction(
    *, actor: Actor, client: Client, wording: Wording, instruction: Instruction | None = None
) -> InstructionVersion:
    """A new instruction, or the next version of ``instruction``: what was published before is never edited."""
    require(actor, Role.OWNER)
    text = _checked(wording)
    number = 1
    if instruction is not None:
        book = Instruction.objects.select_for_update().get(pk=instruction.pk)
        number = InstructionVersion.objects.filter(instruction=book).count() + 1
    else:
        book = Instruction(client=client, position=Instruction.objects.filter(client=client).count())
    book.layer, book.title, book.person = wording.layer, wording.title, wording.person
    book.starts_at, book.ends_at = wording.starts_at, wording.ends_at
    book.save()
    version = InstructionVersion.objects.create(
        client=client, instruction=book, number=number, text=text, author_id=signed_in(actor), published_at=now()
    )
    event = InstructionPublished(
        client_id=client.pk, instruction_id=book.pk, version_id=version.pk, number=number, layer=book.layer
    )
    record(actor, event, personal={"text": text})
    publish(event)
    tell(f"client:{client.pk}", "instruction", version.pk)
    return version


def _checked(wording: Wording) -> str:
    text = wording.text.strip()
    if not text:
        raise InstructionEmpty
    if len(text) > LONGEST_TEXT:
        raise InstructionTooLong(length=len(text), most=LONGEST_TEXT)
    if wording.layer == "temporary" and wording.ends_at is None:
        raise NeedsAnEnd
    if wording.ends_at is not None and wording.ends_at <= max(now(), wording.starts_at or now()):
        raise EndsInThePast
    return text


@transaction.atomic
def withdraw_instruction(*, actor: Actor, instruction: Instruction) -> None:
    """From the next call on it is no longer shown; its versions stay."""
    require(actor, Role.OWNER)
    withdrawn = Instruction.objects.filter(pk=instruction.pk, withdrawn_at=None).update(withdrawn_at=now())
    if not withdrawn:
        return
    event = InstructionWithdrawn(
        client_id=instruction.client_id, instruction_id=instruction.pk, layer=instruction.layer
    )
    record(actor, event)
    publish(event)
    tell(f"client:{instruction.client_id}", "instruction", instruction.pk)


@transaction.atomic
def tick_instruction(*, actor: Actor, version: InstructionVersion) -> InstructionReading:
    """« J'ai lu ». Ticking twice is ticking once."""
    require(actor, Role.SECRETARY)
    if actor.secretary_id is None:
        raise NotAllowed
    reading, is_new = InstructionReading.objects.get_or_create(
        client_id=version.client_id, version=version, secretary_id=actor.secretary_id
    )
    if is_new:
        event = InstructionTicked(
            client_id=version.client_id,
            instruction_id=version.instruction_id,
            version_id=version.pk,
            secretary_id=reading.secretary_id,
        )
        record(actor, event)
        publish(event)
        tell(f"client:{version.client_id}", "instruction", version.pk)
    return reading
