"""SIP credentials: one pair for each browser session, dead with it."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from permanence.bureau.events import SessionsEnded
from permanence.calls.models import Softphone
from permanence.calls.rules.credentials import REALM, digest
from permanence.database.notices import tell
from permanence.kernel.actor import Actor, NotAllowed, Role, require
from permanence.kernel.clock import now

LIFETIME = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Shown to the browser once: the password is kept nowhere."""

    username: str
    password: str
    realm: str


@transaction.atomic
def issue_softphone(*, actor: Actor, session_key: str) -> Credentials:
    """New credentials for this browser session, for twelve hours; those it had before stop working."""
    require(actor, Role.SECRETARY)
    if actor.secretary_id is None or not session_key:
        raise NotAllowed
    revoke_softphones(secretary_id=actor.secretary_id, session_key=session_key)
    issued = Credentials(f"s{actor.secretary_id}-{secrets.token_hex(6)}", secrets.token_urlsafe(24), REALM)
    Softphone.objects.create(
        secretary_id=actor.secretary_id,
        session_key=session_key,
        username=issued.username,
        digest=digest(issued.username, issued.password),
        issued_at=now(),
        expires_at=now() + LIFETIME,
    )
    tell(f"secretary:{actor.secretary_id}", "state")
    return issued


@transaction.atomic
def revoke_softphones(*, secretary_id: int, session_key: str | None = None) -> int:
    """Close the telephone of one session, or of all; returns how many were open. The daemon hangs up what they held."""
    open_ones = Softphone.objects.filter(secretary_id=secretary_id, revoked_at=None)
    if session_key is not None:
        open_ones = open_ones.filter(session_key=session_key)
    revoked = open_ones.update(revoked_at=now())
    if revoked:
        tell(f"secretary:{secretary_id}", "state")
    return revoked


def end_softphones(event: SessionsEnded) -> None:
    """Listener: a secretary's session has ended, or all of them."""
    if event.secretary_id is not None:
        revoke_softphones(secretary_id=event.secretary_id, session_key=event.session_key or None)
