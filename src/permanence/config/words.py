"""The words of the command line: the French catalogue without Django, which filters do not load."""

import os
from collections.abc import Callable
from functools import cache
from gettext import translation
from pathlib import Path

CATALOGUE = Path(__file__).resolve().parents[3] / "locale"


def language() -> str:
    """French, unless the terminal's locale says English."""
    found = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "en" if found.startswith("en") else "fr"


@cache
def _catalogue() -> Callable[[str], str]:
    return translation("django", CATALOGUE, languages=[language()], fallback=True).gettext


def say(sentence: str) -> str:
    """``sentence`` in the language of the person at the terminal."""
    return _catalogue()(sentence)
