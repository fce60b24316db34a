"""The people for whom callers ask, and whether they may be reached."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from permanence.clients.models import Availability, Client, Member, Person, PersonNumber
from permanence.clients.queries.words import moment
from permanence.clients.rules.availability import AvailabilityNow, AvailabilitySpan, availability_now
from permanence.kernel.actor import BUREAU, COMPANY, Actor, require


@dataclass(frozen=True, slots=True)
class PersonNow:
    """``label`` says the state and its end: « SMS seul jusqu'à 16 h ». ``numbers`` are in the order to try."""

    person: Person
    state: str
    label: str
    message: str
    until: datetime | None
    numbers: tuple[PersonNumber, ...]
    upcoming: tuple[AvailabilitySpan, ...]


def people_of(actor: Actor, client: Client) -> QuerySet[Person]:
    """Those who are still there, with their numbers and availabilities."""
    require(actor, *BUREAU, *COMPANY)
    return (
        Person.objects.filter(client=client, left_at=None)
        .select_related("edited_by", "member")
        .prefetch_related("numbers", "availabilities__set_by")
    )


def person_for(actor: Actor, person_id: int) -> Person:
    """404 when the person left, or is another client's."""
    require(actor, *BUREAU, *COMPANY)
    people = Person.objects.filter(left_at=None).select_related("client", "edited_by")
    return get_object_or_404(people.prefetch_related("numbers", "availabilities__set_by"), pk=person_id)


def own_person_id(actor: Actor) -> int | None:
    """The person that a signed-in member of a client is."""
    return Member.objects.filter(pk=actor.member_id or 0).values_list("person_id", flat=True).first()


def people_now(actor: Actor, client: Client, at: datetime) -> list[PersonNow]:
    """In the client's order."""
    return [person_now(person, at) for person in people_of(actor, client)]


def person_now(person: Person, at: datetime) -> PersonNow:
    """Reads the person's prefetched numbers and availabilities."""
    now = availability_of(person, at)
    return PersonNow(
        person, now.state, label_of(now, at), now.message, now.until, tuple(person.numbers.all()), now.upcoming
    )


def availability_of(person: Person, at: datetime) -> AvailabilityNow:
    return availability_now([span_of(row) for row in person.availabilities.all()], at)


def span_of(row: Availability) -> AvailabilitySpan:
    """The row as the rules read it."""
    span = AvailabilitySpan(row.state, row.set_at, row.message, row.starts_at, row.ends_at)
    if row.from_time is None or row.to_time is None:
        return span
    return AvailabilitySpan(
        row.state, row.set_at, row.message, weekdays=row.weekdays, from_time=row.from_time, to_time=row.to_time
    )


def label_of(now: AvailabilityNow, at: datetime) -> str:
    word = str(dict(Availability.STATES)[now.state])
    if now.until is None:
        return word
    return _("%(state)s until %(when)s") % {"state": word, "when": moment(now.until, at)}
