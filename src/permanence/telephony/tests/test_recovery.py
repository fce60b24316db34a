"""What a daemon finds when it comes back: lists as Asterisk gave them after kill -9."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from permanence.telephony.recovery import Adopt, DropBridge, HangUp, plan

BEGAN = "2026-11-24T22:16:03.291+0000"
SINCE = datetime(2026, 11, 24, 22, 16, 3, 291000, tzinfo=UTC)


def caller(state: str, id_: str = "node1-1.1", *, app: str = "Stasis", kind: str = "inbound") -> dict[str, Any]:
    return {
        "id": id_,
        "name": "PJSIP/trunk-00000001",
        "state": "Up",
        "caller": {"name": "", "number": "0639984127"},
        "dialplan": {"context": "arrival", "app_name": app, "app_data": f"permanence,{kind},+33199000010"},
        "creationtime": BEGAN,
        "channelvars": {"PERMANENCE_STATE": state, "PERMANENCE_ROLE": "", "PERMANENCE_CALL": ""},
    }


def leg(of: str = "node1-1.1", id_: str = "e88e-secretary-1", state: str = "Up") -> dict[str, Any]:
    return {
        "id": id_,
        "name": "PJSIP/s4-5e5d93ac7f30-00000002",
        "state": state,
        "caller": {"name": "", "number": ""},
        "dialplan": {"context": "from-secretary", "app_name": "AppDial2", "app_data": "(Outgoing Line)"},
        "creationtime": BEGAN,
        "channelvars": {"PERMANENCE_ROLE": "secretary", "PERMANENCE_CALL": of, "PERMANENCE_SECRETARY": "4"},
    }


def bridge(*members: str, id_: str = "bridge-e88e") -> dict[str, Any]:
    return {"id": id_, "technology": "simple_bridge", "bridge_type": "mixing", "channels": list(members)}


def adopted(course: str, **more: Any) -> Adopt:
    return Adopt("node1-1.1", "+33199000010", "0639984127", SINCE, course, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", ["talking", "held"])
def test_a_conversation_is_adopted_as_it_is(state):
    steps = plan([caller(state), leg()], [bridge("node1-1.1", "e88e-secretary-1")])
    assert steps == [adopted("talk", leg="e88e-secretary-1", secretary_id=4)]


@pytest.mark.parametrize("state", ["greeting", "queued"])
def test_he_who_waits_waits_on_with_his_time(state):
    assert plan([caller(state)], []) == [adopted("wait")]


def test_a_telephone_that_rings_stops_and_its_caller_waits_on():
    assert plan([caller("ringing"), leg(state="Ringing")], []) == [adopted("wait"), HangUp("e88e-secretary-1")]


def test_answered_in_the_instant_of_the_crash_counts_as_talking():
    steps = plan([caller("ringing"), leg()], [bridge("node1-1.1", "e88e-secretary-1")])
    assert steps == [adopted("talk", leg="e88e-secretary-1", secretary_id=4)]


def test_the_secretary_left_while_nobody_watched():
    assert plan([caller("talking")], [bridge("node1-1.1")]) == [HangUp("node1-1.1"), DropBridge("bridge-e88e")]


def test_the_caller_left_while_nobody_watched():
    steps = plan([leg()], [bridge("e88e-secretary-1")])
    assert steps == [HangUp("e88e-secretary-1"), DropBridge("bridge-e88e")]


def test_an_empty_bridge_of_ours_is_dropped_and_others_are_left():
    assert plan([], [bridge(), bridge(id_="somebody-else")]) == [DropBridge("bridge-e88e")]


def test_a_message_being_left_is_waited_for():
    assert plan([caller("voicemail")], []) == [adopted("keep_message")]


def test_a_caller_whom_nobody_received_is_received():
    assert plan([caller("new")], []) == [adopted("arrive")]


def test_a_call_in_the_dialplan_s_own_reception_is_left_there():
    assert plan([caller("new", app="Dial")], []) == []


def test_calls_that_are_driven_already_are_left_alone():
    channels = [caller("talking"), leg(), caller("queued", "node1-1.7")]
    bridges = [bridge("node1-1.1", "e88e-secretary-1")]
    driven = ["node1-1.1", "e88e-secretary-1", "bridge-e88e"]
    assert plan(channels, bridges, driven=driven) == [replace(adopted("wait"), channel="node1-1.7")]


def test_each_conversation_keeps_its_own_leg():
    channels = [caller("talking"), leg(), caller("talking", "node1-1.7"), leg("node1-1.7", "f99f-secretary-2")]
    bridges = [bridge("node1-1.1", "e88e-secretary-1"), bridge("node1-1.7", "f99f-secretary-2", id_="bridge-f99f")]
    assert [(step.channel, step.leg) for step in plan(channels, bridges) if isinstance(step, Adopt)] == [
        ("node1-1.1", "e88e-secretary-1"),
        ("node1-1.7", "f99f-secretary-2"),
    ]
