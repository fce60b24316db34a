"""One fact about a call: its row moves on, an event is appended, open pages are told."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from permanence.calls.models import Call, CallEvent
from permanence.calls.rules.states import OutOfTurn, advance
from permanence.database.notices import tell
from permanence.kernel.refusals import Refused

CallId = str | UUID


class CallUnknown(Refused):
    message = _("This call is not open to you.")


class CallOutOfTurn(Refused):
    message = _("The call is no longer in a state that allows this.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """``verb`` is one of ``rules.states.VERBS``; ``columns`` are what the row learns with it."""

    verb: str
    at: datetime
    columns: dict[str, object] = field(default_factory=dict)
    facts: dict[str, object] = field(default_factory=dict)


def locked(call_id: CallId) -> Call:
    """The call, held until the end of the transaction. Raises ``CallUnknown``."""
    found = Call.objects.select_for_update(of=("self",)).filter(pk=call_id).first()
    if found is None:
        raise CallUnknown
    return found


def move(call: Call, fact: Fact) -> bool:
    """Apply ``fact`` to a locked call; False when it was known already. Raises ``CallOutOfTurn``."""
    try:
        after = advance(call.state, fact.verb)
    except OutOfTurn as error:
        raise CallOutOfTurn from error
    if after is None:
        return False
    call.state = after
    for name, value in fact.columns.items():
        setattr(call, name, value)
    call.save(update_fields=["state", *fact.columns])
    append(call, fact.verb, fact.at, **fact.facts)
    return True


def append(call: Call, kind: str, at: datetime, **facts: object) -> None:
    """One more line in the call's story."""
    CallEvent.objects.create(
        client_id=call.client_id, call=call, at=at, kind=kind, secretary_id=call.secretary_id, facts=facts
    )


def announce(call: Call, *, former: int | None = None, queue: bool = True) -> None:
    """Tell the open pages: the client's, the secretary's (or the ``former`` one's), the bureau's waiting room."""
    tell(f"client:{call.client_id}", "call", str(call.pk))
    if concerned := call.secretary_id or former:
        tell(f"secretary:{concerned}", "call", str(call.pk))
    if queue:
        tell("bureau", "queue")
