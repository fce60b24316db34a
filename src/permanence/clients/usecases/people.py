"""The people for whom callers ask, their numbers and their availability."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from permanence.audit.usecases import record
from permanence.clients.events import AvailabilitySet, PersonChanged
from permanence.clients.models import Availability, Client, Member, Person, PersonNumber
from permanence.clients.queries.people import availability_of
from permanence.clients.rules.availability import REACHABLE
from permanence.clients.rules.hours import Span
from permanence.database.notices import tell
from permanence.kernel import phones
from permanence.kernel.actor import Actor, NotAllowed, Role, require, signed_in
from permanence.kernel.clock import now
from permanence.kernel.events import Event, publish
from permanence.kernel.refusals import Refused

MOST_NUMBERS = 5


class PersonUnnamed(Refused):
    message = _("The person's name is missing. Nothing was changed. Write the name that callers ask for.")


class TooManyNumbers(Refused):
    message = _("A person has at most %(most)s numbers. Nothing was changed.")


class NumberTwice(Refused):
    message = _("%(number)s is written twice for the same person. Nothing was changed.")


class EndsTooSoon(Refused):
    message = _("This availability ends before it begins, or is already over. Nothing was changed. Choose a later end.")


class WeekdayMissing(Refused):
    message = _("No day of the week is chosen. Nothing was changed. Tick at least one day.")


@dataclass(frozen=True, slots=True)
class TypedNumber:
    """A number as somebody wrote it."""

    number: str
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDetails:
    """``numbers`` in the order to try."""

    name: str
    role: str = ""
    gender: str = ""
    email: str = ""
    receives_messages: bool = True
    numbers: Sequence[TypedNumber] = field(default=())


@dataclass(frozen=True, slots=True)
class Dated:
    """[starts_at, ends_at), aware; no end means until further notice."""

    starts_at: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Weekly:
    """Each of these weekdays (0 = Monday), from–to in civil time; 00:00 ends a day."""

    weekdays: Sequence[int]
    from_time: time
    to_time: time


@transaction.atomic
def save_person(*, actor: Actor, client: Client, details: PersonDetails, person: Person | None = None) -> Person:
    """Add somebody, or replace what is known of ``person``."""
    require(actor, Role.OWNER)
    if not details.name.strip():
        raise PersonUnnamed
    if len(details.numbers) > MOST_NUMBERS:
        raise TooManyNumbers(most=MOST_NUMBERS)
    numbers = _parsed(details.numbers)
    change = "changed" if person else "added"
    saved = person or Person(client=client, position=Person.objects.filter(client=client).count())
    saved.name, saved.role, saved.gender = details.name.strip(), details.role, details.gender
    saved.email, saved.receives_messages = details.email, details.receives_messages
    saved.edited_by_id, saved.edited_at = actor.user_id, now()
    saved.save()
    PersonNumber.objects.filter(person=saved).delete()
    PersonNumber.objects.bulk_create(
        PersonNumber(client=client, person=saved, number=number, label=label, position=position)
        for position, (number, label) in enumerate(numbers)
    )
    _announce(actor, PersonChanged(client_id=client.pk, person_id=saved.pk, change=change), saved)
    return saved


def _parsed(typed: Sequence[TypedNumber]) -> list[tuple[str, str]]:
    parsed = [(phones.parse(one.number), one.label) for one in typed]
    numbers = [number for number, _label in parsed]
    for number in numbers:
        if numbers.count(number) > 1:
            raise NumberTwice(number=number)
    return parsed


@transaction.atomic
def remove_person(*, actor: Actor, person: Person) -> None:
    """The person left: no longer proposed to callers; the messages taken for them stay."""
    require(actor, Role.OWNER)
    person.left_at, person.edited_by_id, person.edited_at = now(), actor.user_id, now()
    person.save(update_fields=["left_at", "edited_by", "edited_at"])
    _announce(actor, PersonChanged(client_id=person.client_id, person_id=person.pk, change="left"), person)


@transaction.atomic
def set_availability(
    *, actor: Actor, person: Person, state: str, when: Dated | Weekly, message: str = ""
) -> Availability:
    """Applied to the next call. A dated one ceases alone at its end; the owner sets anybody's, a member his own."""
    _require_own(actor, person)
    row = Availability(
        client_id=person.client_id, person=person, state=state, message=message, set_by_id=signed_in(actor)
    )
    until = ""
    if isinstance(when, Dated):
        if when.ends_at is not None and when.ends_at <= max(when.starts_at, now()):
            raise EndsTooSoon
        row.starts_at, row.ends_at = when.starts_at, when.ends_at
        until = when.ends_at.isoformat() if when.ends_at else ""
    else:
        if not when.weekdays:
            raise WeekdayMissing
        if Span(when.from_time, when.to_time).is_empty:
            raise EndsTooSoon
        row.weekdays, row.from_time, row.to_time = sorted(when.weekdays), when.from_time, when.to_time
    row.save(force_insert=True)
    event = AvailabilitySet(client_id=person.client_id, person_id=person.pk, state=state, until=until)
    _announce(actor, event, person)
    return row


@transaction.atomic
def clear_availability(*, actor: Actor, person: Person, availability: Availability | None = None) -> None:
    """Lift one availability; by default whatever holds now, so that the next call is passed."""
    _require_own(actor, person)
    at = now()
    if availability is not None:
        Availability.objects.filter(pk=availability.pk, person=person).delete()
    else:
        Availability.objects.filter(person=person, starts_at__lte=at).delete()
        holding = availability_of(Person.objects.prefetch_related("availabilities").get(pk=person.pk), at)
        if holding.state != REACHABLE:  # a weekly one: beaten by a dated one until it ends
            Availability.objects.create(
                client_id=person.client_id, person=person, state=REACHABLE, starts_at=at, ends_at=holding.until,
                set_by_id=signed_in(actor),
            )  # fmt: skip
    _announce(actor, AvailabilitySet(client_id=person.client_id, person_id=person.pk, state=""), person)


def _require_own(actor: Actor, person: Person) -> None:
    require(actor, Role.OWNER, Role.MEMBER)
    if actor.is_one_of(Role.MEMBER) and not Member.objects.filter(pk=actor.member_id or 0, person=person).exists():
        raise NotAllowed


def _announce(actor: Actor, event: Event, person: Person) -> None:
    record(actor, event, personal={"person_name": person.name})
    publish(event)
    tell(f"client:{event.client_id}", "person", person.pk)
