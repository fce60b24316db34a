"""A plumber with a person, a pair, an instruction and a message taken by Nadia; windows of the people who look."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client as Browser
from django.utils.timezone import now

from permanence.bureau.models import Secretary
from permanence.calls.models import Call, Line
from permanence.calls.usecases import Arrival, answer_call, end_call, offer_call, queue_call, register_call
from permanence.clients.models import Client, Instruction, KnowledgeEntry, Member, Pairing, Person
from permanence.clients.usecases import (
    PersonDetails,
    TypedNumber,
    Wording,
    publish_instruction,
    save_knowledge,
    save_person,
)
from permanence.database.context import EVERY_CLIENT, acting
from permanence.kernel.actor import Role, system
from permanence.messaging.models import Message
from permanence.messaging.usecases import Taken, take_message
from tests.people import actor_for, make_member

TELEPHONY = system("telephony")
SPEECH = "<script>alert(1)</script> שלום 😀"


def window(user) -> Browser:
    """A browser in which somebody is signed in."""
    browser = Browser()
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser


@pytest.fixture
def marc(plumber: Client, owner: Member) -> Person:
    actor = actor_for(owner)
    with acting(actor):
        details = PersonDetails(name="Marc Roux", email="marc@roux.test", numbers=[TypedNumber("06 39 98 41 27")])
        person = save_person(actor=actor, client=plumber, details=details)
        owner.person = person
        owner.save()
        return person


@pytest.fixture
def member(plumber: Client, marc: Person) -> Member:
    """Léa, a plain member, who is nobody for callers."""
    return make_member(plumber, "Léa Caro", Role.MEMBER)


@pytest.fixture
def call(plumber: Client, secretary: Secretary) -> Call:
    """A call that Nadia answered."""
    with acting(TELEPHONY, plumber.pk):
        line = Line.objects.get(client=plumber)
        arrival = Arrival(call_id=str(uuid4()), line_id=line.pk, at=now(), caller_number="+33639980011")
        made = register_call(actor=TELEPHONY, arrival=arrival)
        facts: dict[str, Any] = {"actor": TELEPHONY, "call_id": str(made.pk), "at": now()}
        queue_call(**facts)
        offer_call(**facts, secretary_id=secretary.pk, why="Nadia connaît Plomberie Roux.")
        answer_call(**facts)
        return end_call(**facts, outcome="answered")


@pytest.fixture
def message(call: Call, secretary: Secretary, marc: Person) -> Message:
    actor = actor_for(secretary)
    taken = Taken(
        submission=uuid4(), person_id=marc.pk, caller_name="M. Petit", caller_number="06 39 98 00 11",
        number_read_back=True, reason=f"Fuite sous évier {SPEECH}", urgency="urgent", promise="rappel avant 18 h",
    )  # fmt: skip
    with acting(actor):
        return take_message(actor=actor, call=call, taken=taken)


@pytest.fixture
def instruction(plumber: Client, owner: Member) -> Instruction:
    actor = actor_for(owner)
    with acting(actor):
        version = publish_instruction(actor=actor, client=plumber, wording=Wording(layer="sheet", text="Rappeler."))
        return version.instruction


@pytest.fixture
def entry(plumber: Client, owner: Member) -> KnowledgeEntry:
    actor = actor_for(owner)
    with acting(actor):
        return save_knowledge(actor=actor, client=plumber, question="Devis gratuit ?", answer="Oui, toujours.")


@pytest.fixture
def paired(plumber: Client, secretary: Secretary) -> Pairing:
    with acting(system("tests"), EVERY_CLIENT):
        return Pairing.objects.create(client=plumber, secretary=secretary, rank=1)
