"""The hot lists keep their index under the policies: plans on fifty thousand rows, two hundred clients."""

import json
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from permanence.bureau.models import Secretary
from permanence.calls.models import Call
from permanence.clients.models import Client
from permanence.database.commands import CLIENTS, FIRST, OPEN_TO_EACH, ROWS, SECRETARIES, fill
from permanence.database.context import acting
from permanence.messaging.models import Message
from tests.people import actor_for

pytestmark = pytest.mark.django_db
TABLES = {"messaging_message": "client_id", "calls_call": "client_id", "calls_line": "client_id"}
PARENTS = {"trust_grant": "client_id", "bureau_secretary": "id", "bureau_user": "id", "clients_client": "id"}


@pytest.fixture(scope="module")
def large_bureau(django_db_setup, django_db_blocker):
    """Committed by the owner, so that the tables may be analysed; gone at the end."""
    with django_db_blocker.unblock():
        fill()
        with connections["owner"].cursor() as cursor:
            cursor.execute("analyze")
        connections["owner"].close()
        yield
        with connections["owner"].cursor() as cursor:
            for table, column in (TABLES | PARENTS).items():
                cursor.execute(f"delete from {table} where {column} >= %s", [FIRST])  # noqa: S608
        connections["owner"].close()


@pytest.fixture
def busy_secretary(large_bureau):
    return actor_for(Secretary.objects.get(pk=FIRST))


def nodes(plan):
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def plan_of(rows):
    return json.loads(rows.explain(format="json", analyze=True))[0]["Plan"]


def today():
    return timezone.now() - timedelta(days=1)


HERS = ROWS // CLIENTS * OPEN_TO_EACH
LISTS = {
    "the calls of the day of her clients": (lambda: Call.objects.filter(started_at__gte=today()), 200),
    "the newest calls of her clients": (lambda: Call.objects.all()[:50], HERS),
    "the newest calls of one client": (lambda: Call.objects.filter(client_id=FIRST)[:50], ROWS // CLIENTS),
    "the calls that she took today": (
        lambda: Call.objects.filter(secretary_id=FIRST, started_at__gte=today()),
        ROWS // SECRETARIES,
    ),
    "the newest messages of her clients": (lambda: Message.objects.all()[:50], HERS),
    "the newest messages of one client": (lambda: Message.objects.filter(client_id=FIRST)[:50], ROWS // CLIENTS),
    "the messages that she took today": (
        lambda: Message.objects.filter(taken_by_id=FIRST, taken_at__gte=today()),
        ROWS // SECRETARIES,
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_hot_list_is_read_by_an_index_and_asks_once_what_is_allowed(busy_secretary, name):
    rows, most = LISTS[name]
    with acting(busy_secretary):
        plan = plan_of(rows())
    every = list(nodes(plan))
    assert "Seq Scan" not in {node["Node Type"] for node in every}
    allowed = [node for node in every if node.get("Parent Relationship") == "InitPlan"]
    assert [node["Actual Loops"] for node in allowed] == [1], "allowed_clients() is asked once, not for each row"
    conditions = " ".join(node.get("Index Cond", "") + node.get("Filter", "") for node in every)
    assert "client_id = ANY ((InitPlan 1).col1)" in conditions
    assert max(node["Actual Rows"] for node in every) <= most, "no row of another client's is even looked at"


def test_the_lists_are_those_of_her_clients(busy_secretary):
    with acting(busy_secretary):
        assert Client.objects.count() == OPEN_TO_EACH
        assert {call.client_id for call in Call.objects.all()[:400]} <= set(range(FIRST, FIRST + OPEN_TO_EACH))
        assert Call.objects.count() == Message.objects.count() == HERS


def test_asking_what_is_allowed_takes_few_pages_whatever_the_size(busy_secretary):
    """A secretary's grants are found by index, although the bureau has eight hundred."""
    with acting(busy_secretary), connections["default"].cursor() as cursor:
        cursor.execute("explain (analyze, buffers, format json) select allowed_clients()")
        (answer,) = cursor.fetchone()
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 200
