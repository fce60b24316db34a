"""The routing rule as a filter: one line of JSON in, one out (``permanence calls route``)."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn

from permanence.calls.rules.routing import Candidate, Decision, Waiting, decide
from permanence.kernel.refusals import Refused
from permanence.kernel.refusals import marked as _

MOST_CALLS_AN_HOUR = 1_000_000
STATES = ("idle", "busy", "away")


class Malformed(Refused):
    """``where`` is the field, as ``waiting[2].since``."""

    message = _("%(where)s: %(expected)s expected.")


class NotJson(Refused):
    message = _("This line is not a JSON object in UTF-8.")


def answer(line: bytes) -> str:
    """One line of JSON without its end: the decision, or ``{"error": …}`` when ``line`` cannot be read."""
    try:
        return _written(_as_json(decide(*_read(line))))
    except Refused as refusal:
        return _written({"error": str(refusal)})
    except OverflowError:
        return _written({"error": str(Malformed(where="since", expected="… 9999-12-31T23:59:49+00:00"))})


def _read(line: bytes) -> tuple[datetime, list[Waiting], list[Candidate], dict[str, float]]:
    try:
        given = json.loads(line.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise NotJson from error
    if not isinstance(given, dict):
        raise NotJson
    waiting = [_waiting(each, f"waiting[{n}]") for n, each in enumerate(_list(given, "waiting", ""))]
    secretaries = [_candidate(each, f"secretaries[{n}]") for n, each in enumerate(_list(given, "secretaries", ""))]
    _once([one.call for one in waiting], "waiting[].call")
    _once([one.id for one in secretaries], "secretaries[].id")
    return _instant(given, "at", ""), waiting, secretaries, _rates(given)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _waiting(given: Any, where: str) -> Waiting:
    _object(given, where)
    return Waiting(
        call=_text(given, "call", where),
        client=_text(given, "client", where),
        since=_instant(given, "since", where),
        language=_text(given, "language", where, default="fr"),
        priority=_flag(given, "priority", where),
    )


def _candidate(given: Any, where: str) -> Candidate:
    _object(given, where)
    state = given.get("state")
    if state not in STATES:
        raise Malformed(where=f"{where}.state", expected="idle, busy, away")
    return Candidate(
        id=_text(given, "id", where),
        state=state,
        since=_instant(given, "since", where),
        languages=_names(given, "languages", where),
        knows=_names(given, "knows", where, default=[]),
        grants=_names(given, "grants", where),
        pair_of=dict.fromkeys(_names(given, "pair_of", where, default=[]), 0),
    )


def _rates(given: dict[str, Any]) -> dict[str, float]:
    rates = given.get("rates")
    if rates is None:
        return {}
    _object(rates, "rates")
    for client, rate in rates.items():
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= MOST_CALLS_AN_HOUR:
            raise Malformed(where=f"rates[{client[:40]}]", expected="0 … 1000000")
    return {client: float(rate) for client, rate in rates.items()}


def _object(given: Any, where: str) -> None:
    if not isinstance(given, dict):
        raise Malformed(where=where, expected="{…}")


def _list(given: Mapping[str, Any], name: str, where: str, *, default: list[Any] | None = None) -> list[Any]:
    found = given.get(name, default)
    if not isinstance(found, list):
        raise Malformed(where=_place(where, name), expected="[…]")
    return found


def _names(given: Mapping[str, Any], name: str, where: str, *, default: list[Any] | None = None) -> frozenset[str]:
    found = _list(given, name, where, default=default)
    if not all(isinstance(each, str) for each in found):
        raise Malformed(where=_place(where, name), expected='["…"]')
    return frozenset(found)


def _text(given: Mapping[str, Any], name: str, where: str, *, default: str | None = None) -> str:
    found = given.get(name, default)
    if not isinstance(found, str):
        raise Malformed(where=_place(where, name), expected='"…"')
    return found


def _flag(given: Mapping[str, Any], name: str, where: str) -> bool:
    found = given.get(name, 0)
    if not isinstance(found, int) or found not in (0, 1):
        raise Malformed(where=_place(where, name), expected="0, 1")
    return bool(found)


def _instant(given: Mapping[str, Any], name: str, where: str) -> datetime:
    text = _text(given, name, where)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.utcoffset() is None:
        raise Malformed(where=_place(where, name), expected="2026-11-23T09:00:00+01:00")
    return found


def _once(names: list[str], where: str) -> None:
    if len(set(names)) < len(names):
        raise Malformed(where=where, expected="a ≠ b")


def _place(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _as_json(decision: Decision) -> dict[str, Any]:
    return {
        "assign": [{"call": one.call, "secretary": one.secretary, "why": one.why} for one in decision.assign],
        "hold": [
            {"call": one.call, "until": one.until.isoformat() if one.until else None, "why": one.why}
            for one in decision.hold
        ],
    }


def _written(found: dict[str, Any]) -> str:
    """UTF-8 for people's eyes; escapes where an id holds what UTF-8 cannot."""
    text = json.dumps(found, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(found)
    return text
