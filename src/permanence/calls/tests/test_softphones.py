"""SIP credentials live and die with a browser session."""

from datetime import timedelta
from hashlib import md5

import pytest

from permanence.bureau.events import SessionsEnded
from permanence.calls.models import Softphone
from permanence.calls.queries import routing_directory
from permanence.calls.usecases import issue_softphone, revoke_softphones
from permanence.database.context import EVERY_CLIENT, acting
from permanence.kernel.actor import NotAllowed, system
from permanence.kernel.clock import living_at, now
from permanence.kernel.events import publish
from tests.people import actor_for, make_secretary

pytestmark = pytest.mark.django_db


def issue(secretary, session="a" * 32):
    return issue_softphone(actor=actor_for(secretary), session_key=session)


def registered():
    telephony = system("telephony")
    with acting(telephony, EVERY_CLIENT):
        return [phone.username for phone in routing_directory(telephony).softphones]


def test_the_password_is_given_once_and_kept_nowhere(secretary):
    given = issue(secretary)
    kept = Softphone.objects.get(username=given.username)
    whole = f"{given.username}:{given.realm}:{given.password}".encode()
    assert kept.digest == md5(whole, usedforsecurity=False).hexdigest()
    assert given.password not in str(kept.__dict__)
    assert registered() == [given.username]


def test_a_session_has_one_telephone_and_a_person_several(secretary):
    first, second = issue(secretary), issue(secretary)
    assert registered() == [second.username]
    third = issue(secretary, "b" * 32)
    assert registered() == [second.username, third.username]
    assert len({first.password, second.password, third.password}) == 3


def test_twelve_hours_and_no_more(secretary):
    issue(secretary)
    with living_at(now() + timedelta(hours=12, seconds=1)):
        assert registered() == []


def test_the_end_of_a_session_ends_its_telephone_alone(secretary):
    issue(secretary, "a" * 32)
    other = issue(secretary, "b" * 32)
    publish(SessionsEnded(user_id=secretary.user_id, secretary_id=secretary.pk, session_key="a" * 32))
    assert registered() == [other.username]
    publish(SessionsEnded(user_id=secretary.user_id, secretary_id=secretary.pk))
    assert registered() == []
    assert revoke_softphones(secretary_id=secretary.pk) == 0


def test_a_closed_account_has_no_telephone(secretary):
    issue(secretary)
    secretary.user.is_active = False
    secretary.user.save()
    assert registered() == []


def test_only_a_secretary_has_one_and_only_with_a_session(secretary, owner, supervisor):
    for person in (owner, supervisor):
        with pytest.raises(NotAllowed):
            issue(person)
    with pytest.raises(NotAllowed):
        issue(make_secretary("Inès Morel"), "")
    with pytest.raises(NotAllowed):
        issue_softphone(actor=system("telephony"), session_key="a")
