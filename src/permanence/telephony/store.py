"""The daemon's memory on disk: calls' facts written in order, call by call, off the event loop."""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, connections

from permanence.database.context import EVERY_CLIENT, acting
from permanence.kernel.actor import system
from permanence.kernel.refusals import Refused

logger = logging.getLogger("permanence.telephony")
TELEPHONY = system("telephony")
LANES = 4
PATIENCE_SECONDS = 120.0
LONGEST_PAUSE_SECONDS = 5.0


class Store:
    """Facts of one call are written in the order in which they were told; the ring never waits for them.

    While the database is away, writes wait for it (two minutes at most): no call is lost for that.
    """

    def __init__(self) -> None:
        self._lanes = [ThreadPoolExecutor(1, thread_name_prefix=f"store-{number}") for number in range(LANES)]
        self._pending: set[asyncio.Future[Any]] = set()

    def write(self, act: Callable[..., Any], client_id: int, call_id: UUID, **given: Any) -> "asyncio.Future[Any]":
        """Queue a use case of ``calls``; the future holds its result, or the ``Refused`` that the caller may expect."""
        lane = self._lanes[call_id.int % LANES]
        loop = asyncio.get_running_loop()

        def written() -> Any:
            with acting(TELEPHONY, client_id):
                return act(actor=TELEPHONY, call_id=call_id, **given)

        return self._follow(loop.run_in_executor(lane, _patiently, written), act.__name__)

    async def read(self, query: Callable[..., Any], *given: Any) -> Any:
        """Anything else, seen by the telephone of the whole bureau, off the loop and out of the order."""

        def answered() -> Any:
            with acting(TELEPHONY, EVERY_CLIENT):
                return query(*given)

        return await asyncio.to_thread(_patiently, answered)

    async def flush(self) -> None:
        """Wait for everything told so far."""
        if self._pending:
            await asyncio.wait(set(self._pending))

    def _follow(self, future: "asyncio.Future[Any]", name: str) -> "asyncio.Future[Any]":
        self._pending.add(future)

        def told(done: "asyncio.Future[Any]") -> None:
            self._pending.discard(done)
            if done.cancelled() or (error := done.exception()) is None:
                return
            if isinstance(error, Refused):
                logger.info("%s was refused: %s", name, type(error).__name__)
            else:
                logger.error("%s was not written", name, exc_info=error)

        future.add_done_callback(told)
        return future


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
