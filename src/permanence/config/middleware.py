"""Gives each request its actor, and runs each view inside that actor's security context."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse
from django.utils import translation

from permanence.bureau.adapters import must_set_second_factor
from permanence.bureau.models import User
from permanence.clients.models import Member
from permanence.database.context import acting
from permanence.kernel.actor import COMPANY, Actor, Role

View = Callable[..., HttpResponse]


PERMISSIONS = (
    "microphone=(self), autoplay=(self), publickey-credentials-get=(self), publickey-credentials-create=(self), "
    "camera=(), geolocation=(), display-capture=(), payment=(), usb=(), serial=(), hid=(), midi=(), browsing-topics=()"
)


class browser_limits_middleware:  # noqa: N801 - see below
    """What Django does not say itself: the machine's devices that a page may use, and that no one else embeds us."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class preferences_middleware:  # noqa: N801 - see below
    """French first, whatever the browser asks for; else what the account says, or this browser's cookies."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if isinstance(user, User):
            language = user.language
        else:
            language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
            theme = request.COOKIES.get(settings.THEME_COOKIE_NAME, "")
            user.theme = theme if theme in ("light", "dark") else ""  # type: ignore[attr-defined]
        with translation.override(language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language())
        return response


class actor_middleware:  # noqa: N801 - named like the function that Django's documentation shows
    """``request.actor`` is set for whoever is signed in; nobody else has one, and sees no client-owned row."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        user = request.user
        if not isinstance(user, User):
            return None
        if must_set_second_factor(request) and not request.path.startswith("/account/"):
            return redirect("bureau:second_factor")
        actor = actor_of(user, session=request.session.session_key or "")
        with acting(actor):
            request.actor = with_company(actor)  # type: ignore[attr-defined]
            response = view(request, *args, **kwargs)
            if isinstance(response, SimpleTemplateResponse):
                response.render()  # lazily it would find no context
        response.headers.setdefault("Cache-Control", "no-store, private")  # nothing of a client stays on the machine
        return response


def actor_of(user: User, *, session: str = "") -> Actor:
    """The actor of a signed-in person, without the company that only her security context can tell."""
    secretary = getattr(user, "secretary", None)
    return Actor(
        role=Role(user.role),
        name=user.name,
        user_id=user.pk,
        secretary_id=secretary.pk if secretary else None,
        session=session,
    )


def with_company(actor: Actor) -> Actor:
    """Inside the context: a client's member learns which company is his."""
    if actor.role not in COMPANY or actor.user_id is None:
        return actor
    member = Member.objects.filter(user_id=actor.user_id).only("pk", "client_id").first()
    return replace(actor, member_id=member.pk, client_id=member.client_id) if member else actor
