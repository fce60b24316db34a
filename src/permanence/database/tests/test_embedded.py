"""Real servers: killed, orphaned, locked out, under long paths and closed parents, as root and as anybody."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from django.utils import translation

from permanence.database.embedded import APPLICATION, OWNER, DatabaseStartFailed, EmbeddedServer

pytestmark = pytest.mark.processes

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
LAUNCHER = """
import sys, time
from pathlib import Path
from permanence.database.embedded import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
time.sleep(60)
"""
ROUND_TRIP = """
import sys
from pathlib import Path
import psycopg
from permanence.database.embedded import APPLICATION, EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]))
server.start()
with psycopg.connect(server.url(APPLICATION)) as connection:
    print(connection.execute("select current_user").fetchone()[0])
server.stop()
"""


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def folder():
    with TemporaryDirectory(prefix="pg-") as made:
        yield Path(made) / "postgres"


@pytest.fixture
def server(folder):
    server = EmbeddedServer(folder)
    server.start()
    yield server
    server.stop()


def query(server, statement, role=OWNER):
    with psycopg.connect(server.url(role), autocommit=True) as connection:
        return connection.execute(statement).fetchone()


def is_alive(pid):
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def wait_until_gone(pid, seconds=10):
    deadline = time.monotonic() + seconds
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_alive(pid)


def revive(server, seconds=20):
    """As the supervisor does: again, until the dead server's last sessions have let go."""
    deadline = time.monotonic() + seconds
    while True:
        server.launch()
        try:
            return server.wait_ready()
        except DatabaseStartFailed:
            assert time.monotonic() < deadline
            time.sleep(0.2)


def test_it_starts_twice_and_keeps_its_rows(folder):
    for expected in (1, 2):
        server = EmbeddedServer(folder)
        server.start()
        with psycopg.connect(server.url(OWNER), autocommit=True) as connection:
            connection.execute("create table if not exists kept (n int)")
            connection.execute("insert into kept values (1)")
            assert connection.execute("select count(*) from kept").fetchone() == (expected,)
        server.stop()
        server.stop()
        assert not server.is_running()


def test_french_is_spelt_right_whatever_the_machines_locale(server):
    assert query(server, "select upper('élodie œuvre'), 'É' ilike 'é'") == ("ÉLODIE ŒUVRE", True)
    assert query(server, "select datlocprovider, datlocale from pg_database where datname = current_database()") == (
        "b",
        "C.UTF-8",
    )


def test_nobody_but_the_systems_owner_gets_in(server):
    assert query(server, "show listen_addresses") == ("",)
    assert stat.S_IMODE(server.cluster.stat().st_mode) == 0o700
    assert stat.S_IMODE((server.host / ".s.PGSQL.5432").stat().st_mode) == 0o700


def test_the_application_role_uses_what_the_owner_makes_and_no_more(server):
    query_nothing = "create table made (n int); insert into made values (7)"
    with psycopg.connect(server.url(OWNER), autocommit=True) as connection:
        connection.execute(query_nothing)
    assert query(server, "select n from made", APPLICATION) == (7,)
    rights = (
        "select rolsuper or rolbypassrls or rolcreatedb or rolcreaterole from pg_roles where rolname = current_user"
    )
    assert query(server, rights, APPLICATION) == (False,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        query(server, "create table theirs (n int)", APPLICATION)


def test_a_second_server_on_the_same_folder_is_refused(server, folder):
    with pytest.raises(DatabaseStartFailed, match="Another Permanence already runs on"):
        EmbeddedServer(folder).start()
    assert query(server, "select 1") == (1,)


def test_killed_it_comes_back_with_what_was_committed(server):
    with psycopg.connect(server.url(OWNER), autocommit=True) as connection:
        connection.execute("create table kept (n int)")
        connection.execute("insert into kept select generate_series(1, 1000)")
        os.kill(server.pid, signal.SIGKILL)
    assert wait_until_gone(server.pid)
    assert not server.is_running()
    revive(server)
    assert query(server, "select count(*) from kept") == (1000,)


def test_it_dies_with_its_launcher_and_starts_again_at_once(folder):
    launcher = subprocess.Popen([sys.executable, "-c", LAUNCHER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert launcher.stdout is not None
    pid = int(launcher.stdout.readline())
    assert is_alive(pid)
    launcher.kill()
    launcher.wait()
    server = EmbeddedServer(folder)  # before the orphan has quite gone
    server.start()
    assert wait_until_gone(pid)
    assert query(server, "select 1") == (1,)
    server.stop()


def test_a_stale_pid_that_another_program_now_has_is_no_server(folder):
    server = EmbeddedServer(folder)
    server.start()
    server.stop()
    (folder / "cluster" / "postmaster.pid").write_text(f"{os.getpid()}\n{folder / 'cluster'}\n0\n5432\n\n\n")
    server = EmbeddedServer(folder)
    server.start()
    assert query(server, "select 1") == (1,)
    server.stop()


def test_a_long_path_still_has_a_short_socket(folder):
    long = folder.parent / ("a-checkout-in-a-very-deep-folder-é" * 4) / "postgres"
    server = EmbeddedServer(long)
    server.start()
    socket = Path(str(server.host))
    assert query(server, "select 1") == (1,)
    assert len(os.fsencode(socket)) < 80
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    server.stop()
    assert not socket.exists()


def test_what_people_typed_does_not_end_in_its_log(server):
    with psycopg.connect(server.url(OWNER), autocommit=True) as connection:
        connection.execute("create table spoken (words text check (length(words) < 3) unique)")
        for statement in ("insert into spoken values ('Mme Roux a rappelé')", "select 'Mme Roux'::int"):
            with pytest.raises(psycopg.Error):
                connection.execute(statement)
        connection.execute("insert into spoken values ('é!')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("insert into spoken values ('é!')")
    log = server.log.read_text()
    assert "violates check constraint" in log
    assert "a rappelé" not in log
    assert "é!" not in log


def test_a_folder_that_cannot_be_written_is_said_in_one_sentence(folder):
    folder.parent.joinpath("file").write_text("")
    with pytest.raises(DatabaseStartFailed, match="cannot be written to") as refused:
        EmbeddedServer(folder.parent / "file" / "postgres").start()
    assert "\n" not in str(refused.value)


def test_without_binaries_it_says_what_to_do(folder, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.delenv("PERMANENCE_PG_BIN", raising=False)
    with pytest.raises(DatabaseStartFailed, match="DATABASE_URL"):
        EmbeddedServer(folder)


@AS_ROOT
def test_as_root_it_runs_as_nobody_under_a_closed_parent_and_changes_no_parent(folder):
    closed = folder.parent / "home"
    closed.mkdir(mode=0o700)
    before = {parent: parent.stat().st_mode for parent in (closed, folder.parent, folder.parent.parent)}
    server = EmbeddedServer(closed / "var" / "postgres")
    server.start()
    status = Path(f"/proc/{server.pid}/status").read_text()
    server.stop()
    assert "Uid:\t65534\t65534\t65534\t65534" in status
    assert f"CapEff:\t{1 << 1:016x}" in status  # CAP_DAC_OVERRIDE alone
    assert {parent: parent.stat().st_mode for parent in before} == before


@pytest.fixture
def street():
    """A folder that everybody may enter."""
    with TemporaryDirectory(prefix="pg-") as made:
        os.chmod(made, 0o755)  # noqa: PTH101, S103
        yield Path(made)


def round_trip(folder, *, prefix):
    command = ["setpriv", *prefix, sys.executable, "-c", ROUND_TRIP, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


@AS_ROOT
def test_an_ordinary_user_needs_no_capability(street):
    home = street / "home"
    home.mkdir()
    os.chown(home, 65534, 65534)
    done = round_trip(home / "var/postgres", prefix=["--reuid", "65534", "--regid", "65534", "--clear-groups"])
    assert done.stdout.strip() == APPLICATION, done.stderr
    assert home.joinpath("var/postgres/cluster").stat().st_uid == 65534


@AS_ROOT
def test_root_without_the_capability_is_told_what_to_do_and_nothing_is_made(street):
    done = round_trip(
        street / "var/postgres", prefix=["--bounding-set", "-dac_override", "--inh-caps", "-dac_override"]
    )
    assert "CAP_DAC_OVERRIDE" in done.stderr.splitlines()[-1]
    assert not street.joinpath("var").exists()
