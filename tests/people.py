"""Builders that every tier shares: a bureau with names and roles. Plain functions first, fixtures on top of them."""

from datetime import datetime
from functools import cache
from itertools import count
from typing import Any
from unicodedata import normalize

import pytest
from django.contrib.auth.hashers import make_password

from permanence.bureau.models import Secretary, User
from permanence.calls.models import Line
from permanence.clients.models import HUES, Client, Member
from permanence.database.context import EVERY_CLIENT, acting
from permanence.kernel.actor import Actor, Role, system
from permanence.kernel.clock import now
from permanence.trust.models import Grant

_numbers = count(10)
PASSWORD = "correct horse battery staple"


@cache
def _kept_password() -> str:
    """Hashed once: slowness is the point of the hash, not of the tests."""
    return make_password(PASSWORD)


def make_user(name: str, role: Role) -> User:
    first = normalize("NFD", name.split()[0].lower()).encode("ascii", "ignore").decode()
    user = User(email=f"{first}{next(_numbers)}@permanence.test", name=name, role=role.value)
    user.password = _kept_password()
    user.save()
    return user


def make_secretary(name: str = "Nadia Benali", **columns: Any) -> Secretary:
    given = {"extension": str(200 + next(_numbers)), "languages": ["fr"], "state_since_at": now(), **columns}
    return Secretary.objects.create(user=make_user(name, Role.SECRETARY), **given)


def make_client(name: str = "Plomberie Roux", trade: str = "plumber", **columns: Any) -> Client:
    """A client company with one line, made by the system."""
    number = next(_numbers)
    given = {"monogram": f"{number:02X}"[-2:], "hue": HUES[number % 12], "greeting": f"{name}, bonjour.", **columns}
    with acting(system("tests"), EVERY_CLIENT):
        client = Client.objects.create(name=name, trade=trade, **given)
        Line.objects.create(client=client, number=f"+331990{number:05d}", label="Accueil")
    return client


def grant(secretary: Secretary, client: Client, *, until: datetime | None = None) -> Grant:
    with acting(system("tests"), EVERY_CLIENT):
        return Grant.objects.create(client=client, secretary=secretary, source="pair", during=(now(), until))


def make_member(client: Client, name: str = "Marc Roux", role: Role = Role.OWNER) -> Member:
    with acting(system("tests"), EVERY_CLIENT):
        return Member.objects.create(client=client, user=make_user(name, role))


def actor_for(person: Secretary | Member | User) -> Actor:
    """The actor that the web would make of a signed-in person."""
    if isinstance(person, Member):
        role = Role(person.user.role)
        return Actor(
            role=role, name=person.user.name, user_id=person.user_id, member_id=person.pk, client_id=person.client_id
        )
    if isinstance(person, Secretary):
        return Actor(role=Role.SECRETARY, name=person.user.name, user_id=person.user_id, secretary_id=person.pk)
    return Actor(role=Role(person.role), name=person.name, user_id=person.pk)


@pytest.fixture
def plumber(db: None) -> Client:
    return make_client("Plomberie Roux", "plumber")


@pytest.fixture
def lawyer(db: None) -> Client:
    """The other client."""
    return make_client("Cabinet Diallo", "lawyer")


@pytest.fixture
def secretary(plumber: Client) -> Secretary:
    """Nadia, who holds a grant on the plumber."""
    nadia = make_secretary("Nadia Benali", state="ready")
    grant(nadia, plumber)
    return nadia


@pytest.fixture
def colleague(db: None) -> Secretary:
    """Inès, who holds no grant at all."""
    return make_secretary("Inès Morel")


@pytest.fixture
def supervisor(db: None) -> User:
    return make_user("Karim Haddad", Role.SUPERVISOR)


@pytest.fixture
def owner(plumber: Client) -> Member:
    """Marc Roux, the plumber himself."""
    return make_member(plumber)


@pytest.fixture
def stranger(lawyer: Client) -> Member:
    """The member of another client."""
    return make_member(lawyer, "Aminata Diallo")
