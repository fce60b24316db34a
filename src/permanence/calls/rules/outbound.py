"""Which number may be dialled for a client: none, unless his policy lists it and today's caps leave room.

Stolen credentials are turned into money by calling dear numbers: hence deny by default, and dear numbers only when
they are listed precisely.
"""

import re
from dataclasses import dataclass
from typing import Literal

from phonenumbers import NumberParseException, PhoneNumberType, number_type, parse

Refusal = Literal["not_a_number", "not_listed", "client_cap", "secretary_cap"]
FRANCE = 33
SATELLITE_AND_GLOBAL = frozenset({870, 878, 881, 882, 883, 888, 979})
DEAR = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.PERSONAL_NUMBER})
DIGITS_THAT_NAME_A_DEAR_RANGE = 3
_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_PREFIX = re.compile(r"\+[1-9]\d{0,14}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """``prefixes`` are beginnings of E.164 numbers; the caps count calls of one civil day."""

    prefixes: tuple[str, ...] = ()
    per_day: int = 0
    per_secretary_per_day: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """Calls gone out today, for the client and by the secretary."""

    by_client: int = 0
    by_secretary: int = 0


DENY = Policy()


def is_prefix(text: str) -> bool:
    """Whether ``text`` may stand in a policy."""
    return _PREFIX.fullmatch(text) is not None


def outbound(number: str, policy: Policy, used: Used) -> Refusal | None:
    """Why ``number`` (E.164) may not be dialled now; None when it may."""
    least = _least_prefix(number)
    if least is None:
        return "not_a_number"
    if not any(number.startswith(prefix) and len(prefix) >= least for prefix in policy.prefixes):
        return "not_listed"
    if used.by_client >= policy.per_day:
        return "client_cap"
    if used.by_secretary >= policy.per_secretary_per_day:
        return "secretary_cap"
    return None


def _least_prefix(number: str) -> int | None:
    """How long a listed prefix must be to open ``number``: the country at least, a precise range when it is dear."""
    if not _E164.fullmatch(number):
        return None
    try:
        parsed = parse(number)
    except NumberParseException:
        return None
    code = parsed.country_code or 0
    country = 1 + len(str(code))
    special_in_france = code == FRANCE and str(parsed.national_number).startswith("8")
    is_dear = special_in_france or number_type(parsed) in DEAR
    if is_dear and code not in SATELLITE_AND_GLOBAL:
        return country + DIGITS_THAT_NAME_A_DEAR_RANGE
    return country
