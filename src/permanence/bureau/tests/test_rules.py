from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis.strategies import booleans, lists, sampled_from, tuples

from permanence.bureau.rules import BY_PEOPLE, BY_THE_SYSTEM, browser_of, is_complete, may_deactivate, may_follow
from permanence.kernel.actor import Role

STATES = ["ready", "busy", "wrapping_up", "away", "off"]
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@given(lists(tuples(sampled_from(STATES), booleans()), max_size=30))
def test_whatever_is_asked_nobody_talks_without_a_call_nor_wraps_up_without_having_talked(asked):
    state, talked = "off", False
    for wanted, by_the_system in asked:
        if may_follow(state, wanted, by_the_system=by_the_system):
            assert wanted != "busy" or by_the_system
            assert wanted != "wrapping_up" or (by_the_system and talked)
            state = wanted
            talked = state in ("busy", "wrapping_up")


@given(sampled_from(STATES))
def test_the_bureau_can_always_sign_somebody_off(state):
    assert may_follow(state, "off", by_the_system=True)


def test_a_late_end_of_call_brings_nobody_back():
    assert not may_follow("off", "wrapping_up", by_the_system=True)
    assert not may_follow("away", "ready", by_the_system=True)
    assert not may_follow("busy", "ready", by_the_system=True)


def test_she_does_not_leave_a_call_by_choosing_another_state():
    assert not [state for state in STATES if may_follow("busy", state, by_the_system=False)]


def test_every_state_is_named_in_the_tables():
    assert set(BY_THE_SYSTEM) == set(STATES)
    assert set(BY_PEOPLE) == {"ready", "away", "off"}
    assert not may_follow("ready", "asleep", by_the_system=True)


@pytest.mark.parametrize(
    ("state", "reason", "until", "complete"),
    [
        ("away", "lunch", None, True),
        ("away", "lunch", NOON + timedelta(minutes=30), True),
        ("away", "lunch", NOON, False),
        ("away", "", None, False),
        ("ready", "", None, True),
        ("ready", "lunch", None, False),
        ("off", "", NOON + timedelta(hours=1), False),
    ],
)
def test_away_alone_has_a_reason_and_perhaps_an_end(state, reason, until, complete):
    assert is_complete(state, reason, until, NOON) is complete


def test_only_an_administrator_closes_the_bureaus_accounts():
    assert may_deactivate(Role.ADMINISTRATOR, Role.SUPERVISOR)
    assert not may_deactivate(Role.SUPERVISOR, Role.SECRETARY)
    assert may_deactivate(Role.SUPERVISOR, Role.MEMBER)
    assert may_deactivate(Role.OWNER, Role.MEMBER)
    assert not may_deactivate(Role.MEMBER, Role.OWNER)


@pytest.mark.parametrize(
    ("agent", "named"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) AppleWebKit/605.1 Version/19.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8.5", ""),
    ],
)
def test_a_browser_is_named_so_that_its_owner_recognises_it(agent, named):
    assert browser_of(agent) == named
