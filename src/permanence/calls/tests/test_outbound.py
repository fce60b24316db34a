"""Calling out: denied by default, opened by prefix, bounded by day."""

from datetime import datetime
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from permanence.audit.queries import leaves
from permanence.calls.models import OutboundPolicy
from permanence.calls.queries import outbound_policy
from permanence.calls.rules.outbound import DENY, Policy, Used, is_prefix, outbound
from permanence.calls.tests.telephone import TELEPHONY, hang_up
from permanence.calls.usecases import OutboundRefused, SecretaryTaken, dial_out, set_outbound_policy
from permanence.calls.usecases.outbound import ClientCapReached, NotListed, PrefixMalformed, SecretaryCapReached
from permanence.database.context import EVERY_CLIENT, acting
from permanence.kernel.actor import NotAllowed
from permanence.kernel.clock import PARIS, living_at
from permanence.kernel.phones import NotAPhoneNumber
from tests.people import actor_for, grant, make_secretary

MOBILE, PREMIUM, SATELLITE, SPAIN = "+33639984127", "+33899701234", "+881612345678", "+34911234567"
WIDE = Policy(prefixes=("+", "+3", "+33", "+34", "+8", "+881"), per_day=5, per_secretary_per_day=3)
NONE_USED = Used()


@given(st.text(max_size=20) | st.from_regex(r"\+[1-9][0-9]{5,14}", fullmatch=True))
def test_denied_by_default(number):
    assert outbound(number, DENY, NONE_USED)


@given(
    st.from_regex(r"\+[1-9][0-9]{5,14}", fullmatch=True),
    st.lists(st.from_regex(r"\+[1-9][0-9]{0,5}", fullmatch=True), max_size=4),
    st.integers(0, 6),
    st.integers(0, 6),
)
def test_only_what_a_prefix_lists_within_both_caps(number, prefixes, by_client, by_secretary):
    policy = Policy(prefixes=tuple(prefixes), per_day=4, per_secretary_per_day=2)
    refusal = outbound(number, policy, Used(by_client=by_client, by_secretary=by_secretary))
    if refusal is None:
        assert any(number.startswith(prefix) for prefix in prefixes)
        assert by_client < 4
        assert by_secretary < 2
    if not prefixes:
        assert refusal in ("not_listed", "not_a_number")


@pytest.mark.parametrize(
    ("number", "prefix", "is_open"),
    [
        (MOBILE, "+33", True), (MOBILE, "+336", True), (MOBILE, "+337", False), (MOBILE, "+3", False),
        (PREMIUM, "+33", False), (PREMIUM, "+338", False), (PREMIUM, "+33899", True), (SATELLITE, "+8", False),
        (SATELLITE, "+881", True), (SPAIN, "+33", False), (SPAIN, "+34", True), ("+19005551234", "+1", False),
        ("+12025550123", "+1", True), ("+448712345678", "+44", False), ("112", "+1", False), ("+33", "+33", False),
    ],
)  # fmt: skip
def test_dear_numbers_need_a_precise_prefix(number, prefix, is_open):
    policy = Policy(prefixes=(prefix,), per_day=1, per_secretary_per_day=1)
    assert (outbound(number, policy, NONE_USED) is None) is is_open


def test_caps():
    assert outbound(MOBILE, WIDE, Used(by_client=5)) == "client_cap"
    assert outbound(MOBILE, WIDE, Used(by_client=4, by_secretary=3)) == "secretary_cap"
    assert [is_prefix(text) for text in ("+33", "33", "+", "+0", "+33*", "+33\n", "+3٣")] == [True] + [False] * 6


@pytest.fixture
def policy(plumber, supervisor):
    karim = actor_for(supervisor)
    with acting(karim):
        return set_outbound_policy(
            actor=karim, client=plumber, prefixes=("+336", "+337"), per_day=3, per_secretary_per_day=2
        )


def dial(secretary, client, number="06 39 98 41 27"):
    nadia = actor_for(secretary)
    with acting(nadia):
        return dial_out(actor=nadia, client=client, number=number)


@pytest.mark.django_db
def test_a_call_goes_out_for_the_client(plumber, secretary, policy):
    call = dial(secretary, plumber)
    assert (call.direction, call.state, call.caller_number) == ("out", "ringing", MOBILE)
    assert call.secretary_id == secretary.pk
    with acting(TELEPHONY, plumber.pk):
        assert leaves(TELEPHONY, plumber.pk)[0].facts["direction"] == "out"
    with pytest.raises(SecretaryTaken):
        dial(secretary, plumber)


@pytest.mark.django_db
def test_without_a_policy_no_call_goes_out(plumber, secretary):
    with pytest.raises(NotListed):
        dial(secretary, plumber)


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["0899 70 12 34", "+34 911 23 45 67", "+881 6 1234 5678", "01 99 00 12 34"])
def test_what_is_not_listed_is_refused(plumber, secretary, policy, number):
    with pytest.raises(OutboundRefused):
        dial(secretary, plumber, number)
    with pytest.raises(NotAPhoneNumber):
        dial(secretary, plumber, "112")


@pytest.mark.django_db
def test_the_day_has_its_caps_and_ends_at_midnight_in_paris(plumber, secretary, policy):
    ines = make_secretary("Inès Morel")
    with living_at(datetime(2026, 11, 23, 23, 30, tzinfo=PARIS)):
        grant(secretary, plumber)
        grant(ines, plumber)
        for _each in range(2):
            hang_up(plumber, dial(secretary, plumber))
        with pytest.raises(SecretaryCapReached):
            dial(secretary, plumber)
        hang_up(plumber, dial(ines, plumber))
        with pytest.raises(ClientCapReached):
            dial(ines, plumber)
    with living_at(datetime(2026, 11, 24, 0, 1, tzinfo=PARIS)):
        assert dial(secretary, plumber)


@pytest.mark.django_db
def test_only_overseers_open_numbers(plumber, secretary, supervisor, policy):
    nadia, karim = actor_for(secretary), actor_for(supervisor)
    wide: Any = {"prefixes": ("+",), "per_day": 1000, "per_secretary_per_day": 1000}
    with acting(nadia):
        with pytest.raises(NotAllowed):
            set_outbound_policy(actor=nadia, client=plumber, **wide)
        assert OutboundPolicy.objects.update(per_day=9999) == 0  # the database, too
        assert OutboundPolicy.objects.get(client=plumber).per_day == 3
        assert outbound_policy(nadia, plumber) == policy
        with pytest.raises(DatabaseError), transaction.atomic():
            OutboundPolicy.objects.create(client=plumber, edited_at=policy.edited_at)
    with acting(karim), pytest.raises(PrefixMalformed):
        set_outbound_policy(actor=karim, client=plumber, **{**wide, "prefixes": ("0033",)})
    with acting(TELEPHONY, EVERY_CLIENT):
        assert [leaf.act for leaf in leaves(TELEPHONY, plumber.pk)] == ["OutboundPolicySet"]
