"""``permanence bench isolation``: what row-level security costs beside the same queries without it."""

import argparse
import time
from datetime import UTC, datetime
from typing import Any

import psycopg

from permanence.database.benchmarks import Script, print_line, side_by_side, throwaway_database
from permanence.database.embedded import OWNER

CLIENTS, SECRETARIES, OPEN_TO_EACH, ROWS = 200, 50, 16, 50_000
FIRST = 5_000_000  # the ids begin here, so that a test may fill a database that others use
_PAGES = {
    "one client by its id": "select * from clients_client where id = {first}",
    "the 50 newest calls of her clients": "select * from calls_call{of_hers} order by started_at desc limit 50",
    "the 50 newest messages of one client":
    "select * from messaging_message where client_id = {first} order by taken_at desc limit 50",
    "the 50 newest calls that she took":
    "select * from calls_call where secretary_id = {first} order by started_at desc limit 50",
}  # fmt: skip


def bench_isolation(argv: list[str]) -> int:
    """Prints JSON lines: a page's query in its transaction, isolated with a signed context, then as a superuser."""
    parser = argparse.ArgumentParser(prog="permanence bench isolation", description="Row-level security or none.")
    parser.add_argument("--seconds", type=int, default=2, help="how long each round of each case runs (default 2)")
    seconds = parser.parse_args(argv).seconds
    with throwaway_database() as server:
        fill()
        with psycopg.connect(server.url(OWNER), autocommit=True) as owner:
            owner.execute("analyze")
        from permanence.database.context import sign

        context = sign("user", str(FIRST), "-", expiry=int(time.time()) + 3600)
        hers = " where client_id in ({})".format(", ".join(str(FIRST + n) for n in range(OPEN_TO_EACH)))
        for case, query in _PAGES.items():
            set_context = f"select set_config('app.ctx', '{context}', true);"
            isolated, bare = query.format(first=FIRST, of_hers=""), query.format(first=FIRST, of_hers=hers)
            ours, peer = side_by_side(
                server,
                Script(f"begin;\n{set_context}\n{isolated};\nend;\n"),
                Script(f"begin;\n{bare};\nend;\n", role="postgres"),
                connections=1,
                seconds=seconds,
            )
            print_line("isolation", case, ours=ours.p50_ms, peer=peer.p50_ms, peer_name="no isolation", unit="ms")
    return 0


def fill() -> None:
    """A large bureau, written as the owner: two hundred clients, fifty secretaries, fifty thousand calls and messages.

    Secretary ``FIRST`` + n is the user ``FIRST`` + n and holds grants on sixteen clients from ``FIRST`` + 4 n on.
    """
    from django.apps import apps

    def make(name: str, rows: list[dict[str, Any]]) -> None:
        model: Any = apps.get_model(name)
        model.objects.using("owner").bulk_create(model(**row) for row in rows)

    now = datetime.now(UTC)
    clients, secretaries = range(CLIENTS), range(SECRETARIES)
    make("clients.Client", [{"pk": FIRST + n, "name": f"Client {n}", "monogram": chr(0x4E00 + n)} for n in clients])
    make(
        "bureau.User",
        [{"pk": FIRST + n, "email": f"{n}@bench.test", "name": f"Nadia {n}", "role": "secretary"} for n in secretaries],
    )
    make(
        "bureau.Secretary",
        [{"pk": FIRST + n, "user_id": FIRST + n, "extension": f"9{n}", "state_since_at": now} for n in secretaries],
    )
    pairs = [(n, (4 * n + k) % CLIENTS) for n in secretaries for k in range(OPEN_TO_EACH)]
    make(
        "trust.Grant",
        [
            {"client_id": FIRST + client, "secretary_id": FIRST + n, "source": "pair", "during": (now, None)}
            for n, client in pairs
        ],
    )
    make("calls.Line", [{"pk": FIRST, "client_id": FIRST, "number": "+33199005000"}])
    call = {"line_id": FIRST, "secretary_id": FIRST, "state": "done", "started_at": now, "ended_at": now}
    make("calls.Call", [{"client_id": FIRST, **call}])
    message = {"taken_by_id": FIRST, "taken_at": now, "submission": "0" * 32, "caller_name": "Mme Petit"}
    make("messaging.Message", [{"client_id": FIRST, **message}])
    _multiply("calls.Call", "gen_random_uuid()", "secretary_id", "started_at")
    _multiply("messaging.Message", "nextval('messaging_message_id_seq')", "taken_by_id", "taken_at")


def _multiply(name: str, key: str, secretary: str, at: str) -> None:
    """Copy the first client's row over all clients and their secretaries, one a minute back from now."""
    from django.apps import apps
    from django.db import connections

    model = apps.get_model(name)
    changed = {
        "id": key,
        "client_id": f"{FIRST} + n % {CLIENTS}",
        "submission": "gen_random_uuid()",
        secretary: f"{FIRST} + n % {CLIENTS} * {SECRETARIES} / {CLIENTS}",
        at: "now() - n * interval '1 minute'",
    }
    columns = [field.column for field in model._meta.local_concrete_fields]
    values = ", ".join(changed.get(column, f"t.{column}") for column in columns)
    table = model._meta.db_table
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            f"insert into {table} ({', '.join(columns)}) select {values}"  # noqa: S608
            f" from {table} t, generate_series(1, {ROWS} - 1) n where t.client_id = {FIRST}"
        )
