"""Keeps processes alive and ends them in order. It knows nothing of what they do.

A process that dies comes back after a delay that grows from half a second to thirty, and is forgotten once a process
has lived for a minute. Everything that they say goes to one stream, each line with its process's name. Every process
leads a session of its own (Ctrl-C is for the supervisor alone) and dies with the supervisor, however that dies.
"""

import asyncio
import json
import os
import shutil
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from permanence.config.logs import discreet, in_json
from permanence.database.embedded import DatabaseStartFailed, EmbeddedServer
from permanence.kernel.refusals import Refused
from permanence.kernel.refusals import marked as _

FIRST_DELAY, LONGEST_DELAY, STEADY_SECONDS = 0.5, 30.0, 60.0
GRACE_SECONDS = 5.0
LONGEST_LINE = 64 * 1024


class NoSetpriv(Refused):
    message = _("The program setpriv (package util-linux) is missing.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process to keep. ``ready`` says when it serves; ``absent`` is the exit code of one that has no work here.

    ``death`` is the signal that it gets when the supervisor is killed.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    ready: Callable[[], Awaitable[bool]] | None = None
    absent: int | None = None
    death: str = "KILL"


def print_line(name: str, line: str) -> None:
    """One line of the common stream."""
    if in_json():
        if not line.startswith("{"):
            at = datetime.now(UTC).isoformat(timespec="milliseconds")
            line = json.dumps(
                {"at": at, "level": "info", "process": name, "message": discreet(line)}, ensure_ascii=False
            )
        print(line, flush=True)  # noqa: T201 - the stream itself
    else:
        print(f"{name:<10} {discreet(line)}", flush=True)  # noqa: T201


class Supervisor:
    """Starts processes one after the other, keeps them, and stops them all, the last started first."""

    def __init__(self, told: Callable[[str, str], None] = print_line) -> None:
        self.stopping = asyncio.Event()
        self._told = told
        self._children: dict[str, asyncio.subprocess.Process] = {}
        self._kept: dict[str, asyncio.Task[None]] = {}

    async def run(self, process: Process) -> int:
        """To its end, once; the exit code."""
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            raise NoSetpriv
        child = await asyncio.create_subprocess_exec(
            *(setpriv, "--pdeathsig", process.death, *process.argv),
            env={**process.env, "PERMANENCE_PROCESS": process.name, "PYTHONUNBUFFERED": "1"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        self._children[process.name] = child
        if self.stopping.is_set():
            child.terminate()
        assert child.stdout is not None  # noqa: S101 - a pipe was asked for
        listening = asyncio.create_task(self.relay(process.name, child.stdout))
        code = await child.wait()
        del self._children[process.name]
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)  # what it left behind
        await asyncio.wait([listening], timeout=1)
        listening.cancel()
        return code

    async def relay(self, name: str, stream: asyncio.StreamReader) -> None:
        """Line by line, whatever the bytes and however long the line."""
        rest = b""
        while part := await stream.read(LONGEST_LINE):
            *lines, rest = (rest + part).split(b"\n")
            if len(rest) > LONGEST_LINE:
                lines, rest = [*lines, rest], b""
            for line in lines:
                self._told(name, line.decode(errors="replace").rstrip())
        if rest:
            self._told(name, rest.decode(errors="replace").rstrip())

    async def start(self, process: Process) -> None:
        """Keep ``process`` from now on; returns once it is ready, or absent, or all is being stopped."""
        kept = self._kept[process.name] = asyncio.create_task(self._keep(process))
        while process.ready is not None and not kept.done() and not self.stopping.is_set():
            if await process.ready():
                break
            await asyncio.sleep(0.1)

    def keeps(self, name: str) -> bool:
        """Whether ``name`` is kept alive: neither absent nor being stopped."""
        return name in self._kept and not self._kept[name].done() and not self.stopping.is_set()

    async def _keep(self, process: Process) -> None:
        delay = FIRST_DELAY
        while not self.stopping.is_set():
            born = time.monotonic()
            code = await self.run(process)
            if self.stopping.is_set() or code == process.absent:
                return
            delay = FIRST_DELAY if time.monotonic() - born > STEADY_SECONDS else delay
            self._told(process.name, f"ended with code {code}, starts again in {delay:g} s")
            delay = await self._pause(delay)

    async def keep_database(self, server: EmbeddedServer) -> None:
        """Bring ``server`` back whenever it dies; its processes are forked by this thread."""
        delay = FIRST_DELAY
        while not await self._stopped_within(0.2):
            if server.is_running():
                continue
            self._told("database", f"ended, starts again in {delay:g} s")
            delay = await self._pause(delay)
            if not self.stopping.is_set():
                server.launch()
                with suppress(DatabaseStartFailed):  # sessions of the dead server are still letting go
                    await asyncio.to_thread(server.wait_ready)
                    delay = FIRST_DELAY

    async def _pause(self, delay: float) -> float:
        await self._stopped_within(delay)
        return min(2 * delay, LONGEST_DELAY)

    async def _stopped_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)
        return self.stopping.is_set()

    async def stop(self) -> None:
        """Ask every process to end, the last started first; after a grace, end it."""
        self.stopping.set()
        for child in reversed(list(self._children.values())):
            with suppress(ProcessLookupError):
                child.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        while self._children and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        for child in self._children.values():
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
        if self._kept:
            await asyncio.wait(self._kept.values(), timeout=2)
