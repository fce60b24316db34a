"""A week of believable activity: calls inside opening hours, messages, and what the clients did with them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from random import Random
from uuid import UUID

from permanence.bureau.models import Secretary
from permanence.bureau.usecases import set_state
from permanence.calls.models import Line
from permanence.calls.usecases import (
    Arrival,
    answer_call,
    end_call,
    offer_call,
    queue_call,
    register_call,
    wrap_up_call,
)
from permanence.clients.models import Client, Person
from permanence.clients.rules.hours import Span
from permanence.kernel.actor import Actor, Role, system
from permanence.kernel.clock import PARIS, living_at, now
from permanence.messaging import usecases as messaging
from permanence.messaging.models import Delivery, Message
from permanence.messaging.rules.taking import Taken

TELEPHONE = system("telephony")
WORKER = system("worker")
DAYS = 7
EIGHT, SEVEN_PM = time(8), time(19)  # when a line that is always open is called
ABANDONED_ONE_IN = 9
STILL_OPEN = 2  # the newest messages of each client wait for the person who looks at the demonstration


@dataclass(frozen=True, slots=True)
class Company:
    """One client company as loaded, with what the past week needs of the book."""

    client: Client
    line: Line
    owner: Actor
    people: list[Person]
    pair: list[Secretary]
    hours: dict[int, list[Span]]
    callers: list[list[str]]


class Week:
    """The days before ``present``, lived in order; the same every time but for their dates."""

    def __init__(self, present: datetime, companies: Sequence[Company]) -> None:
        self._present = present
        self._companies = companies
        self._chance = Random(2026)  # noqa: S311 - a story, not a secret
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = count()

    def live(self) -> None:
        """Everything that happened, each act at its own instant."""
        for company in self._companies:
            arrivals = self._arrivals(company)
            for left, start in zip(range(len(arrivals), 0, -1), arrivals, strict=True):
                self._plan(start, partial(self._call, company, followed=left > STILL_OPEN))
        while self._agenda:
            at, _, act = heappop(self._agenda)
            with living_at(at):
                act()

    def _plan(self, at: datetime, act: Callable[[], None]) -> None:
        if at < self._present:
            heappush(self._agenda, (at, next(self._order), act))

    def _arrivals(self, company: Company) -> list[datetime]:
        """Two to four calls for each opening of the last days, at odd minutes."""
        found = []
        for back in range(DAYS, -1, -1):
            day = (self._present - timedelta(days=back)).astimezone(PARIS).date()
            for span in company.hours.get(day.weekday(), []):
                first, last = (EIGHT, SEVEN_PM) if span.opens == span.closes else (span.opens, span.closes)
                opens = datetime.combine(day, first, PARIS)
                minutes = (datetime.combine(day, last, PARIS) - opens).seconds // 60
                for _ in range(self._chance.randint(1, 2)):
                    at = opens + timedelta(minutes=self._chance.randrange(minutes), seconds=self._chance.randrange(60))
                    if at < self._present - timedelta(minutes=20):
                        found.append(at)
        return sorted(found)

    def _call(self, company: Company, *, followed: bool) -> None:
        name, number, firm, reason, urgency, promise = self._chance.choice(company.callers)
        call_id = UUID(int=self._chance.getrandbits(128), version=4)
        at = now()
        arrival = Arrival(call_id=call_id, line_id=company.line.pk, at=at, caller_number=number, node="demo")
        call = register_call(actor=TELEPHONE, arrival=arrival)
        queue_call(actor=TELEPHONE, call_id=call_id, at=at + timedelta(seconds=1))
        if followed and self._chance.randrange(ABANDONED_ONE_IN) == 0:
            end_call(actor=TELEPHONE, call_id=call_id, outcome="abandoned", at=at + timedelta(seconds=12))
            return
        secretary = company.pair[0] if self._chance.random() < 0.7 else company.pair[1]
        rank = "1re" if secretary == company.pair[0] else "2e"
        why = f"Proposé à {secretary.user.name.split()[0]} : elle connaît {company.client.name} ({rank} du binôme)."
        actor = _actor(secretary)
        set_state(actor=system("demo"), secretary_id=secretary.pk, state="ready")
        rang, picked = at + timedelta(seconds=4), at + timedelta(seconds=self._chance.randint(7, 16))
        offer_call(actor=TELEPHONE, call_id=call_id, secretary_id=secretary.pk, why=why, at=rang)
        answer_call(actor=TELEPHONE, call_id=call_id, at=picked)
        hung_up = picked + timedelta(seconds=self._chance.randint(55, 230))
        with living_at(hung_up):
            taken = Taken(
                submission=call_id,
                person_id=company.people[0].pk,
                caller_name=name,
                caller_company=firm,
                caller_number=number,
                number_read_back=True,
                reason=reason,
                urgency=urgency,
                promise=promise,
            )
            message = messaging.take_message(actor=actor, call=call, taken=taken)
            end_call(actor=TELEPHONE, call_id=call_id, outcome="answered", at=hung_up)
        with living_at(hung_up + timedelta(seconds=self._chance.randint(6, 25))):
            wrap_up_call(actor=actor, call_id=call_id)
        self._plan(hung_up + timedelta(seconds=30), lambda: _hand_over(message))
        if followed:
            self._follow(company, message, hung_up)

    def _follow(self, company: Company, message: Message, since: datetime) -> None:
        """The client reads, takes in charge, and most often handles."""
        soon = 3 if message.urgency == "urgent" else 40
        read = since + timedelta(minutes=self._chance.randint(1, soon))
        owner = company.owner
        self._plan(read, lambda: _done(messaging.open_message(actor=owner, message=message)))
        self._plan(
            read + timedelta(seconds=20), lambda: _done(messaging.acknowledge_message(actor=owner, message=message))
        )
        if self._chance.random() < 0.8:
            later = read + timedelta(minutes=self._chance.randint(10, 200))
            self._plan(later, lambda: _done(messaging.handle_message(actor=owner, message=message)))


def _hand_over(message: Message) -> None:
    """The e-mails of a past day have left that day."""
    for delivery in Delivery.objects.filter(message=message, channel="email", state="queued"):
        messaging.advance_delivery(actor=WORKER, delivery=delivery, state="handed_over")


def _done(_message: Message) -> None:
    """An act whose result nobody needs."""


def _actor(secretary: Secretary) -> Actor:
    return Actor(role=Role.SECRETARY, name=secretary.user.name, user_id=secretary.user_id, secretary_id=secretary.pk)
