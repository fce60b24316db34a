import pytest
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from permanence.kernel.actor import Actor, Role
from permanence.ui.http import Request, open_to


@open_to(Role.SECRETARY)
def desk(request: Request, client_id: int) -> HttpResponse:
    return HttpResponse(f"{request.actor.name} {client_id}")


def asked_by(actor: Actor | None):
    request = RequestFactory().get("/desk/clients/3/?tab=people")
    if actor:
        setattr(request, "actor", actor)  # noqa: B010 - as config.middleware does
    return request


def test_the_right_role_comes_in():
    nadia = Actor(role=Role.SECRETARY, name="Nadia")
    assert desk(asked_by(nadia), client_id=3).content == b"Nadia 3"


def test_a_passer_by_is_asked_to_sign_in_and_brought_back():
    answer = desk(asked_by(None), client_id=3)
    assert answer.status_code == 302
    assert answer["Location"].endswith("?next=/desk/clients/3/%3Ftab%3Dpeople")


def test_a_fragment_asked_after_the_session_ended_sends_the_whole_page_to_sign_in():
    request = asked_by(None)
    request.META |= {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "http://testserver/desk/?day=1"}
    setattr(request, "htmx", HtmxDetails(request))  # noqa: B010 - as its middleware does
    answer = desk(request, client_id=3)
    assert answer.status_code == 200
    assert answer["HX-Redirect"].endswith("?next=/desk/%3Fday%3D1")
    assert not answer.content


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SECRETARY])
def test_anybody_else_finds_nothing(role):
    with pytest.raises(Http404):
        desk(asked_by(Actor(role=role, name="X")), client_id=3)
