"""The people for whom callers ask: their numbers in order, and when they may be reached."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from permanence.clients import queries
from permanence.clients.forms import AvailabilityForm, PersonForm
from permanence.clients.models import Availability, Person
from permanence.clients.queries.people import person_now
from permanence.clients.usecases import clear_availability, remove_person, save_person, set_availability
from permanence.kernel.actor import COMPANY, Role
from permanence.kernel.clock import now
from permanence.portal.views.pages import done, own, page
from permanence.ui.http import Request, open_to


@open_to(*COMPANY)
def people(request: Request) -> HttpResponse:
    client = own(request)
    context = {"people": queries.people_now(request.actor, client, now())}
    return page(request, "people", context, client=client, here="people")


@open_to(Role.OWNER)
def new(request: Request) -> HttpResponse:
    return _edit(request, None)


@open_to(Role.OWNER)
def edit(request: Request, person_id: int) -> HttpResponse:
    return _edit(request, queries.person_for(request.actor, person_id))


def _edit(request: Request, person: Person | None) -> HttpResponse:
    client = own(request)
    form = PersonForm(request.POST or None, person=person)
    saving = request.method == "POST" and done(
        form, lambda: save_person(actor=request.actor, client=client, details=form.details(), person=person)
    )
    if saving:
        messages.success(request, _("Saved. The secretaries see it at the next call."))
        return redirect("portal:person", person.pk) if person else redirect("portal:people")
    return page(request, "person_edit", {"form": form, "person": person}, client=client, here="people")


@open_to(*COMPANY)
def person(request: Request, person_id: int) -> HttpResponse:
    return _page(request, queries.person_for(request.actor, person_id), AvailabilityForm(initial=_first_proposal()))


@open_to(*COMPANY)
@require_POST
def availability(request: Request, person_id: int) -> HttpResponse:
    found = queries.person_for(request.actor, person_id)
    form = AvailabilityForm(request.POST)
    setting = done(
        form,
        lambda: set_availability(
            actor=request.actor,
            person=found,
            state=form.cleaned_data["state"],
            when=form.when(),
            message=form.cleaned_data["message"],
        ),
    )
    if setting:
        messages.success(request, _("Set. It applies to the next call."))
        return redirect("portal:person", person_id)
    return _page(request, found, form)


@open_to(*COMPANY)
@require_POST
def availability_end(request: Request, person_id: int, availability_id: int) -> HttpResponse:
    found = queries.person_for(request.actor, person_id)
    row = get_object_or_404(Availability, pk=availability_id, person=found)
    clear_availability(actor=request.actor, person=found, availability=row)
    messages.success(request, _("Lifted. It no longer applies from the next call on."))
    return redirect("portal:person", person_id)


@open_to(Role.OWNER)
def departure(request: Request, person_id: int) -> HttpResponse:
    """A question, then the act."""
    found = queries.person_for(request.actor, person_id)
    if request.method == "POST":
        remove_person(actor=request.actor, person=found)
        messages.success(request, _("%(name)s is no longer proposed to callers.") % {"name": found.name})
        return redirect("portal:people")
    context = {
        "question": _("Remove %(name)s from your people?") % {"name": found.name},
        "consequence": _("Callers are no longer passed to this person. Messages already taken stay."),
        "back": reverse("portal:person", args=[person_id]),
        "verb": _("Remove"),
    }
    return page(request, "confirm", context, client=found.client, here="people")


def _page(request: Request, found: Person, form: AvailabilityForm) -> HttpResponse:
    own_id = queries.own_person_id(request.actor)
    rows = list(found.availabilities.all())
    at = now()
    context = {
        "one": person_now(found, at),
        "dated": [row for row in rows if row.starts_at and (row.ends_at is None or row.ends_at > at)],
        "weekly": [row for row in rows if not row.starts_at],
        "may_set": request.actor.is_one_of(Role.OWNER) or own_id == found.pk,
        "form": form,
    }
    return page(request, "person", context, client=found.client, here="people")


def _first_proposal() -> dict[str, object]:
    return {"state": "absent", "rhythm": "dated", "ends_at": now().replace(minute=0) + timedelta(hours=2)}
