"""The company's sheet, and what callers hear on its lines."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from permanence.calls.models import Line
from permanence.calls.usecases import describe_line, record_welcome, remove_welcome
from permanence.clients.forms import SheetForm
from permanence.clients.models import Client
from permanence.clients.queries import greeting_by, pair_of
from permanence.clients.usecases import change_sheet
from permanence.kernel.actor import COMPANY, Role
from permanence.portal.forms import LineForm, WelcomeForm
from permanence.portal.views.pages import done, own, page
from permanence.ui.http import Request, open_to


@open_to(*COMPANY)
def company(request: Request) -> HttpResponse:
    """A member reads; the owner changes."""
    client = own(request)
    is_owner = request.actor.is_one_of(Role.OWNER)
    form = SheetForm(request.POST if request.method == "POST" and is_owner else None, client=client)
    if form.is_bound and done(form, lambda: change_sheet(actor=request.actor, client=client, sheet=form.sheet())):
        messages.success(request, _("Saved. The secretaries see it at the next call."))
        return redirect("portal:company")
    return _page(request, client, form, None)


@open_to(Role.OWNER)
@require_POST
def line(request: Request, line_id: int) -> HttpResponse:
    client = own(request)
    found = get_object_or_404(Line, pk=line_id, client=client)
    form = LineForm(request.POST, instance=found, prefix=f"line{found.pk}")
    saving = done(
        form,
        lambda: describe_line(
            actor=request.actor,
            line=found,
            welcome_text=form.cleaned_data["welcome_text"],
            closed_text=form.cleaned_data["closed_text"],
        ),
    )
    if saving:
        messages.success(request, _("Saved. The next caller hears it."))
        return redirect("portal:company")
    return _page(request, client, SheetForm(client=client), form)


@open_to(*COMPANY)
def welcome(request: Request, line_id: int) -> HttpResponse:
    """The recording that callers hear: listen to it; the owner replaces it, or posts none to remove it."""
    client = own(request)
    found = get_object_or_404(Line, pk=line_id, client=client)
    if request.method != "POST":
        if not found.welcome_audio:
            raise Http404
        return HttpResponse(found.welcome_audio.read(), content_type="audio/wav")
    if not request.actor.is_one_of(Role.OWNER):
        raise Http404
    if "remove" in request.POST:
        remove_welcome(actor=request.actor, line=found)
        messages.success(request, _("Removed. The next caller hears your words, spoken by the machine."))
        return redirect("portal:company")
    form = WelcomeForm(request.POST, request.FILES, prefix=f"welcome{found.pk}")
    if done(form, lambda: record_welcome(actor=request.actor, line=found, audio=form.audio())):
        messages.success(request, _("Saved. The next caller hears it."))
        return redirect("portal:company")
    return _page(request, client, SheetForm(client=client), form)


def _page(request: Request, client: Client, form: SheetForm, refused: LineForm | WelcomeForm | None) -> HttpResponse:
    """``refused`` takes the place of the form that bears its prefix."""
    lines = []
    for one in Line.objects.filter(client=client, closed_since_at=None):
        forms = (LineForm(instance=one, prefix=f"line{one.pk}"), WelcomeForm(prefix=f"welcome{one.pk}"))
        lines.append([refused if refused and refused.prefix == fresh.prefix else fresh for fresh in forms])
    first_name = next((pairing.secretary.user.name for pairing in pair_of(request.actor, client)), "Nadia")
    context = {"form": form, "lines": lines, "refused": refused, "greeting": greeting_by(client, first_name)}
    return page(request, "company", context, client=client, here="company")
