"""When a client is open: weekdays, public holidays and dated exceptions, in the client's civil time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from permanence.kernel.clock import PARIS

MIDNIGHT = time(0)
LOOKED_AHEAD = 400
ENDLESS = timedelta(days=8)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """[opens, closes) of one civil day; ``closes`` at midnight is 24:00."""

    opens: time
    closes: time

    @property
    def is_empty(self) -> bool:
        return self.closes != MIDNIGHT and self.closes <= self.opens


@dataclass(frozen=True, slots=True)
class Hours:
    """``week`` maps weekdays (0 = Monday) to spans; ``holidays`` is ``FR``, ``FR-57``… or empty for none."""

    week: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)
    exceptional: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)
    holidays: str = "FR"
    zone: ZoneInfo = PARIS

    @property
    def are_unsaid(self) -> bool:
        """Nobody has said when the client is open: his callers are then always answered."""
        return not any(self.week.values()) and not self.exceptional


@dataclass(frozen=True, slots=True)
class OpeningState:
    """``until`` is the next change, in UTC; None when none is in sight."""

    is_open: bool
    until: datetime | None


@lru_cache(maxsize=512)
def holidays_of(calendar: str, year: int) -> Mapping[date, str]:
    """French public holidays by day, with their French names. ``calendar`` is ``FR`` or ``FR-<subdivision>``."""
    if not calendar:
        return {}
    from holidays import country_holidays  # half a second to import, and filters do not need it

    country, _, subdivision = calendar.partition("-")
    return dict(country_holidays(country, subdiv=subdivision or None, years=year, language="fr"))


def holiday_on(hours: Hours, day: date) -> str:
    """The public holiday's name, or empty."""
    return holidays_of(hours.holidays, day.year).get(day, "")


def spans_on(hours: Hours, day: date) -> tuple[Span, ...]:
    """The day's spans in order: a dated exception beats a public holiday, which beats the weekday."""
    if day in hours.exceptional:
        spans = hours.exceptional[day]
    elif holiday_on(hours, day):
        spans = ()
    else:
        spans = hours.week.get(day.weekday(), ())
    return tuple(sorted(span for span in spans if not span.is_empty))


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Civil to UTC: in the spring gap the clock is shifted forward, in the autumn fold the first reading counts."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def _stretches(hours: Hours, first: date) -> Iterator[tuple[datetime, datetime]]:
    """Open stretches in UTC, ascending; those that touch or overlap are one."""
    current: tuple[datetime, datetime] | None = None
    for day in (first + timedelta(days=n) for n in range(LOOKED_AHEAD)):
        for span in spans_on(hours, day):
            last_day = day + timedelta(days=1) if span.closes == MIDNIGHT else day
            start = instant(day, span.opens, hours.zone)
            end = instant(last_day, span.closes, hours.zone)
            if end <= start:
                continue
            if current and start <= current[1]:
                current = (current[0], max(current[1], end))
            else:
                if current:
                    yield current
                current = (start, end)
        if current and current[1] - current[0] > ENDLESS:
            break
    if current:
        yield current


def opening_at(hours: Hours, at: datetime) -> OpeningState:
    """Open or closed at ``at`` (aware), and until when."""
    if hours.are_unsaid:
        return OpeningState(True, None)
    for start, end in _stretches(hours, at.astimezone(hours.zone).date() - timedelta(days=1)):
        if start <= at < end:
            endless = end - start > ENDLESS
            return OpeningState(True, None if endless else end)
        if start > at:
            return OpeningState(False, start)
    return OpeningState(False, None)
