"""What the telephone tells while a call lives. Each verb may be told twice; only a verb out of turn is refused."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from permanence.audit.usecases import record
from permanence.bureau import usecases as bureau
from permanence.bureau.models import Secretary
from permanence.calls.events import CallAnswered, CallArrived, CallHeld, CallOffered, CallResumed
from permanence.calls.models import Call, Line
from permanence.calls.usecases.facts import CallId, CallOutOfTurn, Fact, announce, append, locked, move
from permanence.database.notices import tell
from permanence.database.refusing import refusing
from permanence.kernel.actor import Actor, Role, require
from permanence.kernel.events import publish
from permanence.kernel.phones import NotAPhoneNumber, parse
from permanence.kernel.refusals import Refused
from permanence.trust.models import Grant

LONGEST_RAW_NUMBER = 40


class SecretaryTaken(Refused):
    message = _("This secretary already has a call.")


class SecretaryNotReady(Refused):
    message = _("This secretary is not taking calls now.")


class NotGranted(Refused):
    message = _("This client is not open to this secretary.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A call as the telephone announces it: ``call_id`` is a UUID of its choice, ``caller_number`` as received."""

    call_id: CallId
    line_id: int
    at: datetime
    caller_number: str = ""
    node: str = ""
    channel: str = ""


@transaction.atomic
def register_call(*, actor: Actor, arrival: Arrival) -> Call:
    """A caller is on the line; the called line says which client it is for."""
    require(actor)
    call_id = UUID(str(arrival.call_id))
    known = Call.objects.filter(pk=call_id).first()
    if known is not None:
        return known
    line = Line.objects.get(pk=arrival.line_id)
    call, is_new = Call.objects.get_or_create(
        pk=call_id,
        defaults={
            "client_id": line.client_id,
            "line": line,
            "caller_number": number_of(arrival.caller_number),
            "node": arrival.node,
            "channel": arrival.channel,
            "started_at": arrival.at,
        },
    )
    if is_new:
        append(call, "arrive", arrival.at, number=arrival.caller_number[:LONGEST_RAW_NUMBER])
        arrived = CallArrived(client_id=call.client_id, call_id=str(call.pk), line_id=line.pk, direction="in")
        record(actor, arrived, personal={"caller_number": call.caller_number})
        publish(arrived)
        announce(call)
    return call


@transaction.atomic
def greet_call(*, actor: Actor, call_id: CallId, at: datetime) -> Call:
    """The caller hears the line's welcome."""
    require(actor)
    call = locked(call_id)
    if move(call, Fact(verb="greet", at=at)):
        announce(call)
    return call


@transaction.atomic
def queue_call(*, actor: Actor, call_id: CallId, at: datetime, why: str = "") -> Call:
    """The caller waits. ``why`` says for whom, when the routing holds the call: told again, it is replaced."""
    require(actor)
    call = locked(call_id)
    if move(call, Fact(verb="queue", at=at, columns={"why": why})):
        announce(call)
    elif call.why != why:
        call.why = why
        call.save(update_fields=["why"])
        tell("bureau", "queue")
    return call


@transaction.atomic
def offer_call(*, actor: Actor, call_id: CallId, secretary_id: int, why: str, at: datetime) -> Call:
    """Ring at a secretary's, who must be ready, hold a grant and have no other call: the database has the last word."""
    require(actor)
    call = locked(call_id)
    if call.state == "ringing" and call.secretary_id != secretary_id:
        raise CallOutOfTurn
    if not Grant.objects.filter(
        client_id=call.client_id, secretary_id=secretary_id, revoked_at=None, during__contains=at
    ).exists():
        raise NotGranted
    if call.state != "ringing" and not Secretary.objects.get(pk=secretary_id).takes_calls:
        raise SecretaryNotReady
    offer = Fact(
        verb="offer", at=at, columns={"secretary_id": secretary_id, "why": why, "rang_at": at}, facts={"why": why}
    )
    with refusing("calls_call_one_at_a_time", SecretaryTaken):
        is_new = move(call, offer)
    if is_new:
        offered = CallOffered(client_id=call.client_id, call_id=str(call.pk), secretary_id=secretary_id)
        record(actor, offered, personal={"why": why})
        publish(offered)
        tell(f"secretary:{secretary_id}", "ring", str(call.pk))
        announce(call)
    return call


@transaction.atomic
def withdraw_offer(*, actor: Actor, call_id: CallId, at: datetime, reason: str = "no answer") -> Call:
    """It stops ringing there: the caller waits again, with the time he has already waited."""
    require(actor)
    call = locked(call_id)
    left = call.secretary_id
    withdrawal = Fact(
        verb="withdraw", at=at, columns={"secretary_id": None, "why": ""}, facts={"reason": reason, "secretary": left}
    )
    if move(call, withdrawal):
        announce(call, former=left)
    return call


@transaction.atomic
def answer_call(*, actor: Actor, call_id: CallId, at: datetime) -> Call:
    """The secretary has picked up: she is busy from now on."""
    require(actor)
    call = locked(call_id)
    if move(call, Fact(verb="answer", at=at, columns={"answered_at": at})) and call.secretary_id:
        bureau.set_state(actor=actor, secretary_id=call.secretary_id, state="busy")
        answered = CallAnswered(client_id=call.client_id, call_id=str(call.pk), secretary_id=call.secretary_id)
        record(actor, answered)
        publish(answered)
        announce(call)
    return call


@transaction.atomic
def hold_call(*, actor: Actor, call_id: CallId, at: datetime) -> Call:
    """The caller hears music."""
    return _pause(actor, call_id, at, "hold", CallHeld)


@transaction.atomic
def resume_call(*, actor: Actor, call_id: CallId, at: datetime) -> Call:
    """They talk again."""
    return _pause(actor, call_id, at, "resume", CallResumed)


def _pause(actor: Actor, call_id: CallId, at: datetime, verb: str, kind: type[CallHeld] | type[CallResumed]) -> Call:
    require(actor, Role.SECRETARY)
    call = locked(call_id)
    if actor.role is Role.SECRETARY and call.secretary_id != actor.secretary_id:
        raise CallOutOfTurn
    if move(call, Fact(verb=verb, at=at)) and call.secretary_id:
        event = kind(client_id=call.client_id, call_id=str(call.pk), secretary_id=call.secretary_id)
        record(actor, event)
        publish(event)
        announce(call, queue=False)
    return call


def number_of(received: str) -> str:
    """The caller's number in E.164; empty when hidden or not a number."""
    try:
        return parse(received)
    except NotAPhoneNumber:
        return ""
