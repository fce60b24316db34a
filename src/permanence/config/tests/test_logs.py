"""Nothing in a log names, reaches or quotes a person."""

import json
import logging

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from permanence.config.logs import JsonLines, Readable, bare_path, discreet

NUMBERS = ["06 39 98 41 27", "0639984127", "06.39.98.41.27", "+33639984127", "+33 6 39 98 41 27", "0033639984127"]
KEPT = [
    "call 0b7f6f0e-58a4-4a7c-9b7e-0123456789ab at 2026-11-24T22:10:05 took 12.345 ms",
    "listening on 127.0.0.1:8000, pid 1234567, client_id=42, position 1000200300",
    "GET /desk/calls/0b7f6f0e-58a4-4a7c-9b7e-0639984127ab/ 200 12 ms",
]


def logged(formatter, message, *arguments, error=None):
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("permanence.test", logging.ERROR, __file__, 1, message, arguments, info)
    return formatter.format(record)


@pytest.mark.parametrize("number", NUMBERS)
def test_telephone_numbers_are_blotted(number):
    assert discreet(f"call from {number} to line {number}.") == "call from ‹number› to line ‹number›."
    assert discreet(f"caller={number!r}") == "caller='‹number›'"


@given(st.from_regex(r"\A[a-z][a-z0-9.+_-]{0,20}@[a-z0-9-]{1,20}\.(fr|com|test)\Z"))
def test_addresses_are_blotted(address):
    assert address not in discreet(f"letter to {address} refused; sip:{address};user=phone <{address}>")


@pytest.mark.parametrize("line", KEPT)
def test_ids_instants_and_addresses_of_machines_stay(line):
    assert discreet(line) == line


def test_the_arguments_of_jobs_are_left_out():
    line = "Starting job permanence.bureau.jobs.send_invitation[12](invitation_id=3, token='x(y)z')"
    assert discreet(line) == "Starting job permanence.bureau.jobs.send_invitation[12]"


@pytest.mark.parametrize("formatter", [Readable(), JsonLines()])
def test_arguments_and_exceptions_are_blotted_as_well(formatter):
    try:
        raise ValueError("Mme Roux <marie.roux@exemple.fr>, 06 39 98 41 27")
    except ValueError as error:
        line = logged(formatter, "%s failed", "delivery to marie.roux@exemple.fr", error=error)
    assert "exemple.fr" not in line
    assert "98 41" not in line
    assert "ValueError" in line


def test_json_lines_are_one_object_each(monkeypatch):
    monkeypatch.setenv("PERMANENCE_PROCESS", "worker")
    line = logged(JsonLines(), "two\nlines « é »")
    assert "\n" not in line
    assert json.loads(line)["process"] == "worker"
    assert json.loads(line)["message"] == "two\nlines « é »"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "insert into bureau_user (password, email) values ('', 'Elle a demandé un rappel')",
        "select 'Elle a demandé un rappel'::int",
        "select to_date('Elle a demandé un rappel', 'YYYY-MM-DD')",
        "do $$ begin raise unique_violation using detail = 'Key (email)=(Elle a demandé un rappel) exists'; end $$",
    ],
)
def test_a_row_quoted_by_the_database_is_left_out(statement):
    with pytest.raises((DatabaseError, psycopg.Error)) as failed, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    for formatter in (Readable(), JsonLines()):
        line = logged(formatter, "failed: %s", failed.value, error=failed.value).replace(statement, "")
        assert "demandé" not in line


def test_the_access_log_has_no_query_string_and_no_token():
    assert bare_path("/portal/calls/?caller=%2B33639984127") == "/portal/calls/"
    assert bare_path("/account/invitations/dGhpcy1pcy1hLXRva2VuLWZvci1vbmU/") == "/account/invitations/…/"
    call = "/desk/calls/0b7f6f0e-58a4-4a7c-9b7e-0123456789ab/"
    assert bare_path(call) == call
