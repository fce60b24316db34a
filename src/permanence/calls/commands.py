"""``permanence calls route``, and what a routing decision costs (``permanence bench route``)."""

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING

from permanence.kernel.refusals import Refused
from permanence.kernel.refusals import marked as _

if TYPE_CHECKING:
    from permanence.calls.rules.routing import Candidate, Waiting

CLIENTS, SECRETARIES, KNOWN_BY = 400, 50, 17
NINE = datetime(2026, 11, 23, 8, tzinfo=UTC)
FLOORS = [("1 waiting, 15 idle", 1, 15), ("1 waiting, all idle", 1, 50), ("12 waiting, 2 idle", 12, 2)]
ROUNDS = 200


def route(argv: list[str]) -> int:
    """The filter: each line of standard input gets one line of standard output, at once; lines share no memory."""
    parser = argparse.ArgumentParser(
        prog="permanence calls route", description=Refused.translate(_("Who takes which waiting caller, now."))
    )
    parser.parse_args(argv)
    from permanence.calls.rules.lines import answer

    output = sys.stdout.buffer
    for line in sys.stdin.buffer:
        output.write(answer(line).encode() + b"\n")
        output.flush()
    return 0


def bench_route(argv: list[str]) -> int:
    """One decision for 400 clients and 50 secretaries, beside the choice of whoever has been idle for longest."""
    parser = argparse.ArgumentParser(
        prog="permanence bench route", description=Refused.translate(_("One routing decision."))
    )
    parser.parse_args(argv)
    from permanence.calls.rules.routing import decide
    from permanence.database.benchmarks import print_line

    chance = random.Random(1)  # noqa: S311 - a floor, not a secret
    rates = {f"c{n}": chance.random() * 4 for n in range(CLIENTS)}
    for case, callers, idle in FLOORS:
        waiting, secretaries = _floor(chance, callers, idle)
        ours = _milliseconds(lambda w=waiting, s=secretaries: decide(NINE, w, s, rates))  # type: ignore[misc]
        peer = _milliseconds(lambda w=waiting, s=secretaries: longest_idle(w, s))  # type: ignore[misc]
        print_line("route", case, ours=ours, peer=peer, peer_name="longest idle, same Python", unit="ms")
    return 0


def longest_idle(waiting: Sequence["Waiting"], secretaries: Sequence["Candidate"]) -> list[tuple[str, str]]:
    """What most queues do (``leastrecent``): first come, first served, by whoever has rested for longest."""
    free = sorted((one for one in secretaries if one.state == "idle"), key=lambda one: one.since)
    chosen = []
    for call in sorted(waiting, key=lambda call: call.since):
        for one in free:
            if one.may_take(call):
                chosen.append((call.call, one.id))
                free.remove(one)
                break
    return chosen


def _floor(chance: random.Random, callers: int, idle: int) -> tuple[list["Waiting"], list["Candidate"]]:
    from permanence.calls.rules.routing import Candidate, Waiting

    clients = [f"c{n}" for n in range(CLIENTS)]
    knowers = {client: set(chance.sample(range(SECRETARIES), KNOWN_BY)) for client in clients}
    secretaries = [
        Candidate(
            id=f"s{n}",
            state="idle" if n < idle else "busy",
            since=NINE - timedelta(seconds=chance.random() * 600),
            languages=frozenset({"fr"}),
            knows=frozenset(client for client in clients if n in knowers[client]),
            grants=frozenset(clients),
        )
        for n in range(SECRETARIES)
    ]
    since = [NINE - timedelta(seconds=chance.random() * 30) for _ in range(callers)]
    waiting = [Waiting(call=f"w{n}", client=chance.choice(clients), since=at) for n, at in enumerate(since)]
    return waiting, secretaries


def _milliseconds(decision: Callable[[], object]) -> float:
    spent = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        decision()
        spent.append(time.perf_counter() - began)
    return median(spent) * 1000
