"""What the database's owner may do to a log, and how a replay finds it; and many writers at once.

These tests commit, so they write to logs of clients that do not exist.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import psycopg
import pytest
from django.db import connections

from permanence.audit.rules import Frontier, replay
from permanence.database.context import sign

_clients = count(9_000_001)
BODY = '{"act":"Noted","at":"2026-11-23T15:00:00Z","facts":{"n":%d}}'
pytestmark = pytest.mark.django_db


def connect(alias="default"):
    place = connections[alias].settings_dict
    return psycopg.connect(host=place["HOST"], dbname=place["NAME"], user=place["USER"])


def append(link, *clients, n=0):
    """One transaction that appends to each client's log, in the order given."""
    with link.transaction():
        for client in clients:
            link.execute("select set_config('app.ctx', %s, true)", [sign("system", "tests", str(client))])
            link.execute("select append_leaf(%s, %s)", [client, BODY % n])


def fits(owner, client, kept=None):
    """Whether a replay of the leaves gives the head's frontier, and passes by the root that the client kept."""
    rows = owner.execute(
        "select number, body from audit_logleaf where client_id = %s order by number", [client]
    ).fetchall()
    size, packed = owner.execute("select size, frontier from audit_loghead where client_id = %s", [client]).fetchone()
    bodies = [body.encode() for _, body in rows]
    whole = [number for number, _ in rows] == list(range(size))
    return (
        whole
        and replay(bodies) == Frontier.unpacked(size, packed)
        and (kept is None or (size >= kept[0] and replay(bodies[: kept[0]]).root == kept[1]))
    )


@pytest.fixture
def client() -> int:
    return next(_clients)


@pytest.fixture
def owner() -> Iterator[psycopg.Connection]:
    with connect("owner") as link:
        yield link


TAMPERING = {
    "edit": "update audit_logleaf set body = replace(body, 'Noted', 'Noised') where client_id = %s and number = 4",
    "delete": "delete from audit_logleaf where client_id = %s and number = 4",
    "cut the end": "delete from audit_logleaf where client_id = %s and number = 8",
    "insert": "insert into audit_logleaf values (%s, 9, now(), '{}', '')",
    "swap": "update audit_logleaf set number = case number when 2 then -3 else -2 end"
    " where client_id = %s and number in (2, 3); update audit_logleaf set number = - number where number < 0",
    "shrink the head": "update audit_loghead set size = 8 where client_id = %s",
}


@pytest.mark.parametrize("tampering", TAMPERING)
def test_a_replay_finds_what_the_owner_did(owner, client, tampering):
    with connect() as link:
        for n in range(9):
            append(link, client, n=n)
    assert fits(owner, client)
    for statement in TAMPERING[tampering].split(";"):
        owner.execute(statement, [client] if "%s" in statement else None)
    assert not fits(owner, client)
    owner.rollback()


def test_a_history_rewritten_whole_is_found_by_the_root_that_the_client_kept(owner, client):
    with connect() as link:
        for n in range(9):
            append(link, client, n=n)
    size, packed = owner.execute("select size, frontier from audit_loghead where client_id = %s", [client]).fetchone()
    kept = size, Frontier.unpacked(size, packed).root
    assert fits(owner, client, kept)
    owner.execute("delete from audit_logleaf where client_id = %s", [client])
    owner.execute("delete from audit_loghead where client_id = %s", [client])
    with owner.transaction():
        for n in range(100, 112):
            owner.execute("select set_config('app.ctx', %s, true)", [sign("system", "tests", str(client))])
            owner.execute("select append_leaf(%s, %s)", [client, BODY % n])
    assert fits(owner, client), "the rewritten log is coherent in itself"
    assert not fits(owner, client, kept), "but it does not pass by the root"
    owner.rollback()


def test_eight_writers_on_one_client_leave_no_gap_and_one_tree(owner, client):
    def write(writer):
        with connect() as link:
            for n in range(25):
                append(link, client, n=writer * 1000 + n)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert fits(owner, client)
    assert owner.execute("select size from audit_loghead where client_id = %s", [client]).fetchone() == (200,)


def test_the_second_writer_waits_for_the_first_one_to_give_up(owner, client):
    with connect() as first, connect() as second, ThreadPoolExecutor(1) as pool:
        first.execute("select set_config('app.ctx', %s, true)", [sign("system", "tests", str(client))])
        first.execute("select append_leaf(%s, %s)", [client, BODY % 1])
        waiting = pool.submit(append, second, client, n=2)
        with pytest.raises(TimeoutError):
            waiting.result(0.3)
        first.rollback()
        waiting.result(10)
    assert fits(owner, client)
    assert owner.execute("select count(*) from audit_logleaf where client_id = %s", [client]).fetchone() == (1,)


def test_writers_that_take_clients_in_ascending_order_never_block_each_other_for_good(owner):
    pair = sorted([next(_clients), next(_clients)])

    def write(writer):
        with connect() as link:
            for n in range(40):
                append(link, *pair, n=writer * 1000 + n)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert all(fits(owner, client) for client in pair)
