"""Reading the bureau's people, and what one's own account holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from permanence.bureau.models import Secretary, User
from permanence.bureau.rules import browser_of
from permanence.kernel.actor import BUREAU, OVERSEERS, Actor, require


@dataclass(frozen=True, slots=True)
class SessionView:
    """One browser in which somebody is signed in."""

    id: int
    browser: str
    address: str
    since_at: datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class Factors:
    """What somebody signs in with besides a password; ``codes_left`` counts unused recovery codes."""

    has_totp: bool
    passkeys: list[Authenticator]
    codes_left: int

    @property
    def are_set(self) -> bool:
        return self.has_totp or bool(self.passkeys)


def team(actor: Actor) -> QuerySet[Secretary]:
    """The secretaries whose account is open, with their state now, by name."""
    require(actor, *BUREAU)
    return Secretary.objects.filter(user__is_active=True).select_related("user")


def people(actor: Actor) -> QuerySet[User]:
    """Everybody of the bureau, closed accounts last."""
    require(actor, *OVERSEERS)
    roles = [role.value for role in BUREAU]
    return User.objects.filter(role__in=roles).select_related("secretary").order_by("-is_active", "name")


def person(actor: Actor, user_id: int) -> User:
    """One of the bureau's people; 404 otherwise."""
    return get_object_or_404(people(actor), pk=user_id)


def sessions(actor: Actor) -> list[SessionView]:
    """Where the actor is signed in, the present session first."""
    live = UserSession.objects.purge_and_list(User(pk=actor.user_id))
    views = [
        SessionView(one.pk, browser_of(one.user_agent), one.ip, one.created_at, one.session_key == actor.session)
        for one in live
    ]
    return sorted(views, key=lambda view: (not view.is_current, -view.since_at.timestamp()))


def factors(user: User) -> Factors:
    found: Iterable[Authenticator] = Authenticator.objects.filter(user_id=user.pk)
    by_type: dict[str, list[Authenticator]] = {}
    for one in found:
        by_type.setdefault(one.type, []).append(one)
    codes = by_type.get(Authenticator.Type.RECOVERY_CODES, [])
    return Factors(
        has_totp=Authenticator.Type.TOTP in by_type,
        passkeys=by_type.get(Authenticator.Type.WEBAUTHN, []),
        codes_left=sum(len(one.wrap().get_unused_codes()) for one in codes),
    )
