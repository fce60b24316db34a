"""The one waiting room: who waits, who may be rung, and the rule that joins them."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from permanence.calls.queries import Directory, SoftphoneRoute
from permanence.calls.rules.routing import Candidate, Waiting, decide
from permanence.kernel.clock import now

if TYPE_CHECKING:
    from permanence.telephony.call import Call

UNREACHABLE_SECONDS = 30.0
SPARED_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Offer:
    """Ring this secretary; ``why`` is the rule's sentence, in French."""

    secretary_id: int
    endpoint: str
    why: str


@dataclass(frozen=True, slots=True)
class OnHold:
    """Nobody yet; ``why`` says for whom the caller waits."""

    why: str


@dataclass(frozen=True, slots=True)
class Hopeless:
    """Nobody on duty may ever take this call."""


class WaitingRoom:
    """Callers enter, the rule is asked at each change, and each gets an ``Offer``, a reason to wait, or no hope.

    A secretary is given one call at a time: she is ``taken`` from the offer until the call is written as ended and
    the directory read again.
    """

    def __init__(self, directory: Directory) -> None:
        self._know(directory)
        self.taken: dict[int, str] = {}
        self._waiting: dict[str, Call] = {}
        self._reachable: set[str] = set()
        self._silent_since: dict[str, float] = {}
        self._spared: dict[int, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def renew(self, directory: Directory) -> None:
        """What the database knows has changed."""
        self._know(directory)
        self.route()

    def _know(self, directory: Directory) -> None:
        self.directory = directory
        self._everybody = directory.candidates(now())
        self._phones_of: dict[int, list[SoftphoneRoute]] = defaultdict(list)
        for phone in directory.softphones:
            self._phones_of[phone.secretary_id].append(phone)
        self._rates = directory.rates()

    def reach(self, endpoints: Iterable[str]) -> None:
        """Exactly these softphones are registered now."""
        self._reachable = set(endpoints)
        self.route()

    def reachable(self, endpoint: str, is_reachable: bool) -> None:
        if is_reachable:
            self._reachable.add(endpoint)
            self._silent_since.pop(endpoint, None)
        else:
            self._reachable.discard(endpoint)
            self._silent_since[endpoint] = time.monotonic()
        self.route()

    def enter(self, call: "Call") -> None:
        self._waiting[call.channel] = call
        self.route()

    def leave(self, call: "Call") -> None:
        self._waiting.pop(call.channel, None)

    def waits(self, call: "Call") -> bool:
        return call.channel in self._waiting

    def release(self, secretary_id: int, channel: str, *, spare: bool = False) -> None:
        """She may be rung again; ``spare`` her for a moment when she has just let it ring."""
        if self.taken.get(secretary_id) == channel:
            del self.taken[secretary_id]
        if spare:
            self._spared[secretary_id] = time.monotonic() + SPARED_SECONDS
        self.route()

    def route(self) -> None:
        """Ask the rule, and tell each waiting caller what it says."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if not self._waiting:
            return
        at = now()
        waiting = [_waiting(call) for call in self._waiting.values()]
        decision = decide(at, waiting, self._candidates(), self._rates)
        told = set()
        for one in decision.assign:
            told.add(one.call)
            secretary_id = int(one.secretary)
            call = self._waiting.pop(one.call)
            self.taken[secretary_id] = call.channel
            call.tell(Offer(secretary_id, self.endpoint_of(secretary_id) or "", one.why))
        for held in decision.hold:
            told.add(held.call)
            self._waiting[held.call].tell(OnHold(held.why))
            if held.until:
                self._ask_again((held.until - at).total_seconds())
        for channel in self._waiting.keys() - told:
            self._waiting[channel].tell(Hopeless())

    def endpoint_of(self, secretary_id: int) -> str | None:
        """The newest of her registered softphones."""
        found = [phone for phone in self._phones(secretary_id) if phone.username in self._reachable]
        return found[-1].username if found else None

    def endpoints_for(self, client_id: int) -> list[str]:
        """The softphones of those who may answer for a client, the named pair first."""
        at = now()
        client = self.directory.clients.get(client_id)
        pair = client.pair if client else ()
        granted = [
            one.id for one in self.directory.secretaries.values() if one.may_open(client_id, at) and one.takes_calls
        ]
        granted.sort(key=lambda one: (one not in pair, pair.index(one) if one in pair else 0))
        return [phone.username for one in granted for phone in self._phones(one)]

    def _phones(self, secretary_id: int) -> list[SoftphoneRoute]:
        return self._phones_of.get(secretary_id, [])

    def _candidates(self) -> list[Candidate]:
        at = time.monotonic()
        self._spared = {one: until for one, until in self._spared.items() if until > at}
        if self._spared:
            self._ask_again(min(self._spared.values()) - at + 0.05)
        busy = {str(one) for one in (*self.taken, *self._spared)}
        return [replace(one, state="busy") if one.id in busy else self._seen(one, at) for one in self._everybody]

    def _seen(self, one: Candidate, at: float) -> Candidate:
        """Without a telephone she is no help: busy while it may come back, away when it has been silent for long."""
        if one.state != "idle" or self.endpoint_of(int(one.id)):
            return one
        silent = [self._silent_since.setdefault(phone.username, at) for phone in self._phones(int(one.id))]
        is_coming_back = bool(silent) and at - max(silent) < UNREACHABLE_SECONDS
        if is_coming_back:
            self._ask_again(UNREACHABLE_SECONDS + 0.05)
        return replace(one, state="busy" if is_coming_back else "away")

    def _ask_again(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        when = loop.time() + max(seconds, 0.05)
        if self._timer is None or when < self._timer.when():
            if self._timer:
                self._timer.cancel()
            self._timer = loop.call_at(when, self.route)


def _waiting(call: "Call") -> Waiting:
    return Waiting(
        call=call.channel,
        client=str(call.line.client_id),
        since=call.since,
        language=call.client.language,
        priority=call.client.priority,
        client_name=call.client.name,
    )
