"""A message taken during a call, or left as a recording: it belongs to the call's client, whatever is typed."""

from dataclasses import replace
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from permanence.audit.usecases import record
from permanence.calls.events import VoicemailLeft
from permanence.calls.models import Call
from permanence.calls.usecases import CallUnknown, note_correspondent
from permanence.clients.models import Person
from permanence.database.notices import tell
from permanence.kernel.actor import Actor, Role, require, system
from permanence.kernel.clock import now
from permanence.kernel.events import publish
from permanence.kernel.phones import parse
from permanence.kernel.refusals import Refused
from permanence.messaging.events import MessageTaken
from permanence.messaging.models import Draft, Message
from permanence.messaging.rules.taking import URGENCIES, Taken, missing, tidied, too_long
from permanence.messaging.usecases.delivering import send_out


class MessageIncomplete(Refused):
    message = _("Nobody could act on this yet. What you typed is kept. Still missing: %(fields)s.")


class MessageTooLong(Refused):
    message = _("%(field)s: %(length)s characters, %(most)s at most. What you typed is kept. Shorten it.")


class UrgencyUnknown(Refused):
    message = _("Choose how urgent the message is.")


class PersonElsewhere(Refused):
    message = _("The person asked for is not one of this client’s. Choose again.")


class NotYourCall(Refused):
    message = _("This call is a colleague’s: the message is hers to take.")


class SubmissionReused(Refused):
    message = _("This form already served for another call. What you typed is kept. Open the call’s card again.")


WORDS = {
    "caller_name": _("the caller’s name"),
    "caller_company": _("the caller’s company"),
    "caller_number": _("the number to call back"),
    "reason": _("the reason"),
    "promise": _("the promise made"),
}


@transaction.atomic
def take_message(*, actor: Actor, call: Call, taken: Taken) -> Message:
    """Keep a message for the call's client and send it on its way.

    The same submission twice is one message. The number is kept in E.164; the caller enters the client's callers'
    book; the secretary's draft of this call is thrown away.
    """
    require(actor, Role.SECRETARY)
    kept = _call_of(actor, call)
    former = Message.objects.filter(client_id=kept.client_id, submission=taken.submission).first()
    if former is not None:
        if former.call_id != kept.pk:
            raise SubmissionReused
        return former
    clean = _checked(taken)
    person = _person(kept, clean.person_id)
    message = Message.objects.create(
        client_id=kept.client_id,
        call=kept,
        person=person,
        caller_name=clean.caller_name,
        caller_company=clean.caller_company,
        caller_number=clean.caller_number,
        number_read_back=clean.number_read_back and bool(clean.caller_number),
        reason=clean.reason,
        urgency=clean.urgency,
        promise=clean.promise,
        partial=clean.partial,
        taken_by_id=actor.secretary_id,
        taken_at=now(),
        submission=clean.submission,
    )
    if clean.caller_name and clean.caller_number:
        note_correspondent(
            actor=actor,
            client=kept.client,
            number=clean.caller_number,
            name=clean.caller_name,
            company=clean.caller_company,
        )
    Draft.objects.filter(client_id=kept.client_id, call=kept, secretary_id=actor.secretary_id or 0).delete()
    _announce(actor, message)
    return message


@transaction.atomic
def take_voicemail(event: VoicemailLeft) -> Message:
    """Listener: a recording is a message too, which nobody took."""
    call = Call.objects.select_related("client").get(pk=event.call_id)
    message, is_new = Message.objects.get_or_create(
        client_id=call.client_id,
        submission=uuid5(NAMESPACE_URL, f"voicemail:{call.pk}"),
        defaults={
            "call": call,
            "caller_number": call.caller_number,
            "voicemail": True,
            "partial": True,
            "taken_at": now(),
        },
    )
    if is_new:
        _announce(system("messaging"), message)
    return message


def _call_of(actor: Actor, call: Call) -> Call:
    """The call's own row, held: two submissions of one form come one after the other."""
    kept = Call.objects.select_for_update(of=("self",)).select_related("client").filter(pk=call.pk).first()
    if kept is None:
        raise CallUnknown
    if kept.secretary_id is not None and kept.secretary_id != actor.secretary_id:
        raise NotYourCall
    return kept


def _checked(taken: Taken) -> Taken:
    clean = tidied(taken)
    if clean.urgency not in URGENCIES:
        raise UrgencyUnknown
    if found := too_long(clean):
        name, length, most = found
        raise MessageTooLong(field=str(WORDS[name]).capitalize(), length=length, most=most)
    if names := missing(clean):
        joined = _(" or ") if clean.partial else ", "
        raise MessageIncomplete(fields=str(joined).join(str(WORDS[name]) for name in names))
    return replace(clean, caller_number=parse(clean.caller_number) if clean.caller_number else "")


def _person(call: Call, person_id: int | None) -> Person | None:
    if person_id is None:
        return None
    found = Person.objects.filter(client_id=call.client_id, pk=person_id).first()
    if found is None:
        raise PersonElsewhere
    return found


def _announce(actor: Actor, message: Message) -> None:
    send_out(message)
    taken = MessageTaken(
        client_id=message.client_id,
        message_id=message.pk,
        call_id=str(message.call_id),
        urgency=message.urgency,
        partial=message.partial,
        voicemail=message.voicemail,
    )
    record(actor, taken, personal={"caller_name": message.caller_name, "caller_number": message.caller_number})
    publish(taken)
    tell(f"client:{message.client_id}", "message", message.pk)
    if message.taken_by_id:
        tell(f"secretary:{message.taken_by_id}", "message", message.pk)
