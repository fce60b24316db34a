"""The book of instructions and the information entries."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.search import SearchRank
from django.db.models import F, Q, QuerySet
from django.shortcuts import get_object_or_404

from permanence.clients.models import Client, Instruction, InstructionReading, InstructionVersion, KnowledgeEntry
from permanence.clients.rules import instructions as rules
from permanence.clients.rules.instructions import Piece
from permanence.database.search import words_query
from permanence.kernel.actor import BUREAU, COMPANY, Actor, Role, require
from permanence.kernel.clock import now


@dataclass(frozen=True, slots=True)
class InstructionNow:
    """An instruction that holds now, as one reader sees it.

    ``unread``: this secretary has not ticked the current version. ``changed``: she had ticked an older one, whose
    words are ``old_text``. Neither is ever true for who is not a secretary.
    """

    instruction: Instruction
    version: InstructionVersion
    layer: str
    text: str
    changed: bool
    old_text: str | None
    unread: bool
    until: datetime | None

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The text with what was struck and what is new since she last read it."""
        return rules.word_difference(self.text if self.old_text is None else self.old_text, self.text)


def _in_force(at: datetime) -> Q:
    began = Q(starts_at=None) | Q(starts_at__lte=at)
    return Q(withdrawn_at=None) & began & (Q(ends_at=None) | Q(ends_at__gt=at))


def instructions_of(actor: Actor, client: Client) -> list[Instruction]:
    """All that are not withdrawn, past and future included, highest layer first, each with its versions."""
    require(actor, *BUREAU, *COMPANY)
    found = Instruction.objects.filter(client=client, withdrawn_at=None).select_related("person")
    return sorted(found.prefetch_related("versions__author", "versions__readings__secretary__user"), key=_order)


def instruction_for(actor: Actor, instruction_id: int) -> Instruction:
    """404 once withdrawn, or at another client's."""
    require(actor, *BUREAU, *COMPANY)
    found = Instruction.objects.filter(withdrawn_at=None).select_related("client", "person")
    return get_object_or_404(
        found.prefetch_related("versions__author", "versions__readings__secretary__user"), pk=instruction_id
    )


def version_for(actor: Actor, version_id: int) -> InstructionVersion:
    """404 without a grant."""
    require(actor, *BUREAU, *COMPANY)
    return get_object_or_404(InstructionVersion.objects.select_related("instruction", "client"), pk=version_id)


def instructions_now(actor: Actor, client: Client, at: datetime) -> list[InstructionNow]:
    """Those that hold at ``at``: what changed since she read it first, then by layer."""
    require(actor, *BUREAU, *COMPANY)
    found = Instruction.objects.filter(_in_force(at), client=client).select_related("person")
    ticked: dict[int, set[int]] = {}
    if actor.secretary_id is not None:
        readings = InstructionReading.objects.filter(client=client, secretary_id=actor.secretary_id)
        for instruction_id, version_id in readings.values_list("version__instruction_id", "version_id"):
            ticked.setdefault(instruction_id, set()).add(version_id)
    ordered = sorted(found.prefetch_related("versions__author"), key=_order)
    is_secretary = actor.is_one_of(Role.SECRETARY)
    seen = [_as_seen(one, ticked.get(one.pk, set()), is_secretary=is_secretary) for one in ordered]
    return sorted(seen, key=lambda one: not one.changed)


def _as_seen(instruction: Instruction, ticked: set[int], *, is_secretary: bool) -> InstructionNow:
    versions = list(instruction.versions.all())
    current = versions[-1]
    unread = is_secretary and current.pk not in ticked
    before = [version for version in versions if version.pk in ticked] if unread else []
    return InstructionNow(
        instruction=instruction,
        version=current,
        layer=instruction.layer,
        text=current.text,
        changed=bool(before),
        old_text=before[-1].text if before else None,
        unread=unread,
        until=instruction.ends_at,
    )


def _order(instruction: Instruction) -> tuple[int, int, int]:
    return rules.rank(instruction.layer), instruction.position, instruction.pk


def unread_instructions(actor: Actor, client: Client | None = None) -> QuerySet[InstructionVersion]:
    """Current versions in force that this secretary has not ticked, at one client or at all hers, newest first."""
    require(actor, Role.SECRETARY)
    found = InstructionVersion.objects.filter(
        pk__in=Instruction.objects.filter(_in_force(now())).values("versions"),
    )
    if client is not None:
        found = found.filter(client=client)
    newer = Q(instruction__versions__number__gt=F("number"))
    ticked = InstructionReading.objects.filter(secretary_id=actor.secretary_id or 0).values("version")
    superseded = InstructionVersion.objects.filter(newer).values("pk")
    unread = found.exclude(pk__in=superseded).exclude(pk__in=ticked)
    return unread.select_related("client", "instruction", "author").order_by("-published_at")


def knowledge_of(actor: Actor, client: Client) -> QuerySet[KnowledgeEntry]:
    """All entries, without their search column."""
    require(actor, *BUREAU, *COMPANY)
    return KnowledgeEntry.objects.filter(client=client).defer("search").select_related("edited_by")


def knowledge_for(actor: Actor, entry_id: int) -> KnowledgeEntry:
    """404 at another client's."""
    require(actor, *BUREAU, *COMPANY)
    return get_object_or_404(KnowledgeEntry.objects.defer("search").select_related("client", "edited_by"), pk=entry_id)


def search_knowledge(actor: Actor, client: Client, words: str) -> QuerySet[KnowledgeEntry]:
    """Best first: accents do not matter, words are found by their beginning; no word at all gives every entry."""
    query = words_query(words)
    if query is None:
        return knowledge_of(actor, client)
    found = knowledge_of(actor, client).filter(search=query)
    return found.annotate(score=SearchRank(F("search"), query)).order_by("-score", "question")
