"""Calls that go out: none, unless the client's policy opens the number."""

from collections.abc import Callable

import pytest

from permanence.calls.usecases import set_outbound_policy
from permanence.database.context import EVERY_CLIENT, acting
from permanence.kernel.actor import system
from tests.phone.conftest import OPERATOR_PORT, Reception
from tests.phone.telephones import Exchange

pytestmark = pytest.mark.phone
Receptions = Callable[..., Reception]
OUTSIDE = "+33639984100"


def test_a_softphone_proves_who_it_is_before_anything(exchange: Exchange, reception: Receptions):
    roux = reception()
    desk = exchange.desk_phone(roux.username)
    assert desk.call(OUTSIDE, caller=roux.username).answered() == 401
    assert roux.calls() == []


def test_no_call_goes_out_without_a_policy(exchange: Exchange, reception: Receptions):
    roux = reception()
    desk = exchange.desk_phone(roux.username)
    exchange.trust(roux.username)
    operator = exchange.phone(port=OPERATOR_PORT)
    for headers in ((f"X-Permanence-Line: {roux.line.number}",), (), ("X-Permanence-Line: +33199099999",)):
        status = desk.call(OUTSIDE, caller=roux.username, headers=headers).answered()
        assert status is not None
        assert 400 <= status < 700
    assert operator.is_silent()
    assert roux.calls() == []
    exchange.close(operator)


def test_a_listed_number_is_called_with_the_client_s_line_shown(exchange: Exchange, reception: Receptions):
    roux = reception()
    with roux.rows(), acting(system("tests"), EVERY_CLIENT):
        set_outbound_policy(
            actor=system("tests"), client=roux.client, prefixes=("+33639984",), per_day=1, per_secretary_per_day=1
        )
    desk = exchange.desk_phone(roux.username)
    exchange.trust(roux.username)
    operator = exchange.phone(port=OPERATOR_PORT)
    headers = (f"X-Permanence-Line: {roux.line.number}",)
    outgoing = desk.call(OUTSIDE, caller=roux.username, headers=headers)
    outside = operator.rung()
    assert roux.line.number in outside.shown
    assert outgoing.answered() == 200
    assert outgoing.hears() > 40
    assert outside.hears() > 40
    assert roux.call_in("talking").direction == "out"
    outgoing.hang_up()
    assert outside.ended()
    assert roux.call_in("done").outcome == "answered"
    roux.set_state("ready")
    again = desk.call(OUTSIDE, caller=roux.username, headers=headers).answered()
    assert again is not None
    assert again >= 400, "one call a day"
    exchange.close(operator)
