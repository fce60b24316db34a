"""What happens to the bureau's own people."""

from dataclasses import dataclass

from permanence.kernel.events import BureauEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonInvited(BureauEvent):
    """A link waits to be sent to whoever was invited."""

    invitation_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsEnded(BureauEvent):
    """Somebody signed out or was signed out. ``session_key`` is empty when every session of theirs has ended."""

    user_id: int
    secretary_id: int | None
    session_key: str = ""
