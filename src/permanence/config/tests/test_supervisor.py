"""Real processes: kept alive with growing delays, heard line by line, ended in time and to the last."""

import asyncio
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from permanence.config import supervisor as module
from permanence.config.supervisor import Process, Supervisor, print_line

pytestmark = pytest.mark.processes

ENVIRONMENT = dict(os.environ)


def shell(script, name="test", **more):
    return Process(name=name, argv=["sh", "-c", script], env=ENVIRONMENT, **more)


def living(group):
    """Whether anything of this process group is more than a zombie that nobody collects."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, pgid, *_rest = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(pgid) == group and state != "Z":
            return True
    return False


def live(play):
    """Runs ``play(supervisor, said)`` and stops everything; returns what was said."""
    said = []

    async def run():
        supervisor = Supervisor(lambda name, line: said.append((name, line)))
        try:
            await asyncio.wait_for(play(supervisor, said), 20)
        finally:
            await supervisor.stop()

    asyncio.run(run())
    return said


async def until(condition):
    while not condition():
        await asyncio.sleep(0.02)


def test_what_dies_comes_back_each_time_later(monkeypatch):
    monkeypatch.setattr(module, "LONGEST_DELAY", 1.0)

    async def play(supervisor, said):
        await supervisor.start(shell("exit 3"))
        await until(lambda: sum("ended with code 3" in line for _name, line in said) == 4)

    assert [line.split()[-2] for _name, line in live(play) if "ended" in line] == ["0.5", "1", "1", "1"]


def test_what_has_no_work_here_is_left_out():
    async def play(supervisor, _said):
        await supervisor.start(shell("exit 69", absent=69))
        await until(lambda: not supervisor.keeps("test"))

    assert live(play) == []


def test_it_waits_until_a_process_is_ready():
    asked = []

    async def ready():
        asked.append(time.monotonic())
        return len(asked) == 3

    async def play(supervisor, _said):
        await supervisor.start(shell("sleep 30", ready=ready))

    live(play)
    assert len(asked) == 3


def test_every_line_is_heard_whatever_its_bytes_or_length():
    script = f"""import sys; w = sys.stdout.buffer.write
w(b'first\\n' + b'\\xff\\xfe\\n' + b'x' * {3 * module.LONGEST_LINE} + b'\\nlast, without its end')"""

    async def play(supervisor, said):
        said.append(
            ("code", await supervisor.run(Process(name="py", argv=[sys.executable, "-c", script], env=ENVIRONMENT)))
        )

    lines = [line for name, line in live(play) if name == "py"]
    assert lines[:2] == ["first", "\ufffd\ufffd"]
    assert sum(len(line) for line in lines if set(line) == {"x"}) == 3 * module.LONGEST_LINE
    assert lines[-1] == "last, without its end"


@pytest.mark.parametrize("script", ["trap '' TERM; sleep 60 & wait; sleep 60", "sleep 60 & sleep 60 & wait"])
def test_all_is_ended_in_time_what_will_not_listen_and_what_was_left_behind(monkeypatch, script):
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.5)
    groups = []

    async def play(supervisor, _said):
        await supervisor.start(shell(script))
        await until(lambda: supervisor._children)
        groups.append(supervisor._children["test"].pid)
        await asyncio.sleep(0.3)

    begun = time.monotonic()
    live(play)
    assert time.monotonic() - begun < 5
    deadline = time.monotonic() + 2
    while living(groups[0]):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_last_started_is_told_first():
    order = []
    traps = "trap 'echo told; exit 0' TERM; echo up; while true; do sleep 0.05; done"

    async def play(supervisor, said):
        for name in ("first", "second", "third"):
            await supervisor.start(shell(traps, name=name))
            await until(lambda name=name: (name, "up") in said)

        def told_to_end(name, child):
            order.append(name)
            asyncio.subprocess.Process.terminate(child)

        for name, child in supervisor._children.items():
            child.terminate = partial(told_to_end, name, child)

    said = live(play)
    assert order == ["third", "second", "first"]
    assert {name for name, line in said if line == "told"} == {"first", "second", "third"}


def test_a_child_dies_with_a_supervisor_that_is_killed(tmp_path):
    program = f"""
import asyncio, os
from permanence.config.supervisor import Process, Supervisor
async def live():
    argv = ["sh", "-c", "echo $$ > {tmp_path}/pid; exec sleep 60"]
    await Supervisor().run(Process(name="child", argv=argv, env=dict(os.environ)))
asyncio.run(live())
"""
    parent = subprocess.Popen([sys.executable, "-c", program])
    place = tmp_path / "pid"
    while not (place.exists() and place.read_text().strip()):
        time.sleep(0.02)
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 5
    while living(int(place.read_text())):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_one_stream_readable_or_json(monkeypatch, capsys):
    monkeypatch.delenv("PERMANENCE_LOG", raising=False)
    print_line("asterisk", "call from 06 39 98 41 27")
    monkeypatch.setenv("PERMANENCE_LOG", "json")
    print_line("asterisk", "call from 06 39 98 41 27")
    print_line("web", '{"message": "already an object"}')
    readable, wrapped, passed = capsys.readouterr().out.splitlines()
    assert readable == "asterisk   call from ‹number›"
    assert '"process": "asterisk"' in wrapped
    assert "‹number›" in wrapped
    assert passed == '{"message": "already an object"}'
