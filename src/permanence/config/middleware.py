"""Gives each request its actor, and runs each view inside that actor's security context."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from permanence.bureau.models import User
from permanence.clients.models import Member
from permanence.database.context import acting
from permanence.kernel.actor import Actor, Role

View = Callable[..., HttpResponse]


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
        actor = actor_of(user, session=request.session.session_key or "")
        with acting(actor):
            request.actor = _with_company(actor)  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)


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


def _with_company(actor: Actor) -> Actor:
    """Inside the context: a client's member learns which company is his."""
    if actor.role not in (Role.OWNER, Role.MEMBER):
        return actor
    from dataclasses import replace

    member = Member.objects.filter(user_id=actor.user_id).only("pk", "client_id").first()
    return replace(actor, member_id=member.pk, client_id=member.client_id) if member else actor
