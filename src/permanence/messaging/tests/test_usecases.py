"""Messages taken, followed and answered."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.http import Http404

from permanence.audit.queries import leaves
from permanence.bureau.usecases import set_state
from permanence.calls.models import Correspondent
from permanence.calls.tests.telephone import arrive, hang_up, talk, tell
from permanence.calls.usecases import CallUnknown, attach_voicemail
from permanence.database.context import acting
from permanence.database.models import Notice
from permanence.kernel.actor import NotAllowed
from permanence.kernel.clock import living_at, now
from permanence.kernel.phones import NotAPhoneNumber
from permanence.messaging import queries
from permanence.messaging.models import Delivery, DeliveryEvent, Draft, Message
from permanence.messaging.tests.writing import SYSTEM, make_person, taken
from permanence.messaging.usecases import (
    DraftTooLong,
    MessageIncomplete,
    MessageTooLong,
    NotYourCall,
    PersonElsewhere,
    ReplyEmpty,
    ReplyTooLong,
    SubmissionReused,
    UrgencyUnknown,
    acknowledge_message,
    discard_draft,
    handle_message,
    open_message,
    save_draft,
    take_message,
    write_reply,
)
from tests.people import actor_for, grant, make_member, make_secretary

pytestmark = pytest.mark.django_db


def take(secretary, call, **given):
    nadia = actor_for(secretary)
    with acting(nadia):
        return take_message(actor=nadia, call=call, taken=taken(**given))


def deliveries(message):
    with acting(SYSTEM, message.client_id):
        found = Delivery.objects.filter(message=message)
        return [(one.channel, one.recipient_name, one.address, one.state) for one in found]


def acts(client):
    with acting(SYSTEM, client.pk):
        return [leaf.act for leaf in reversed(leaves(SYSTEM, client.pk))]


def told(channel, kind="message"):
    return list(Notice.objects.filter(channel=channel, kind=kind).values_list("subject", flat=True))


def test_a_message_is_the_calls_clients_and_leaves_at_once(plumber, secretary, call):
    marc = make_person(plumber)
    message = take(secretary, call, person_id=marc.pk)
    assert (message.client_id, message.call_id, message.person_id) == (plumber.pk, call.pk, marc.pk)
    assert (message.caller_number, message.taken_by_id, message.number_read_back) == (
        "+33639984127",
        secretary.pk,
        True,
    )
    assert deliveries(message) == [
        ("portal", "Marc Roux", "", "delivered"), ("email", "Marc Roux", "marc@roux.test", "queued"),
    ]  # fmt: skip
    assert "MessageTaken" in acts(plumber)
    assert told(f"client:{plumber.pk}") == [str(message.pk)]
    with acting(SYSTEM, plumber.pk):
        known = Correspondent.objects.get(number="+33639984127")
        assert known.name == "Mme Jeanne Marchand"
        states = DeliveryEvent.objects.filter(delivery__message=message, delivery__channel="portal")
        assert list(states.values_list("state", flat=True)) == ["queued", "delivered"]


def test_the_same_submission_twice_is_one_message(plumber, secretary, call):
    submission = uuid4()
    first = take(secretary, call, submission=submission)
    second = take(secretary, call, submission=submission, reason="Autre chose.")
    assert (second.pk, second.reason) == (first.pk, first.reason)
    with acting(SYSTEM, plumber.pk):
        assert Message.objects.count() == 1
        assert Delivery.objects.count() == 1
    assert acts(plumber).count("MessageTaken") == 1


def test_a_form_of_another_call_is_not_believed(plumber, secretary, call):
    submission = uuid4()
    take(secretary, call, submission=submission)
    hang_up(plumber, call)
    set_state(actor=SYSTEM, secretary_id=secretary.pk, state="ready")
    with pytest.raises(SubmissionReused):
        take(secretary, talk(plumber, secretary), submission=submission)


def test_a_message_never_lands_on_another_client(plumber, lawyer, secretary, call):
    elsewhere = arrive(lawyer)
    with pytest.raises(CallUnknown):
        take(secretary, elsewhere)
    elsewhere.pk, elsewhere.client_id = call.pk, lawyer.pk  # a forged object: only its id is believed
    assert take(secretary, elsewhere).client_id == plumber.pk
    aminata = make_person(lawyer, "Aminata Diallo", "aminata@diallo.test")
    grant(secretary, lawyer)
    with pytest.raises(PersonElsewhere):
        take(secretary, call, person_id=aminata.pk)


def test_a_colleagues_call_is_hers(plumber, secretary, call):
    ines = make_secretary("Inès Morel")
    grant(ines, plumber)
    with pytest.raises(NotYourCall):
        take(ines, call)
    unanswered = arrive(plumber)
    assert take(ines, unanswered).taken_by_id == ines.pk


def test_only_a_secretary_takes_messages(plumber, owner, secretary, call):
    with acting(actor_for(owner)), pytest.raises(NotAllowed):
        take_message(actor=actor_for(owner), call=call, taken=taken())


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"reason": " \n "}, "the reason"),
        ({"caller_name": "", "reason": ""}, "the caller’s name, the reason"),
        ({"partial": True, "caller_number": "", "reason": ""}, "the number to call back or the reason"),
    ],
)
def test_what_nobody_could_act_on_is_refused(secretary, call, given, says):
    from django.utils import translation

    with translation.override("en"), pytest.raises(MessageIncomplete) as refused:
        take(secretary, call, **given)
    assert says in str(refused.value)


@pytest.mark.parametrize("given", [{"reason": ""}, {"caller_number": "", "caller_name": ""}])
def test_a_partial_message_needs_a_number_or_a_reason(secretary, call, given):
    assert take(secretary, call, partial=True, **given).partial


@pytest.mark.parametrize(
    ("field", "length"), [("reason", 50_000), ("caller_name", 121), ("caller_company", 121), ("promise", 241)]
)
def test_too_long_is_a_clear_sentence(secretary, call, field, length):
    with pytest.raises(MessageTooLong) as refused:
        take(secretary, call, **{field: "é" * length})
    assert refused.value.details["length"] == length


def test_what_only_a_forged_form_sends(secretary, call):
    with pytest.raises(UrgencyUnknown):
        take(secretary, call, urgency="panic")
    with pytest.raises(PersonElsewhere):
        take(secretary, call, person_id=999_999_999)
    for number in ("06", "abc", "+33 1 23", "0" * 60):
        with pytest.raises(NotAPhoneNumber):
            take(secretary, call, caller_number=number)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "🦆 تسرب تحت الحوض",
        "'; drop table messaging_message; --",
        "a\u202egnos",
        "{{ 7|add }}",
    ],
)
def test_hostile_text_is_kept_as_text(secretary, call, text):
    message = take(secretary, call, caller_name=text, reason=text + "\0\x1b", promise=text)
    assert (message.caller_name, message.reason, message.promise) == (text, text, text)


def test_a_lone_surrogate_and_strange_line_ends(secretary, call):
    message = take(secretary, call, caller_name="Mme\r\nPetit", reason="a\r\nb\rc\ud800")
    assert (message.caller_name, message.reason) == ("Mme Petit", "a\nb\nc?")


def test_a_number_cannot_be_read_back_when_there_is_none(secretary, call):
    assert not take(secretary, call, caller_number="").number_read_back


def test_who_receives_the_email(plumber, secretary, call):
    make_person(plumber, "Sylvie Roux", "sylvie@roux.test", position=1)
    marc = make_person(plumber, position=2)
    theo = make_person(plumber, "Théo Le Gall", "theo@roux.test", position=3, receives_messages=False)
    make_person(plumber, "Ancien", "ancien@roux.test", position=0, left_at=now())
    make_person(plumber, "Sans adresse", "", position=0)
    assert deliveries(take(secretary, call, person_id=marc.pk))[1][1] == "Marc Roux"
    asked_for_theo = deliveries(take(secretary, call, person_id=theo.pk))
    assert [(one[0], one[1]) for one in asked_for_theo] == [("portal", "Théo Le Gall"), ("email", "Sylvie Roux")]
    assert [one[1] for one in deliveries(take(secretary, call))] == ["Plomberie Roux", "Sylvie Roux"]


def test_two_persons_with_one_address_get_one_email(plumber, secretary, call):
    make_person(plumber, "Marc", "atelier@roux.test")
    make_person(plumber, "Sylvie", "Atelier@roux.test")
    assert [one[0] for one in deliveries(take(secretary, call))] == ["portal", "email"]


def test_the_client_reads_takes_in_charge_and_handles(plumber, owner, secretary, call):
    message = take(secretary, call)
    marc = actor_for(owner)
    with acting(marc):
        open_message(actor=marc, message=message)
        assert queries.message_for(marc, message.pk).opened_at
        acknowledge_message(actor=marc, message=message)
        done = handle_message(actor=marc, message=message)
    assert done.acknowledged_by_id == done.handled_by_id == owner.user_id
    assert deliveries(message)[0][3] == "handled"
    assert acts(plumber)[-3:] == ["MessageOpened", "MessageAcknowledged", "MessageHandled"]
    assert len(told(f"secretary:{secretary.pk}")) == 3  # taken, acknowledged, handled


def test_the_first_person_named_keeps_the_charge(plumber, owner, secretary, call):
    message = take(secretary, call)
    sylvie = actor_for(make_member(plumber, "Sylvie Roux"))
    marc = actor_for(owner)
    with acting(marc):
        first = acknowledge_message(actor=marc, message=message)
    with acting(sylvie):
        again = acknowledge_message(actor=sylvie, message=message)
        handled = handle_message(actor=sylvie, message=message)
    assert again.acknowledged_by_id == first.acknowledged_by_id == owner.user_id
    assert (handled.acknowledged_by_id, handled.handled_by_id) == (owner.user_id, sylvie.user_id)
    assert acts(plumber).count("MessageAcknowledged") == 1


def test_handling_at_once_takes_in_charge(owner, secretary, call):
    marc = actor_for(owner)
    message = take(secretary, call)
    with acting(marc):
        done = handle_message(actor=marc, message=message)
        again = handle_message(actor=marc, message=message)
    assert (done.acknowledged_by_id, again.handled_at) == (owner.user_id, done.handled_at)


def test_a_secretarys_reading_is_logged_and_opens_nothing(plumber, secretary, call):
    nadia = actor_for(secretary)
    message = take(secretary, call)
    with acting(nadia):
        assert open_message(actor=nadia, message=message).opened_at is None
        with pytest.raises(NotAllowed):
            acknowledge_message(actor=nadia, message=message)
        leaf = leaves(nadia, plumber.pk)[0]
    assert (leaf.act, leaf.actor_name) == ("MessageOpened", "Nadia Benali")


def test_a_reply_reaches_the_secretary(plumber, owner, secretary, call):
    marc = actor_for(owner)
    message = take(secretary, call)
    before = len(told(f"secretary:{secretary.pk}"))
    with acting(marc):
        reply = write_reply(actor=marc, message=message, text=" Je passe à 10 h. ")
        twice = write_reply(actor=marc, message=message, text="Je passe à 10 h.")
        assert (twice.pk, reply.text) == (reply.pk, "Je passe à 10 h.")
        with living_at(now() + timedelta(hours=1)):
            assert write_reply(actor=marc, message=message, text="Je passe à 10 h.").pk != reply.pk
        with pytest.raises(ReplyEmpty):
            write_reply(actor=marc, message=message, text="\n\0 ")
        with pytest.raises(ReplyTooLong):
            write_reply(actor=marc, message=message, text="é" * 50_000)
    assert len(told(f"secretary:{secretary.pk}")) == before + 2
    nadia = actor_for(secretary)
    with acting(nadia):
        write_reply(actor=nadia, message=message, text="Bien noté.")
        assert "Bien noté." in [one.text for one in queries.message_for(nadia, message.pk).replies.all()]


def test_the_stranger_finds_nothing(stranger, plumber, secretary, call):
    message = take(secretary, call)
    awa = actor_for(stranger)
    with acting(awa):
        with pytest.raises(Http404):
            queries.message_for(awa, message.pk)
        for act in (open_message, acknowledge_message, handle_message):
            with pytest.raises(Message.DoesNotExist):
                act(actor=awa, message=message)
        assert not queries.messages_for_portal(awa).exists()


def test_a_draft_survives_and_goes_with_the_message(secretary, colleague, call):
    nadia = actor_for(secretary)
    typed = {"reason": "é" * 50_000, "caller_name": "Mme\0 <b>", "urgency": "urgent"}
    with acting(nadia):
        save_draft(actor=nadia, call=call, typed=typed)
        save_draft(actor=nadia, call=call, typed={**typed, "promise": "\ud800"})
        kept = queries.draft_for(nadia, call)
        assert kept
        assert kept.typed == {**typed, "caller_name": "Mme <b>", "promise": "?"}
        with pytest.raises(DraftTooLong):
            save_draft(actor=nadia, call=call, typed={"reason": "x" * 200_001})
        with pytest.raises(DraftTooLong):
            save_draft(actor=nadia, call=call, typed={str(n): "" for n in range(50)})
        discard_draft(actor=nadia, call=call)
        assert queries.draft_for(nadia, call) is None
        save_draft(actor=nadia, call=call, typed=typed)
    take(secretary, call)
    with acting(nadia):
        assert not Draft.objects.exists()


def test_a_recording_becomes_a_message(plumber, call):
    make_person(plumber)
    waiting = arrive(plumber)
    tell(plumber, "send_to_voicemail", waiting)
    audio = b"RIFF\x24\0\0\0WAVEfmt " + bytes(60)
    with acting(SYSTEM, plumber.pk):
        attach_voicemail(actor=SYSTEM, call_id=waiting.pk, audio=audio)
        attach_voicemail(actor=SYSTEM, call_id=waiting.pk, audio=audio + b"x")
        (message,) = Message.objects.all()
    assert (message.voicemail, message.call_id, message.caller_number) == (True, waiting.pk, "+33639984127")
    assert message.taken_by_id is None
    assert [one[0] for one in deliveries(message)] == ["portal", "email"]


def test_the_proof_of_delivery_is_only_appended(plumber, secretary, call):
    take(secretary, call)
    with acting(SYSTEM, plumber.pk):
        for change in (lambda: DeliveryEvent.objects.update(state="x"), lambda: DeliveryEvent.objects.all().delete()):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                change()


def test_lists_take_a_bounded_number_of_reads(plumber, owner, secretary, call, django_assert_max_num_queries):
    nadia, marc = actor_for(secretary), actor_for(owner)
    for _each in range(5):
        message = take(secretary, call)
        with acting(marc):
            write_reply(actor=marc, message=message, text=str(message.pk))
    with acting(marc), django_assert_max_num_queries(3):
        for one in queries.messages_for_portal(marc):
            assert one.taken_by
            assert all([one.client.name, one.taken_by.user.name, one.deliveries.all(), one.replies.all()[0].author])
    with acting(nadia), django_assert_max_num_queries(6):
        assert len(queries.messages_today(nadia)) == 5
        assert len(queries.last_messages(nadia, plumber, number="+33639984127")) == 5
