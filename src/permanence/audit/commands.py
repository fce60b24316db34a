"""``permanence bench log``: what a leaf costs beside a plain INSERT, on a server made for the measure."""

import argparse
import json
import time
from hashlib import sha256

import psycopg

from permanence.database.benchmarks import Measured, Script, print_line, side_by_side, throwaway_database
from permanence.database.embedded import OWNER, EmbeddedServer

CLIENTS = 200
PLAIN = """
create table plain_leaf (
    id bigint generated always as identity primary key, client_id bigint, number bigint, at timestamptz,
    body text, leaf_hash bytea
);
grant select, insert on plain_leaf to permanence_app
"""
COMMITMENT = sha256(bytes(16) + b"Nadia Benali").hexdigest()
BODY = json.dumps(
    {
        "act": "MessageOpened",
        "actor": {"id": "12", "role": "secretary"},
        "at": "2026-11-23T14:30:00.000000Z",
        "facts": {"client_id": 1, "message_id": 4321},
        "personal": {"actor_name": COMMITMENT},
    },
    separators=(",", ":"),
)
OPENINGS = json.dumps({"actor_name": ["00" * 16, "Nadia Benali"]})
INSERT = "insert into plain_leaf (client_id, number, at, body, leaf_hash)"
VALUES = f" values (:client, 0, now(), '{BODY}', decode('{COMMITMENT}', 'hex'));\n"
ONE = "\\set client 1\n"
MANY = f"\\set client random(1, {CLIENTS})\n"


def bench_log(argv: list[str]) -> int:
    """Prints JSON lines: the latency of one append, then appends a second on one client and on two hundred."""
    parser = argparse.ArgumentParser(prog="permanence bench log", description="A leaf beside a plain INSERT.")
    parser.add_argument("--seconds", type=int, default=2, help="how long each round of each case runs (default 2)")
    seconds = parser.parse_args(argv).seconds
    with throwaway_database() as server:
        with psycopg.connect(server.url(OWNER), autocommit=True) as owner:
            owner.execute(PLAIN)
        _make_clients()
        for openings, name in (("{}", "one client, p50"), (OPENINGS, "one client, a name committed, p50")):
            ours, peer = _measure(server, ONE, 1, seconds, openings)
            print_line("log", name, ours=ours.p50_ms, peer=peer.p50_ms, peer_name="plain INSERT", unit="ms")
        for clients, connections, name in (
            (ONE, 1, "one client, 1 connection"),
            (ONE, 8, "one client, 8 connections"),
            (MANY, 8, f"{CLIENTS} clients, 8 connections"),
        ):
            ours, peer = _measure(server, clients, connections, seconds, "{}")
            rates = {"ours": ours.per_second, "peer": peer.per_second}
            print_line("log", name, **rates, peer_name="plain INSERT", unit="appends/s")
    return 0


def _make_clients() -> None:
    """The clients' own part lies above this one: it is asked by its name."""
    from django.apps import apps

    client = apps.get_model("clients", "Client")
    made = (client(pk=number, name=f"Client {number}", monogram=f"{number:02X}") for number in range(1, CLIENTS + 1))
    client.objects.using("owner").bulk_create(made)


def _measure(
    server: EmbeddedServer, clients: str, connections: int, seconds: int, openings: str
) -> tuple[Measured, Measured]:
    from permanence.database.context import sign

    context = sign("system", "bench", "*", expiry=int(time.time()) + 3600)
    append = Script(f"{clients}select append_leaf(:client, '{BODY}', '{openings}');\n", context=context)
    plain = Script(clients + INSERT + VALUES, context=context)
    return side_by_side(server, append, plain, connections=connections, seconds=seconds)
