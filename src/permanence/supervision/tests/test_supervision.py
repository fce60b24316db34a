"""The supervisor's pages: what they do, and what they never show."""

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from permanence.bureau.models import User
from permanence.bureau.usecases import invite, set_state
from permanence.calls.models import Call, Line
from permanence.clients.models import Client, Member, Pairing
from permanence.database.context import EVERY_CLIENT, acting
from permanence.kernel.actor import Role, system
from permanence.kernel.clock import living_at, now
from permanence.messaging.models import Message
from permanence.supervision import queries
from permanence.trust.models import Grant
from tests.people import actor_for, make_client, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(db):
    return make_user("Hélène Aubry", Role.ADMINISTRATOR)


def at_the_browser_of(person):
    browser = Browser()
    browser.force_login(person if isinstance(person, User) else person.user)
    return browser


def seen(query):
    """What the whole database holds."""
    with acting(system("tests"), EVERY_CLIENT):
        return query()


def make_call(client, **columns):
    given = {"state": "queued", "started_at": now(), "caller_number": "+33639984127", **columns}
    with acting(system("tests"), EVERY_CLIENT):
        return Call.objects.create(client=client, line=Line.objects.get(client=client), **given)


PAGES = ["", "clients/", "clients/new/", "people/"]


@pytest.mark.parametrize("page", PAGES)
def test_the_room_is_closed_to_everybody_but_overseers(page, secretary, owner, supervisor, administrator):
    address = f"/supervision/{page}"
    assert Browser().get(address).status_code == 302
    assert at_the_browser_of(secretary).get(address).status_code == 404
    assert at_the_browser_of(owner).get(address).status_code == 404
    assert at_the_browser_of(supervisor).get(address).status_code == 200
    assert at_the_browser_of(administrator).get(address).status_code == 200


def test_the_figures_count_over_every_client_and_tell_nothing_else(supervisor, plumber, lawyer, secretary):
    make_call(plumber, started_at=now() - timedelta(seconds=40))
    make_call(lawyer)
    ended = {"state": "done", "ended_at": now()}
    call = make_call(plumber, outcome="answered", answered_at=now(), secretary=secretary, **ended)
    make_call(plumber, outcome="abandoned", **ended)
    make_call(plumber, outcome="answered", started_at=now() - timedelta(days=3), state="done", ended_at=now())
    with acting(system("tests"), EVERY_CLIENT):
        message = Message.objects.create(
            client=plumber, call=call, reason="fuite sous l’évier", taken_at=now(), submission="0" * 32
        )
        message.deliveries.create(
            client=plumber, channel="email", recipient_name="M. Roux", state="failed", changed_at=now()
        )
    with acting(actor_for(supervisor)):
        figures = queries.figures(actor_for(supervisor))
        assert not Call.objects.exists()
    assert (figures.waiting, figures.answered, figures.lost) == (2, 1, 1)
    assert (figures.messages, figures.undelivered) == (1, 1)
    page = at_the_browser_of(supervisor).get("/supervision/").content.decode()
    assert "évier" not in page
    assert "39 98 41 27" not in page.replace("\xa0", " ")


def test_the_room_asks_the_database_a_bounded_number_of_questions(supervisor, django_assert_max_num_queries):
    browser = at_the_browser_of(supervisor)
    for number in range(8):
        make_client(f"Client {number}")
    with django_assert_max_num_queries(40):
        browser.get("/supervision/")


def test_htmx_receives_the_room_without_its_frame(supervisor):
    page = at_the_browser_of(supervisor).get("/supervision/", headers={"hx-request": "true"}).content.decode()
    assert "<html" not in page
    assert "<main" in page


def test_what_waits_for_a_decision_is_said(supervisor, plumber, secretary):
    late = now() + timedelta(minutes=5)
    set_state(actor=actor_for(secretary), secretary_id=secretary.pk, state="away", reason="lunch", until=late)
    invite(actor=actor_for(supervisor), email="lea@exemple.fr", name="Léa Martin", role=Role.SECRETARY)
    make_call(plumber)
    with living_at(now() + timedelta(days=8)), acting(actor_for(supervisor)):
        actor = actor_for(supervisor)
        team = queries.presences(actor)
        titles = [one.title for one in queries.decisions(actor, queries.figures(actor), team)]
    assert len(titles) == 4
    assert [sum(name in title for title in titles) for name in ("Plomberie Roux", "Nadia", "Léa")] == [1, 1, 1]


def test_a_client_is_taken_on_named_a_pair_given_a_line_and_invited(supervisor, secretary, colleague):
    browser = at_the_browser_of(supervisor)
    taken = {"name": "Garage Le Goff", "trade": "artisan", "greeting": "Garage Le Goff, bonjour."}
    place = browser.post("/supervision/clients/new/", taken).headers["Location"]
    client = seen(lambda: Client.objects.get(name="Garage Le Goff"))
    assert place == f"/supervision/clients/{client.pk}/"
    browser.post(f"{place}pair/", {"rank1": secretary.pk, "rank2": colleague.pk})
    assert seen(lambda: [one.secretary_id for one in Pairing.objects.filter(client=client)]) == [
        secretary.pk,
        colleague.pk,
    ]
    assert seen(lambda: Grant.objects.filter(client=client, source="pair", revoked_at=None).count()) == 2
    assert browser.post(f"{place}lines/", {"number": "01 99 00 12 34"}).status_code == 302
    assert browser.post(f"{place}lines/", {"number": "01 99 00 12 34"}).status_code == 422
    assert browser.post(f"{place}lines/", {"number": "bonjour"}).status_code == 422
    assert seen(lambda: Line.objects.get(client=client).number) == "+33199001234"
    browser.post(f"{place}members/", {"name": "Yann Le Goff", "email": "yann@exemple.fr", "role": "owner"})
    assert seen(lambda: Member.objects.get(client=client).user.email) == "yann@exemple.fr"
    assert "yann@exemple.fr" in browser.get(place).content.decode()


def test_the_same_secretary_twice_in_a_pair_is_refused(supervisor, plumber, secretary):
    browser = at_the_browser_of(supervisor)
    sent = browser.post(f"/supervision/clients/{plumber.pk}/pair/", {"rank1": secretary.pk, "rank2": secretary.pk})
    assert sent.status_code == 422
    assert not seen(lambda: Pairing.objects.exists())


def test_an_access_is_given_for_a_time_with_a_reason_and_taken_back(supervisor, plumber, colleague):
    browser, place = at_the_browser_of(supervisor), f"/supervision/clients/{plumber.pk}/"
    until = timezone.localtime(now() + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    asked = {"secretary": colleague.pk, "until": until, "reason": "Remplace Nadia cet après-midi"}
    assert browser.post(f"{place}grants/", {**asked, "reason": ""}).status_code == 422
    assert browser.post(f"{place}grants/", {**asked, "until": "2020-01-01T10:00"}).status_code == 422
    assert browser.post(f"{place}grants/", asked).status_code == 302
    with acting(actor_for(colleague)):
        assert Client.objects.filter(pk=plumber.pk).exists()
    given = seen(lambda: Grant.objects.get(secretary=colleague))
    browser.post(f"{place}grants/{given.pk}/revocation/")
    with acting(actor_for(colleague)):
        assert not Client.objects.filter(pk=plumber.pk).exists()


def test_somebody_elses_grant_is_not_found_under_another_client(supervisor, plumber, lawyer, secretary):
    held = seen(lambda: Grant.objects.get(secretary=secretary))
    sent = at_the_browser_of(supervisor).post(f"/supervision/clients/{lawyer.pk}/grants/{held.pk}/revocation/")
    assert sent.status_code == 404
    assert seen(lambda: Grant.objects.get(pk=held.pk).revoked_at) is None


def test_only_an_administrator_invites_supervisors_and_closes_accounts(supervisor, administrator, secretary):
    asked = {"name": "Paul Roy", "email": "paul@exemple.fr", "role": "supervisor"}
    assert at_the_browser_of(supervisor).post("/supervision/people/", asked).status_code == 422
    assert at_the_browser_of(administrator).post("/supervision/people/", asked).status_code == 302
    closing = f"/supervision/people/{secretary.user_id}/closing/"
    assert at_the_browser_of(supervisor).post(closing).status_code == 404
    assert at_the_browser_of(administrator).post(closing, {"close": 1}).status_code == 302
    assert not User.objects.get(pk=secretary.user_id).is_active
    at_the_browser_of(administrator).post(closing, {"reopen": 1})
    assert User.objects.get(pk=secretary.user_id).is_active


def test_extension_and_languages_are_edited(supervisor, secretary, colleague, owner):
    browser, place = at_the_browser_of(supervisor), f"/supervision/people/{secretary.user_id}/"
    assert browser.get(place).status_code == 200
    assert browser.post(place, {"extension": "abc", "languages": ["fr"]}).status_code == 422
    assert browser.post(place, {"extension": colleague.extension, "languages": ["fr"]}).status_code == 422
    assert browser.post(place, {"extension": "777", "languages": ["fr", "en"]}).status_code == 302
    secretary.refresh_from_db()
    assert (secretary.extension, secretary.languages) == ("777", ["fr", "en"])
    assert browser.get(f"/supervision/people/{owner.user_id}/").status_code == 404
