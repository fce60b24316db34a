"""When a grant must end, and how grants follow the named pair."""

from collections.abc import Collection
from datetime import datetime

ENDLESS = ("pair",)


def may_last(source: str, *, start: datetime, end: datetime | None) -> bool:
    """A named pair's grant may have no end; any other ends, and after it began."""
    return source in ENDLESS if end is None else end > start


def adds_nothing(end: datetime | None, *, held: Collection[datetime | None]) -> bool:
    """Whether a grant until ``end`` opens nothing that grants ending at ``held`` do not (None = no end)."""
    return any(other is None or (end is not None and other >= end) for other in held)


def following(pair: Collection[int], *, held: Collection[int]) -> tuple[list[int], list[int]]:
    """Whom to let in, in the pair's order, and whom to let out, when ``pair`` answers and ``held`` could open."""
    return [one for one in dict.fromkeys(pair) if one not in held], sorted(set(held) - set(pair))
