"""Reading a client's log: his members and the secretaries who hold a grant, nobody else."""

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from permanence.audit.models import LogHead, LogLeaf, Opening
from permanence.audit.rules import Frontier
from permanence.kernel.actor import COMPANY, Actor, Role, require


@dataclass(frozen=True, slots=True)
class LeafView:
    """One act as people read it. A value that was erased is absent from ``personal``, a name erased is empty."""

    number: int
    at: datetime
    act: str
    actor_role: str
    actor_name: str
    facts: dict[str, Any]
    personal: dict[str, str]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a client keeps to prove later that nothing before it was rewritten; ``root`` is hexadecimal."""

    size: int
    root: str


def leaves(actor: Actor, client_id: int, *, before: int | None = None, limit: int = 50) -> list[LeafView]:
    """The newest acts first, those numbered under ``before``; what is not open to ``actor`` is absent."""
    require(actor, Role.SECRETARY, *COMPANY)
    found = LogLeaf.objects.filter(client_id=client_id).order_by("-number")
    page = list((found if before is None else found.filter(number__lt=before))[:limit])
    personal: dict[int, dict[str, str]] = defaultdict(dict)
    for opening in Opening.objects.filter(client_id=client_id, number__in=[leaf.number for leaf in page]):
        personal[opening.number][opening.field] = opening.value
    return [_view(leaf, personal[leaf.number]) for leaf in page]


def root(actor: Actor, client_id: int) -> Checkpoint:
    """The client's log as it stands now, in one line."""
    require(actor, Role.SECRETARY, *COMPANY)
    head = LogHead.objects.filter(client_id=client_id).first()
    frontier = Frontier.unpacked(head.size, bytes(head.frontier)) if head else Frontier()
    return Checkpoint(frontier.size, frontier.root.hex())


def _view(leaf: LogLeaf, personal: dict[str, str]) -> LeafView:
    body = json.loads(leaf.body)
    by = body["actor"]
    name = by["id"] if by["role"] == Role.SYSTEM else personal.pop("actor_name", "")
    return LeafView(leaf.number, leaf.at, body["act"], by["role"], name, body["facts"], personal)
