"""The console between calls, and the parts of it that refresh themselves."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from permanence.calls.models import Call
from permanence.desk import queries
from permanence.desk.templatetags.desk import first_name, message_look, message_title, message_words
from permanence.desk.views import calls
from permanence.desk.views.page import queue_of, show, strip_of
from permanence.kernel.actor import Role
from permanence.kernel.clock import now
from permanence.messaging.models import Message
from permanence.ui.http import Request, open_to
from permanence.ui.templatetags.ui import phone

FILTERS = ("all", "mine", "unanswered", "refused")
OUTCOME_ICONS = {"answered": "phone-check", "abandoned": "phone-x", "voicemail": "record-mail", "closed": "moon"}


@open_to(Role.SECRETARY)
def console(request: Request) -> HttpResponse:
    """Her live call's card; between calls, the day."""
    live = queries.live_now(request.actor)
    if live is not None:
        return calls.opened(request, live.call)
    return today(request)


@open_to(Role.SECRETARY)
def strip(request: Request) -> HttpResponse:
    return render(request, "desk/_strip.html", strip_of(request))


@open_to(Role.SECRETARY)
def queue(request: Request) -> HttpResponse:
    return render(request, "desk/_queue.html", queue_of(request.actor))


@open_to(Role.SECRETARY)
def today(request: Request) -> HttpResponse:
    """The day's calls and messages, hers and those of her clients; ``show`` filters."""
    lines = _lines(queries.calls_of_the_day(request.actor))
    sieves = {
        "all": lines,
        "mine": [one for one in lines if one["secretary_id"] == request.actor.secretary_id],
        "unanswered": [one for one in lines if not one["answered"]],
        "refused": [one for one in lines if one["failed"]],
    }
    labels = dict(
        zip(FILTERS, (_("Everything"), _("Mine only"), _("Not answered"), _("Refused deliveries")), strict=True)
    )
    chosen = request.GET.get("show", "all")
    chosen = chosen if chosen in sieves else "all"
    filters = [
        {"href": f"?show={key}", "label": labels[key], "count": len(sieves[key]), "here": key == chosen}
        for key in FILTERS
    ]
    return show(
        request,
        "_today",
        _("Today"),
        {
            "lines": sieves[chosen],
            "filters": filters,
            "day": now(),
            "refresh": f"{reverse('desk:today')}?show={chosen}",
        },
    )


def _lines(found: list[Call]) -> list[dict[str, Any]]:
    return [line for call in found for line in _lines_of(call)]


def _lines_of(call: Call) -> list[dict[str, Any]]:
    common = {
        "at": call.started_at,
        "client": call.client,
        "who": first_name(call.secretary.user.name) if call.secretary else "",
        "secretary_id": call.secretary_id,
        "answered": call.answered_at is not None,
    }
    messages = list(call.messages.all())
    if messages:
        return [common | _of_message(message) for message in messages]
    words = call.get_state_display() if call.state != "done" else call.get_outcome_display()
    return [
        common
        | {
            "href": reverse("desk:call", args=[call.pk]),
            "caller": phone(call.caller_number) or _("number hidden"),
            "reason": "",
            "urgent": False,
            "failed": [],
            "words": words,
            "look": "soft" if common["answered"] else "t-warn",
            "icon": OUTCOME_ICONS.get(call.outcome, "phone"),
        }
    ]


def _of_message(message: Message) -> dict[str, Any]:
    return {
        "href": reverse("desk:thread", args=[message.pk]),
        "caller": message_title(message),
        "reason": message.reason,
        "urgent": message.urgency == "urgent",
        "failed": [delivery for delivery in message.deliveries.all() if delivery.state == "failed"],
        "words": message_words(message),
        "look": message_look(message),
        "icon": "message-check" if message.acknowledged_at else "message",
    }
