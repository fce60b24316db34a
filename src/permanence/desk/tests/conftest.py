"""A call of the plumber's, answered by Nadia, and browsers in which people are signed in."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from permanence.bureau.models import Secretary, User
from permanence.calls.models import Call, Line
from permanence.clients.models import Client, Instruction, InstructionVersion, KnowledgeEntry, Member, Person
from permanence.database.context import EVERY_CLIENT, acting
from permanence.kernel.actor import system
from permanence.kernel.clock import now

NUMBER = "+33639984127"


def make_call(client: Client, secretary: Secretary | None = None, **columns: Any) -> Call:
    """One that she is talking in, unless ``columns`` say otherwise."""
    at = now() - timedelta(minutes=3)
    given = {"state": "talking", "started_at": at, "rang_at": at, "answered_at": at + timedelta(seconds=9), **columns}
    with acting(system("tests"), EVERY_CLIENT):
        line = Line.objects.get(client=client)
        return Call.objects.create(client=client, line=line, secretary=secretary, caller_number=NUMBER, **given)


def make_instruction(client: Client, author: User, *texts: str, layer: str = "alert") -> list[InstructionVersion]:
    """Its versions, one for each text."""
    with acting(system("tests"), EVERY_CLIENT):
        book = Instruction.objects.create(client=client, layer=layer)
        return [
            InstructionVersion.objects.create(
                client=client, instruction=book, number=number, text=text, author=author, published_at=now()
            )
            for number, text in enumerate(texts, 1)
        ]


@pytest.fixture
def call(plumber: Client, secretary: Secretary) -> Call:
    return make_call(plumber, secretary)


@pytest.fixture
def marc(plumber: Client) -> Person:
    """The person to whom the plumber's messages go."""
    with acting(system("tests"), EVERY_CLIENT):
        return Person.objects.create(client=plumber, name="Marc Roux", email="marc@roux.test")


@pytest.fixture
def knowledge(plumber: Client, owner: Member) -> KnowledgeEntry:
    with acting(system("tests"), EVERY_CLIENT):
        return KnowledgeEntry.objects.create(
            client=plumber, question="Devis gratuit ?", answer="Oui, à Nantes.", edited_by=owner.user
        )


@pytest.fixture
def signed_in(db: None) -> Callable[[Any], Browser]:
    """``signed_in(person)`` is the browser of whoever it is."""

    def browser(person: Secretary | Member | User) -> Browser:
        opened = Browser()
        opened.force_login(person if isinstance(person, User) else person.user)
        return opened

    return browser


@pytest.fixture
def nadia(secretary: Secretary, signed_in: Callable[[Any], Browser]) -> Browser:
    """The browser of the secretary who holds the grant."""
    return signed_in(secretary)
