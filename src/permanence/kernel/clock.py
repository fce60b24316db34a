"""The server's clock: the browser's is never believed."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
_moved: ContextVar[datetime | None] = ContextVar("moved", default=None)


def now() -> datetime:
    """This instant, aware, in UTC."""
    return _moved.get() or datetime.now(UTC)


def today(zone: ZoneInfo = PARIS) -> date:
    """The civil day that people in ``zone`` are living."""
    return now().astimezone(zone).date()


@contextmanager
def living_at(instant: datetime) -> Iterator[None]:
    """Acts happen at ``instant``: how the demonstration lives its past week, and how a test chooses its day."""
    token = _moved.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _moved.reset(token)
