"""Whether clients are open."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils.translation import gettext as _

from permanence.clients.models import Client, ExceptionalDay, Opening
from permanence.clients.queries.words import clock, moment
from permanence.clients.rules import hours as rules
from permanence.clients.rules.hours import Hours, Span
from permanence.kernel.clock import PARIS


@dataclass(frozen=True, slots=True)
class OpeningNow:
    """``sentence`` says it to people: « ouvert jusqu'à 18 h », « fermé, rouvre lundi à 8 h »."""

    is_open: bool
    until: datetime | None
    sentence: str


def hours_of(client_ids: Iterable[int]) -> dict[int, Hours]:
    """The hours of several clients in three reads: what routing keeps in memory."""
    ids = list(client_ids)
    weeks: dict[int, dict[int, list[Span]]] = defaultdict(lambda: defaultdict(list))
    days: dict[int, dict[date, tuple[Span, ...]]] = defaultdict(dict)
    for opening in Opening.objects.filter(client_id__in=ids):
        weeks[opening.client_id][opening.weekday].append(Span(opening.opens, opening.closes))
    for exception in ExceptionalDay.objects.filter(client_id__in=ids):
        days[exception.client_id][exception.on] = spans_from(exception.spans)
    calendars = dict(Client.objects.filter(pk__in=ids).values_list("pk", "holidays"))
    return {
        pk: Hours({day: tuple(spans) for day, spans in weeks[pk].items()}, days[pk], calendar)
        for pk, calendar in calendars.items()
    }


def spans_from(stored: Iterable[Iterable[str]]) -> tuple[Span, ...]:
    """An exceptional day's spans, from their JSON form."""
    return tuple(Span(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in stored)


def opening_at(client_id: int, at: datetime) -> OpeningNow:
    """For one client."""
    return opening_now(hours_of([client_id])[client_id], at)


def opening_now(hours: Hours, at: datetime) -> OpeningNow:
    """The rule's answer, with its sentence in the reader's language."""
    state = rules.opening_at(hours, at)
    return OpeningNow(state.is_open, state.until, _sentence(hours, state, at))


def _sentence(hours: Hours, state: rules.OpeningState, at: datetime) -> str:
    today = at.astimezone(PARIS).date()
    if state.is_open:
        return _("open until %(when)s") % {"when": moment(state.until, at)} if state.until else _("always open")
    holiday = rules.holiday_on(hours, today) if today not in hours.exceptional else ""
    if state.until is None:
        return _("closed, no reopening planned")
    if state.until.astimezone(PARIS).date() == today:
        return _("closed, reopens at %(clock)s") % {"clock": clock(state.until.astimezone(PARIS))}
    when = moment(state.until, at)
    if holiday:
        return _("closed (%(holiday)s), reopens %(when)s") % {"holiday": holiday, "when": when}
    return _("closed, reopens %(when)s") % {"when": when}
