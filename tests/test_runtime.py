"""The whole installation as its command runs it: what dies comes back, what stops leaves nothing, the database last."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import psycopg
import pytest

from permanence.database.embedded import APPLICATION, OWNER, EmbeddedServer
from tests.installation import ROOT, Installation, free_port

pytestmark = pytest.mark.processes

NO_ASTERISK = {"PERMANENCE_ASTERISK_ROOT": "/nowhere"}


def make(folder, **environment):
    return Installation(folder, smtp_port=free_port(), **{**NO_ASTERISK, **environment})


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    installation = make(tmp_path_factory.mktemp("runtime"))
    installation.start()
    yield installation
    installation.stop()


def processes(folder):
    """{pid: name} of everything that lives on this data folder."""
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            command = place.joinpath("cmdline").read_bytes()
            environment = place.joinpath("environ").read_bytes().split(b"\0")
            if place.joinpath("stat").read_text().rpartition(")")[2].split()[0] == "Z":
                continue
        except OSError:
            continue
        if f"PERMANENCE_DATA={folder}".encode() in environment or os.fsencode(folder) in command:
            name = next((value[19:].decode() for value in environment if value.startswith(b"PERMANENCE_PROCESS=")), "")
            found[int(place.name)] = "database" if b"postgres" in command.split(b"\0")[0] else name or "supervisor"
    return found


def wait(condition, seconds=30, sentence="it never came"):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, sentence
        time.sleep(0.05)
    return found


def pid_of(installation, name):
    return min((pid for pid, found in processes(installation.folder).items() if found == name), default=None)


def is_healthy(installation):
    try:
        with urlopen(f"{installation.url}/health/", timeout=2) as answer:  # noqa: S310
            return answer.status == 200
    except OSError:
        return False


@pytest.mark.parametrize("name", ["web", "worker", "database"])
def test_a_process_that_is_killed_comes_back(running, name):
    wait(lambda: is_healthy(running))
    before = wait(lambda: pid_of(running, name))
    os.kill(before, signal.SIGKILL)
    wait(lambda: pid_of(running, name) not in (None, before), sentence=f"{name} never came back")
    wait(lambda: is_healthy(running))
    assert f"{name:<10} ended" in running.log.read_text()


def test_a_second_one_on_the_same_folder_is_refused_in_one_sentence(running):
    command = [sys.executable, "-m", "permanence", "up", "--port", str(free_port()), "--data", str(running.folder)]
    done = subprocess.run(command, env=running.environment, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert str(running.folder) in done.stderr


def test_a_port_already_taken_is_said_in_one_sentence(running, tmp_path):
    command = [sys.executable, "-m", "permanence", "up", "--port", str(running.port), "--data", str(tmp_path)]
    done = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert str(running.port) in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_within_ten_seconds_the_database_last_and_leaves_nothing(tmp_path, number):
    installation = make(tmp_path)
    installation.start()
    wait(lambda: "telephony" in processes(tmp_path).values())
    begun = time.monotonic()
    installation._process.send_signal(number)
    assert installation._process.wait(timeout=12) == 0
    assert time.monotonic() - begun < 10
    assert processes(tmp_path) == {}
    lines = installation.log.read_text().splitlines()
    closing = next(place for place, line in enumerate(lines) if "received fast shutdown request" in line)
    assert all(line.startswith(("database", "permanence")) for line in lines[closing:])


def test_told_to_stop_while_it_starts_it_stops(tmp_path):
    installation = make(tmp_path)
    with installation.log.open("ab") as log:
        command = [sys.executable, "-m", "permanence", "up", "--port", str(installation.port), "--data", str(tmp_path)]
        process = subprocess.Popen(command, env=installation.environment, stdout=log, stderr=log, cwd=ROOT)
    wait(lambda: "database" in processes(tmp_path).values())
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=12) == 0
    assert processes(tmp_path) == {}


def test_killed_it_takes_everything_with_it_and_starts_again(tmp_path):
    installation = make(tmp_path)
    installation.start()
    installation._process.kill()
    installation._process.wait()
    wait(lambda: processes(tmp_path) == {}, seconds=8, sentence="something outlived its supervisor")
    installation.start()
    installation.stop()


def test_a_server_of_ones_own_with_two_roles(tmp_path):
    server = EmbeddedServer(tmp_path / "elsewhere")
    server.start()
    try:
        with psycopg.connect(server.url(OWNER), autocommit=True) as connection:  # as on any server, nothing is given
            connection.execute(f"alter default privileges in schema public revoke all on tables from {APPLICATION}")
        urls = {"DATABASE_URL": server.url(APPLICATION), "DATABASE_OWNER_URL": server.url(OWNER)}
        installation = make(tmp_path / "data", **urls)
        installation.folder.mkdir()
        installation.start()
        assert "database" not in processes(installation.folder).values()
        installation.stop()
        assert server.is_running()
        unsafe = make(tmp_path / "data", **{**urls, "DATABASE_URL": server.url(OWNER)})
        with pytest.raises(AssertionError, match="ended at once"):
            unsafe.start()
        assert "DATABASE_URL" in unsafe.log.read_text()
    finally:
        server.stop()
