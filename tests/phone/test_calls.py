"""A caller, an Asterisk, a secretary's telephone: what each of them hears, and what is kept of it."""

import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from permanence.calls.models import Softphone
from permanence.calls.usecases import revoke_softphones
from permanence.database.context import EVERY_CLIENT, acting
from permanence.kernel.actor import system
from tests.phone.conftest import Reception
from tests.phone.telephones import Exchange, eventually

pytestmark = pytest.mark.phone
Receptions = Callable[..., Reception]


def test_a_caller_is_greeted_rings_through_and_both_hear_each_other(exchange: Exchange, reception: Receptions):
    roux = reception()
    desk = exchange.desk_phone(roux.username, rings_for=1.0)
    caller = exchange.phone().call(roux.line.number)
    assert caller.answered() == 200
    ringing = desk.rung(2)
    assert ringing.call_id == str(roux.call_in("ringing").pk)
    assert caller.hears(0.5) > 15, "the greeting or the music"
    assert ringing.answered() == 200
    assert roux.call_in("talking").secretary_id == roux.secretary.pk
    assert caller.hears() > 40
    assert ringing.hears() > 40
    caller.hang_up()
    assert ringing.ended()
    ended = roux.call_in("done")
    assert (ended.outcome, ended.caller_number) == ("answered", "+33639984127")
    assert "Proposé à Nadia" in ended.why
    assert ended.story == ["arrive", "greet", "queue", "offer", "answer", "end"]
    assert exchange.channels() == []
    assert exchange.ari("GET", "bridges") == []


def test_the_secretary_hangs_up_and_the_caller_is_free(exchange: Exchange, reception: Receptions):
    roux = reception()
    desk = exchange.desk_phone(roux.username)
    caller = exchange.phone().call(roux.line.number)
    ringing = desk.rung()
    assert ringing.answered() == 200
    roux.call_in("talking")
    ringing.hang_up()
    assert caller.ended()
    assert roux.call_in("done").outcome == "answered"


def test_the_caller_hangs_up_while_it_rings(exchange: Exchange, reception: Receptions):
    roux = reception()
    desk = exchange.desk_phone(roux.username, rings_for=None)
    caller = exchange.phone().call(roux.line.number)
    ringing = desk.rung()
    assert caller.answered() == 200
    roux.call_in("ringing")
    caller.hang_up()
    assert ringing.ended(), "the secretary's telephone stops ringing"
    assert roux.call_in("done").outcome == "abandoned"


def test_the_caller_hangs_up_while_he_waits(exchange: Exchange, reception: Receptions):
    roux = reception(state="busy")
    desk = exchange.desk_phone(roux.username)
    caller = exchange.phone().call(roux.line.number)
    assert caller.answered() == 200
    roux.call_in("queued")
    assert caller.hears() > 40, "the greeting, then music"
    caller.hang_up()
    assert roux.call_in("done").outcome == "abandoned"
    assert desk.is_silent()


def test_he_who_waits_is_rung_through_when_the_secretary_is_ready_again(exchange: Exchange, reception: Receptions):
    roux = reception(state="busy")
    desk = exchange.desk_phone(roux.username)
    caller = exchange.phone().call(roux.line.number)
    roux.call_in("queued")
    roux.set_state("ready")
    assert desk.rung(3).answered() == 200
    roux.call_in("talking")
    caller.hang_up()
    roux.call_in("done")


def test_two_callers_ring_one_after_the_other(exchange: Exchange, reception: Receptions):
    roux = reception()
    desk = exchange.desk_phone(roux.username)
    first = exchange.phone().call(roux.line.number)
    assert desk.rung().answered() == 200
    second = exchange.phone().call(roux.line.number)
    assert second.answered() == 200
    eventually(lambda: [call.state for call in roux.calls()] == ["talking", "queued"])
    first.hang_up()
    eventually(lambda: roux.calls()[0].state == "done")
    assert desk.is_silent(), "she is still wrapping up"
    roux.set_state("ready")
    assert desk.rung().answered() == 200
    second.hang_up()
    roux.call_in("done")


def test_nobody_on_duty_the_caller_leaves_a_message(exchange: Exchange, reception: Receptions):
    roux = reception(state="off")
    caller = exchange.phone().call(roux.line.number)
    assert caller.answered() == 200
    roux.call_in("voicemail")
    assert caller.listen_to_the_end() > 100, "why nobody answers, and the tone"
    time.sleep(2.5)  # he speaks
    caller.hang_up()
    ended = roux.call_in("done")
    assert ended.outcome == "voicemail"
    assert roux.seconds_recorded(ended) > 1


def test_outside_hours_the_caller_hears_that_it_is_closed(exchange: Exchange, reception: Receptions):
    roux = reception(is_open=False)
    desk = exchange.desk_phone(roux.username)
    caller = exchange.phone().call(roux.line.number)
    assert caller.answered() == 200
    roux.call_in("voicemail")
    assert caller.hears() > 40
    caller.hang_up()
    assert roux.call_in("done").outcome == "closed"
    assert desk.is_silent()


@pytest.mark.parametrize("spelling", ["0199{}", "0033199{}", "33199{}", "+33199{}"])
def test_the_operator_may_spell_the_number_as_he_likes(exchange: Exchange, reception: Receptions, spelling: str):
    roux = reception(state="busy")
    exchange.desk_phone(roux.username)
    caller = exchange.phone().call(spelling.format(roux.line.number.removeprefix("+33199")))
    assert caller.answered() == 200
    roux.call_in("queued")
    caller.hang_up()
    roux.call_in("done")


@pytest.mark.parametrize("number", ["+33199999999", "42", "*97", "+33199000010;x=1"])
def test_an_unknown_number_is_refused(exchange: Exchange, number: str):
    status = exchange.phone().call(number).answered()
    assert status is not None
    assert status >= 400


def test_a_hidden_caller_is_answered_all_the_same(exchange: Exchange, reception: Receptions):
    roux = reception()
    desk = exchange.desk_phone(roux.username)
    caller = exchange.phone().call(roux.line.number, caller="anonymous")
    assert desk.rung().answered() == 200
    assert roux.call_in("talking").caller_number == ""
    caller.hang_up()
    roux.call_in("done")


def test_a_revoked_softphone_is_hung_up_and_no_longer_known(exchange: Exchange, reception: Receptions):
    roux = reception()
    desk = exchange.desk_phone(roux.username)
    caller = exchange.phone().call(roux.line.number)
    ringing = desk.rung()
    assert ringing.answered() == 200
    roux.call_in("talking")
    with roux.rows(), acting(system("tests"), EVERY_CLIENT):
        revoke_softphones(secretary_id=roux.secretary.pk)
        assert not Softphone.objects.filter(username=roux.username, revoked_at=None).exists()
    assert ringing.ended(5)
    assert caller.ended(5)
    eventually(lambda: not exchange.is_configured(roux.username), what="Asterisk has forgotten it")


def test_a_secretary_who_lets_it_ring_is_spared_and_the_caller_waits_on(exchange: Exchange, reception: Receptions):
    roux = reception()
    desk = exchange.desk_phone(roux.username, rings_for=None)
    caller = exchange.phone().call(roux.line.number)
    ringing = desk.rung()
    assert caller.answered() == 200
    ringing.refuse()
    call = eventually(lambda: next((one for one in roux.calls() if "withdraw" in one.story), None))
    assert call is not None
    assert call.state == "queued"
    assert caller.hears() > 40
    caller.hang_up()
    roux.call_in("done")


def test_the_command_places_a_call_and_says_each_step(exchange: Exchange, reception: Receptions):
    roux = reception()
    desk = exchange.desk_phone(roux.username)
    command = [sys.executable, "-m", "permanence", "call", "--line", roux.line.number, "--for", "2"]
    done = subprocess.run(
        command, env={**roux.installation.environment, "LANG": "en"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    steps = done.stdout.splitlines()
    assert any("200 OK" in step for step in steps)
    assert any("packets" in step and not step.startswith("Heard 0") for step in steps)
    assert desk.rung().call_id == str(roux.call_in("done").pk)


@pytest.mark.parametrize(("line", "status"), [("+33199099997", 1), ("not a number", 1)])
def test_the_command_says_in_one_sentence_why_it_cannot(
    exchange: Exchange, reception: Receptions, line: str, status: int
):
    environment = reception(state="off").installation.environment
    command = [sys.executable, "-m", "permanence", "call", "--line", line]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert len(done.stderr.strip().splitlines()) == 1
