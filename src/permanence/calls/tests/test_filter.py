"""``permanence calls route`` as another program sees it."""

import json
import subprocess
import sys
import time
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.calls.rules.lines import answer

AT = "2026-11-23T09:00:10.25+01:00"
CALL = {"call": "c1", "client": "durand", "since": "2026-11-23T08:00:04Z", "language": "fr", "priority": 0}
LEA = {
    "id": "lea", "state": "idle", "since": "2026-11-23T07:00:00Z", "languages": ["fr"],
    "knows": ["durand"], "pair_of": [], "grants": ["durand"],
}  # fmt: skip
INES = {**LEA, "id": "ines", "state": "busy", "pair_of": ["durand"]}
COMMAND = [sys.executable, "-m", "permanence", "calls", "route"]


def ask(**changes):
    line = {"at": AT, "waiting": [CALL], "secretaries": [LEA], "rates": {"durand": 2.5}, **changes}
    return json.loads(answer(json.dumps(line).encode()))


def test_a_decision():
    decided = ask()
    assert decided["hold"] == []
    assert decided["assign"][0].items() >= {"call": "c1", "secretary": "lea"}.items()
    assert "elle connaît durand" in decided["assign"][0]["why"]


def test_a_hold_ends_after_now():
    (held,) = ask(secretaries=[{**LEA, "knows": []}, INES])["hold"]
    assert datetime.fromisoformat(held["until"]) > datetime.fromisoformat(AT)


def test_rates_may_be_missing_and_unknown_fields_are_ignored():
    line = {"at": AT, "waiting": [CALL], "secretaries": [LEA], "weather": "fine"}
    assert json.loads(answer(json.dumps(line).encode())) == ask(rates={}) == ask(rates=None)


@pytest.mark.parametrize(
    "changes",
    [
        {"at": "2026-11-23T09:00:00"}, {"at": 1732352400}, {"at": None}, {"at": "hier"}, {"waiting": None},
        {"waiting": {}}, {"waiting": ["c1"]}, {"waiting": [CALL, CALL]}, {"waiting": [{**CALL, "call": 12}]},
        {"waiting": [{**CALL, "priority": 2}]}, {"waiting": [{**CALL, "priority": "1"}]},
        {"waiting": [{**CALL, "since": "2026-02-30T00:00:00Z"}]}, {"secretaries": [LEA, LEA]},
        {"waiting": [{**CALL, "since": "9999-12-31T23:59:59Z"}], "at": "9999-12-31T23:59:59Z",
         "secretaries": [{**LEA, "knows": []}, INES]},
        {"secretaries": [{**LEA, "state": "asleep"}]}, {"secretaries": [{**LEA, "state": ["idle"]}]},
        {"secretaries": [{**LEA, "languages": "fr"}]}, {"secretaries": [{**LEA, "grants": [1]}]},
        {"rates": {"durand": -1}}, {"rates": {"durand": "2"}}, {"rates": {"durand": True}}, {"rates": []},
        {"rates": {"durand": 10**400}},
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_read_says_so(changes):
    assert list(ask(**changes)) == ["error"]


@pytest.mark.parametrize(
    "line",
    [
        b"", b"\xff\xfe", b"[]", b"null", b"{", b"[" * 200_000, b'{"a":' * 200_000, b'{"at": NaN}', b"1" * 6000,
        b'{"at": "\\ud800"}', b"\0", "{}\u2028".encode(),
    ],
)  # fmt: skip
def test_garbage_is_answered_too(line):
    found = answer(line)
    assert list(json.loads(found)) == ["error"]
    assert "\n" not in found


@given(st.binary(max_size=300))
def test_any_bytes_get_one_line(line):
    found = answer(line)
    assert "\n" not in found
    assert "error" in json.loads(found.encode())


def test_ids_may_hold_anything():
    strange = "a\nb\u2028«🦆»\ud800"
    call = {**CALL, "call": strange, "client": strange}
    found = ask(waiting=[call], secretaries=[{**LEA, "id": strange, "grants": [strange]}])
    assert (found["assign"][0]["call"], found["assign"][0]["secretary"]) == (strange, strange)


def test_a_dialogue_line_by_line_without_memory_or_django():
    line = json.dumps({"at": AT, "waiting": [CALL], "secretaries": [LEA]}).encode() + b"\n"
    began = time.monotonic()
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        answers = []
        for each in (line, b"\xff\n", line):
            process.stdin.write(each)
            process.stdin.flush()
            answers.append(process.stdout.readline())
        process.stdin.write(line.rstrip())
        process.stdin.close()
        answers.append(process.stdout.readline())
        assert process.stdout.read() == b""
    assert process.returncode == 0
    assert answers[0] == answers[2] == answers[3]
    assert "error" in json.loads(answers[1])
    assert time.monotonic() - began < 30
    check = "import sys, permanence.calls.commands, permanence.calls.rules.lines; print('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], capture_output=True, check=True).stdout == b"False\n"
