"""A person of the plumber's, and a plain member of his company."""

import pytest

from permanence.clients.models import Client, Member, Person
from permanence.clients.usecases import PersonDetails, TypedNumber, save_person
from permanence.database.context import acting
from permanence.kernel.actor import Role
from tests.people import actor_for, make_member


@pytest.fixture
def marc(plumber: Client, owner: Member) -> Person:
    """Marc Roux as callers know him: two numbers, tried in order."""
    actor = actor_for(owner)
    with acting(actor):
        numbers = [TypedNumber("06 39 98 41 27", "portable"), TypedNumber("01 99 00 31 18")]
        return save_person(actor=actor, client=plumber, details=PersonDetails(name="Marc Roux", numbers=numbers))


@pytest.fixture
def member(plumber: Client, marc: Person) -> Member:
    """Léa, who reads messages but changes nothing of the company."""
    return make_member(plumber, "Léa Caro", Role.MEMBER)
