"""The first page: what waits for him, whether callers may be passed to him, who answers, the calls of the day."""

from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from permanence.calls.queries import calls_of_client_today
from permanence.clients import queries
from permanence.clients.forms import parsed_instant
from permanence.clients.models import Client
from permanence.clients.queries import PersonNow
from permanence.clients.usecases import Dated, clear_availability, set_availability
from permanence.kernel.actor import COMPANY
from permanence.kernel.clock import PARIS, now
from permanence.kernel.refusals import Refused
from permanence.portal.views.calls import as_shown
from permanence.portal.views.pages import open_messages, own, page, waiting_context
from permanence.ui.http import Request, open_to

MOST_CALLS = 8
ROUND_HOURS = (10, 12, 14, 16, 18, 20)
MOST_CHOICES = 3
SOON = timedelta(minutes=30)


@open_to(*COMPANY)
def home(request: Request) -> HttpResponse:
    client = own(request)
    at = now()
    context = {
        **waiting_context(request),
        **_today(request, client),
        **_presence(request, client, at),
        "opening": queries.opening_at(client.pk, at),
    }
    return page(request, "home", context, client=client, here="home")


@open_to(*COMPANY)
def waiting(request: Request) -> HttpResponse:
    return render(request, "portal/_waiting.html", {**waiting_context(request), "client": own(request)})


@open_to(*COMPANY)
def count(request: Request) -> HttpResponse:
    """The figure beside « Messages »."""
    return render(request, "portal/_count.html", {"waiting_count": open_messages(request).count()})


@open_to(*COMPANY)
def today(request: Request) -> HttpResponse:
    return render(request, "portal/_today.html", _today(request, own(request)))


@open_to(*COMPANY)
def pair(request: Request) -> HttpResponse:
    return render(request, "portal/_pair.html", {"pair": list(queries.pair_of(request.actor, own(request)))})


@open_to(*COMPANY)
def more(request: Request) -> HttpResponse:
    """The telephone's fifth tab: all the other pages."""
    return page(request, "more", {}, here="more")


@open_to(*COMPANY)
@require_POST
def presence(request: Request) -> HttpResponse:
    """The switch « indisponible jusqu'à », for the person that the member is: an instant, or nothing to be back."""
    client = own(request)
    person_id = queries.own_person_id(request.actor)
    refusal = ""
    if person_id is not None:
        person = queries.person_for(request.actor, person_id)
        until = parsed_instant(request.POST.get("until", ""))
        try:
            if until is None:
                clear_availability(actor=request.actor, person=person)
            else:
                set_availability(actor=request.actor, person=person, state="absent", when=Dated(now(), until))
        except Refused as refused:
            refusal = str(refused)
    if not request.htmx and not refusal:
        return redirect("portal:home")
    context = {**_presence(request, client, now()), "client": client, "refusal": refusal}
    return render(request, "portal/_presence.html", context, status=422 if refusal else 200)


def _today(request: Request, client: Client) -> dict[str, Any]:
    calls = calls_of_client_today(request.actor)
    return {"calls": as_shown(request.actor, client, list(calls[:MOST_CALLS])), "calls_count": calls.count()}


def _presence(request: Request, client: Client, at: datetime) -> dict[str, Any]:
    people = queries.people_now(request.actor, client, at)
    own_id = queries.own_person_id(request.actor)
    me: PersonNow | None = next((one for one in people if one.person.pk == own_id), None)
    others = [one for one in people if one is not me]
    return {"me": me, "others": others, "choices": until_choices(at), "is_away": me and me.state != "reachable"}


def until_choices(at: datetime) -> list[tuple[str, datetime]]:
    """The next round hours of the day, then tomorrow morning, each with its kind: ``today`` or ``tomorrow``."""
    here = at.astimezone(PARIS)
    hours = (datetime.combine(here.date(), time(hour), PARIS) for hour in ROUND_HOURS)
    soon = [("today", one) for one in hours if one - here >= SOON][:MOST_CHOICES]
    tomorrow = datetime.combine(here.date() + timedelta(days=1), time(8), PARIS)
    return [*soon, ("tomorrow", tomorrow)]
