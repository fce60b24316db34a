"""Whether somebody at the client's may be reached now: a dated span beats a weekly one, and the latest set wins."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from permanence.clients.rules.hours import MIDNIGHT, instant
from permanence.kernel.clock import PARIS

REACHABLE = "reachable"


@dataclass(frozen=True, slots=True)
class AvailabilitySpan:
    """Dated (``starts_at``, open-ended when ``ends_at`` is None), or weekly (``weekdays``, from–to in civil time)."""

    state: str
    set_at: datetime
    message: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    weekdays: Sequence[int] = ()
    from_time: time = MIDNIGHT
    to_time: time = MIDNIGHT

    def occurrence_at(self, at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime | None] | None:
        """The [start, end) that holds ``at``, or None."""
        if self.starts_at is not None:
            holds = self.starts_at <= at and (self.ends_at is None or at < self.ends_at)
            return (self.starts_at, self.ends_at) if holds else None
        today = at.astimezone(zone).date()
        if today.weekday() not in self.weekdays:
            return None
        last_day = today + timedelta(days=1) if self.to_time == MIDNIGHT else today
        start, end = instant(today, self.from_time, zone), instant(last_day, self.to_time, zone)
        return (start, end) if start <= at < end else None


@dataclass(frozen=True, slots=True)
class AvailabilityNow:
    """Nothing said means reachable. ``upcoming`` are the dated spans still to begin, soonest first."""

    state: str
    message: str
    until: datetime | None
    upcoming: tuple[AvailabilitySpan, ...]


def availability_now(spans: Iterable[AvailabilitySpan], at: datetime, zone: ZoneInfo = PARIS) -> AvailabilityNow:
    """What holds at ``at``; it ceases alone at ``until``."""
    given = tuple(spans)
    upcoming = sorted((span for span in given if span.starts_at and span.starts_at > at), key=_beginning)
    holding = [(span, found[1]) for span in given if (found := span.occurrence_at(at, zone))]
    if not holding:
        return AvailabilityNow(REACHABLE, "", None, tuple(upcoming))
    winner, until = max(holding, key=lambda one: (one[0].starts_at is not None, one[0].set_at))
    return AvailabilityNow(winner.state, winner.message, until, tuple(upcoming))


def _beginning(span: AvailabilitySpan) -> datetime:
    return span.starts_at or span.set_at
