"""Frames as Asterisk 22 sent them, and frames that no Asterisk should send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.telephony.translate import (
    EVENTS,
    Arrived,
    Ended,
    Held,
    LinkLost,
    Played,
    Reachable,
    Recorded,
    Resumed,
    endpoint_of,
    translate,
)

ID = "node1-1795558557.1"
CHANNEL: dict[str, object] = {
    "id": ID,
    "name": "PJSIP/trunk-00000002",
    "state": "Ring",
    "caller": {"name": "", "number": "0639984127"},
    "connected": {"name": "", "number": ""},
    "dialplan": {"context": "arrival", "app_name": "Stasis", "app_data": "permanence,inbound,+33199000010"},
    "creationtime": "2026-11-24T22:16:03.291+0000",
    "language": "fr",
    "channelvars": {"PERMANENCE_STATE": "new", "PERMANENCE_ROLE": ""},
}  # fmt: skip


def frame(kind: str, **more: object) -> dict[str, object]:
    return {"type": kind, "timestamp": "2026-11-24T22:16:03.300+0000", "application": "permanence", **more}


def test_a_caller_arrives():
    fact = translate(frame("StasisStart", args=["inbound", "+33199000010"], channel=CHANNEL))
    assert fact == Arrived(ID, "inbound", ("+33199000010",), "0639984127", "trunk")


def test_a_leg_arrives():
    leg = {**CHANNEL, "id": "e88e-secretary-1", "name": "PJSIP/s4-5e5d93ac7f30-00000006"}
    fact = translate(frame("StasisStart", args=["leg", ID], channel=leg))
    assert fact == Arrived("e88e-secretary-1", "leg", (ID,), "0639984127", "s4-5e5d93ac7f30")


@pytest.mark.parametrize(
    ("given_frame", "fact"),
    [
        (frame("StasisEnd", channel=CHANNEL), Ended(ID, 0)),
        (frame("ChannelDestroyed", channel=CHANNEL, cause=19, cause_txt=""), Ended(ID, 19)),
        (frame("ChannelHold", channel=CHANNEL), Held(ID)),
        (frame("ChannelUnhold", channel=CHANNEL), Resumed(ID)),
        (frame("PlaybackFinished", playback={"id": "greeting-1", "state": "done"}), Played("greeting-1")),
        (frame("PlaybackFinished", playback={"id": "greeting-1", "state": "failed"}), Played("greeting-1")),
        (frame("RecordingFinished", recording={"name": "v-1", "duration": 7}), Recorded("v-1", 7, failed=False)),
        (frame("RecordingFailed", recording={"name": "voicemail-1"}), Recorded("voicemail-1", 0, failed=True)),
        ({"type": "LinkLost"}, LinkLost("")),
    ],
)  # fmt: skip
def test_what_happens_in_a_call(given_frame, fact):
    assert translate(given_frame) == fact


@pytest.mark.parametrize(
    ("status", "reachable"), [("Reachable", True), ("NonQualified", True), ("Unreachable", False), ("Removed", False)]
)
def test_a_softphone_comes_and_goes(status, reachable):
    contact = {"contact_status": status, "uri": "sip:x@127.0.0.1", "aor": "s4-5e5d93ac7f30"}
    told = frame("ContactStatusChange", endpoint={"resource": "s4-5e5d93ac7f30"}, contact_info=contact)
    assert translate(told) == Reachable("s4-5e5d93ac7f30", reachable)


@pytest.mark.parametrize(
    "noise",
    [
        {},
        {"type": None},
        {"type": ["StasisStart"]},
        frame("ChannelVarset", channel=CHANNEL, variable="X", value="1"),
        frame("StasisStart", args=["inbound"], channel={"id": "x"}),
        frame("StasisStart", args=None, channel=CHANNEL),
        frame("ChannelDestroyed", channel=CHANNEL, cause="soon"),
        frame("RecordingFinished", recording=None),
        frame("ContactStatusChange", endpoint={"resource": "x"}, contact_info={"contact_status": "Unknown"}),
    ],
)
def test_what_is_not_understood_is_no_fact(noise):
    assert translate(noise) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)


@given(
    st.sampled_from(EVENTS),
    st.dictionaries(st.sampled_from(["channel", "args", "playback", "recording", "cause"]), JSON),
)
def test_no_frame_brings_the_daemon_down(kind, more):
    translate({"type": kind, **more})


def test_the_endpoint_of_a_channel():
    assert endpoint_of("PJSIP/s4-5e5d93ac7f30-0000001a") == "s4-5e5d93ac7f30"
    assert endpoint_of("Local/x@y-1;2") == "x@y"
