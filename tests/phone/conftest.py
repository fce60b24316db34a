"""A bureau whose telephones ring: one client, one secretary, their line, and the daemon that joins them."""

import json
import os
import signal
import socket
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import time as clock_time
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest

from permanence.bureau.models import Secretary
from permanence.calls.models import Call, Line
from permanence.calls.usecases import issue_softphone
from permanence.clients.models import Client, ExceptionalDay, Opening
from permanence.database.context import EVERY_CLIENT, acting
from permanence.database.notices import tell
from permanence.kernel.actor import system
from permanence.kernel.clock import today
from tests.installation import Installation, free_port
from tests.people import actor_for, grant, make_client, make_secretary
from tests.phone.telephones import Exchange, eventually

Rows = Callable[[], AbstractContextManager[None]]
OPERATOR_PORT = free_port(socket.SOCK_DGRAM)
os.environ["PERMANENCE_TRUNK_HOST"] = f"127.0.0.1:{OPERATOR_PORT}"


@pytest.fixture(scope="session")
def exchange(installation: Installation) -> Iterator[Exchange]:
    def is_up() -> bool:
        with urlopen(f"{installation.url}/health/", timeout=5) as answer:  # noqa: S310 - our own address
            return bool(json.load(answer)["telephone"] == "up")

    eventually(is_up, 40, "the telephone is up")
    exchange = Exchange(installation, (installation.folder / "keys/ari_password").read_text())
    yield exchange
    exchange.stop()


@dataclass(frozen=True)
class Reception:
    """A client's line and the secretary who answers it."""

    installation: Installation
    rows: Rows
    client: Client
    line: Line
    secretary: Secretary
    username: str

    def calls(self) -> list[Call]:
        """The line's calls, the first one first."""
        with self.rows(), acting(system("tests"), EVERY_CLIENT):
            found = list(Call.objects.filter(line=self.line).order_by("started_at"))
            for call in found:
                call.story = [event.kind for event in call.events.all()]  # type: ignore[attr-defined]
            return found

    def call_in(self, *states: str, seconds: float = 10) -> Call:
        """The line's latest call, once it is in one of these states."""
        deadline = time.monotonic() + seconds
        while True:
            calls = self.calls()
            if calls and calls[-1].state in states:
                return calls[-1]
            if time.monotonic() > deadline:
                seen = [(call.state, call.outcome, call.story) for call in calls]  # type: ignore[attr-defined]
                raise AssertionError(f"no call in {states} after {seconds} s, but {seen}")
            time.sleep(0.05)

    def seconds_recorded(self, call: Call) -> float:
        """How long the caller's message is."""
        with wave.open(str(self.installation.folder / "media" / call.voicemail.name)) as sound:
            return sound.getnframes() / sound.getframerate()

    def set_state(self, state: str) -> None:
        with self.rows(), acting(system("tests"), EVERY_CLIENT):
            Secretary.objects.filter(pk=self.secretary.pk).update(state=state)
            tell("bureau", "team", self.secretary.pk)


@pytest.fixture
def reception(installation: Installation, rows: Rows) -> Callable[..., Reception]:
    """``reception(state="ready", is_open=True)``: a new client each time, always open unless closed."""

    def made(*, state: str = "ready", is_open: bool = True) -> Reception:
        with rows(), acting(system("tests"), EVERY_CLIENT):
            client = make_client("Plomberie Roux")
            for day in range(7):
                Opening.objects.create(client=client, weekday=day, opens=clock_time(0), closes=clock_time(0))
            for days in () if is_open else (-1, 0, 1):
                ExceptionalDay.objects.create(client=client, on=today() + timedelta(days=days), spans=[])
            Client.objects.filter(pk=client.pk).update(holidays="")
            secretary = make_secretary("Nadia Benali", state=state)
            grant(secretary, client)
            line = Line.objects.get(client=client)
            given = issue_softphone(actor=actor_for(secretary), session_key=f"session-{secretary.pk}")
            tell("bureau", "clients")
        return Reception(installation, rows, client, line, secretary, given.username)

    return made


@dataclass(frozen=True)
class Daemon:
    """The telephony daemon of the installation under test."""

    installation: Installation

    def pid(self) -> int | None:
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and self._is_ours(entry):
                return int(entry.name)
        return None

    def _is_ours(self, entry: Path) -> bool:
        try:
            command = (entry / "cmdline").read_bytes().split(b"\0")
            if b"telephony" not in command or b"permanence" not in command:
                return False
            told = (entry / "environ").read_bytes().split(b"\0")
            return f"PERMANENCE_DATA={self.installation.folder}".encode() in told
        except OSError:
            return False

    def kill(self) -> None:
        """kill -9: it has no time to say anything."""
        pid = eventually(self.pid, 15, "the daemon runs")
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: self.pid() != pid)

    @contextmanager
    def away(self) -> Iterator[None]:
        """No daemon for a while: whoever would start it again is held still."""
        supervisor = self.installation.pid
        os.kill(supervisor, signal.SIGSTOP)
        try:
            self.kill()
            time.sleep(0.3)
            yield
        finally:
            os.kill(supervisor, signal.SIGCONT)


@pytest.fixture
def daemon(installation: Installation) -> Daemon:
    return Daemon(installation)
