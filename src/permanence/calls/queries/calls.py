"""Calls as the desk and the portal read them."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from permanence.calls.models import Call, CallEvent, Correspondent, OutboundPolicy
from permanence.calls.rules.states import WITH_A_SECRETARY
from permanence.clients.models import Client
from permanence.kernel.actor import BUREAU, COMPANY, Actor, Role, require
from permanence.kernel.clock import PARIS, now, today

WAITING = ("new", "greeting", "queued", "ringing")
MOST_HISTORY = 20
NOBODY = 0
LONGEST_CALL = timedelta(hours=4)  # the telephone ends what lasts longer
SHIFT = timedelta(hours=12)


def call_for(actor: Actor, call_id: str | UUID) -> Call:
    """With its client, line and secretary; 404 when it is not open to ``actor``."""
    require(actor, Role.SECRETARY, *COMPANY)
    try:
        return get_object_or_404(_calls(), pk=call_id)
    except ValidationError as error:
        raise Http404 from error


def waiting_calls(actor: Actor) -> QuerySet[Call]:
    """The callers who wait and whom she may take, the longest first."""
    require(actor, Role.SECRETARY)
    return _calls().filter(state__in=WAITING, direction="in").order_by("started_at")


def live_call(actor: Actor) -> Call | None:
    """Hers now: ringing, talking or held; else the last one that she has not yet wrapped up."""
    require(actor, Role.SECRETARY)
    hers = _calls().filter(secretary_id=actor.secretary_id or NOBODY)
    unfinished = Q(state="done", answered_at__isnull=False, wrapped_up_at=None, started_at__gte=now() - SHIFT)
    found = list(hers.filter(Q(state__in=WITH_A_SECRETARY) | unfinished).order_by("-started_at")[:MOST_HISTORY])
    return min(found, key=lambda call: call.state == "done", default=None)


def of_today() -> Q:
    """Calls of which the present civil day has seen a part, those that it found under way included."""
    begun = midnight()
    return Q(started_at__gte=begun - LONGEST_CALL) & (Q(ended_at=None) | Q(ended_at__gte=begun))


def calls_today(actor: Actor) -> QuerySet[Call]:
    """The secretary's calls of the day, the latest first, with the messages taken in them."""
    require(actor, Role.SECRETARY)
    return _calls().filter(of_today(), secretary_id=actor.secretary_id or NOBODY).order_by("-started_at")


def calls_of_client_today(actor: Actor) -> QuerySet[Call]:
    """The calls of the day for the member's company, the latest first."""
    require(actor, *COMPANY)
    return _calls().filter(of_today(), client_id=actor.client_id or NOBODY).order_by("-started_at")


def calls_of_client_on(actor: Actor, day: date) -> QuerySet[Call]:
    """The calls of one civil day for the member's company, the latest first."""
    require(actor, *COMPANY)
    begins, ends = (datetime.combine(each, time.min, PARIS) for each in (day, day + timedelta(days=1)))
    found = _calls().filter(client_id=actor.client_id or NOBODY, started_at__gte=begins, started_at__lt=ends)
    return found.order_by("-started_at")


def names_of(actor: Actor, client: Client, numbers: Collection[str]) -> dict[str, str]:
    """By number (E.164), the names that this client's callers' book knows."""
    require(actor, Role.SECRETARY, *COMPANY)
    known = Correspondent.objects.filter(client=client, number__in=numbers)
    return dict(known.values_list("number", "name"))


def correspondent(actor: Actor, client: Client, number: str) -> Correspondent | None:
    """Who this client knows by ``number`` (E.164)."""
    require(actor, Role.SECRETARY, *COMPANY)
    return Correspondent.objects.filter(client=client, number=number).first() if number else None


def history_with(actor: Actor, client: Client, number: str) -> QuerySet[Call]:
    """The latest ended calls between this client and ``number``, at most twenty."""
    require(actor, Role.SECRETARY, *COMPANY)
    found = _calls().filter(client=client, caller_number=number, state="done").order_by("-started_at")
    return found[:MOST_HISTORY] if number else Call.objects.none()


def events_of(actor: Actor, call: Call) -> QuerySet[CallEvent]:
    """What happened in the call, in order."""
    require(actor, Role.SECRETARY, *COMPANY)
    return CallEvent.objects.filter(client_id=call.client_id, call=call).select_related("secretary__user")


def outbound_policy(actor: Actor, client: Client) -> OutboundPolicy | None:
    """Where calls may go out for the client; None means nowhere."""
    require(actor, *BUREAU, *COMPANY)
    return OutboundPolicy.objects.filter(client=client).first()


def midnight() -> datetime:
    """The beginning of the civil day."""
    return datetime.combine(today(), time.min, PARIS)


def _calls() -> QuerySet[Call]:
    return Call.objects.select_related("client", "line", "secretary__user")
