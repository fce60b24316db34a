"""What the dialplan wrote down while we were away: nothing in it is believed without a look."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.calls.models import Call
from permanence.calls.queries import routing_directory
from permanence.database.context import EVERY_CLIENT, acting
from permanence.kernel.actor import system
from permanence.telephony.call import call_id_of
from permanence.telephony.fallback import EMPTY_BYTES, Entry, Recordings, read_entry, take_in

TELEPHONY = system("telephony")
WAV = b"RIFF\x00\x00\x00\x00WAVE" + bytes(EMPTY_BYTES)


def test_an_entry_is_read():
    entry = read_entry("node1-1.1", "33199000010,0639984155,1795558557,1795558600,CHANUNAVAIL,\n")
    at = datetime.fromtimestamp(1795558557, UTC)
    assert entry == Entry("node1-1.1", "+33199000010", "0639984155", at, datetime.fromtimestamp(1795558600, UTC))


@pytest.mark.parametrize(
    "text", ["", ",,,,", "33199000010", "abc,06,1,2", "33199000010,06,soon,2", "33199000010,06,9e99,1"]
)
def test_what_is_not_an_entry_is_dropped(text):
    assert read_entry("node1-1.1", text) is None


@given(st.text(max_size=80))
def test_no_text_brings_it_down(text):
    read_entry("node1-1.1", text)


@pytest.fixture
def spool(tmp_path):
    (tmp_path / "fallback").mkdir()
    (tmp_path / "recording").mkdir()
    return tmp_path


def taken_in(spool) -> int:
    with acting(TELEPHONY, EVERY_CLIENT):
        directory = routing_directory(TELEPHONY)
        return take_in(spool / "fallback", Recordings(spool / "recording"), directory, "node1")


def line_of(client) -> str:
    from permanence.calls.models import Line

    with acting(TELEPHONY, EVERY_CLIENT):
        return Line.objects.get(client=client).number.lstrip("+")


def test_a_call_and_its_recording_are_taken_in_once(plumber, spool, settings):
    settings.MEDIA_ROOT = spool / "media"
    entry = f"{line_of(plumber)},0639984155,1795558557,1795558600,,"
    for _ in range(2):
        (spool / "fallback/node1-1.1").write_text(entry)
        (spool / "recording/fallback-node1-1.1.wav").write_bytes(WAV)
        assert taken_in(spool) == 1
    with acting(TELEPHONY, EVERY_CLIENT):
        call = Call.objects.get()
        assert (call.pk, call.outcome, call.caller_number) == (call_id_of("node1-1.1"), "fallback", "+33639984155")
        assert call.voicemail.read() == WAV
    assert list(spool.glob("*/*node1*")) == []


def test_a_call_without_words_leaves_no_recording(plumber, spool):
    (spool / "fallback/node1-1.2").write_text(f"{line_of(plumber)},,1795558557,1795558560,,")
    (spool / "recording/fallback-node1-1.2.wav").write_bytes(b"RIFF")
    assert taken_in(spool) == 1
    with acting(TELEPHONY, EVERY_CLIENT):
        assert not Call.objects.get().voicemail


def test_a_call_to_nobody_s_line_is_forgotten(plumber, spool):
    (spool / "fallback/node1-1.3").write_text("33199999999,0639984155,1795558557,1795558600,,")
    (spool / "recording/fallback-node1-1.3.wav").write_bytes(WAV)
    assert taken_in(spool) == 0
    assert list(spool.glob("*/*node1*")) == []
