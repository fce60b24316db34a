"""Makes the demonstration's bureau through the product's own use cases, each act at the instant at which it belongs."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from permanence.bureau.models import Secretary, User
from permanence.calls.models import Line
from permanence.clients import usecases as clients
from permanence.clients.models import Client, Member, Person
from permanence.clients.rules.hours import Span
from permanence.config.demo.book import PASSWORD, book
from permanence.config.demo.week import Company, Week
from permanence.database.context import EVERY_CLIENT, acting
from permanence.kernel.actor import Actor, Role, system
from permanence.kernel.clock import living_at, now

DEMO = system("demo")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
BEGINNING = timedelta(days=21)
CHANGED = timedelta(hours=14)
MORNING = timedelta(hours=2)


@transaction.atomic
def load_once() -> None:
    """An empty database becomes a lively bureau; anything already there is left alone."""
    with acting(DEMO, EVERY_CLIENT):
        if Client.objects.exists():
            return
        present = now()
        with living_at(present - BEGINNING):
            staff = {one["key"]: _person_of_the_bureau(one) for one in book()["bureau"]}
            secretaries = {key: user.secretary for key, user in staff.items() if user.role == Role.SECRETARY}
            companies = [_company(one, secretaries, present) for one in book()["companies"]]
        Week(present, companies).live()
        for secretary in secretaries.values():
            Secretary.objects.filter(pk=secretary.pk).update(state="off", state_since_at=present)


def _person_of_the_bureau(one: dict[str, Any]) -> User:
    user = _account(one["email"], one["name"], Role(one["role"]), one.get("gender", "f"))
    if user.role == Role.SECRETARY:
        Secretary.objects.create(
            user=user, extension=one["extension"], languages=one["languages"], state="off", state_since_at=now()
        )
    return user


def _account(email: str, name: str, role: Role, gender: str) -> User:
    user = User(email=email, name=name, role=role.value, gender=gender, password=_hashed())
    user.save()
    return user


@cache
def _hashed() -> str:
    return make_password(PASSWORD)


def _company(one: dict[str, Any], secretaries: dict[str, Secretary], present: datetime) -> Company:
    new = clients.NewClient(
        name=one["name"],
        trade=one["trade"],
        greeting=one["greeting"],
        trade_label=one["trade_label"],
        monogram=one["monogram"],
        hue=one["hue"],
        priority=one.get("priority", False),
    )
    client = clients.create_client(actor=DEMO, new=new)
    given = one["line"]
    line = Line.objects.create(
        client=client,
        number=given["number"],
        label=given["label"],
        welcome_text=given["welcome"],
        closed_text=given["closed"],
    )
    pair = [secretaries[key] for key in one["pair"]]
    clients.set_pair(actor=DEMO, client=client, secretaries=pair)
    user = _account(one["owner"]["email"], one["owner"]["name"], Role.OWNER, one["owner"]["gender"])
    member = Member.objects.create(client=client, user=user)
    owner = Actor(role=Role.OWNER, name=user.name, user_id=user.pk, member_id=member.pk, client_id=client.pk)
    hours = {DAYS.index(day): [_span(*span) for span in spans] for day, spans in one["hours"].items()}
    clients.set_hours(actor=owner, client=client, week=hours, holidays=one.get("holidays", "FR"))
    _sheet(owner, client, one)
    people = list(_people(owner, client, one, present))
    member.person = people[0]
    member.save(update_fields=["person"])
    _instructions(owner, client, one, pair, present)
    for question, answer in one["knowledge"]:
        clients.save_knowledge(actor=owner, client=client, question=question, answer=answer)
    return Company(client, line, owner, people, pair, hours, one["calls"])


def _span(opens: str, closes: str) -> Span:
    return Span(time.fromisoformat(opens), time.fromisoformat(closes))


def _sheet(owner: Actor, client: Client, one: dict[str, Any]) -> None:
    sheet = clients.Sheet(
        name=client.name,
        greeting=client.greeting,
        trade_label=client.trade_label,
        hue=client.hue,
        pronunciation=one["pronunciation"],
        manners=one["manners"],
        street=one["street"],
        postcode=one["postcode"],
        town=one["town"],
        link_only=one.get("link_only", False),
    )
    clients.change_sheet(actor=owner, client=client, sheet=sheet)


def _people(owner: Actor, client: Client, one: dict[str, Any], present: datetime) -> Iterator[Person]:
    for row in one["people"]:
        details = clients.PersonDetails(
            name=row["name"],
            role=row["role"],
            gender=row["gender"],
            email=row.get("email", ""),
            receives_messages=row.get("receives", True),
            numbers=[clients.TypedNumber(number) for number in row["numbers"]],
        )
        person = clients.save_person(actor=owner, client=client, details=details)
        if status := row.get("status"):
            with living_at(present - timedelta(hours=1)):
                when = clients.Dated(now(), present + timedelta(hours=status["hours"]))
                clients.set_availability(
                    actor=owner, person=person, state=status["state"], when=when, message=status["message"]
                )
        yield person


def _instructions(owner: Actor, client: Client, one: dict[str, Any], pair: list[Secretary], present: datetime) -> None:
    """What was published long ago has been read; what changed yesterday evening has not."""
    for row in one["instructions"]:
        first = clients.Wording(layer=row["layer"], title=row.get("title", ""), text=row.get("before", row["text"]))
        if "hours" in row:
            with living_at(present - MORNING):
                until = present + timedelta(hours=row["hours"])
                clients.publish_instruction(actor=owner, client=client, wording=replace(first, ends_at=until))
            continue
        version = clients.publish_instruction(actor=owner, client=client, wording=first)
        for secretary in pair:
            reader = Actor(role=Role.SECRETARY, name=secretary.user.name, secretary_id=secretary.pk)
            clients.tick_instruction(actor=reader, version=version)
        if "before" in row:
            with living_at(present - CHANGED):
                changed = clients.Wording(layer=row["layer"], title=row.get("title", ""), text=row["text"])
                clients.publish_instruction(
                    actor=owner, client=client, wording=changed, instruction=version.instruction
                )
