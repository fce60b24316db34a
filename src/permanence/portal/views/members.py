"""Who signs in to the company's space: the owner invites, gives roles and closes accounts."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from permanence.clients import queries
from permanence.clients.forms import MemberForm
from permanence.clients.models import Client, Member
from permanence.clients.usecases import change_member, close_membership, invite_member
from permanence.kernel.actor import Role
from permanence.kernel.refusals import Refused
from permanence.portal.views.pages import done, own, page
from permanence.ui.http import Request, open_to


@open_to(Role.OWNER)
def members(request: Request) -> HttpResponse:
    client = own(request)
    form = MemberForm(request.POST or None, client=client)
    inviting = request.method == "POST" and done(
        form,
        lambda: invite_member(
            actor=request.actor,
            client=client,
            email=form.cleaned_data["email"],
            name=form.cleaned_data["name"],
            role=Role(form.cleaned_data["role"]),
            person=form.cleaned_data["person"],
        ),
    )
    if inviting:
        messages.success(request, _("Invitation sent to %(email)s.") % {"email": form.cleaned_data["email"]})
        return redirect("portal:members")
    context = {"form": form, "members": queries.members_of(request.actor, client), "me": request.actor.member_id}
    return page(request, "members", context, client=client, here="members")


@open_to(Role.OWNER)
def edit(request: Request, member_id: int) -> HttpResponse:
    client = own(request)
    found = _member(request, client, member_id)
    form = MemberForm(request.POST or None, client=client, member=found)
    saving = request.method == "POST" and done(
        form,
        lambda: change_member(
            actor=request.actor,
            member=found,
            role=Role(form.cleaned_data["role"]),
            person=form.cleaned_data["person"],
        ),
    )
    if saving:
        messages.success(request, _("Saved."))
        return redirect("portal:members")
    return page(request, "member_edit", {"form": form, "member": found}, client=client, here="members")


@open_to(Role.OWNER)
def closing(request: Request, member_id: int) -> HttpResponse:
    """A question, then the act."""
    client = own(request)
    found = _member(request, client, member_id)
    refusal = ""
    if request.method == "POST":
        try:
            close_membership(actor=request.actor, member=found)
        except Refused as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("%(name)s can no longer sign in.") % {"name": found.user.name})
            return redirect("portal:members")
    context = {
        "question": _("Close the access of %(name)s?") % {"name": found.user.name},
        "consequence": _("Open sessions end at once. What was done under this name stays in your journal."),
        "back": reverse("portal:member", args=[member_id]),
        "verb": _("Close the access"),
        "refusal": refusal,
    }
    answer = page(request, "confirm", context, client=client, here="members")
    answer.status_code = 422 if refusal else 200
    return answer


def _member(request: Request, client: Client, member_id: int) -> Member:
    return get_object_or_404(queries.members_of(request.actor, client), pk=member_id, user__is_active=True)
