"""Home by role, and how the installation is."""

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from permanence.kernel.actor import COMPANY, OVERSEERS, Actor, Role
from permanence.telephony.queries import telephone

HOMES = {
    Role.SECRETARY: "desk:console",
    **dict.fromkeys(OVERSEERS, "supervision:board"),
    **dict.fromkeys(COMPANY, "portal:home"),
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Everybody's way in."""
    actor: Actor | None = getattr(request, "actor", None)
    return redirect(HOMES[actor.role] if actor else settings.LOGIN_URL)


@never_cache
@require_safe
def health(_request: HttpRequest) -> HttpResponse:
    """200 while the database answers; says whether the telephone is up. Open to all: it names nobody."""
    try:
        phone = "up" if telephone().is_up else "down"
    except DatabaseError:
        return JsonResponse({"database": "down", "telephone": "unknown"}, status=503)
    return JsonResponse({"database": "ok", "telephone": phone})
