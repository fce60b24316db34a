"""The log in the database: what is written, who reads it, and what nobody can do to it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import pytest
import rfc8785
from django.db import DatabaseError, connection, transaction

from permanence.audit.models import LogHead, LogLeaf, Opening
from permanence.audit.queries import leaves, root
from permanence.audit.rules import Frontier, replay
from permanence.audit.usecases import erase_personal, record
from permanence.database.context import acting
from permanence.kernel.actor import NotAllowed, system
from permanence.kernel.clock import living_at
from permanence.kernel.events import Event
from tests.people import actor_for, make_secretary

pytestmark = pytest.mark.django_db

SEVENTH = UUID(int=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallNoted(Event):
    call_id: UUID | str = SEVENTH
    at: datetime = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
    people: tuple[int, ...] = ()


def noted(client, **columns):
    return CallNoted(client_id=client.pk, **columns)


def bodies(client):
    rows = LogLeaf.objects.filter(client_id=client.pk).order_by("number")
    return [leaf.body.encode() for leaf in rows]


def frontier(client):
    head = LogHead.objects.get(client_id=client.pk)
    return Frontier.unpacked(head.size, bytes(head.frontier))


def test_a_leaf_is_canonical_json_with_ids_in_clear_and_names_as_commitments(secretary, plumber):
    with living_at(datetime(2026, 11, 23, 15, tzinfo=UTC)), acting(actor_for(secretary)):
        number = record(actor_for(secretary), noted(plumber, people=(3, 4)), personal={"caller_name": "Mme Petit"})
        leaf = LogLeaf.objects.get()
        opening = Opening.objects.get(field="caller_name")
    body = json.loads(leaf.body)
    assert number == leaf.number == 0
    assert leaf.at == datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert leaf.body.encode() == rfc8785.dumps(body)
    assert bytes(leaf.leaf_hash) == sha256(b"\x00" + leaf.body.encode()).digest()
    assert (body["act"], body["actor"]) == ("CallNoted", {"role": "secretary", "id": str(secretary.user_id)})
    assert body["facts"] == {
        "client_id": plumber.pk, "call_id": str(SEVENTH), "at": "2026-11-23T14:30:00.000000Z", "people": [3, 4],
    }  # fmt: skip
    assert set(body["personal"]) == {"actor_name", "caller_name"}
    assert body["personal"]["caller_name"] == sha256(bytes(opening.nonce) + b"Mme Petit").hexdigest()
    assert "Petit" not in leaf.body
    assert "Nadia" not in leaf.body


def test_the_database_grows_the_same_tree_as_the_rules(plumber):
    with acting(system("tests"), plumber.pk):
        for number in range(70):
            assert record(system("tests"), noted(plumber, people=(number,))) == number
            assert frontier(plumber) == replay(bodies(plumber))
        assert root(system("tests"), plumber.pk).root == replay(bodies(plumber)).root.hex()


def test_members_and_granted_secretaries_read_the_journal_newest_first(secretary, owner, plumber, lawyer):
    nadia = actor_for(secretary)
    with acting(nadia):
        for number in range(5):
            record(nadia, noted(plumber, people=(number,)), personal={"caller_name": f"M. {number}"})
    for reader in (nadia, actor_for(owner)):
        with acting(reader):
            page = leaves(reader, plumber.pk, before=4, limit=2)
            assert [(leaf.number, leaf.actor_name, leaf.personal["caller_name"]) for leaf in page] == [
                (3, "Nadia Benali", "M. 3"), (2, "Nadia Benali", "M. 2"),
            ]  # fmt: skip
            assert root(reader, plumber.pk).size == 5
            assert not leaves(reader, lawyer.pk)


def test_a_page_of_the_journal_is_two_statements(owner, plumber, django_assert_max_num_queries):
    with acting(system("tests"), plumber.pk):
        for _ in range(60):
            record(system("tests"), noted(plumber))
    with acting(actor_for(owner)), django_assert_max_num_queries(2):
        assert len(leaves(actor_for(owner), plumber.pk)) == 50


def test_overseers_and_other_clients_do_not_read_it(supervisor, stranger, colleague, plumber):
    with acting(system("tests"), plumber.pk):
        record(system("tests"), noted(plumber), personal={"caller_name": "Mme Petit"})
    for reader in (stranger, colleague, supervisor):
        with acting(actor_for(reader)):
            assert not LogLeaf.objects.exists()
            assert not Opening.objects.exists()
            assert not LogHead.objects.exists()
    with acting(actor_for(supervisor)), pytest.raises(NotAllowed):
        leaves(actor_for(supervisor), plumber.pk)
    assert not LogLeaf.objects.exists(), "no context, no rows"


def test_an_overseer_writes_in_the_log_of_a_client_he_only_lists(supervisor, plumber):
    karim = actor_for(supervisor)
    with acting(karim):
        assert [record(karim, noted(plumber)), record(karim, noted(plumber))] == [0, 1]


def test_nobody_writes_in_the_log_of_a_client_that_is_closed_to_him(secretary, stranger, plumber, lawyer):
    writers = [(secretary, lawyer), (stranger, plumber), (make_secretary("Zoé Martin"), plumber)]
    for person, client in writers:
        with acting(actor_for(person)), pytest.raises(DatabaseError, match="not open"), transaction.atomic():
            record(actor_for(person), noted(client))
    with pytest.raises(DatabaseError, match="not open"), transaction.atomic():
        record(system("tests"), noted(plumber))


@pytest.mark.parametrize("table", ["audit_loghead", "audit_logleaf", "audit_opening"])
@pytest.mark.parametrize(
    "statement",
    ["delete from {}", "truncate {}", "update {} set client_id = 1", "insert into {} (client_id) values (1)",
     "alter table {} disable row level security", "drop table {}"],
)  # fmt: skip
def test_the_application_can_only_read_the_tables(plumber, table, statement):
    with acting(system("tests"), plumber.pk):
        record(system("tests"), noted(plumber), personal={"caller_name": "Mme Petit"})
        with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
            connection.cursor().execute(statement.format(table))
        assert len(bodies(plumber)) == 1


def test_an_opening_must_fit_its_commitment(plumber):
    body = '{"act":"X","at":"2026-11-23T15:00:00Z","personal":{"name":"00"}}'
    with acting(system("tests"), plumber.pk), pytest.raises(DatabaseError, match="fit"), transaction.atomic():
        connection.cursor().execute(
            "select append_leaf(%s, %s, %s)", [plumber.pk, body, '{"name": ["aa", "Mme Petit"]}']
        )


def test_erasing_a_name_keeps_the_tree_and_is_itself_an_act(owner, secretary, plumber):
    marc, nadia = actor_for(owner), actor_for(secretary)
    with acting(nadia):
        record(nadia, noted(plumber), personal={"caller_name": "Mme Petit"})
        before = bodies(plumber)
        with pytest.raises(NotAllowed):
            erase_personal(actor=nadia, client_id=plumber.pk, number=0, field="caller_name")
    with acting(marc):
        assert erase_personal(actor=marc, client_id=plumber.pk, number=0, field="caller_name")
        assert not erase_personal(actor=marc, client_id=plumber.pk, number=0, field="caller_name")
        newest, oldest = leaves(marc, plumber.pk)
        assert (newest.act, newest.facts["number"], newest.facts["field"]) == ("PersonalErased", 0, "caller_name")
        assert oldest.personal == {}
        assert oldest.actor_name == "Nadia Benali"
        assert bodies(plumber)[:1] == before
        assert frontier(plumber) == replay(bodies(plumber))


def test_a_stranger_erases_nothing(stranger, secretary, plumber):
    with acting(actor_for(secretary)):
        record(actor_for(secretary), noted(plumber), personal={"caller_name": "Mme Petit"})
    with acting(actor_for(stranger)):
        assert not erase_personal(actor=actor_for(stranger), client_id=plumber.pk, number=0, field="caller_name")
    with acting(actor_for(secretary)):
        assert Opening.objects.filter(field="caller_name").exists()


@pytest.mark.parametrize(
    "hostile", ["a\0b", "\ud800", "«‮gnos»", "🦆" * 3000, "'; drop table audit_logleaf; --", '{"}', ""]
)
def test_any_text_may_be_committed_to(plumber, hostile):
    with acting(system("tests"), plumber.pk):
        record(system("tests"), noted(plumber, call_id=hostile), personal={"caller_name": hostile})
        (leaf,) = leaves(system("tests"), plumber.pk)
        assert leaf.personal["caller_name"] == hostile.replace("\0", "\ufffd").replace("\ud800", "?")
        assert frontier(plumber) == replay(bodies(plumber))
