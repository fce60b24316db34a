"""The console between calls: the queue, what is to be seen, the day, messages, clients, her state, her telephone."""

from datetime import timedelta
from uuid import uuid4

import pytest

from permanence.audit.models import LogLeaf
from permanence.calls.models import Softphone
from permanence.database.context import EVERY_CLIENT, acting
from permanence.desk.tests.conftest import make_call, make_instruction
from permanence.kernel.actor import system
from permanence.kernel.clock import PARIS, now
from permanence.messaging import usecases as messaging
from permanence.messaging.models import Delivery
from tests.people import actor_for, grant, make_client, make_secretary


@pytest.fixture
def message(call, secretary, marc):
    with acting(actor_for(secretary)):
        taken = messaging.Taken(submission=uuid4(), caller_name="Mme Marchand", reason="Fuite sous l’évier")
        return messaging.take_message(actor=actor_for(secretary), call=call, taken=taken)


@pytest.fixture
def refused(message):
    """The e-mail of the message, refused by the server that should take it."""
    with acting(system("tests"), EVERY_CLIENT):
        delivery = Delivery.objects.get(message=message, channel="email")
        return messaging.advance_delivery(
            actor=system("tests"), delivery=delivery, state="failed", detail="550 unknown"
        )


def leaves(client):
    with acting(system("tests"), EVERY_CLIENT):
        return [leaf.body for leaf in LogLeaf.objects.filter(client_id=client.pk).order_by("number")]


def test_the_queue_shows_who_waits_for_her_clients_only(nadia, plumber):
    make_call(plumber, None, state="queued", rang_at=None, answered_at=None)
    other = make_client("Cabinet Diallo", "lawyer")
    make_call(other, None, state="queued", rang_at=None, answered_at=None)
    page = nadia.get("/desk/queue/").text
    assert plumber.name in page
    assert other.name not in page


def test_a_refused_delivery_is_to_be_seen_and_tried_again(nadia, refused):
    assert f"see-delivery-{refused.pk}" in nadia.get("/desk/queue/").text
    assert "550 unknown" in nadia.get(f"/desk/messages/{refused.message_id}/").text
    answer = nadia.post(f"/desk/deliveries/{refused.pk}/attempts/")
    assert answer.headers["Location"] == f"/desk/messages/{refused.message_id}/"
    with acting(system("tests"), EVERY_CLIENT):
        assert Delivery.objects.get(pk=refused.pk).state == "queued"
    assert f"see-delivery-{refused.pk}" not in nadia.get("/desk/queue/").text


def test_trying_again_what_has_not_failed_changes_nothing_and_says_so(nadia, message):
    with acting(system("tests"), EVERY_CLIENT):
        delivery = Delivery.objects.get(message=message, channel="email")
    page = nadia.post(f"/desk/deliveries/{delivery.pk}/attempts/", follow=True)
    assert page.status_code == 200
    with acting(system("tests"), EVERY_CLIENT):
        assert Delivery.objects.get(pk=delivery.pk).state == "queued"


def test_what_the_client_answers_is_to_be_seen_until_she_has_answered(nadia, message, owner):
    with acting(actor_for(owner)):
        messaging.acknowledge_message(actor=actor_for(owner), message=message)
    assert f"see-acknowledged-{message.pk}" in nadia.get("/desk/queue/").text
    with acting(actor_for(owner)):
        messaging.write_reply(actor=actor_for(owner), message=message, text="Je la rappelle.")
    assert "see-reply-" in nadia.get("/desk/queue/").text
    assert nadia.post(f"/desk/messages/{message.pk}/replies/", {"text": "Merci."}).status_code == 302
    assert "see-reply-" not in nadia.get("/desk/queue/").text


def test_an_unread_instruction_is_to_be_seen(nadia, plumber, owner):
    [version] = make_instruction(plumber, owner.user, "Ne pas citer de tarif.")
    assert f"see-unread-{plumber.pk}" in nadia.get("/desk/queue/").text
    assert "Ne pas citer de tarif." in nadia.get("/desk/").text
    assert nadia.post(f"/desk/instructions/{version.pk}/reading/").status_code == 302
    assert f"see-unread-{plumber.pk}" not in nadia.get("/desk/queue/").text


def test_a_reply_that_is_refused_keeps_its_words(nadia, message):
    answer = nadia.post(f"/desk/messages/{message.pk}/replies/", {"text": "a" * 3000})
    assert answer.status_code == 422
    assert "a" * 3000 in answer.text
    assert nadia.post(f"/desk/messages/{message.pk}/replies/", {"text": "  "}).status_code == 422


def test_the_team_is_shown_with_its_states(nadia):
    make_secretary("Hugo Blanc", state="away", away_reason="lunch")
    make_secretary("Léa Noir", state="off")
    page = nadia.get("/desk/queue/").text
    assert "Hugo" in page
    assert "Léa" not in page


def test_the_day_is_filtered(nadia, message, refused, plumber, secretary):
    past = {"outcome": "answered", "state": "done", "ended_at": now(), "wrapped_up_at": now()}
    make_call(plumber, secretary, **past)
    make_call(plumber, None, **{**past, "outcome": "abandoned", "answered_at": None})
    pages = (nadia.get(f"/desk/today/?show={which}").text for which in ("all", "unanswered"))
    whole, missed = (page.split('id="work"')[1].split("</main>")[0] for page in pages)
    assert "Mme Marchand" in whole
    assert "Mme Marchand" not in missed
    assert f"/desk/deliveries/{refused.pk}/attempts/" in nadia.get("/desk/today/?show=refused").text
    assert nadia.get("/desk/today/?show=nonsense").status_code == 200


def test_she_finds_a_client_by_name_town_trade_or_monogram(nadia, secretary):
    notary = make_client("Étude Morel", "notary", town="Angers", monogram="ZM", trade_label="Notaires")
    grant(secretary, notary)
    for words in ("morel", "ANGERS", "notaires", "zm", "étude angers"):
        page = nadia.get("/desk/clients/", {"words": words}).text
        assert f"/desk/clients/{notary.pk}/" in page, words
        assert page.count('class="q edge"') == 1, words
    assert f"/desk/clients/{notary.pk}/" not in nadia.get("/desk/clients/", {"words": "zzz"}).text


def test_reading_a_sheet_and_an_answer_enter_the_log(nadia, plumber, knowledge):
    nadia.get(f"/desk/clients/{plumber.pk}/")
    assert "Oui, à Nantes." not in nadia.get(f"/desk/clients/{plumber.pk}/knowledge/?words=devis").text
    assert "Oui, à Nantes." in nadia.get(f"/desk/knowledge/{knowledge.pk}/").text
    acts = leaves(plumber)
    assert ["SheetOpened" in acts[0], "KnowledgeOpened" in acts[1], len(acts)] == [True, True, 2]


def test_she_says_her_state(nadia, secretary):
    soon = f"{now().astimezone(PARIS) + timedelta(hours=1):%H:%M}"
    assert nadia.post("/desk/state/", {"away": "lunch", "until": soon}).status_code == 302
    secretary.refresh_from_db()
    assert (secretary.state, secretary.away_reason, secretary.takes_calls) == ("away", "lunch", False)
    nadia.post("/desk/state/", {"away": "paperwork"})
    secretary.refresh_from_db()
    assert secretary.takes_calls
    nadia.post("/desk/state/", {"state": "ready", "until": ""})
    secretary.refresh_from_db()
    assert (secretary.state, secretary.away_until) == ("ready", None)


def test_a_state_that_cannot_be_is_refused_in_the_menu(nadia, secretary):
    answer = nadia.post("/desk/state/", {"state": "busy"}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    secretary.refresh_from_db()
    assert secretary.state == "ready"


def test_the_telephone_gets_credentials_of_its_own_session(nadia, signed_in, secretary):
    first, second = nadia.post("/desk/softphone/").json(), nadia.post("/desk/softphone/").json()
    assert first["username"] != second["username"]
    assert set(first) == {"username", "password", "realm"}
    alive = Softphone.objects.filter(secretary=secretary, revoked_at=None)
    assert [one.username for one in alive] == [second["username"]]
    signed_in(secretary).post("/desk/softphone/")
    assert alive.all().count() == 2
    assert nadia.get("/desk/softphone/").status_code == 405


def test_the_stranger_gets_no_telephone(signed_in, owner, supervisor):
    assert signed_in(owner).post("/desk/softphone/").status_code == 404
    assert signed_in(supervisor).post("/desk/softphone/").status_code == 404
