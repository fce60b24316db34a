"""Nothing that was typed is lost: one draft for each call and secretary. Drafts are plumbing and enter no log."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from permanence.calls.models import Call
from permanence.kernel.actor import Actor, NotAllowed, Role, require
from permanence.kernel.clock import now
from permanence.kernel.refusals import Refused
from permanence.messaging.models import Draft

MOST_CHARACTERS = 200_000
MOST_FIELDS = 40


class DraftTooLong(Refused):
    message = _("This text is too long to be kept as a draft. Shorten it, and save the message.")


@transaction.atomic
def save_draft(*, actor: Actor, call: Call, typed: Mapping[str, object]) -> Draft:
    """Replace the secretary's draft of this call by ``typed``: the form's fields, as they are written."""
    require(actor, Role.SECRETARY)
    if actor.secretary_id is None:
        raise NotAllowed
    words = {_storable(name): _storable(str(value)) for name, value in typed.items()}
    if len(words) > MOST_FIELDS or sum(map(len, words.values())) > MOST_CHARACTERS:
        raise DraftTooLong
    draft, _is_new = Draft.objects.update_or_create(
        client_id=call.client_id,
        call=call,
        secretary_id=actor.secretary_id,
        defaults={"typed": words, "saved_at": now()},
    )
    return draft


@transaction.atomic
def discard_draft(*, actor: Actor, call: Call) -> None:
    """Throw away the secretary's draft of this call."""
    require(actor, Role.SECRETARY)
    Draft.objects.filter(client_id=call.client_id, call=call, secretary_id=actor.secretary_id or 0).delete()


def _storable(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode()
