"""When callers are answered."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from permanence.audit.usecases import record
from permanence.clients.events import HoursChanged
from permanence.clients.models import Client, ExceptionalDay, Opening
from permanence.clients.rules.hours import MIDNIGHT, Span
from permanence.database.notices import tell
from permanence.kernel.actor import Actor, Role, require
from permanence.kernel.clock import now
from permanence.kernel.events import publish
from permanence.kernel.refusals import Refused


class SpanBackwards(Refused):
    message = _("From %(opens)s to %(closes)s ends before it begins. Nothing was changed. Correct the times.")


class SpansOverlap(Refused):
    message = _("Two openings of the same day overlap at %(opens)s. Nothing was changed. Part them or make them one.")


def checked(spans: Sequence[Span]) -> tuple[Span, ...]:
    """In order, none backwards, none over another."""
    for span in spans:
        if span.is_empty:
            raise SpanBackwards(opens=f"{span.opens:%H:%M}", closes=f"{span.closes:%H:%M}")
    ordered = tuple(sorted(spans))
    for before, after in pairwise(ordered):
        if before.closes == MIDNIGHT or before.closes > after.opens:
            raise SpansOverlap(opens=f"{after.opens:%H:%M}")
    return ordered


@transaction.atomic
def set_hours(*, actor: Actor, client: Client, week: Mapping[int, Sequence[Span]], holidays: str) -> Client:
    """Replace the week (0 = Monday; a missing day is closed) and the calendar of public holidays."""
    require(actor, Role.OWNER)
    openings = [
        Opening(client=client, weekday=day, opens=span.opens, closes=span.closes)
        for day, spans in week.items()
        for span in checked(spans)
    ]
    Opening.objects.filter(client=client).delete()
    Opening.objects.bulk_create(openings)
    client.holidays = holidays
    client.hours_edited_by_id, client.hours_edited_at = actor.user_id, now()
    client.save(update_fields=["holidays", "hours_edited_by", "hours_edited_at"])
    _announce(actor, HoursChanged(client_id=client.pk))
    return client


@transaction.atomic
def set_exceptional_day(
    *, actor: Actor, client: Client, on: date, spans: Sequence[Span] = (), label: str = ""
) -> ExceptionalDay:
    """No span closes the day; a day said twice is replaced."""
    require(actor, Role.OWNER)
    stored = [[f"{span.opens:%H:%M}", f"{span.closes:%H:%M}"] for span in checked(spans)]
    day, _created = ExceptionalDay.objects.update_or_create(
        client=client, on=on, defaults={"spans": stored, "label": label}
    )
    _mark_edited(actor, client)
    _announce(actor, HoursChanged(client_id=client.pk, on=on.isoformat()))
    return day


@transaction.atomic
def remove_exceptional_day(*, actor: Actor, day: ExceptionalDay) -> None:
    """The day becomes like any other."""
    require(actor, Role.OWNER)
    client, on = day.client, day.on
    day.delete()
    _mark_edited(actor, client)
    _announce(actor, HoursChanged(client_id=client.pk, on=on.isoformat()))


def _mark_edited(actor: Actor, client: Client) -> None:
    client.hours_edited_by_id, client.hours_edited_at = actor.user_id, now()
    client.save(update_fields=["hours_edited_by", "hours_edited_at"])


def _announce(actor: Actor, event: HoursChanged) -> None:
    record(actor, event)
    publish(event)
    tell(f"client:{event.client_id}", "sheet", event.client_id)
