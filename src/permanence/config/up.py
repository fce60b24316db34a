"""``permanence up``: the whole installation under one supervisor, in the order of the architecture."""

import argparse
import asyncio
import fcntl
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO
from urllib.error import URLError
from urllib.request import urlopen

from permanence.config.commands import ABSENT
from permanence.config.supervisor import Process, Supervisor, print_line
from permanence.config.words import say
from permanence.database.embedded import EmbeddedServer, announce
from permanence.kernel.refusals import Refused
from permanence.kernel.refusals import marked as _

PERMANENCE = [sys.executable, "-m", "permanence"]
PHONE_PATIENCE_SECONDS = 20.0


class PortTaken(Refused):
    message = _("Port %(port)s is already taken: stop what uses it, or choose another with --port.")


class FolderClosed(Refused):
    message = _("The folder %(folder)s cannot be written to: %(reason)s.")


class AlreadyRunning(Refused):
    message = _("Another Permanence already runs on %(folder)s.")


class OwnerMissing(Refused):
    message = _("DATABASE_URL is set: set DATABASE_OWNER_URL as well, the role that makes the tables.")


class StepFailed(Refused):
    message = _("The step “%(step)s” failed: what it said is above.")


def main(argv: list[str]) -> int:
    """Start everything, print the address, and stay until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="permanence up", description=say(_("Start everything, and keep it alive.")))
    parser.add_argument("--demo", action="store_true", help=say(_("load a lively bureau once, and list its accounts")))
    parser.add_argument("--port", type=int, default=int(os.environ.get("PERMANENCE_PORT", "8000")))
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("PERMANENCE_DATA", "var")))
    given = parser.parse_args(argv)
    folder = given.data.absolute()
    if os.environ.get("DATABASE_URL") and not os.environ.get("DATABASE_OWNER_URL"):
        raise OwnerMissing
    with take_folder(folder):
        check_port(os.environ.get("PERMANENCE_BIND", "127.0.0.1"), given.port)
        environment = environment_for(folder, given.port, demo=given.demo)
        return asyncio.run(Installation(folder, environment).live())


def take_folder(folder: Path) -> IO[str]:
    """The lock of a data folder, held while the file is open."""
    try:
        (folder / "run").mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (folder / "run" / "lock").open("w")
    except OSError as error:
        raise FolderClosed(folder=folder, reason=error.strerror) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise AlreadyRunning(folder=folder) from None
    return lock


def check_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise PortTaken(port=port) from error


def environment_for(folder: Path, port: int, *, demo: bool) -> dict[str, str]:
    """What every process of this installation is told."""
    environment = {
        "PERMANENCE_URL": f"http://127.0.0.1:{port}",
        **os.environ,
        "PERMANENCE_DATA": str(folder),
        "PERMANENCE_PORT": str(port),
    }
    if demo:
        environment["PERMANENCE_DEMO"] = "1"
        if not {"PERMANENCE_SMTP_HOST", "PERMANENCE_SMTP_PORT"} & set(os.environ):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                environment["PERMANENCE_SMTP_PORT"] = environment["PERMANENCE_DEMO_MAIL"] = str(probe.getsockname()[1])
    return environment


class Installation:
    """Everything that ``up`` started, and how it ends: the database last."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._supervisor = Supervisor()
        self._server: EmbeddedServer | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._address = f"http://127.0.0.1:{environment['PERMANENCE_PORT']}"

    async def live(self) -> int:
        stopping = self._supervisor.stopping
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        starting = asyncio.create_task(self._start())
        end = asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait([starting, end], return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
            await end
        finally:
            starting.cancel()
            await self._stop()
            end.cancel()
        return 0

    async def _start(self) -> None:
        if "DATABASE_URL" not in self._environment:
            await self._start_database()
        await self._step("migrate")
        if "PERMANENCE_DEMO_MAIL" in self._environment:
            await self._supervisor.start(self._process("mail"))
        if self._environment.get("PERMANENCE_DEMO") == "1":
            await self._step("demo")
        await self._supervisor.start(self._process("web", ready=self._serves))
        await self._supervisor.start(self._process("worker"))
        await self._supervisor.start(self._process("asterisk", absent=ABSENT, death="TERM"))
        await self._supervisor.start(self._process("telephony"))
        await self._wait_for_telephone()
        if not self._supervisor.stopping.is_set():
            self._announce_ready()

    async def _start_database(self) -> None:
        reading, writing = os.pipe()
        server = self._server = EmbeddedServer(self._folder / "postgres", output=writing)
        stream = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(reading, "rb")
        )
        self._relaying = asyncio.create_task(self._supervisor.relay("database", stream))
        await asyncio.to_thread(server.prepare)
        server.launch()
        await asyncio.to_thread(server.wait_ready)
        announce(server, self._folder / "run" / "database.json")
        self._keeping = asyncio.create_task(self._supervisor.keep_database(server))

    def _process(self, name: str, **more: object) -> Process:
        return Process(name=name, argv=[*PERMANENCE, name], env=self._environment, **more)  # type: ignore[arg-type]

    async def _step(self, name: str) -> None:
        code = await self._supervisor.run(self._process(name))
        if code and not self._supervisor.stopping.is_set():
            raise StepFailed(step=name)

    async def _serves(self) -> bool:
        return bool(await self._health())

    async def _health(self) -> str:
        """What ``/health/`` answers, or nothing while it does not."""

        def ask() -> str:
            try:
                with urlopen(f"{self._address}/health/", timeout=5) as answer:  # noqa: S310 - our own address
                    return str(answer.read().decode())
            except (URLError, OSError):
                return ""

        return await asyncio.to_thread(ask)

    async def _wait_for_telephone(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(PHONE_PATIENCE_SECONDS):
                while self._supervisor.keeps("asterisk") and '"telephone": "up"' not in await self._health():
                    await asyncio.sleep(0.2)

    def _announce_ready(self) -> None:
        address = self._environment["PERMANENCE_URL"]
        print_line("permanence", say(_("Permanence is ready: %(address)s")) % {"address": address})
        if self._environment.get("PERMANENCE_DEMO") == "1":
            from permanence.config.demo import accounts

            print(say(_("Demonstration accounts:")), flush=True)  # noqa: T201 - printed for the newcomer, not a log
            for email, password, who in accounts():
                print(f"  {email:<36} {password:<18} {who}", flush=True)  # noqa: T201

    async def _stop(self) -> None:
        await self._supervisor.stop()
        if self._keeping is not None:
            await asyncio.wait([self._keeping], timeout=1)
        if self._server is not None:
            (self._folder / "run" / "database.json").unlink(missing_ok=True)
            await asyncio.to_thread(self._server.stop)
            print_line("permanence", say(_("Permanence has stopped.")))
