"""What the telephone tells, in order and out of order, once and twice."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from permanence.audit.queries import leaves
from permanence.bureau.models import Secretary
from permanence.bureau.usecases import set_state
from permanence.calls import usecases
from permanence.calls.models import Call, CallEvent, Correspondent
from permanence.calls.rules.states import LIVE, VERBS, OutOfTurn, advance
from permanence.calls.tests.telephone import CALLER, TELEPHONY, arrive, hang_up, talk, tell
from permanence.calls.usecases import (
    CallOutOfTurn,
    CallUnknown,
    NotGranted,
    SecretaryNotReady,
    SecretaryTaken,
    open_card,
    wrap_up_call,
)
from permanence.database.context import acting
from permanence.database.models import Notice
from permanence.kernel.actor import NotAllowed
from permanence.kernel.clock import now
from tests.people import actor_for, grant, make_secretary

pytestmark = pytest.mark.django_db


def acts(client):
    with acting(TELEPHONY, client.pk):
        actor = TELEPHONY
        return [leaf.act for leaf in reversed(leaves(actor, client.pk))]


def notices(channel):
    return list(Notice.objects.filter(channel=channel).order_by("pk").values_list("kind", "subject"))


def state_of(secretary):
    return Secretary.objects.get(pk=secretary.pk).state


def test_a_call_from_ring_to_wrap_up(plumber, secretary):
    call = talk(plumber, secretary)
    assert (call.state, call.secretary_id, call.why) == ("talking", secretary.pk, "Proposé à Nadia.")
    assert state_of(secretary) == "busy"
    tell(plumber, "hold_call", call)
    tell(plumber, "resume_call", call)
    ended = hang_up(plumber, call)
    assert (ended.state, ended.outcome) == ("done", "answered")
    assert state_of(secretary) == "wrapping_up"
    nadia = actor_for(secretary)
    with acting(nadia):
        wrap_up_call(actor=nadia, call_id=call.pk)
        wrap_up_call(actor=nadia, call_id=call.pk)
        kinds = list(CallEvent.objects.filter(call=call).values_list("kind", flat=True))
    assert state_of(secretary) == "ready"
    assert kinds == ["arrive", "queue", "offer", "answer", "hold", "resume", "end", "wrap_up"]
    assert acts(plumber) == [
        "CallArrived", "CallOffered", "CallAnswered", "CallHeld", "CallResumed", "CallEnded", "CallWrappedUp",
    ]  # fmt: skip
    assert ("ring", str(call.pk)) in notices(f"secretary:{secretary.pk}")
    assert ("call", str(call.pk)) in notices(f"client:{plumber.pk}")
    assert ("queue", "") in notices("bureau")


def test_facts_told_twice_change_nothing(plumber, secretary):
    call = talk(plumber, secretary)
    for verb in ("answer_call", "resume_call"):
        assert tell(plumber, verb, call).state == "talking"
    ended = hang_up(plumber, call)
    assert hang_up(plumber, call, after=900).ended_at == ended.ended_at
    assert acts(plumber).count("CallEnded") == acts(plumber).count("CallAnswered") == 1


def test_a_call_registered_twice_is_one_call(plumber):
    with acting(TELEPHONY, plumber.pk):
        first = arrive(plumber)
        arrival = usecases.Arrival(call_id=str(first.pk), line_id=first.line_id, at=now(), caller_number="+33612345678")
        second = usecases.register_call(actor=TELEPHONY, arrival=arrival)
    assert (second.pk, second.caller_number) == (first.pk, CALLER)
    assert acts(plumber) == ["CallArrived"]


@pytest.mark.parametrize(
    ("received", "kept"),
    [
        ("0639984127", CALLER), ("+33639984127", CALLER), ("anonymous", ""), ("", ""), ("sip:bob@evil", ""),
        ("+" + "9" * 300, ""), ("0639984127'; drop table calls_call; --", ""), ("🦆", ""), ("112", ""),
    ],
)  # fmt: skip
def test_the_callers_number_as_the_network_gives_it(plumber, received, kept):
    assert arrive(plumber, received).caller_number == kept


def test_an_offer_withdrawn_waits_on_with_its_first_time(plumber, secretary, waiting):
    offered = tell(plumber, "offer_call", waiting, secretary_id=secretary.pk, why="a")
    back = tell(plumber, "withdraw_offer", waiting)
    assert (back.state, back.secretary_id, back.why, back.started_at) == ("queued", None, "", offered.started_at)
    assert tell(plumber, "withdraw_offer", waiting).state == "queued"
    assert notices(f"secretary:{secretary.pk}")[-1] == ("call", str(waiting.pk))
    assert tell(plumber, "offer_call", waiting, secretary_id=secretary.pk, why="b").why == "b"


def test_one_live_call_a_secretary(plumber, secretary, waiting):
    tell(plumber, "offer_call", waiting, secretary_id=secretary.pk, why="a")
    other = tell(plumber, "queue_call", arrive(plumber))
    with pytest.raises(SecretaryTaken):
        tell(plumber, "offer_call", other, secretary_id=secretary.pk, why="b")
    with acting(TELEPHONY, plumber.pk):
        assert Call.objects.get(pk=other.pk).state == "queued"


def test_no_offer_without_a_grant_or_to_one_who_is_away(plumber, lawyer, secretary, colleague, waiting):
    with pytest.raises(NotGranted):
        tell(plumber, "offer_call", waiting, secretary_id=colleague.pk, why="")
    with pytest.raises(NotGranted):
        tell(lawyer, "offer_call", tell(lawyer, "queue_call", arrive(lawyer)), secretary_id=secretary.pk, why="")
    set_state(actor=actor_for(secretary), secretary_id=secretary.pk, state="away", reason="lunch")
    with pytest.raises(SecretaryNotReady):
        tell(plumber, "offer_call", waiting, secretary_id=secretary.pk, why="")
    set_state(actor=actor_for(secretary), secretary_id=secretary.pk, state="away", reason="paperwork")
    assert tell(plumber, "offer_call", waiting, secretary_id=secretary.pk, why="").state == "ringing"


def test_a_call_that_rings_at_one_is_not_offered_to_another(plumber, secretary, waiting):
    ines = make_secretary("Inès Morel", state="ready")
    grant(ines, plumber)
    tell(plumber, "offer_call", waiting, secretary_id=secretary.pk, why="")
    with pytest.raises(CallOutOfTurn):
        tell(plumber, "offer_call", waiting, secretary_id=ines.pk, why="")


@pytest.mark.parametrize("verb", ["answer_call", "hold_call", "resume_call", "greet_call"])
def test_a_verb_out_of_turn_is_refused(plumber, waiting, verb):
    with pytest.raises(CallOutOfTurn):
        tell(plumber, verb, waiting)


def test_nothing_happens_to_an_ended_call(plumber, secretary):
    call = talk(plumber, secretary)
    hang_up(plumber, call)
    for verb in ("queue_call", "answer_call", "hold_call", "send_to_voicemail", "fall_back"):
        with pytest.raises(CallOutOfTurn):
            tell(plumber, verb, call)


def test_hanging_up_while_it_rings_leaves_the_secretary_ready(plumber, secretary, waiting):
    tell(plumber, "offer_call", waiting, secretary_id=secretary.pk, why="")
    ended = hang_up(plumber, waiting)
    assert (ended.outcome, state_of(secretary)) == ("abandoned", "ready")


def test_a_secretary_who_left_while_talking_is_not_brought_back(plumber, secretary):
    call = talk(plumber, secretary)
    set_state(actor=TELEPHONY, secretary_id=secretary.pk, state="off")
    hang_up(plumber, call)
    nadia = actor_for(secretary)
    with acting(nadia):
        wrap_up_call(actor=nadia, call_id=call.pk)
    assert state_of(secretary) == "off"


def test_an_end_told_before_its_beginning_is_not_believed(plumber, waiting):
    assert hang_up(plumber, waiting, after=-3600).ended_at == waiting.started_at


def test_an_unknown_outcome_is_a_bug(plumber, waiting):
    with pytest.raises(ValueError, match="not an outcome"):
        hang_up(plumber, waiting, outcome="vanished")


def test_only_the_telephone_tells_of_calls(plumber, secretary, waiting):
    nadia = actor_for(secretary)
    with acting(nadia), pytest.raises(NotAllowed):
        usecases.end_call(actor=nadia, call_id=waiting.pk, outcome="lost", at=now())


def test_another_clients_call_is_unknown(plumber, lawyer, secretary, waiting):
    with pytest.raises(CallUnknown):
        tell(lawyer, "hold_call", waiting)
    with pytest.raises(CallUnknown):
        tell(plumber, "hold_call", Call(pk=uuid4()))
    nadia = actor_for(secretary)
    other = arrive(lawyer)
    with acting(nadia), pytest.raises(CallUnknown):
        wrap_up_call(actor=nadia, call_id=other.pk)


def test_a_colleague_does_not_wrap_up_my_call(plumber, secretary):
    call = talk(plumber, secretary)
    hang_up(plumber, call)
    ines = make_secretary("Inès Morel")
    grant(ines, plumber)
    with acting(actor_for(ines)), pytest.raises(CallUnknown):
        wrap_up_call(actor=actor_for(ines), call_id=call.pk)
    with acting(actor_for(secretary)), pytest.raises(CallOutOfTurn):
        wrap_up_call(actor=actor_for(secretary), call_id=talk_again(plumber, secretary).pk)


def talk_again(client, secretary):
    set_state(actor=TELEPHONY, secretary_id=secretary.pk, state="off")
    set_state(actor=TELEPHONY, secretary_id=secretary.pk, state="ready")
    return talk(client, secretary)


def test_opening_a_card_is_a_reading_in_the_log(plumber, secretary, waiting):
    nadia = actor_for(secretary)
    with acting(nadia):
        open_card(actor=nadia, call=waiting)
        leaf = leaves(nadia, plumber.pk)[0]
    assert (leaf.act, leaf.actor_name, leaf.personal["caller_number"]) == ("CardOpened", "Nadia Benali", CALLER)


def test_the_calls_story_is_only_appended(plumber, waiting):
    with acting(TELEPHONY, plumber.pk):
        for change in (lambda: CallEvent.objects.update(kind="x"), lambda: CallEvent.objects.all().delete()):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                change()


def test_the_callers_book_learns_names(plumber, secretary):
    nadia = actor_for(secretary)
    given_name = {"actor": nadia, "client": plumber, "number": CALLER}
    with acting(nadia):
        usecases.note_correspondent(**given_name, name="Mme Petit", company="Syndic des Lices")
        usecases.note_correspondent(**given_name, name="Mme Petit")
        usecases.note_correspondent(**given_name, name="Jeanne Petit")
        (known,) = Correspondent.objects.all()
        assert (known.name, known.company) == ("Jeanne Petit", "Syndic des Lices")
        assert [leaf.act for leaf in leaves(nadia, plumber.pk)] == ["CorrespondentNoted"] * 2


@given(state=st.sampled_from([*LIVE, "done"]), verb=st.sampled_from(sorted(VERBS)))
def test_every_verb_moves_on_repeats_or_is_out_of_turn(state, verb):
    after, before = VERBS[verb]
    try:
        moved = advance(state, verb)
    except OutOfTurn:
        assert state not in before
        assert state != after
    else:
        assert moved == (None if state == after else after)


@given(verbs=st.lists(st.sampled_from(sorted(VERBS)), max_size=30))
def test_from_anywhere_a_live_call_can_still_end(verbs):
    state = "new"
    for verb in verbs:
        try:
            state = advance(state, verb) or state
        except OutOfTurn:
            continue
        assert state == "done" or advance(state, "end") == "done"
