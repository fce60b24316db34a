"""The calls that came for the company, day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import Http404, HttpResponse

from permanence.calls.models import Call
from permanence.calls.queries import calls_of_client_on, names_of
from permanence.clients.models import Client
from permanence.kernel import clock
from permanence.kernel.actor import COMPANY, Actor
from permanence.messaging.models import Message
from permanence.messaging.queries import messages_for_portal
from permanence.portal.views.pages import own, page
from permanence.ui.http import Request, open_to


@dataclass(frozen=True, slots=True)
class CallShown:
    """A call with its caller's name (from the message taken, else the callers' book) and its message."""

    call: Call
    name: str
    message: Message | None

    @property
    def talked_seconds(self) -> int | None:
        """Whole seconds from answer to end; None when nobody answered or it goes on."""
        call = self.call
        if call.answered_at is None or call.ended_at is None:
            return None
        return int((call.ended_at - call.answered_at).total_seconds())


@open_to(*COMPANY)
def calls(request: Request) -> HttpResponse:
    client = own(request)
    day = _day(request.GET.get("day", ""))
    found = list(calls_of_client_on(request.actor, day))
    context = {
        "day": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1) if day < clock.today() else None,
        "is_today": day == clock.today(),
        "calls": as_shown(request.actor, client, found),
        "calls_count": len(found),
    }
    return page(request, "calls", context, client=client, here="calls")


def as_shown(actor: Actor, client: Client, found: Sequence[Call]) -> list[CallShown]:
    """In two reads, whatever their number."""
    taken: dict[object, Message] = {
        message.call_id: message for message in messages_for_portal(actor).filter(call__in=found)
    }
    names = names_of(actor, client, {call.caller_number for call in found if call.caller_number})
    return [_as_shown(call, taken.get(call.pk), names.get(call.caller_number, "")) for call in found]


def _as_shown(call: Call, message: Message | None, known: str) -> CallShown:
    return CallShown(call, (message.caller_name if message else "") or known, message)


def _day(given: str) -> date:
    try:
        day = date.fromisoformat(given) if given else clock.today()
    except ValueError as error:
        raise Http404 from error
    if not date(2020, 1, 1) <= day <= clock.today():
        raise Http404
    return day
