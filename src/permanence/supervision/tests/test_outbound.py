"""Where calls may go out for a client: set by an overseer on the client's sheet, refused until then."""

import re

import pytest

from permanence.audit.queries import leaves
from permanence.calls.models import OutboundPolicy
from permanence.calls.usecases import OutboundRefused, dial_out
from permanence.database.context import EVERY_CLIENT, acting
from permanence.kernel.actor import system
from permanence.supervision.tests.test_supervision import at_the_browser_of, seen
from tests.people import actor_for

pytestmark = pytest.mark.django_db
REFUSED = "icons.svg#phone-off"
CAPS = {"per_day": "3", "per_secretary_per_day": "2"}


def kept():
    return seen(lambda: list(OutboundPolicy.objects.values_list("prefixes", "per_day", "per_secretary_per_day")))


def words(answer):
    return re.sub(r"\s", " ", answer.content.decode())


def test_a_client_without_a_policy_is_called_for_by_nobody_and_the_sheet_says_so(supervisor, plumber):
    sheet = at_the_browser_of(supervisor).get(f"/supervision/clients/{plumber.pk}/")
    assert REFUSED in words(sheet)


@pytest.mark.parametrize(
    ("typed", "prefixes"),
    [
        ("+33 6, +33 1", ["+336", "+331"]),
        ("+336 +33 1.99;+336", ["+336", "+33199"]),
        ("  +33\u00a06\u202f39 ,, ", ["+33639"]),
        ("", []),
        (" , ", []),
    ],
)
def test_the_beginnings_are_read_as_they_are_typed(supervisor, plumber, typed, prefixes):
    browser, place = at_the_browser_of(supervisor), f"/supervision/clients/{plumber.pk}/"
    answer = browser.post(f"{place}outbound/", {"prefixes": typed, **CAPS})
    assert answer.status_code == 302
    assert kept() == [(prefixes, 3, 2)]
    sheet = words(browser.get(place))
    assert (REFUSED in sheet) is (not prefixes)
    assert f'value="{", ".join(prefixes)}"' in sheet or not prefixes


def test_what_is_set_opens_the_listed_numbers_and_stands_in_the_log(supervisor, plumber, secretary):
    browser, place = at_the_browser_of(supervisor), f"/supervision/clients/{plumber.pk}/outbound/"
    browser.post(place, {"prefixes": "+33 6", **CAPS})
    nadia = actor_for(secretary)
    with acting(nadia), pytest.raises(OutboundRefused):
        dial_out(actor=nadia, client=plumber, number="01 99 00 12 34")
    with acting(nadia):
        assert dial_out(actor=nadia, client=plumber, number="06 39 98 41 27").direction == "out"
    with acting(system("tests"), EVERY_CLIENT):
        logged = [leaf for leaf in leaves(system("tests"), plumber.pk) if leaf.act == "OutboundPolicySet"]
    assert [(leaf.facts["prefixes"], leaf.actor_name) for leaf in logged] == [(["+336"], supervisor.name)]


def test_a_cap_at_zero_is_said_to_refuse_everything(supervisor, plumber):
    browser, place = at_the_browser_of(supervisor), f"/supervision/clients/{plumber.pk}/"
    browser.post(f"{place}outbound/", {"prefixes": "+33 6", "per_day": "5", "per_secretary_per_day": "0"})
    assert REFUSED in words(browser.get(place))


@pytest.mark.parametrize(
    "wrong",
    [
        {"prefixes": "0033 6"},
        {"prefixes": "+33 6, 06"},
        {"prefixes": "+"},
        {"prefixes": "+33 6*"},
        {"prefixes": "+3٣"},
        {"prefixes": "+" + "1" * 16},
        {"prefixes": "<script>alert(1)</script>"},
        {"prefixes": "+33 6, " * 100},
        {"prefixes": "+33 6\0"},
        {"per_day": "-1"},
        {"per_day": ""},
        {"per_day": "beaucoup"},
        {"per_secretary_per_day": "9" * 5_000},
    ],
)
def test_what_is_malformed_is_refused_and_stays_typed(supervisor, plumber, wrong):
    sent = {"prefixes": "+33 7", **CAPS, **wrong}
    answer = at_the_browser_of(supervisor).post(f"/supervision/clients/{plumber.pk}/outbound/", sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'class="form-error"' in page
    assert "<script>alert" not in page
    (name, typed), *_others = wrong.items()
    shown = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    assert shown
    assert typed.startswith("<") or "\0" in typed or typed.strip() in shown[0] or not typed
    assert kept() == []


def test_the_refusal_names_the_beginning_that_is_wrong(supervisor, plumber):
    sent = {"prefixes": "+33 6, 06 39", **CAPS}
    answer = at_the_browser_of(supervisor).post(f"/supervision/clients/{plumber.pk}/outbound/", sent)
    assert "« 0639 » n’est pas le début d’un numéro international" in words(answer)


def test_nobody_but_an_overseer_sets_it(supervisor, plumber, lawyer, secretary, owner, stranger):
    place = f"/supervision/clients/{plumber.pk}/outbound/"
    sent = {"prefixes": "+33 6", **CAPS}
    for person in (secretary, owner, stranger):
        assert at_the_browser_of(person).post(place, sent).status_code == 404
    browser = at_the_browser_of(supervisor)
    assert browser.get(place).status_code == 405
    assert browser.post("/supervision/clients/999999999/outbound/", sent).status_code == 404
    assert kept() == []
