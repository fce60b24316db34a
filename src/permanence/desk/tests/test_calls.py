"""The call card: what it shows, the message bound to the call, the draft, the wrap-up."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from permanence.audit.models import LogLeaf
from permanence.calls.models import Call, Correspondent
from permanence.database.context import EVERY_CLIENT, acting
from permanence.desk.tests.conftest import NUMBER, make_call, make_instruction
from permanence.kernel.actor import system
from permanence.kernel.clock import now
from permanence.messaging.models import Draft, Message
from tests.people import grant, make_client

MOST_READS = 40


def everything():
    return acting(system("tests"), EVERY_CLIENT)


def typed(**words):
    return {"submission": str(uuid4()), "caller_name": "Mme Marchand", "reason": "Fuite", "urgency": "normal", **words}


def messages():
    with everything():
        return list(Message.objects.order_by("pk"))


def test_the_card_says_the_greeting_and_names_the_client_on_its_button(nadia, call, plumber):
    page = nadia.get(f"/desk/calls/{call.pk}/").text
    assert plumber.greeting in page
    assert f'data-hue="{plumber.hue}"' in page
    assert f"Envoyer à {plumber.name}" in page or f"Send to {plumber.name}" in page


def test_a_known_caller_is_proposed(nadia, call, plumber):
    with everything():
        Correspondent.objects.create(client=plumber, number=NUMBER, name="Jeanne Marchand", known_since_on="2024-03-01")
    page = nadia.get(f"/desk/calls/{call.pk}/").text
    assert 'value="Jeanne Marchand"' in page
    assert 'value="06 39 98 41 27"' in page


def test_opening_the_card_enters_the_log_and_its_refreshes_do_not(nadia, call, plumber):
    nadia.get(f"/desk/calls/{call.pk}/")
    nadia.get(f"/desk/clients/{plumber.pk}/context/")
    nadia.get("/desk/strip/")
    with everything():
        assert ["CardOpened" in leaf.body for leaf in LogLeaf.objects.filter(client_id=plumber.pk)] == [True]


def test_a_message_belongs_to_the_client_of_the_call(nadia, call, plumber, marc, secretary):
    other = make_client("Cabinet Diallo", "lawyer")
    grant(secretary, other)
    answer = nadia.post(f"/desk/calls/{call.pk}/message/", typed(client=other.pk, person=marc.pk))
    assert answer.headers["Location"] == f"/desk/calls/{call.pk}/"
    [message] = messages()
    assert (message.client_id, message.call_id, message.person_id) == (plumber.pk, call.pk, marc.pk)


def test_the_same_form_sent_twice_is_one_message(nadia, call):
    form = typed()
    assert [nadia.post(f"/desk/calls/{call.pk}/message/", form).status_code for _ in range(2)] == [302, 302]
    assert len(messages()) == 1


def test_the_right_column_alone_is_a_reading_too(nadia, plumber):
    nadia.get(f"/desk/clients/{plumber.pk}/context/")
    with everything():
        assert ["SheetOpened" in leaf.body for leaf in LogLeaf.objects.filter(client_id=plumber.pk)] == [True]


@pytest.mark.parametrize(
    "words",
    [
        {"caller_number": "pas un numéro"},
        {"reason": "x" * 50_000},
        {"caller_name": "", "reason": ""},
        {"caller_name": "é" * 200},
        {"submission": "not-a-uuid"},
        {"person": "999999"},
        {"urgency": "yesterday"},
    ],
    ids=lambda words: next(iter(words)),
)
def test_a_refused_message_keeps_every_word(nadia, call, words):
    form = typed(promise="Rappel avant 10 h", **words)
    answer = nadia.post(f"/desk/calls/{call.pk}/message/", form)
    assert answer.status_code == 422
    assert "Rappel avant 10 h" in answer.text
    assert form["reason"] in answer.text
    assert not messages()


def test_a_partial_message_needs_something_to_act_on(nadia, call):
    bare = typed(caller_name="M. Petit", reason="", partial="1")
    assert nadia.post(f"/desk/calls/{call.pk}/message/", bare).status_code == 422
    assert nadia.post(f"/desk/calls/{call.pk}/message/", {**bare, "caller_number": "06 39 98 00 00"}).status_code == 302
    assert [message.partial for message in messages()] == [True]


def test_scripts_emoji_and_right_to_left_names_are_shown_as_text(nadia, call):
    name, reason = "<script>alert(1)</script>", "🔥 السلام عليكم <img src=x onerror=alert(1)>"
    nadia.post(f"/desk/calls/{call.pk}/message/", typed(caller_name=name, reason=reason))
    for page in (f"/desk/calls/{call.pk}/", "/desk/today/", f"/desk/messages/{messages()[0].pk}/", "/desk/queue/"):
        shown = nadia.get(page).text
        assert "<script>alert" not in shown
        assert "<img" not in shown


def test_a_draft_comes_back_and_goes_with_the_message(nadia, call):
    form = typed(reason="Fuite sous l’évier")
    assert nadia.post(f"/desk/calls/{call.pk}/draft/", form).status_code == 200
    assert "Fuite sous l’évier" in nadia.get(f"/desk/calls/{call.pk}/").text
    assert form["submission"] in nadia.get(f"/desk/calls/{call.pk}/").text
    nadia.post(f"/desk/calls/{call.pk}/message/", form)
    assert nadia.post(f"/desk/calls/{call.pk}/draft/", form).status_code == 204, "a late autosave"
    with everything():
        assert not Draft.objects.exists()


def test_a_draft_keeps_only_the_fields_of_the_form_and_not_without_limit(nadia, call):
    nadia.post(f"/desk/calls/{call.pk}/draft/", {**typed(), "csrfmiddlewaretoken": "x", "unknown": "y"})
    with everything():
        assert set(Draft.objects.get().typed) == {"submission", "caller_name", "reason", "urgency"}
    assert nadia.post(f"/desk/calls/{call.pk}/draft/", typed(reason="x" * 300_000)).status_code == 422


def test_after_the_message_the_card_shows_its_delivery_and_offers_another(nadia, call, marc):
    nadia.post(f"/desk/calls/{call.pk}/message/", typed())
    page = nadia.get(f"/desk/calls/{call.pk}/").text
    assert 'id="message-form"' not in page
    assert marc.name in page
    assert 'id="message-form"' in nadia.get(f"/desk/calls/{call.pk}/?another=1").text


def test_a_call_of_a_colleague_is_read_and_not_written(nadia, plumber, colleague):
    theirs = make_call(plumber, colleague)
    assert 'id="message-form"' not in nadia.get(f"/desk/calls/{theirs.pk}/").text
    assert nadia.post(f"/desk/calls/{theirs.pk}/message/", typed()).status_code == 422
    assert not messages()


def test_wrap_up_is_shown_and_ended(nadia, call, secretary):
    assert nadia.post(f"/desk/calls/{call.pk}/wrap-up/").status_code == 422
    with everything():
        Call.objects.filter(pk=call.pk).update(state="done", outcome="answered", ended_at=now())
    secretary.__class__.objects.filter(pk=secretary.pk).update(state="wrapping_up")
    assert 'data-phase="wrapping_up"' in nadia.get("/desk/strip/").text
    assert nadia.post(f"/desk/calls/{call.pk}/wrap-up/").headers["Location"] == "/desk/"
    secretary.refresh_from_db()
    assert secretary.state == "ready"
    assert 'class="between"' in nadia.get("/desk/strip/").text


def test_the_old_words_are_struck_until_she_ticks(nadia, call, plumber, owner):
    old, new = make_instruction(plumber, owner.user, "Appeler M. Roux à toute heure.", "Appeler Mme Roux.")
    nadia.post(f"/desk/instructions/{old.pk}/reading/")
    page = nadia.get(f"/desk/calls/{call.pk}/").text
    assert "<del>" in page
    assert "<ins>" in page
    ticked = nadia.post(f"/desk/instructions/{new.pk}/reading/?context", headers={"HX-Request": "true"})
    assert "<del>" not in ticked.text
    assert "Appeler Mme Roux." in ticked.text


def test_history_shows_earlier_contacts_of_this_number_with_this_client_only(nadia, call, plumber, secretary):
    other = make_client("Cabinet Diallo", "lawyer")
    grant(secretary, other)
    past = {"state": "done", "outcome": "answered", "ended_at": now(), "wrapped_up_at": now()}
    ours, theirs = make_call(plumber, secretary, **past), make_call(other, secretary, **past)
    nadia.post(f"/desk/calls/{ours.pk}/message/", typed(reason="Devis chaudière"))
    nadia.post(f"/desk/calls/{theirs.pk}/message/", typed(reason="Affaire secrète"))
    page = nadia.get(f"/desk/calls/{call.pk}/").text
    assert "Devis chaudière" in page
    assert "Affaire secrète" not in page


def test_a_busy_console_is_painted_in_a_bounded_number_of_reads(nadia, call, plumber, secretary, owner, marc):
    for number in range(6):
        at = now() - timedelta(hours=number, minutes=30)
        past = {"state": "done", "outcome": "answered", "started_at": at, "ended_at": at, "wrapped_up_at": at}
        earlier = make_call(plumber, secretary, **past)
        nadia.post(f"/desk/calls/{earlier.pk}/message/", typed(reason=f"Motif {number}"))
        make_instruction(plumber, owner.user, "Avant.", f"Consigne {number}")
        make_call(plumber, None, state="queued", rang_at=None, answered_at=None)
    for page in ("/desk/", "/desk/today/", f"/desk/clients/{plumber.pk}/"):
        with CaptureQueriesContext(
            connection,
        ) as reads:
            assert nadia.get(page).status_code == 200
        asked = [one["sql"] for one in reads if "SAVEPOINT" not in one["sql"] and "app.ctx" not in one["sql"]]
        assert len(asked) <= MOST_READS, (page, len(asked))
