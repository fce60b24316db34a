"""The daemon's memory on disk: calls' facts written in order, call by call, by processes beside the event loop."""

import asyncio
import ctypes
import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, connections

from permanence.database.context import EVERY_CLIENT, acting
from permanence.kernel.actor import system
from permanence.kernel.refusals import Refused

logger = logging.getLogger("permanence.telephony")
TELEPHONY = system("telephony")
LANES = 2
READER = LANES
PATIENCE_SECONDS = 120.0
LONGEST_PAUSE_SECONDS = 5.0
NICENESS = 20  # added to the daemon's own, which may be negative
_PR_SET_PDEATHSIG = 1


class Store:
    """Facts of one call are written in the order in which they were told; the ring never waits for them.

    Processes rather than threads: what the database costs in Python would hold up the loop. While the database is
    away, writes wait for it (two minutes at most): no call is lost for that.
    """

    def __init__(self) -> None:
        self._lanes: list[ProcessPoolExecutor | None] = [None] * (LANES + 1)
        self._pending: set[asyncio.Future[Any]] = set()

    async def warm(self) -> None:
        """Every lane is there before the first call."""
        await asyncio.gather(*(self._run(lane, _nothing) for lane in range(LANES + 1)))

    def close(self) -> None:
        """What was not written by now is found again in Asterisk and in its journal."""
        for child in multiprocessing.active_children():
            child.kill()
        for executor in filter(None, self._lanes):
            executor.shutdown(wait=False, cancel_futures=True)

    def write(self, act: Callable[..., Any], client_id: int, call_id: UUID, **given: Any) -> "asyncio.Future[None]":
        """Queue a use case of ``calls``; the future fails with the ``Refused`` that the caller may expect."""
        future = self._run(call_id.int % LANES, _write, act, client_id, call_id, given)
        self._pending.add(future)

        def told(done: "asyncio.Future[Any]") -> None:
            self._pending.discard(done)
            if done.cancelled() or (error := done.exception()) is None:
                return
            if isinstance(error, Refused):
                logger.info("%s was refused: %s", act.__name__, type(error).__name__)
            else:
                logger.error("%s was not written", act.__name__, exc_info=error)

        future.add_done_callback(told)
        return future

    async def read(self, query: Callable[..., Any], *given: Any) -> Any:
        """Anything else, as the telephone of the whole bureau sees it, beside the writes."""
        return await self._run(READER, _read, query, given)

    async def flush(self) -> None:
        """Wait for everything told so far."""
        if self._pending:
            await asyncio.wait(set(self._pending))

    def _run(self, lane: int, work: Callable[..., Any], *given: Any) -> "asyncio.Future[Any]":
        """Submitted before this returns, so that the order is kept."""
        return asyncio.ensure_future(self._await(lane, self._submit(lane, work, given), work, given))

    async def _await(
        self, lane: int, submitted: "asyncio.Future[Any]", work: Callable[..., Any], given: tuple[Any, ...]
    ) -> Any:
        try:
            return await submitted
        except BrokenExecutor:  # that process was killed: told again to another, for a fact may be told twice
            self._lanes[lane] = None
            return await self._submit(lane, work, given)

    def _submit(self, lane: int, work: Callable[..., Any], given: tuple[Any, ...]) -> "asyncio.Future[Any]":
        executor = self._lanes[lane]
        if executor is None:
            context = multiprocessing.get_context("spawn")
            executor = self._lanes[lane] = ProcessPoolExecutor(1, mp_context=context, initializer=_begin)
        return asyncio.wrap_future(executor.submit(work, *given))


def _begin() -> None:
    """The life of a lane: less urgent than the loop, and not longer than the daemon's."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    import django

    django.setup()


def _nothing() -> None:
    """What a lane does to have been started."""


def _write(act: Callable[..., Any], client_id: int, call_id: UUID, given: dict[str, Any]) -> None:
    def written() -> None:
        with acting(TELEPHONY, client_id):
            act(actor=TELEPHONY, call_id=call_id, **given)

    _patiently(written)


def _read(query: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    def answered() -> Any:
        with acting(TELEPHONY, EVERY_CLIENT):
            return query(*given)

    return _patiently(answered)


def _patiently(act: Callable[[], Any]) -> Any:
    """Try again while the database is away."""
    deadline, pause = time.monotonic() + PATIENCE_SECONDS, 0.1
    while True:
        try:
            return act()
        except (OperationalError, InterfaceError):
            connections.close_all()
            if time.monotonic() > deadline:
                raise
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
