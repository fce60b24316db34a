"""The order of instructions, their life, and what a new version changed in words."""

import re
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from itertools import starmap
from typing import Literal

LAYERS = ("safety", "alert", "temporary", "person", "hours", "trade", "sheet")
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
_LONGEST_COMPARED = 4_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words: ``same`` in both versions, ``old`` (struck) or ``new`` (marked)."""

    kind: Literal["same", "old", "new"]
    text: str


def rank(layer: str) -> int:
    """0 is the highest layer: it wins over those below."""
    return LAYERS.index(layer)


def holds_at(starts_at: datetime | None, ends_at: datetime | None, withdrawn_at: datetime | None, at: datetime) -> bool:
    """Whether an instruction applies: a temporary one ceases alone at its end."""
    if withdrawn_at is not None and withdrawn_at <= at:
        return False
    return (starts_at is None or starts_at <= at) and (ends_at is None or at < ends_at)


def word_difference(old: str, new: str) -> tuple[Piece, ...]:
    """What to strike and what to mark: ``same`` and ``old`` joined are ``old``, ``same`` and ``new`` are ``new``."""
    if len(old) + len(new) > _LONGEST_COMPARED:
        return tuple(piece for piece in (Piece("old", old), Piece("new", new)) if piece.text)
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    pieces: list[Piece] = []
    gone = come = ""
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        kept = "".join(after[k:m])
        if tag != "equal" or (kept.isspace() and (gone or come)):  # one struck run reads better than struck crumbs
            gone, come = gone + "".join(before[i:j]), come + kept
            continue
        pieces += [*_changed(gone, come), Piece("same", kept)]
        gone = come = ""
    return (*pieces, *_changed(gone, come))


def _changed(gone: str, come: str) -> list[Piece]:
    return [piece for piece in starmap(Piece, (("old", gone), ("new", come))) if piece.text]
