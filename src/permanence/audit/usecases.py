"""Appending to a client's log."""

from collections.abc import Mapping

from permanence.kernel.actor import Actor
from permanence.kernel.events import Event


def record(actor: Actor, event: Event, *, personal: Mapping[str, str] = {}) -> int:
    """Append one leaf to the log of ``event.client_id``; returns its number."""
    raise RuntimeError(f"no log yet for {actor.name} {event} {personal}")
