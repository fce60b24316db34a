"""The command: help everywhere, exit codes, one sentence and no traceback."""

import os
import subprocess
import sys

import pytest

from permanence.config.cli import COMMANDS
from permanence.config.words import language


def permanence(*words, stdin="", **environment):
    command = [sys.executable, "-m", "permanence", *words]
    return subprocess.run(
        command, input=stdin, capture_output=True, text=True, check=False, env={**os.environ, **environment}, timeout=60
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name):
    done = permanence(*name.split(), "--help")
    assert done.returncode == 0, done.stderr
    assert "usage" in done.stdout.lower()
    assert done.stderr == ""


def test_help_lists_every_command():
    done = permanence("--help")
    assert done.returncode == 0
    assert all(f"permanence {name}" in done.stdout for name in COMMANDS)


def test_unusable_arguments_end_with_two():
    assert permanence().returncode == 2
    assert permanence("nonsense").returncode == 2
    assert permanence("calls").returncode == 2
    assert permanence("up", "--port", "eight").returncode == 2
    assert permanence("bench", "nonsense").returncode == 2


@pytest.mark.parametrize(("words", "environment"), [
    (["migrate"], {"DATABASE_URL": "postgresql://x@127.0.0.1:9/x", "DATABASE_OWNER_URL": "postgresql://x@127.0.0.1:9/x"}),
    (["up"], {"DATABASE_URL": "postgresql://x@127.0.0.1:9/x", "DATABASE_OWNER_URL": ""}),
    (["up"], {"PERMANENCE_DATA": "/proc/nowhere"}),
])  # fmt: skip
def test_a_refusal_is_one_sentence_on_stderr(words, environment):
    done = permanence(*words, **environment)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_filters_load_no_django():
    program = (
        "import sys; from permanence.config.cli import main; code = main(['calls', 'route']);"
        "assert not {'django', 'psycopg'} & set(sys.modules); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input="nonsense\n", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith('{"error"')


@pytest.mark.parametrize(
    ("locale", "expected"), [("fr_FR.UTF-8", "fr"), ("C.UTF-8", "fr"), ("en_GB.UTF-8", "en"), ("", "fr")]
)
def test_words_are_french_unless_the_terminal_is_english(monkeypatch, locale, expected):
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", locale)
    assert language() == expected
