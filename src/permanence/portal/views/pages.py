"""What every page of the client's space shares: his company, who answers for it, what waits for him."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import render

from permanence.clients.models import Client
from permanence.clients.queries import client_for, pair_of
from permanence.kernel.actor import Role
from permanence.kernel.refusals import Refused
from permanence.messaging.models import Message
from permanence.messaging.queries import messages_for_portal
from permanence.ui.http import Request

MOST_WAITING = 20
MOST_TAKEN = 4
URGENCY_ORDER = {"urgent": 0, "today": 1, "normal": 2}


def own(request: Request) -> Client:
    """The member's company; 404 for somebody who is a member of none."""
    return client_for(request.actor, request.actor.client_id)


def open_messages(request: Request) -> QuerySet[Message]:
    """Those that nobody has taken in charge."""
    return messages_for_portal(request.actor).filter(acknowledged_at=None, handled_at=None)


def waiting_context(request: Request) -> dict[str, Any]:
    """What waits for somebody's hands, urgent first, and what is in them."""
    taken = messages_for_portal(request.actor).filter(handled_at=None, acknowledged_at__isnull=False)
    shown = sorted(open_messages(request)[:MOST_WAITING], key=lambda message: URGENCY_ORDER[message.urgency])
    return {
        "waiting": shown,
        "waiting_count": open_messages(request).count(),
        "taken": list(taken[:MOST_TAKEN]),
        "taken_count": taken.count(),
    }


def page(
    request: Request, template: str, context: dict[str, Any], *, client: Client | None = None, here: str = ""
) -> HttpResponse:
    """A whole page inside the client's space; 422 when one of the context's forms was refused."""
    client = client or own(request)
    whole = {
        "client": client,
        "pair": list(pair_of(request.actor, client)),
        "waiting_count": open_messages(request).count(),
        "here": here,
        "is_owner": request.actor.is_one_of(Role.OWNER),
        **context,
    }
    refused = any(isinstance(value, BaseForm) and value.is_bound and value.errors for value in context.values())
    return render(request, f"portal/{template}.html", whole, status=422 if refused else 200)


def done(form: BaseForm, act: Callable[[], object]) -> bool:
    """Whether the form was right and the act went through; a refusal becomes the form's own sentence."""
    if not form.is_valid():
        return False
    try:
        act()
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True
