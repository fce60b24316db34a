"""What the desk, the portal and the daemon read, in how many statements."""

from datetime import datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from permanence.audit.queries import leaves
from permanence.bureau.usecases import set_state
from permanence.calls import queries
from permanence.calls.queries.directory import ANSWERED_TO_KNOW
from permanence.calls.rules.routing import Waiting, decide
from permanence.calls.tests.telephone import CALLER, TELEPHONY, arrive, hang_up, talk, tell
from permanence.calls.usecases import attach_voicemail, open_voicemail, send_to_voicemail, wrap_up_call
from permanence.calls.usecases.ending import NotARecording
from permanence.clients.models import Pairing
from permanence.database.context import EVERY_CLIENT, acting
from permanence.kernel.actor import NotAllowed
from permanence.kernel.clock import PARIS, living_at, now
from tests.people import actor_for, grant, make_client, make_secretary

pytestmark = pytest.mark.django_db
AUDIO = b"RIFF\x24\0\0\0WAVEfmt " + bytes(60)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def live(actor):
    found = queries.live_call(actor)
    assert found
    return found


def directory():
    with acting(TELEPHONY, EVERY_CLIENT):
        return queries.routing_directory(TELEPHONY)


def test_what_is_not_hers_is_not_there(plumber, lawyer, secretary, stranger, waiting):
    nadia, awa = actor_for(secretary), actor_for(stranger)
    other = tell(lawyer, "queue_call", arrive(lawyer))
    with acting(nadia):
        assert queries.call_for(nadia, str(waiting.pk)).client == plumber
        assert [call.pk for call in queries.waiting_calls(nadia)] == [waiting.pk]
        for call_id in (other.pk, "not-a-uuid", "../etc/passwd"):
            with pytest.raises(Http404):
                queries.call_for(nadia, call_id)
    with acting(awa):
        with pytest.raises(Http404):
            queries.call_for(awa, waiting.pk)
        assert [call.pk for call in queries.calls_of_client_today(awa)] == [other.pk]
        with pytest.raises(NotAllowed):
            queries.waiting_calls(awa)


def test_her_call_now_then_the_one_to_wrap_up_then_none(plumber, secretary):
    nadia = actor_for(secretary)
    call = arrive(plumber)
    with acting(nadia):
        assert queries.live_call(nadia) is None
    tell(plumber, "queue_call", call)
    tell(plumber, "offer_call", call, secretary_id=secretary.pk, why="")
    with acting(nadia):
        assert live(nadia).state == "ringing"
    tell(plumber, "answer_call", call)
    hang_up(plumber, call)
    with acting(nadia):
        assert live(nadia).state == "done"
        with living_at(now() + timedelta(days=1)):
            assert queries.live_call(nadia) is None
        wrap_up_call(actor=nadia, call_id=call.pk)
        assert queries.live_call(nadia) is None
        assert [one.pk for one in queries.calls_today(nadia)] == [call.pk]


def test_a_call_over_midnight_is_still_hers_and_of_both_days(plumber, secretary):
    nadia = actor_for(secretary)
    midnight = datetime(2026, 11, 24, tzinfo=PARIS)
    with living_at(midnight - timedelta(minutes=2)):
        grant(secretary, plumber)
        call = talk(plumber, secretary)
        earlier = hang_up(plumber, arrive(plumber))
    with living_at(midnight + timedelta(minutes=3)), acting(nadia):
        assert live(nadia).pk == call.pk
        assert [one.pk for one in queries.calls_today(nadia)] == [call.pk]
    with living_at(midnight + timedelta(minutes=4)):
        hang_up(plumber, call)
        with acting(nadia):
            assert live(nadia).state == "done", "the wrap-up is still hers to end"
            assert earlier.pk not in [one.pk for one in queries.calls_today(nadia)]


def test_a_ringing_call_comes_before_one_to_wrap_up(plumber, secretary):
    nadia = actor_for(secretary)
    hang_up(plumber, talk(plumber, secretary))
    set_state(actor=TELEPHONY, secretary_id=secretary.pk, state="ready")
    call = tell(plumber, "queue_call", arrive(plumber))
    tell(plumber, "offer_call", call, secretary_id=secretary.pk, why="")
    with acting(nadia):
        assert live(nadia).pk == call.pk


def test_the_history_of_a_number_is_this_clients(plumber, lawyer, secretary):
    hang_up(plumber, arrive(plumber))
    hang_up(lawyer, arrive(lawyer))
    nadia = actor_for(secretary)
    with acting(nadia):
        assert [one.client_id for one in queries.history_with(nadia, plumber, CALLER)] == [plumber.pk]
        assert list(queries.history_with(nadia, plumber, "")) == []
        assert queries.correspondent(nadia, plumber, "") is None
        first = queries.history_with(nadia, plumber, CALLER)[0]
        assert [event.kind for event in queries.events_of(nadia, first)] == ["arrive", "end"]


def test_a_recording_is_heard_by_those_who_may_and_in_the_log(plumber, owner, stranger, waiting):
    with acting(TELEPHONY, plumber.pk):
        send_to_voicemail(actor=TELEPHONY, call_id=waiting.pk, at=now(), why="timeout")
        attach_voicemail(actor=TELEPHONY, call_id=waiting.pk, audio=AUDIO)
    marc, awa = actor_for(owner), actor_for(stranger)
    with acting(marc):
        call = queries.call_for(marc, waiting.pk)
        with open_voicemail(actor=marc, call=call) as recording:
            assert recording.read() == AUDIO
        assert leaves(marc, plumber.pk)[0].act == "VoicemailHeard"
    with acting(awa), pytest.raises(Http404):
        queries.call_for(awa, waiting.pk)
    silent = arrive(plumber)
    with acting(marc), pytest.raises(Http404):
        open_voicemail(actor=marc, call=silent)


@pytest.mark.parametrize("audio", [b"", b"ID3\x03", b"RIFF0000AVI ", b"<html>", b"RIFF"])
def test_what_is_not_a_recording_is_not_kept(plumber, waiting, audio):
    with acting(TELEPHONY, plumber.pk), pytest.raises(NotARecording):
        attach_voicemail(actor=TELEPHONY, call_id=waiting.pk, audio=audio)


def test_what_an_undone_try_left_is_replaced(plumber, waiting):
    name = f"voicemail/{plumber.pk}/{waiting.pk}.wav"
    default_storage.save(name, ContentFile(b"half"))
    with acting(TELEPHONY, plumber.pk):
        kept = attach_voicemail(actor=TELEPHONY, call_id=waiting.pk, audio=AUDIO)
    assert kept.voicemail.name == name
    assert kept.voicemail.read() == AUDIO


def test_the_directory_says_who_may_be_rung(plumber, lawyer, secretary, colleague):
    with acting(TELEPHONY, EVERY_CLIENT):
        Pairing.objects.create(client=plumber, secretary=secretary, rank=1)
    known = directory()
    (line,) = [one for one in known.lines.values() if one.client_id == plumber.pk]
    assert known.lines[line.number] is line
    assert known.clients[plumber.pk].pair == (secretary.pk,)
    nadia = known.secretaries[secretary.pk]
    assert nadia.may_open(plumber.pk, now())
    assert not nadia.may_open(lawyer.pk, now())
    assert nadia.takes_calls
    assert known.secretaries[colleague.pk].grants == {}
    by_id = {one.id: one for one in known.candidates(now())}
    assert by_id[str(secretary.pk)].state == "idle"
    assert by_id[str(colleague.pk)].state == "away"
    call = Waiting(call="c", client=str(plumber.pk), since=now(), client_name=plumber.name)
    (assignment,) = decide(now(), [call], by_id.values(), known.rates()).assign
    assert assignment.why == (
        "Proposé à Nadia\u00a0: elle connaît Plomberie Roux (1re\u00a0du binôme)\u202f; attente 0\u00a0s."
    )
    assert {one.id: one.state for one in known.candidates(now(), taken={secretary.pk})}[str(secretary.pk)] == "busy"


def test_a_grant_that_ends_closes_the_client_without_being_told(plumber):
    ines = make_secretary("Inès Morel", state="ready")
    grant(ines, plumber, until=now() + timedelta(minutes=5))
    known = directory()
    assert known.secretaries[ines.pk].may_open(plumber.pk, now())
    assert not known.secretaries[ines.pk].may_open(plumber.pk, now() + timedelta(minutes=5))
    later = {one.id: one for one in known.candidates(now() + timedelta(minutes=6))}
    assert later[str(ines.pk)].grants == frozenset()
    grant(ines, plumber)
    assert directory().secretaries[ines.pk].grants == {plumber.pk: None}


def test_whoever_answers_often_knows(plumber, secretary):
    for _each in range(ANSWERED_TO_KNOW):
        assert not directory().secretaries[secretary.pk].knows
        hang_up(plumber, talk(plumber, secretary))
        set_state(actor=TELEPHONY, secretary_id=secretary.pk, state="ready")
    known = directory()
    assert known.secretaries[secretary.pk].knows == {plumber.pk}
    assert known.clients[plumber.pk].calls_per_hour > 0


def test_who_has_a_call_is_busy_whatever_her_state_says(plumber, secretary):
    call = tell(plumber, "queue_call", arrive(plumber))
    tell(plumber, "offer_call", call, secretary_id=secretary.pk, why="")
    assert directory().busy == {secretary.pk}
    assert [one.state for one in directory().candidates(now()) if one.id == str(secretary.pk)] == ["busy"]


def test_the_directory_is_read_in_a_fixed_number_of_statements(secretary):
    def count():
        with acting(TELEPHONY, EVERY_CLIENT), CaptureQueriesContext(connection) as captured:
            queries.routing_directory(TELEPHONY)
        return len(captured)

    few = count()
    for number in range(4):
        grant(make_secretary(f"S{number}"), make_client(f"Client {number}"))
    assert count() == few <= 12


def test_lists_read_everything_at_once(plumber, secretary, django_assert_max_num_queries):
    nadia = actor_for(secretary)
    for _each in range(4):
        arrive(plumber)
    with acting(nadia), django_assert_max_num_queries(1):
        assert len([(call.client.name, call.line.label) for call in queries.waiting_calls(nadia)]) == 4


def test_only_the_telephone_reads_the_directory(secretary):
    with acting(actor_for(secretary)), pytest.raises(NotAllowed):
        queries.routing_directory(actor_for(secretary))
