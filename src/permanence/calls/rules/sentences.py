"""Why a caller goes to this secretary, or waits: one sentence in French, at most 200 characters.

It is written when the choice is made and kept as evidence, so it is not translated afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from permanence.calls.rules.routing import Candidate, Waiting

LONGEST = 200
LONGEST_NAME = 40
NBSP, THIN = "\u00a0", "\u202f"


def assignment(at: datetime, call: Waiting, chosen: Candidate, knowers: Sequence[Candidate], waited: timedelta) -> str:
    """« Proposé à Léa : elle connaît Durand (2e du binôme), Inès est en ligne depuis 2 min ; attente 6 s. »"""
    client = _short(call.client_name or call.client)
    if chosen.is_knower(call.client):
        reason = f"{chosen.pronoun} connaît {client}{_rank(call.client, chosen)}"
    elif knowers:
        reason = f"personne qui connaît {client} n’est libre"
    else:
        reason = f"personne en poste ne connaît encore {client}"
    better = _better(call.client, chosen, knowers)
    beside = f", {name(better)} {_doing(at, better)}" if better else ""
    priority = f"{THIN}; client prioritaire" if call.priority else ""
    return _cut(f"Proposé à {name(chosen)}{NBSP}: {reason}{beside}{priority}{THIN}; attente {duration(waited)}.")


def hold(at: datetime, call: Waiting, knower: Candidate | None, waited: timedelta, has_free: bool) -> str:
    """Why the caller waits on, and what ends the wait."""
    client = _short(call.client_name or call.client)
    wait = f"{THIN}; attente {duration(waited)}."
    if has_free and knower is not None:
        return _cut(
            f"Réservé à {name(knower)}{NBSP}: {knower.pronoun} connaît {client}{_rank(call.client, knower)} et "
            f"{_doing(at, knower)}{THIN}; proposé aux autres à 10{NBSP}s d’attente{wait}"
        )
    return _cut(f"En attente{NBSP}: personne n’est libre pour {client}{wait}")


def name(one: Candidate) -> str:
    """The first name, or the id when the caller of the rule gave no name."""
    return _short(one.name or one.id)


def duration(span: timedelta) -> str:
    """« 6 s », « 2 min », « 1 h 05 »."""
    seconds = max(int(span.total_seconds()), 0)
    if seconds < 60:
        return f"{seconds}{NBSP}s"
    if seconds < 3600:
        return f"{seconds // 60}{NBSP}min"
    return f"{seconds // 3600}{NBSP}h{NBSP}{seconds % 3600 // 60:02d}"


def _better(client: str, chosen: Candidate, knowers: Sequence[Candidate]) -> Candidate | None:
    """The member of the pair who would have come before the chosen one, and is taken."""
    rank = chosen.pair_of.get(client, len(knowers) + 1)
    busy = [one for one in knowers if one.id != chosen.id and one.state == "busy" and client in one.pair_of]
    before = [one for one in busy if one.pair_of[client] < rank]
    return min(before, key=lambda one: (one.pair_of[client], one.id), default=None)


def _rank(client: str, one: Candidate) -> str:
    rank = one.pair_of.get(client)
    if rank is None:
        return ""
    return {0: " (binôme)", 1: f" (1re{NBSP}du binôme)"}.get(rank, f" ({rank}e{NBSP}du binôme)")


def _doing(at: datetime, one: Candidate) -> str:
    return f"est en ligne depuis {duration(at - one.since)}" if one.state == "busy" else "prend un autre appel"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…"


def _cut(sentence: str) -> str:
    return sentence if len(sentence) <= LONGEST else sentence[: LONGEST - 1] + "…"
