"""The bureau's own people."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from permanence.bureau import queries, usecases
from permanence.bureau.forms import InvitationForm, SecretaryForm
from permanence.kernel.actor import OVERSEERS, Role
from permanence.kernel.refusals import Refused
from permanence.supervision.views.page import show
from permanence.ui.http import Request, open_to


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*OVERSEERS)
def people(request: Request) -> HttpResponse:
    """Everybody, and the invitation of one more."""
    form = InvitationForm(request.POST or None, inviting=request.actor.role)
    if form.is_valid():
        try:
            usecases.invite(actor=request.actor, **form.cleaned_data)
            messages.success(request, _("The invitation is on its way."))
            return redirect("supervision:people")
        except Refused as refusal:
            form.add_error("email", str(refusal))
    page = {"here": "people", "people": queries.people(request.actor), "form": form}
    return show(request, "people.html", page, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*OVERSEERS)
def person(request: Request, user_id: int) -> HttpResponse:
    """One of the bureau's people: extension and languages of a secretary, invitation, closing."""
    found = queries.person(request.actor, user_id)
    secretary = getattr(found, "secretary", None)
    page: dict[str, Any] = {
        "here": "people",
        "person": found,
        "is_administrator": request.actor.role is Role.ADMINISTRATOR,
    }
    if secretary is None:
        return show(request, "person.html", page)
    held = {"extension": secretary.extension, "languages": secretary.languages}
    form = SecretaryForm(request.POST or None, initial=held)
    if form.is_valid():
        try:
            usecases.edit_secretary(actor=request.actor, secretary=secretary, **form.cleaned_data)
            messages.success(request, _("%(name)s is up to date.") % {"name": found.name})
            return redirect("supervision:people")
        except Refused as refusal:
            form.add_error("extension", str(refusal))
    return show(request, "person.html", {**page, "form": form}, status=422 if form.is_bound else 200)


@require_POST
@open_to(*OVERSEERS)
def invitation(request: Request, user_id: int) -> HttpResponse:
    """Send a new link."""
    found = queries.person(request.actor, user_id)
    try:
        usecases.renew_invitation(actor=request.actor, user=found)
        messages.success(request, _("The invitation is on its way."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("supervision:person", user_id)


@require_POST
@open_to(Role.ADMINISTRATOR)
def closing(request: Request, user_id: int) -> HttpResponse:
    """Close an account at once, or open it again."""
    found = queries.person(request.actor, user_id)
    act = usecases.reactivate_user if "reopen" in request.POST else usecases.deactivate_user
    try:
        act(actor=request.actor, user=found)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("supervision:person", user_id)
