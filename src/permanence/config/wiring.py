"""Who listens to what: the one table of events and their listeners."""

from permanence.kernel.events import Event, Listener, listen

LISTENERS: dict[type[Event], list[Listener]] = {}


def connect() -> None:
    """Called once, when Django is ready."""
    for kind, listeners in LISTENERS.items():
        for listener in listeners:
            listen(kind, listener)
