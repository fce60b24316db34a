"""Every page, as the owner, a plain member, another company's member and a secretary see it."""

import pytest
from django.urls import reverse

from permanence.audit.queries import leaves
from permanence.calls.models import Line
from permanence.database.context import acting
from permanence.kernel.actor import Role
from permanence.portal.tests.conftest import window
from permanence.portal.urls import urlpatterns
from tests.people import actor_for, make_user

PAGES = ["home", "more", "messages", "calls", "instructions", "people", "hours", "company", "knowledge", "journal"]
FRAGMENTS = ["waiting", "count", "today", "pair"]
OWNERS_PAGES = ["members", "instruction_new", "person_new", "knowledge_new"]
MOST_READS = 36


@pytest.fixture
def addresses(message, instruction, entry, marc, owner, member, plumber):
    """An address for every route of the portal, each with a row of the plumber's."""
    with acting(actor_for(owner)):
        line = Line.objects.get(client=plumber)
    given = {
        "message_id": message.pk,
        "instruction_id": instruction.pk,
        "entry_id": entry.pk,
        "person_id": marc.pk,
        "member_id": member.pk,
        "line_id": line.pk,
        "availability_id": 1,
        "day_id": 1,
    }
    return {
        pattern.name: reverse(
            f"portal:{pattern.name}", kwargs={name: given[name] for name in pattern.pattern.converters}
        )
        for pattern in urlpatterns
    }


def test_the_owner_and_the_member_open_every_page_in_a_bounded_number_of_reads(
    addresses, owner, member, paired, django_assert_max_num_queries
):
    for person in (owner, member):
        browser = window(person.user)
        for name in [*PAGES, *FRAGMENTS, "message", "instruction", "person"]:
            with django_assert_max_num_queries(MOST_READS):
                answer = browser.get(addresses[name])
            assert answer.status_code == 200, name
            assert "<script>alert" not in answer.text, name


def test_only_the_owner_opens_what_changes_the_company(addresses, owner, member):
    editing = [
        *OWNERS_PAGES,
        "person_edit",
        "knowledge_entry",
        "withdrawal",
        "departure",
        "knowledge_removal",
        "member",
    ]
    for name in [*editing, "member_closing"]:
        assert window(owner.user).get(addresses[name]).status_code == 200, name
        assert window(member.user).get(addresses[name]).status_code == 404, name


def test_a_passer_by_signs_in_first(addresses, client):
    for address in addresses.values():
        answer = client.get(address)
        assert answer.status_code in (302, 405)
        assert answer.status_code == 405 or "/login/" in answer["Location"]


def test_nobody_of_the_bureau_opens_the_clients_space(addresses, secretary, supervisor):
    for user in (secretary.user, supervisor):
        for name, address in addresses.items():
            assert window(user).get(address).status_code in (404, 405), name
            assert window(user).post(address).status_code == 404, name


def test_another_company_finds_none_of_its_rows(addresses, stranger):
    browser = window(stranger.user)
    for name, address in addresses.items():
        if any(part.isdigit() for part in address.split("/")):
            assert browser.get(address).status_code in (404, 405), name
            assert browser.post(address).status_code == 404, name


def test_who_is_a_member_of_nothing_finds_nothing(db):
    assert window(make_user("Paul Seul", Role.OWNER)).get(reverse("portal:home")).status_code == 404


def test_the_first_page_shows_what_waits_and_who_answers(message, owner, paired):
    page = window(owner.user).get(reverse("portal:home")).text
    assert "Fuite sous évier" in page
    assert "rappel avant 18" in page
    assert "Nadia" in page
    assert 'href="tel:+33639980011"' in page


def test_the_journal_tells_each_act_with_its_subject_readings_included(message, instruction, entry, owner, plumber):
    browser = window(owner.user)
    browser.get(reverse("portal:message", args=[message.pk]))
    page = browser.get(reverse("portal:journal")).text
    assert "M. Petit" in page
    with acting(actor_for(owner)):
        assert leaves(actor_for(owner), plumber.pk)[0].act == "MessageOpened"
    assert browser.get(reverse("portal:journal") + "?before=3").status_code == 200
    assert browser.get(reverse("portal:journal") + "?before=x").status_code == 404


@pytest.mark.parametrize("query", ["?day=demain", "?day=1999-01-01", "?day=2999-01-01"])
def test_a_day_that_is_none_is_not_found(owner, query):
    assert window(owner.user).get(reverse("portal:calls") + query).status_code == 404


def test_days_before_are_one_step_away(owner, call):
    browser = window(owner.user)
    assert "06\u00a039\u00a098\u00a000\u00a011" in browser.get(reverse("portal:calls")).text
    assert "06\u00a039" not in browser.get(reverse("portal:calls") + "?day=2026-01-05").text
