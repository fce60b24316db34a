"""Whose session this is, and which channels of live notices are open to it now."""

from dataclasses import dataclass

from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections
from django.http import HttpRequest

from permanence.bureau.models import User
from permanence.config.middleware import actor_of, with_company
from permanence.database.context import acting
from permanence.kernel.actor import COMPANY, OVERSEERS, Actor, Role
from permanence.trust.queries import clients_open_to


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A signed-in person, and what his pages may hear."""

    actor: Actor
    channels: frozenset[str]


def subscriber(session_key: str) -> Subscriber | None:
    """The person signed in with ``session_key``; None once the session or the person is revoked."""
    close_old_connections()
    try:
        request = HttpRequest()
        request.session = SessionStore(session_key)
        user = get_user(request)
        if not isinstance(user, User):
            return None
        actor = actor_of(user, session=session_key)
        with acting(actor):
            actor = with_company(actor)
            return Subscriber(actor, frozenset(_channels(actor)))
    finally:
        close_old_connections()


def session_exists(session_key: str) -> bool:
    """Whether a browser's session, signed in or not, is still ours."""
    close_old_connections()
    try:
        return SessionStore().exists(session_key)
    finally:
        close_old_connections()


def _channels(actor: Actor) -> list[str]:
    """Inside the actor's context, so that the database says which clients are open."""
    own = [f"user:{actor.user_id}"]
    if actor.role is Role.SECRETARY:
        clients = clients_open_to(actor).order_by().values_list("pk", flat=True)
        return [*own, "bureau", f"secretary:{actor.secretary_id}", *(f"client:{pk}" for pk in clients)]
    if actor.role in OVERSEERS:
        return [*own, "bureau"]
    if actor.role in COMPANY and actor.client_id is not None:
        return [*own, f"client:{actor.client_id}"]
    return own
