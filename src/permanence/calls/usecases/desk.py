"""What the secretary, and the client, do with a call."""

from typing import IO, Any

from django.db import transaction
from django.http import Http404

from permanence.audit.usecases import record
from permanence.bureau import usecases as bureau
from permanence.bureau.models import Secretary
from permanence.calls.events import CallWrappedUp, CardOpened, VoicemailHeard
from permanence.calls.models import Call
from permanence.calls.usecases.facts import CallId, CallOutOfTurn, CallUnknown, announce, append, locked
from permanence.kernel.actor import COMPANY, Actor, Role, require, system
from permanence.kernel.clock import now
from permanence.kernel.events import publish


@transaction.atomic
def open_card(*, actor: Actor, call: Call) -> None:
    """The reading of a call's card enters the client's log: called once for each opening, not for each refresh."""
    require(actor, Role.SECRETARY, *COMPANY)
    opened = CardOpened(client_id=call.client_id, call_id=str(call.pk))
    record(actor, opened, personal={"caller_number": call.caller_number})
    publish(opened)


@transaction.atomic
def wrap_up_call(*, actor: Actor, call_id: CallId) -> Call:
    """The secretary has finished: she is ready for the next caller. A second time changes nothing."""
    require(actor, Role.SECRETARY)
    call = locked(call_id)
    if actor.role is Role.SECRETARY and call.secretary_id != actor.secretary_id:
        raise CallUnknown
    if call.state != "done" or call.secretary_id is None:
        raise CallOutOfTurn
    if call.wrapped_up_at is not None:
        return call
    call.wrapped_up_at = now()
    call.save(update_fields=["wrapped_up_at"])
    append(call, "wrap_up", call.wrapped_up_at)
    if Secretary.objects.filter(pk=call.secretary_id, state="wrapping_up").exists():
        bureau.set_state(actor=system("calls"), secretary_id=call.secretary_id, state="ready")
    done = CallWrappedUp(client_id=call.client_id, call_id=str(call.pk), secretary_id=call.secretary_id)
    record(actor, done)
    publish(done)
    announce(call, queue=False)
    return call


@transaction.atomic
def open_voicemail(*, actor: Actor, call: Call) -> IO[Any]:
    """The caller's recording, open for reading; listening enters the client's log. 404 when there is none."""
    require(actor, Role.SECRETARY, *COMPANY)
    if not call.voicemail:
        raise Http404
    heard = VoicemailHeard(client_id=call.client_id, call_id=str(call.pk))
    record(actor, heard, personal={"caller_number": call.caller_number})
    publish(heard)
    opened: IO[Any] = call.voicemail.open("rb")
    return opened
