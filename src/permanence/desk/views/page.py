"""A page of the desk: the whole console, or only the part that navigation swaps, so that a call is never reloaded."""

import json
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from permanence.bureau.models import Secretary
from permanence.calls import queries as calls
from permanence.clients import queries as clients
from permanence.clients.models import Client
from permanence.desk import queries
from permanence.desk.forms import StateForm
from permanence.kernel.actor import Actor
from permanence.kernel.clock import now
from permanence.messaging import queries as messaging
from permanence.ui.http import Request

Context = dict[str, Any]
PAGES = {"clients": ("clients", "client", "knowledge", "entry"), "today": ("today", "thread", "reply")}
OPENED = "desk_opened"
LISTED = ("hours", "trade", "sheet")
LAST_MESSAGES = 5
REASON_ICONS = {"pause": "coffee", "lunch": "clock", "meeting": "users", "training": "book", "paperwork": "checklist"}


def show(request: Request, work: str, title: str, context: Context, *, status: int = 200) -> HttpResponse:
    """Render ``desk/<work>.html`` in the centre; ``context`` with a client paints his colour and his instructions."""
    if context.get("client") is not None:
        _remember(request, context["client"])
    given: Context = {"work": f"desk/{work}.html", "title": title, "client": None, **context}
    if given["client"] is None:
        given["unread"] = list(clients.unread_instructions(request.actor))
    given |= strip_of(request) | {"rail": rail(request, len(given.get("waiting", ())))}
    swapped = bool(request.htmx) and not request.htmx.history_restore_request
    if not swapped:
        given |= queue_of(request.actor)
    answer = render(request, "desk/swap.html" if swapped else "desk/desk.html", given, status=status)
    if swapped and request.method == "POST":
        answer["HX-Push-Url"] = "false"
    elif swapped and request.htmx.target == "page":
        answer["HX-Push-Url"] = request.get_full_path()
    answer["Cache-Control"] = "no-store"
    return answer


def _remember(request: Request, client: Client) -> None:
    """Whose page this session has opened (and logged): refreshing a part of it is no new reading."""
    opened: list[int] = request.session.get(OPENED, [])
    if client.pk not in opened:
        request.session[OPENED] = [*opened, client.pk]


def strip_of(request: Request, form: StateForm | None = None) -> Context:
    """Her own state, and her call now or what lies between two calls."""
    secretary = get_object_or_404(Secretary.objects.select_related("user"), pk=request.actor.secretary_id)
    live = queries.live_now(request.actor)
    given: Context = {
        "secretary": secretary,
        "state_words": queries.state_words(secretary),
        "state_form": form or StateForm(),
        "reasons": [
            {"value": value, "label": str(label).capitalize(), "icon": REASON_ICONS[value]}
            for value, label in Secretary.AWAY_REASONS
        ],
        "live": live,
        **phone_words(secretary),
    }
    if live is None:
        hers = list(calls.calls_today(request.actor))
        waiting = list(calls.waiting_calls(request.actor))
        given |= {
            "waiting": waiting,
            "waiting_words": queries.waiting_words(waiting),
            "last_call": hers[0] if hers else None,
            "answered_today": sum(1 for call in hers if call.answered_at),
        }
    return given


def queue_of(actor: Actor) -> Context:
    """The left column: who waits, what is to be seen, where the team is."""
    team = queries.team(actor)
    return {
        "waiting": list(calls.waiting_calls(actor)),
        "to_see": queries.to_see(actor),
        "team": team,
        "present_words": _("%(n)s on duty") % {"n": len(team) + 1},
    }


def context_of(actor: Actor, client: Client) -> Context:
    """The right column: the client's instructions by layer, his people, his last messages."""
    card = clients.card_for(actor, client, at=now())
    upper = [one for one in card.instructions if one.unread or one.layer not in LISTED]
    return {
        "client": client,
        "card": card,
        "upper": upper,
        "lower": [one for one in card.instructions if one not in upper],
        "last_messages": list(messaging.last_messages(actor, client)[:LAST_MESSAGES]),
    }


def rail(request: Request, waiting: int = 0) -> list[Context]:
    """The pages of the desk."""
    name = request.resolver_match.url_name if request.resolver_match else ""
    here = next((key for key, names in PAGES.items() if name in names), "console")
    entries = [
        ("console", _("Calls"), "headset", waiting),
        ("today", _("Day"), "message", 0),
        ("clients", _("Clients"), "building-store", 0),
    ]
    return [
        {"href": reverse(f"desk:{key}"), "label": label, "icon": icon, "count": count, "here": key == here}
        for key, label, icon, count in entries
    ]


def phone_words(secretary: Secretary) -> Context:
    """What the softphone says of itself, for the page's script: in the strip, and at length where she must act."""
    extension = {"extension": secretary.extension}
    words = {
        "off": _("extension %(extension)s, closed") % extension,
        "microphone": _("microphone to allow"),
        "denied": _("microphone refused"),
        "connecting": _("extension %(extension)s, connecting…") % extension,
        "registered": _("extension %(extension)s, reachable") % extension,
        "elsewhere": _("open in another tab"),
        "lost": _("extension %(extension)s, unreachable") % extension,
        "revoked": _("telephone closed"),
    }
    explanations = {
        "microphone": _("The browser asks for the microphone: it serves only to speak with callers."),
        "denied": _("The microphone is refused: no call can reach you. Allow it in the address bar, then open again."),
        "elsewhere": _("The telephone is open in another tab: calls ring there. Close it to answer here."),
        "lost": _("The exchange does not answer. Your telephone tries again by itself; nothing typed is lost."),
        "revoked": _("The bureau closed this telephone, or its session has ended. Open it again, or sign in again."),
    }
    return {"phone_words": json.dumps(words), "phone_explanations": json.dumps(explanations)}
