"""What happens to the grants on a client."""

from dataclasses import dataclass

from permanence.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessGranted(Event):
    """``until`` is an ISO instant, or empty for a named pair; the reason is in the grant."""

    grant_id: int
    secretary_id: int
    source: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRevoked(Event):
    grant_id: int
    secretary_id: int
    source: str
