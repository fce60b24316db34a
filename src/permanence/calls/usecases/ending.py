"""How a call ends, and what a caller leaves when nobody could answer."""

from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from permanence.audit.usecases import record
from permanence.bureau import usecases as bureau
from permanence.calls.events import CallEnded, VoicemailLeft
from permanence.calls.models import Call
from permanence.calls.usecases.facts import CallId, Fact, announce, append, locked, move
from permanence.kernel.actor import Actor, require
from permanence.kernel.clock import now
from permanence.kernel.events import publish
from permanence.kernel.refusals import Refused

MOST_VOICEMAIL_BYTES = 50_000_000
OUTCOMES = tuple(outcome for outcome, _label in Call.OUTCOMES)


class NotARecording(Refused):
    message = _("This recording cannot be kept: it is empty, too long, or not a WAV file.")


@transaction.atomic
def send_to_voicemail(*, actor: Actor, call_id: CallId, at: datetime, why: str = "") -> Call:
    """Nobody can answer: the caller may leave a recording. ``why`` is ``closed``, ``timeout``, ``nobody``…"""
    return _leave_queue(actor, call_id, Fact(verb="record", at=at, facts={"why": why}))


@transaction.atomic
def fall_back(*, actor: Actor, call_id: CallId, at: datetime) -> Call:
    """The telephone engine's own queue has taken the call over while the daemon was away."""
    return _leave_queue(actor, call_id, Fact(verb="fall_back", at=at))


def _leave_queue(actor: Actor, call_id: CallId, fact: Fact) -> Call:
    require(actor)
    call = locked(call_id)
    left = call.secretary_id
    fact.columns["secretary_id"] = None
    if move(call, fact):
        announce(call, former=left)
    return call


@transaction.atomic
def end_call(*, actor: Actor, call_id: CallId, outcome: str, at: datetime) -> Call:
    """Over. A call that was answered ends answered, whatever is told; its secretary now wraps up."""
    require(actor)
    if outcome not in OUTCOMES:
        raise ValueError(f"not an outcome: {outcome}")
    call = locked(call_id)
    outcome = "answered" if call.answered_at else outcome
    columns: dict[str, object] = {"outcome": outcome, "ended_at": max(at, call.started_at)}
    if not move(call, Fact(verb="end", at=at, columns=columns, facts={"outcome": outcome})):
        return call
    secretary_id = call.secretary_id
    if secretary_id and call.answered_at:
        bureau.set_state(actor=actor, secretary_id=secretary_id, state="wrapping_up")  # unless she has left meanwhile
    ended = CallEnded(client_id=call.client_id, call_id=str(call.pk), outcome=outcome, secretary_id=secretary_id)
    record(actor, ended)
    publish(ended)
    announce(call)
    return call


@transaction.atomic
def attach_voicemail(*, actor: Actor, call_id: CallId, audio: bytes) -> Call:
    """Keep the caller's recording (WAV) with his call; a second one is ignored."""
    require(actor)
    call = locked(call_id)
    if call.voicemail:
        return call
    if not audio.startswith(b"RIFF") or audio[8:12] != b"WAVE" or len(audio) > MOST_VOICEMAIL_BYTES:
        raise NotARecording
    name = f"{call.client_id}/{call.pk}.wav"
    storage = call.voicemail.storage
    storage.delete(f"voicemail/{name}")  # what a former try, undone by the database, may have left
    call.voicemail.save(name, ContentFile(audio), save=False)
    call.save(update_fields=["voicemail"])
    append(call, "voicemail_left", now(), bytes=len(audio))
    left = VoicemailLeft(client_id=call.client_id, call_id=str(call.pk))
    record(actor, left)
    publish(left)
    announce(call, queue=False)
    return call
