"""Who may open what at the desk: the secretary with a grant, and nobody else."""

from uuid import uuid4

import pytest
from django.test import Client as Browser

from permanence.database.context import acting
from permanence.messaging.usecases import Taken, take_message
from tests.people import actor_for

PAGES = ["/desk/", "/desk/strip/", "/desk/queue/", "/desk/today/", "/desk/clients/"]


@pytest.fixture
def private(call, plumber, secretary, marc, knowledge):
    """Every page that belongs to the plumber."""
    with acting(actor_for(secretary)):
        taken = Taken(submission=uuid4(), caller_name="Mme Roux", reason="Fuite")
        message = take_message(actor=actor_for(secretary), call=call, taken=taken)
    return [
        f"/desk/calls/{call.pk}/",
        f"/desk/messages/{message.pk}/",
        f"/desk/clients/{plumber.pk}/",
        f"/desk/clients/{plumber.pk}/context/",
        f"/desk/clients/{plumber.pk}/knowledge/",
        f"/desk/knowledge/{knowledge.pk}/",
    ]


def test_the_secretary_opens_everything_of_her_client(nadia, private):
    assert {page: nadia.get(page).status_code for page in PAGES + private} == dict.fromkeys(PAGES + private, 200)


def test_navigation_gets_the_part_that_it_swaps(nadia, private):
    for page in ["/desk/", "/desk/today/", "/desk/clients/", *private[:3]]:
        answer = nadia.get(page, headers={"HX-Request": "true", "HX-Target": "page"})
        assert "<html" not in answer.text, page
        assert 'id="work"' in answer.text
        assert 'id="strip"' in answer.text


def test_going_back_in_history_gets_the_whole_page(nadia, call):
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in nadia.get(f"/desk/calls/{call.pk}/", headers=headers).text


def test_her_colleague_without_a_grant_finds_nothing_of_the_client(signed_in, colleague, private, plumber):
    browser = signed_in(colleague)
    assert {page: browser.get(page).status_code for page in private} == dict.fromkeys(private, 404)
    assert all(plumber.name not in browser.get(page).text for page in PAGES)


@pytest.mark.parametrize("who", ["owner", "stranger", "supervisor"])
def test_whoever_is_no_secretary_finds_no_desk(request, signed_in, private, who):
    browser = signed_in(request.getfixturevalue(who))
    assert {page: browser.get(page).status_code for page in PAGES + private} == dict.fromkeys(PAGES + private, 404)


def test_a_passer_by_is_asked_to_sign_in(private):
    for page in PAGES + private:
        assert Browser().get(page).headers["Location"].startswith("/account/login/"), page


@pytest.mark.parametrize("who", ["colleague", "owner", "stranger"])
def test_nobody_else_writes_on_her_call(request, signed_in, call, who):
    browser = signed_in(request.getfixturevalue(who))
    for verb in ("message", "draft", "wrap-up"):
        assert browser.post(f"/desk/calls/{call.pk}/{verb}/", {"reason": "x"}).status_code == 404


def test_a_revoked_grant_closes_the_page_at_once(nadia, call, secretary):
    from permanence.database.context import EVERY_CLIENT
    from permanence.kernel.actor import system
    from permanence.kernel.clock import now
    from permanence.trust.models import Grant

    assert nadia.get(f"/desk/calls/{call.pk}/").status_code == 200
    with acting(system("tests"), EVERY_CLIENT):
        Grant.objects.filter(secretary=secretary).update(revoked_at=now())
    assert nadia.get(f"/desk/calls/{call.pk}/").status_code == 404
