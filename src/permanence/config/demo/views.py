"""Pages for the newcomer: a telephone that calls any line of the demonstration, and the mail it sends."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from permanence.calls.models import Line
from permanence.clients.queries import opening_at
from permanence.config.demo.mail import letters
from permanence.database.context import EVERY_CLIENT, acting
from permanence.kernel.actor import system
from permanence.kernel.clock import now
from permanence.telephony.softphones import demo_caller


@require_safe
def phone(request: HttpRequest) -> HttpResponse:
    """A caller's telephone in the browser."""
    with acting(system("demo"), EVERY_CLIENT):
        lines = list(Line.objects.select_related("client").order_by("number"))
        for line in lines:
            line.opening = opening_at(line.client_id, now())  # type: ignore[attr-defined]
        return render(request, "demo/phone.html", {"lines": lines})


@require_POST
def phone_credentials(request: HttpRequest) -> HttpResponse:
    """Credentials of a passing caller, good for this session and for the demonstration's lines only."""
    if not request.session.session_key:
        request.session.create()
    given = demo_caller(session=request.session.session_key or "")
    return JsonResponse({"username": given.username, "password": given.password, "realm": given.realm})


@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """Every letter that the demonstration has sent, newest first."""
    shown = [
        {
            "to": str(letter["To"]),
            "subject": str(letter["Subject"]),
            "at": getattr(letter["Date"], "datetime", None),
            "text": body.get_content() if (body := letter.get_body(("plain", "html"))) else "",
        }
        for letter in letters(settings.DATA)[:100]
    ]
    return render(request, "demo/outbox.html", {"letters": shown})
