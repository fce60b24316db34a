"""When the company is open: the week, the public holidays, the exceptional days, and what callers meet this week."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from permanence.clients import queries
from permanence.clients.forms import ExceptionalDayForm, HoursForm
from permanence.clients.models import Client, ExceptionalDay
from permanence.clients.queries.hours import spans_from
from permanence.clients.rules.hours import Hours, Span, holiday_on, spans_on
from permanence.clients.usecases import remove_exceptional_day, set_exceptional_day, set_hours
from permanence.kernel import clock
from permanence.kernel.actor import COMPANY, Role
from permanence.portal.views.pages import done, own, page
from permanence.ui.http import Request, open_to

DAYS_SHOWN = 7


@open_to(*COMPANY)
def hours(request: Request) -> HttpResponse:
    """A member reads; the owner changes the week."""
    client = own(request)
    is_owner = request.actor.is_one_of(Role.OWNER)
    form = HoursForm(request.POST if request.method == "POST" and is_owner else None, client=client)
    saving = form.is_bound and done(
        form,
        lambda: set_hours(
            actor=request.actor,
            client=client,
            week=form.cleaned_data["week"],
            holidays=form.cleaned_data["holidays"],
        ),
    )
    if saving:
        messages.success(request, _("Hours saved. They apply to the next call."))
        return redirect("portal:hours")
    return _page(request, client, form, ExceptionalDayForm())


@open_to(Role.OWNER)
@require_POST
def days(request: Request) -> HttpResponse:
    client = own(request)
    form = ExceptionalDayForm(request.POST)
    saving = done(
        form,
        lambda: set_exceptional_day(
            actor=request.actor,
            client=client,
            on=form.cleaned_data["on"],
            spans=form.cleaned_data["spans"],
            label=form.cleaned_data["label"],
        ),
    )
    if saving:
        messages.success(request, _("Exceptional day saved."))
        return redirect("portal:hours")
    return _page(request, client, HoursForm(client=client), form)


@open_to(Role.OWNER)
@require_POST
def day_end(request: Request, day_id: int) -> HttpResponse:
    day = get_object_or_404(ExceptionalDay.objects.select_related("client"), pk=day_id)
    remove_exceptional_day(actor=request.actor, day=day)
    messages.success(request, _("This day is like the others again."))
    return redirect("portal:hours")


def _page(request: Request, client: Client, form: HoursForm, day_form: ExceptionalDayForm) -> HttpResponse:
    known = queries.hours_of([client.pk])[client.pk]
    coming = ExceptionalDay.objects.filter(client=client, on__gte=clock.today())
    context = {
        "form": form,
        "day_form": day_form,
        "opening": queries.opening_at(client.pk, clock.now()),
        "unsaid": known.are_unsaid,
        "week": [_day(known, clock.today() + timedelta(days=n)) for n in range(DAYS_SHOWN)],
        "exceptional": [(day, spans_from(day.spans)) for day in coming],
    }
    return page(request, "hours", context, client=client, here="hours")


def _day(known: Hours, day: date) -> tuple[date, tuple[Span, ...], str]:
    """The day, its openings, and the holiday or exception that explains it."""
    holiday = "" if day in known.exceptional else holiday_on(known, day)
    return day, spans_on(known, day), holiday or (_("exceptional day") if day in known.exceptional else "")
