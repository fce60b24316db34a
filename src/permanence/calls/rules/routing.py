"""Who takes which waiting caller, now: the same decision live, in a simulation and in the replay of a past day."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Literal

from permanence.calls.rules import sentences

State = Literal["idle", "busy", "away"]
PRIORITY_BONUS = timedelta(seconds=30)
LONGEST_HOLD = timedelta(seconds=10)
SHARES = {1: 1.0, 2: 0.35}
SHARE_OF_MANY = 0.1
DEFAULT_RATE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A caller who waits since ``since``. Ids are text; ``client_name`` is for the sentence."""

    call: str
    client: str
    since: datetime
    language: str = "fr"
    priority: bool = False
    client_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A secretary in ``state`` since ``since``: idle, busy (on duty with something else) or away (not on duty).

    ``pair_of`` gives, for each client whose named pair she is of, her rank (0 when unknown).
    """

    id: str
    state: State
    since: datetime
    languages: frozenset[str]
    knows: frozenset[str]
    grants: frozenset[str]
    pair_of: Mapping[str, int] = field(default_factory=dict)
    name: str = ""
    pronoun: str = "elle"

    def may_take(self, call: Waiting) -> bool:
        return call.language in self.languages and call.client in self.grants

    def is_knower(self, client: str) -> bool:
        return client in self.knows or client in self.pair_of


@dataclass(frozen=True, slots=True)
class Assignment:
    call: str
    secretary: str
    why: str


@dataclass(frozen=True, slots=True)
class Hold:
    """The call waits on; ask again at ``until``, or at the next change when None."""

    call: str
    until: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    assign: tuple[Assignment, ...]
    hold: tuple[Hold, ...]


def decide(
    at: datetime, waiting: Iterable[Waiting], secretaries: Iterable[Candidate], rates: Mapping[str, float]
) -> Decision:
    """Order callers by waiting time, then give each the free secretary whose loss is least.

    ``rates`` are calls an hour by client; a client without one counts for the others' mean. Each call is in exactly
    one of ``assign`` and ``hold``, or in neither when nobody on duty may ever take it.
    """
    on_duty = [one for one in secretaries if one.state != "away"]
    floor = _Floor([one for one in on_duty if one.state == "idle"], rates)
    assigned, held = [], []
    for call in sorted(waiting, key=lambda call: _turn(at, call)):
        able = [one for one in on_duty if one.may_take(call)]
        if not able:
            continue
        free = [one for one in able if one.id in floor.free]
        knowers = [one for one in able if one.is_knower(call.client)]
        waited = max(at - call.since, timedelta(0))
        until = min(call.since, at) + LONGEST_HOLD
        is_worth_a_hold = bool(knowers) and not call.priority and until > at
        chosen = floor.cheapest([one for one in knowers if one.id in floor.free])
        if chosen is None and not is_worth_a_hold:
            chosen = floor.cheapest(free)
        if chosen is None:
            best = min(knowers, key=lambda one: _seniority(call.client, one), default=None)
            held.append(Hold(call.call, until if free else None, sentences.hold(at, call, best, waited, bool(free))))
            continue
        floor.take(chosen)
        assigned.append(Assignment(call.call, chosen.id, sentences.assignment(at, call, chosen, knowers, waited)))
    return Decision(tuple(assigned), tuple(held))


def _turn(at: datetime, call: Waiting) -> tuple[timedelta, datetime, str]:
    """Who is served first sorts first: the longest wait, a priority counting for thirty seconds more."""
    bonus = PRIORITY_BONUS if call.priority else timedelta(0)
    return -(at - call.since + bonus), call.since, call.call


def _seniority(client: str, one: Candidate) -> tuple[bool, int, datetime, str]:
    """Of several knowers, the pair by rank, then who has been so for longest."""
    return client not in one.pair_of, one.pair_of.get(client, 0), one.since, one.id


class _Floor:
    """The free secretaries, and what each would be missed for.

    Loss(a) = sum over the accounts that a knows of the account's rate, in full when she is the only free knower,
    less when others could answer as well.
    """

    def __init__(self, idle: Sequence[Candidate], rates: Mapping[str, float]) -> None:
        self.free = {one.id: one for one in idle}
        self._rates = rates
        self._rate = sum(rates.values()) / len(rates) if rates else DEFAULT_RATE
        self._knowers: Counter[str] | None = None
        self._weight: dict[str, float] = {}

    def cheapest(self, those: Sequence[Candidate]) -> Candidate | None:
        """The one whose absence costs least; between equals, the longest idle."""
        if len(those) < 2:
            return those[0] if those else None
        if self._knowers is None:
            self._knowers = Counter(chain.from_iterable(map(_known, self.free.values())))
            self._weigh(self._knowers)
        weight = self._weight.__getitem__
        return min(those, key=lambda one: (round(sum(map(weight, _known(one))), 9), one.since, one.id))

    def take(self, one: Candidate) -> None:
        del self.free[one.id]
        if self._knowers is not None:
            known = _known(one)
            self._knowers.subtract(known)
            self._weigh(known)

    def _weigh(self, clients: Iterable[str]) -> None:
        knowers = self._knowers or Counter()
        for client in clients:
            share = SHARES.get(knowers[client], SHARE_OF_MANY)
            self._weight[client] = self._rates.get(client, self._rate) * share


def _known(one: Candidate) -> frozenset[str]:
    return one.knows.union(one.pair_of) if not one.knows.issuperset(one.pair_of) else one.knows
