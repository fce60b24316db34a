"""The client's card: all that a secretary needs before she says a word."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from permanence.clients.models import Client, Member, Pairing
from permanence.clients.queries.book import InstructionNow, instructions_now
from permanence.clients.queries.hours import OpeningNow, opening_at
from permanence.clients.queries.people import PersonNow, people_now
from permanence.kernel.actor import BUREAU, COMPANY, OVERSEERS, Actor, Role, require


@dataclass(frozen=True, slots=True)
class Card:
    """``greeting`` are the exact words to say."""

    client: Client
    greeting: str
    instructions: list[InstructionNow]
    people: list[PersonNow]
    opening: OpeningNow


def clients_for(actor: Actor) -> QuerySet[Client]:
    """The companies open to ``actor``: all for overseers, hers for a secretary, his own for a member."""
    require(actor, *BUREAU, *COMPANY)
    return Client.objects.filter(left_at=None)


def client_for(actor: Actor, client_id: int | None) -> Client:
    """404 when it is not open to ``actor``."""
    require(actor, *BUREAU, *COMPANY)
    return get_object_or_404(Client.objects.select_related("edited_by", "hours_edited_by"), pk=client_id)


def card_for(actor: Actor, client: Client, *, at: datetime) -> Card:
    """In a bounded number of reads, whatever the number of people and instructions."""
    return Card(
        client=client,
        greeting=greeting_by(client, actor.name if actor.is_one_of(Role.SECRETARY) else ""),
        instructions=instructions_now(actor, client, at),
        people=people_now(actor, client, at),
        opening=opening_at(client.pk, at),
    )


def greeting_by(client: Client, name: str) -> str:
    """The greeting with the secretary's first name in its place."""
    first_name = name.split()[0] if name.split() else "…"
    return client.greeting.replace("{secretary}", first_name)


def pair_of(actor: Actor, client: Client) -> QuerySet[Pairing]:
    """Who answers for the client, lead first, with their present state."""
    require(actor, *BUREAU, *COMPANY)
    return Pairing.objects.filter(client=client).select_related("secretary__user")


def members_of(actor: Actor, client: Client) -> QuerySet[Member]:
    """Those who sign in to the client's space; the closed ones last."""
    require(actor, Role.OWNER, *OVERSEERS)
    found = Member.objects.filter(client=client).select_related("user", "person")
    return found.order_by("-user__is_active", "joined_at")
