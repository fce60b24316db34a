"""What a message must hold before it may leave."""

import unicodedata
from dataclasses import dataclass, replace
from uuid import UUID

URGENCIES = ("normal", "today", "urgent")
LONGEST = {"caller_name": 120, "caller_company": 120, "reason": 5000, "promise": 240}
LONGEST_REPLY = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What the secretary wrote. ``submission`` is chosen by the form; ``person_id`` is whom the caller asked for."""

    submission: UUID
    person_id: int | None = None
    caller_name: str = ""
    caller_company: str = ""
    caller_number: str = ""
    number_read_back: bool = False
    reason: str = ""
    urgency: str = "normal"
    promise: str = ""
    partial: bool = False


def tidied(taken: Taken) -> Taken:
    """The same words, without what no person typed: control characters, spaces at the ends, broken surrogates."""
    return replace(
        taken,
        caller_name=one_line(taken.caller_name),
        caller_company=one_line(taken.caller_company),
        caller_number=one_line(taken.caller_number),
        promise=one_line(taken.promise),
        reason=lines(taken.reason),
    )


def one_line(text: str) -> str:
    return " ".join(lines(text).split())


def lines(text: str) -> str:
    """Text that both the database and a letter can hold; ends of lines are kept."""
    sound = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    return "".join(one for one in sound if one in "\n\t" or unicodedata.category(one) != "Cc").strip()


def missing(taken: Taken) -> list[str]:
    """The fields without which nobody could act: a partial message needs a number or a reason, a bare name is nothing.

    A whole one needs the caller's name and the reason.
    """
    if taken.partial:
        return [] if taken.caller_number or taken.reason else ["caller_number", "reason"]
    return [name for name in ("caller_name", "reason") if not getattr(taken, name)]


def too_long(taken: Taken) -> tuple[str, int, int] | None:
    """The first field that is longer than what is kept: its name, its length, the most."""
    for name, most in LONGEST.items():
        if (length := len(getattr(taken, name))) > most:
            return name, length, most
    return None
