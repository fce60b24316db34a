"""The daemon dies: conversations go on, those who wait are found again, and callers are received without it."""

import time
from collections.abc import Callable

import pytest

from tests.phone.conftest import Daemon, Reception
from tests.phone.telephones import Exchange, eventually

pytestmark = pytest.mark.phone
Receptions = Callable[..., Reception]


def test_killed_while_they_talk_the_audio_goes_on_and_the_call_is_adopted(
    exchange: Exchange, reception: Receptions, daemon: Daemon
):
    roux = reception()
    desk = exchange.desk_phone(roux.username)
    caller = exchange.phone().call(roux.line.number)
    ringing = desk.rung()
    assert ringing.answered() == 200
    before = roux.call_in("talking")
    with daemon.away():
        assert caller.hears() > 40
        assert ringing.hears() > 40
    eventually(daemon.pid, 20)
    caller.hang_up()
    assert ringing.ended(20), "the adopted leg is tidied"
    after = roux.call_in("done")
    assert (after.pk, after.outcome, after.answered_at) == (before.pk, "answered", before.answered_at)
    eventually(lambda: exchange.channels() == [] and exchange.ari("GET", "bridges") == [])


def test_killed_while_he_waits_the_caller_is_queued_again_with_his_time_and_no_second_greeting(
    exchange: Exchange, reception: Receptions, daemon: Daemon
):
    roux = reception(state="busy")
    desk = exchange.desk_phone(roux.username)
    caller = exchange.phone().call(roux.line.number)
    waiting = roux.call_in("queued")
    daemon.kill()
    assert caller.hears() > 40, "the music goes on"
    eventually(daemon.pid, 20)
    roux.set_state("ready")
    ringing = desk.rung(20)
    assert ringing.call_id == str(waiting.pk)
    assert ringing.answered() == 200
    talking = roux.call_in("talking")
    assert talking.started_at == waiting.started_at
    assert talking.story.count("greet") == 1  # type: ignore[attr-defined]
    caller.hang_up()
    roux.call_in("done")


def test_killed_while_it_rings_the_telephone_stops_and_rings_again(
    exchange: Exchange, reception: Receptions, daemon: Daemon
):
    roux = reception()
    desk = exchange.desk_phone(roux.username, rings_for=None)
    caller = exchange.phone().call(roux.line.number)
    first = desk.rung()
    roux.call_in("ringing")
    daemon.kill()
    assert first.ended(20)
    second = desk.rung(20)
    assert second.call_id == first.call_id
    caller.hang_up()
    assert second.ended()
    roux.call_in("done")


def test_the_caller_hangs_up_while_nobody_watches(exchange: Exchange, reception: Receptions, daemon: Daemon):
    roux = reception(state="busy")
    exchange.desk_phone(roux.username)
    caller = exchange.phone().call(roux.line.number)
    roux.call_in("queued")
    with daemon.away():
        caller.hang_up()
    assert roux.call_in("done", seconds=25).outcome == "lost"


def test_without_a_daemon_the_granted_secretary_is_rung(exchange: Exchange, reception: Receptions, daemon: Daemon):
    roux = reception()
    desk = exchange.desk_phone(roux.username)
    eventually(lambda: roux.username in exchange.fallback_of(roux.line.number), what="the dialplan knows whom to ring")
    with daemon.away():
        caller = exchange.phone().call(roux.line.number)
        assert caller.answered() == 200
        ringing = desk.rung(10)
        assert ringing.answered() == 200
        assert caller.hears() > 40
        assert ringing.hears() > 40
        caller.hang_up()
        assert ringing.ended()
    assert roux.call_in("done", seconds=40).outcome == "fallback"


def test_without_a_daemon_and_without_a_secretary_a_message_is_kept_and_taken_in(
    exchange: Exchange, reception: Receptions, daemon: Daemon
):
    roux = reception(state="off")
    eventually(lambda: exchange.fallback_of(roux.line.number) == "-")
    with daemon.away():
        caller = exchange.phone().call(roux.line.number, caller="+33639984155")
        assert caller.answered() == 200
        assert caller.listen_to_the_end() > 100
        time.sleep(2.5)  # he speaks
        caller.hang_up()
    taken_in = roux.call_in("done", seconds=40)
    assert (taken_in.outcome, taken_in.caller_number) == ("fallback", "+33639984155")
    assert roux.seconds_recorded(taken_in) > 1


def test_without_a_daemon_an_unknown_number_is_refused(exchange: Exchange, reception: Receptions, daemon: Daemon):
    roux = reception(state="off")
    eventually(lambda: exchange.fallback_of(roux.line.number) == "-")
    with daemon.away():
        status = exchange.phone().call("+33199099998").answered()
    assert status is not None
    assert status >= 400
