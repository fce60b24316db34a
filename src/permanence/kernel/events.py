"""Facts that one part publishes and others listen to, inside the publisher's transaction."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that has happened at a client's: ids and plain values only, named in the past tense."""

    client_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BureauEvent:
    """Something that has happened in the bureau itself, at no client's: it enters no client's log."""


Listener = Callable[[Any], object]
_listeners: dict[type[Event | BureauEvent], list[Listener]] = defaultdict(list)


def listen(kind: type[Event | BureauEvent], listener: Listener) -> None:
    """Called once, by ``config.wiring``: the one table of who listens to what."""
    if listener not in _listeners[kind]:
        _listeners[kind].append(listener)


def publish(event: Event | BureauEvent) -> None:
    """Run each listener now, in order: a listener that fails undoes the publisher's act."""
    for listener in _listeners[type(event)]:
        listener(event)
