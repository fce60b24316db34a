"""What may be read of a client company; another company's rows are absent, so that they are 404."""

from permanence.clients.queries.book import (
    InstructionNow,
    instruction_for,
    instructions_now,
    instructions_of,
    knowledge_for,
    knowledge_of,
    search_knowledge,
    unread_instructions,
    version_for,
)
from permanence.clients.queries.card import Card, card_for, client_for, clients_for, greeting_by, members_of, pair_of
from permanence.clients.queries.hours import OpeningNow, hours_of, opening_at, opening_now
from permanence.clients.queries.people import PersonNow, own_person_id, people_now, people_of, person_for

__all__ = [
    "Card",
    "InstructionNow",
    "OpeningNow",
    "PersonNow",
    "card_for",
    "client_for",
    "clients_for",
    "greeting_by",
    "hours_of",
    "instruction_for",
    "instructions_now",
    "instructions_of",
    "knowledge_for",
    "knowledge_of",
    "members_of",
    "opening_at",
    "opening_now",
    "own_person_id",
    "pair_of",
    "people_now",
    "people_of",
    "person_for",
    "search_knowledge",
    "unread_instructions",
    "version_for",
]
