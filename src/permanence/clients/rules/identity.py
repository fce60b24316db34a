"""How a company is told apart at a glance: two letters and a hue."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from itertools import product
from string import ascii_uppercase, digits

_LITTLE_WORDS = {"de", "des", "du", "la", "le", "les", "et", "l", "d", "sarl", "sas", "sasu", "eurl", "scp", "selarl"}


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE")).upper()
    return "".join(
        letter if letter in ascii_uppercase + digits else " " for letter in plain if not unicodedata.combining(letter)
    )


def _proposed(name: str) -> Iterable[str]:
    words = _letters(name).split()
    strong = [word for word in words if word.lower() not in _LITTLE_WORDS] or words
    if len(strong) > 1:
        yield strong[0][0] + strong[1][0]
        yield strong[0][0] + strong[-1][0]
    together = "".join(strong)
    yield from (together[0] + other for other in together[1:])
    first = together[:1] or "X"
    yield from (first + other for other in ascii_uppercase + digits)
    yield from ("".join(pair) for pair in product(ascii_uppercase + digits, repeat=2))


def monogram_for(name: str, taken: Collection[str]) -> str:
    """Two letters unlike any of ``taken``, as near to the name's initials as may be; empty when 1,296 are taken."""
    return next((two for two in _proposed(name) if two not in taken), "")


def hue_for(used: Mapping[str, int], hues: Iterable[str]) -> str:
    """The hue least used among the clients that the same secretaries serve; ties go to the first of ``hues``."""
    return min(hues, key=lambda hue: used.get(hue, 0))
