"""One LISTEN connection for the whole process, and a queue for each open stream.

A notification only wakes the hub. It then gives the new notices their positions (``database.notices`` says why) and
reads everything after the last one that it passed on: a cut connection, a burst or a slow transaction loses nothing.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.db import connections

from permanence.database.notices import GIVE_POSITIONS, PG_CHANNEL, TAKE_TURN

QUEUE = 100
LISTENED_SECONDS = 20.0
_RETRY_SECONDS = 0.5
_AFTER = "select position, channel, kind, subject from database_notice where position > %s order by position limit 1000"
_SINCE = """
select position, channel, kind, subject from database_notice
where position > %(after)s and position <= %(until)s and at >= %(since)s and channel = any(%(channels)s)
order by position
"""
log = logging.getLogger("permanence.stream")


@dataclass(frozen=True, slots=True)
class Told:
    """A notice on its way to pages; ``event`` is its text on a stream, made once for all of them."""

    position: int
    channel: str
    kind: str
    subject: str
    event: bytes = field(repr=False)


def _told(row: tuple[int, str, str, str]) -> Told:
    position, channel, kind, subject = row
    data = json.dumps({"channel": channel, "kind": kind, "subject": subject}, separators=(",", ":"))
    return Told(position, channel, kind, subject, f"id: {position}\nevent: {kind}\ndata: {data}\n\n".encode())


@dataclass(frozen=True, slots=True)
class Start:
    """From where a page listens: after its last event, or from an instant on."""

    after: int = 0
    since: datetime = datetime(1970, 1, 1, tzinfo=UTC)


class Subscription:
    """One stream's queue, which begins after ``position``.

    ``lost`` is set when the stream was too slow, or when the process ends: the browser comes back.
    """

    def __init__(self, channels: Collection[str], position: int) -> None:
        self.channels = frozenset(channels)
        self.position = position
        self.queue: asyncio.Queue[Told] = asyncio.Queue(QUEUE)
        self.lost = asyncio.Event()

    def offer(self, told: Told) -> None:
        if told.channel in self.channels and told.position > self.position:
            try:
                self.queue.put_nowait(told)
            except asyncio.QueueFull:
                self.lost.set()


class Hub:
    """Passes each notice on, once and in order, to the streams whose channels include its own."""

    def __init__(self) -> None:
        self.position: int | None = None
        self._subscriptions: set[Subscription] = set()
        self._listening = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._listen_always())

    async def stop(self) -> None:
        self.close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task], timeout=2)

    def close(self) -> None:
        """End every stream: the process is being stopped."""
        for subscription in self._subscriptions:
            subscription.lost.set()

    @asynccontextmanager
    async def subscribed(self, channels: Collection[str]) -> AsyncIterator[Subscription]:
        """Everything after ``subscription.position`` on ``channels`` goes to its queue."""
        async with asyncio.timeout(5):
            await self._listening.wait()
        subscription = Subscription(channels, self.position or 0)
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    async def replay(self, subscription: Subscription, start: Start) -> list[Told]:
        """What a page missed before its queue began."""
        asked = {
            "after": start.after,
            "since": start.since,
            "until": subscription.position,
            "channels": list(subscription.channels),
        }
        # Another process of ours may have told the page more than this one has read so far.
        subscription.position = max(subscription.position, start.after)
        async with await _connect() as connection:
            return [_told(row) async for row in await connection.execute(_SINCE, asked)]

    async def _listen_always(self) -> None:
        while True:
            try:
                async with await _connect() as connection:
                    await self._listen(connection)
            except psycopg.OperationalError as error:
                log.warning("the database does not answer, notices wait: %s", error)
            self._listening.clear()
            await asyncio.sleep(_RETRY_SECONDS)

    async def _listen(self, connection: psycopg.AsyncConnection[Any]) -> None:
        await connection.execute(f"listen {PG_CHANNEL}")
        if self.position is None:  # the first time; after a cut, what was told meanwhile is read
            self.position = await self._last(connection)
        while True:
            await self._pass_on(connection)
            self._listening.set()
            async for _notification in connection.notifies(timeout=LISTENED_SECONDS, stop_after=1):
                pass

    async def _last(self, connection: psycopg.AsyncConnection[Any]) -> int:
        found = await (await connection.execute("select max(position) from database_notice")).fetchone()
        return int(found[0]) if found and found[0] else 0

    async def _pass_on(self, connection: psycopg.AsyncConnection[Any]) -> None:
        async with connection.transaction():
            await connection.execute(TAKE_TURN)
            await connection.execute(GIVE_POSITIONS)
        while rows := await (await connection.execute(_AFTER, [self.position])).fetchall():
            for row in rows:
                told = _told(row)
                self.position = told.position
                for subscription in self._subscriptions:
                    subscription.offer(told)


async def _connect() -> psycopg.AsyncConnection[Any]:
    given = connections["default"].get_connection_params()
    place = {key: given[key] for key in ("dbname", "user", "password", "host", "port", "sslmode") if given.get(key)}
    return await psycopg.AsyncConnection.connect(**place, autocommit=True, connect_timeout=5)
