"""``permanence bench pages``: what isolation costs a page, and how live the streams are.

A page: signed in, the whole middleware, a list of 30 out of 50,000 rows; its peer is the same page as the database's
superuser, without context or policies. CPU is this process's and its database session's, in turns. Streams: 200 open
pages hear the same notices, a tenth of them reconnecting all the time; their peer is one bare LISTEN connection.
"""

import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

from permanence.database.benchmarks import print_line, throwaway_database
from permanence.database.embedded import APPLICATION, EmbeddedServer

CLIENTS, ROWS, PAGE = 50, 1000, 30
ROUNDS, REQUESTS = 6, 100
STREAMS, EVENTS, PAUSE_SECONDS = 200, 100, 0.1
TICK = os.sysconf("SC_CLK_TCK")


def bench_pages(argv: list[str]) -> int:
    """Prints JSON lines. Takes no options."""
    del argv
    with throwaway_database() as server:
        cookies = _make_rows()
        _measure_pages(cookies)
        asyncio.run(_measure_streams(server, cookies))
    return 0


def _make_rows() -> str:
    """Fifty clients with a thousand questions each; the cookies of a secretary who holds a grant on one of them."""
    from django.test import Client as Browser

    from permanence.bureau.models import Secretary, User
    from permanence.clients.models import Client, KnowledgeEntry
    from permanence.database.context import EVERY_CLIENT, acting
    from permanence.kernel.actor import system
    from permanence.kernel.clock import now
    from permanence.trust.models import Grant

    user = User.objects.create(email="bench@permanence.test", name="Nadia Benali", role="secretary")
    secretary = Secretary.objects.create(user=user, extension="201", state_since_at=now())
    with acting(system("bench"), EVERY_CLIENT):
        clients = Client.objects.bulk_create(
            Client(name=f"Client {number}", trade="other", monogram=f"{number:02}", hue="azur")
            for number in range(CLIENTS)
        )
        KnowledgeEntry.objects.bulk_create(
            (
                KnowledgeEntry(client=client, question=f"Question {number}", answer="Réponse", edited_by=user)
                for number in range(ROWS)
                for client in clients
            ),
            batch_size=5000,
        )
        Grant.objects.create(client=clients[0], secretary=secretary, source="pair", during=(now(), None))
    browser = Browser()
    browser.force_login(user)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items())


def _measure_pages(cookies: str) -> None:
    from django.conf import settings
    from django.test import override_settings

    plain = [one for one in settings.MIDDLEWARE if not one.endswith("actor_middleware")]
    sides = {"isolated": (APPLICATION, settings.MIDDLEWARE), "bare": ("postgres", plain)}
    taken: dict[str, list[tuple[float, float]]] = {path: [] for path in sides}
    given = {"ROOT_URLCONF": "permanence.config.bench_views", "STAFF_MFA": False, "DEBUG": False}
    for _round in range(ROUNDS):
        for path, (role, middleware) in sides.items():
            with override_settings(**given, MIDDLEWARE=middleware, ALLOWED_HOSTS=["testserver"]):
                taken[path].append(_cpu(f"/{path}/", role, cookies))
    for case, place in (("list of 30 rows, Python's CPU", 0), ("list of 30 rows, CPU with the database's", 1)):
        ours, peer = (1000 * median(one[place] for one in taken[path]) for path in ("isolated", "bare"))
        print_line("pages", case, ours=ours, peer=peer, peer_name="the same page without isolation", unit="ms")


def _cpu(path: str, role: str, cookies: str) -> tuple[float, float]:
    """Seconds a page: this process alone, and with its database session."""
    from django.db import connection
    from django.test import Client as Browser

    connection.close()
    connection.settings_dict["USER"] = role
    browser = Browser(HTTP_COOKIE=cookies)
    rows = browser.get(path).content.count(b"<tr>")
    if rows != PAGE:
        raise RuntimeError(f"{path} shows {rows} rows")
    with connection.cursor() as cursor:
        cursor.execute("analyze" if role == "postgres" else "select 1")
        cursor.execute("select pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    ours, theirs = time.process_time(), _ticks(stat)
    for _request in range(REQUESTS):
        browser.get(path)
    python = time.process_time() - ours
    return python / REQUESTS, (python + (_ticks(stat) - theirs) / TICK) / REQUESTS


def _ticks(stat: Path) -> int:
    fields = stat.read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


async def _measure_streams(server: EmbeddedServer, cookies: str) -> None:
    from django.conf import settings

    with socket.socket() as probe, TemporaryDirectory(prefix="permanence-bench-") as folder:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        environment = {
            **os.environ,
            "DATABASE_URL": server.url(APPLICATION),
            "PERMANENCE_DATA": folder,
            "PERMANENCE_PORT": str(port),
            "PERMANENCE_SECRET_KEY": settings.SECRET_KEY,
            "PERMANENCE_CONTEXT_KEY": settings.CONTEXT_KEY.decode(),
            "PERMANENCE_LOG_LEVEL": "ERROR",
        }
        web = subprocess.Popen([sys.executable, "-m", "permanence", "web"], env=environment)
        try:
            await _listen_and_tell(server, port, cookies)
        finally:
            web.terminate()
            web.wait(timeout=10)


class _Page:
    """One open page: what it heard, and how long each notice took."""

    def __init__(self, port: int, cookie: str) -> None:
        self._port, self._cookie = port, cookie
        self.heard: list[int] = []
        self.latencies: list[float] = []
        self._last = 0
        self.open = asyncio.Event()

    async def live(self, *, restless: bool) -> None:
        while True:
            with suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
                async with asyncio.timeout(random.uniform(0.5, 2) if restless and self.open.is_set() else None):  # noqa: S311
                    await self._listen()
            await asyncio.sleep(0.05)

    async def _listen(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        last = f"Last-Event-ID: {self._last}\r\n" if self._last else ""
        writer.write(f"GET /stream/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {self._cookie}\r\n{last}\r\n".encode())
        try:
            while line := await reader.readline():
                if line.startswith(b"retry:"):
                    self.open.set()
                elif line.startswith(b"id: "):
                    self._last = int(line[4:])
                elif line.startswith(b'data: {"channel"'):
                    number, _colon, told = json.loads(line[6:])["subject"].partition(":")
                    self.heard.append(int(number))
                    self.latencies.append(time.time() - float(told))
        finally:
            writer.close()


async def _listen_and_tell(server: EmbeddedServer, port: int, cookie: str) -> None:
    import psycopg

    from permanence.database.notices import PG_CHANNEL

    pages = [_Page(port, cookie) for _ in range(STREAMS)]
    living = [asyncio.create_task(page.live(restless=place % 10 == 0)) for place, page in enumerate(pages)]
    await asyncio.gather(*(page.open.wait() for page in pages))
    bare: list[float] = []
    async with (
        await psycopg.AsyncConnection.connect(server.url(APPLICATION), autocommit=True) as listening,
        await psycopg.AsyncConnection.connect(server.url(APPLICATION), autocommit=True) as telling,
    ):
        await listening.execute(f"listen {PG_CHANNEL}")

        async def listen_bare() -> None:
            async for notice in listening.notifies():
                bare.append(time.time() - float(notice.payload))

        living.append(asyncio.create_task(listen_bare()))
        for number in range(EVENTS):
            at = time.time()
            statement = (
                "with told as (insert into database_notice (channel, kind, subject, at)"
                " values ('bureau', 'queue', %s, now()) returning id) select pg_notify(%s, %s) from told"
            )
            await telling.execute(statement, [f"{number}:{at}", PG_CHANNEL, str(at)])
            await asyncio.sleep(PAUSE_SECONDS)
        await _until(lambda: all(len(page.heard) >= EVENTS for page in pages))
        for task in living:
            task.cancel()
        await asyncio.gather(*living, return_exceptions=True)
    _report(pages, bare)


async def _until(done: Any) -> None:
    deadline = time.monotonic() + 10
    while not done() and time.monotonic() < deadline:
        await asyncio.sleep(0.05)


def _report(pages: list[_Page], bare: list[float]) -> None:
    steady = [latency for place, page in enumerate(pages) if place % 10 for latency in page.latencies]
    ours, peer = (quantiles(one, n=100) for one in (steady, bare))
    for name, place in (("p50", 49), ("p99", 98)):
        case, peer_name = f"{STREAMS} open streams, notice to page, {name}", "one bare LISTEN"
        print_line("pages", case, ours=1000 * ours[place], peer=1000 * peer[place], peer_name=peer_name, unit="ms")
    heard, told = sum(len(set(page.heard)) for page in pages), STREAMS * EVENTS
    case, peer_name = "notices heard, a tenth of the pages reconnecting", "notices told"
    print_line("pages", case, ours=heard, peer=told, peer_name=peer_name, unit="notices")
    right = sum(page.heard == list(range(EVENTS)) for page in pages)
    case, peer_name = "pages that heard each notice once and in order", "pages"
    print_line("pages", case, ours=right, peer=STREAMS, peer_name=peer_name, unit="pages")
