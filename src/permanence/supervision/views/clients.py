"""Who the clients are, who serves them, and who may open what: names and access, never content."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from permanence.bureau import queries as bureau
from permanence.bureau import usecases as bureau_usecases
from permanence.calls.models import Line
from permanence.calls.queries import outbound_policy
from permanence.calls.usecases import open_line, set_outbound_policy
from permanence.clients import queries
from permanence.clients.models import Client
from permanence.clients.usecases import create_client, invite_member, set_pair
from permanence.kernel.actor import OVERSEERS
from permanence.kernel.refusals import Refused
from permanence.supervision.forms import (
    GrantForm,
    InvitedMemberForm,
    LineForm,
    NewClientForm,
    OutboundForm,
    PairForm,
)
from permanence.supervision.queries import directory
from permanence.supervision.views.page import show
from permanence.trust import queries as trust
from permanence.trust.usecases import grant_access, revoke_access
from permanence.ui.http import Request, open_to


@require_safe
@open_to(*OVERSEERS)
def clients(request: Request) -> HttpResponse:
    """The directory: name, trade, pair, lines."""
    return show(request, "clients.html", {"here": "clients", "clients": directory(request.actor)})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*OVERSEERS)
def new_client(request: Request) -> HttpResponse:
    """Take on a company."""
    form = NewClientForm(request.POST or None)
    if form.is_valid():
        try:
            made = create_client(actor=request.actor, new=form.client())
            return redirect("supervision:client", made.pk)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return show(request, "new_client.html", {"here": "clients", "form": form}, status=422 if form.is_bound else 200)


@require_safe
@open_to(*OVERSEERS)
def client(request: Request, client_id: int) -> HttpResponse:
    """One company: its lines, its pair, who may open it, who signs in."""
    return _sheet(request, queries.client_for(request.actor, client_id))


@require_POST
@open_to(*OVERSEERS)
def pair(request: Request, client_id: int) -> HttpResponse:
    """Name the secretaries who answer, in order."""
    found = queries.client_for(request.actor, client_id)
    form = PairForm(request.POST, team=list(bureau.team(request.actor)), held=[])
    if form.is_valid():
        try:
            set_pair(actor=request.actor, client=found, secretaries=form.secretaries())
            messages.success(request, _("The pair is named. Their access follows."))
            return redirect("supervision:client", client_id)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return _sheet(request, found, pair_form=form)


@require_POST
@open_to(*OVERSEERS)
def grants(request: Request, client_id: int) -> HttpResponse:
    """Give an access for a time."""
    found = queries.client_for(request.actor, client_id)
    form = GrantForm(request.POST, team=bureau.team(request.actor))
    if form.is_valid():
        try:
            grant_access(actor=request.actor, client=found, **form.cleaned_data)
            messages.success(request, _("The access is open. The client sees it in his journal."))
            return redirect("supervision:client", client_id)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return _sheet(request, found, grant_form=form)


@require_POST
@open_to(*OVERSEERS)
def revocation(request: Request, client_id: int, grant_id: int) -> HttpResponse:
    """Close an access now."""
    found = queries.client_for(request.actor, client_id)
    grant = get_object_or_404(trust.grants_on(request.actor, found), pk=grant_id)
    revoke_access(actor=request.actor, grant=grant)
    messages.success(request, _("The access is closed."))
    return redirect("supervision:client", client_id)


@require_POST
@open_to(*OVERSEERS)
def members(request: Request, client_id: int) -> HttpResponse:
    """Invite somebody of the company to its space."""
    found = queries.client_for(request.actor, client_id)
    form = InvitedMemberForm(request.POST)
    if form.is_valid():
        try:
            invite_member(actor=request.actor, client=found, **form.cleaned_data)
            messages.success(request, _("The invitation is on its way."))
            return redirect("supervision:client", client_id)
        except Refused as refusal:
            form.add_error("email", str(refusal))
    return _sheet(request, found, member_form=form)


@require_POST
@open_to(*OVERSEERS)
def member_invitation(request: Request, client_id: int, member_id: int) -> HttpResponse:
    """Send a new link to a member who has not chosen a password yet."""
    found = queries.client_for(request.actor, client_id)
    member = get_object_or_404(queries.members_of(request.actor, found), pk=member_id)
    try:
        bureau_usecases.renew_invitation(actor=request.actor, user=member.user)
        messages.success(request, _("The invitation is on its way."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("supervision:client", client_id)


@require_POST
@open_to(*OVERSEERS)
def lines(request: Request, client_id: int) -> HttpResponse:
    """Open a number that callers dial."""
    found = queries.client_for(request.actor, client_id)
    form = LineForm(request.POST)
    if form.is_valid():
        try:
            open_line(actor=request.actor, client=found, **form.cleaned_data)
            return redirect("supervision:client", client_id)
        except Refused as refusal:
            form.add_error("number", str(refusal))
    return _sheet(request, found, line_form=form)


@require_POST
@open_to(*OVERSEERS)
def outbound(request: Request, client_id: int) -> HttpResponse:
    """Say where calls may go out for him, and how many in a day."""
    found = queries.client_for(request.actor, client_id)
    form = OutboundForm(request.POST)
    if form.is_valid():
        try:
            set_outbound_policy(actor=request.actor, client=found, **form.cleaned_data)
            messages.success(request, _("Set. It applies to the next call that goes out."))
            return redirect("supervision:client", client_id)
        except Refused as refusal:
            form.add_error("prefixes", str(refusal))
    return _sheet(request, found, outbound_form=form)


def _sheet(request: Request, found: Client, **refused: Any) -> HttpResponse:
    actor, team = request.actor, bureau.team(request.actor)
    pairing, policy = list(queries.pair_of(actor, found)), outbound_policy(actor, found)
    page = {
        "here": "clients",
        "client": found,
        "pair": pairing,
        "lines": Line.objects.filter(client=found),
        "grants": trust.grants_on(actor, found),
        "members": queries.members_of(actor, found),
        "pair_form": PairForm(team=list(team), held=[one.secretary_id for one in pairing]),
        "grant_form": GrantForm(team=team),
        "member_form": InvitedMemberForm(),
        "line_form": LineForm(),
        "policy": policy,
        "outbound_form": OutboundForm.showing(policy),
        **refused,
    }
    return show(request, "client.html", page, status=422 if refused else 200)
