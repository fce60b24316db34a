"""Who is told, by which channel, and what a delivery may claim: never more than is known."""

from collections.abc import Sequence
from dataclasses import dataclass

PATHS: dict[str, tuple[str, ...]] = {
    "portal": ("queued", "delivered", "opened", "acknowledged", "handled"),
    "email": ("queued", "handed_over"),
}
"""Channel → its states in order. A mail server takes a letter over, and says no more; only a person acknowledges."""

SECRET_TRADES = frozenset({"lawyer", "notary", "bailiff", "medical_expert"})
"""Trades bound to professional secrecy: their e-mails carry a link, never the message."""


class NotOnThisPath(Exception):
    """This channel can never know such a state."""


@dataclass(frozen=True, slots=True)
class Reachable:
    """A person of the client's as deliveries see him."""

    person_id: int
    name: str
    email: str
    receives_messages: bool
    position: int


def recipients(people: Sequence[Reachable], asked_for: int | None) -> list[Reachable]:
    """Who gets the e-mail: the person asked for, else those who come first in the client's list."""
    ready = [one for one in people if one.email and one.receives_messages]
    if wanted := [one for one in ready if one.person_id == asked_for]:
        return wanted
    first = min((one.position for one in ready), default=0)
    return [one for one in ready if one.position == first]


def is_link_only(trade: str, *, link_only: bool) -> bool:
    return link_only or trade in SECRET_TRADES


def advance(channel: str, state: str, wanted: str) -> str | None:
    """The state to write; None when it is reached or passed already, for facts may repeat and come late.

    ``failed`` is reached from ``queued`` alone, and left only towards ``queued``. Raises ``NotOnThisPath``.
    """
    path = PATHS[channel]
    if wanted != "failed" and wanted not in path:
        raise NotOnThisPath(f"{channel} never knows {wanted}")
    if wanted == state:
        return None
    if wanted == "failed":
        return wanted if state == "queued" else None
    if state == "failed":
        return wanted
    return wanted if path.index(wanted) > path.index(state) else None
