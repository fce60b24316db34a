"""People, their numbers and their availability."""

from datetime import time, timedelta

import pytest

from permanence.audit.queries import leaves
from permanence.clients.models import Availability, Person
from permanence.clients.queries import people_now
from permanence.clients.usecases import (
    Dated,
    PersonDetails,
    TypedNumber,
    Weekly,
    clear_availability,
    remove_person,
    save_person,
    set_availability,
)
from permanence.clients.usecases.people import EndsTooSoon, NumberTwice, PersonUnnamed, TooManyNumbers, WeekdayMissing
from permanence.database.context import acting
from permanence.kernel.actor import NotAllowed
from permanence.kernel.clock import now
from permanence.kernel.phones import NotAPhoneNumber
from tests.people import actor_for

ALL_WEEK = Weekly(range(7), time(0), time(0))


def test_numbers_keep_their_order_and_one_form(plumber, owner, marc):
    actor = actor_for(owner)
    with acting(actor):
        details = PersonDetails(name=" Marc ", numbers=[TypedNumber("0199003118"), TypedNumber("+33 6 39 98 41 27")])
        save_person(actor=actor, client=plumber, details=details, person=marc)
        (now_,) = people_now(actor, plumber, now())
    assert now_.person.name == "Marc"
    assert now_.person.edited_by == owner.user
    assert [number.number for number in now_.numbers] == ["+33199003118", "+33639984127"]


@pytest.mark.parametrize(
    ("details", "refusal"),
    [
        (PersonDetails(name="  "), PersonUnnamed),
        (PersonDetails(name="A", numbers=[TypedNumber("12")]), NotAPhoneNumber),
        (PersonDetails(name="A", numbers=[TypedNumber("0199003118"), TypedNumber("+33199003118")]), NumberTwice),
        (PersonDetails(name="A", numbers=[TypedNumber(f"01990031{n:02}") for n in range(6)]), TooManyNumbers),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_changes(plumber, owner, details, refusal):
    actor = actor_for(owner)
    with acting(actor):
        with pytest.raises(refusal):
            save_person(actor=actor, client=plumber, details=details)
        assert not Person.objects.exists()
        assert leaves(actor, plumber.pk) == []


def test_unavailable_until_four_holds_for_the_next_call_and_ceases_alone(plumber, owner, marc, secretary):
    actor = actor_for(owner)
    four = now() + timedelta(hours=2)
    with acting(actor):
        set_availability(actor=actor, person=marc, state="absent", when=Dated(now(), four), message="Voir Mme Roux")
    reader = actor_for(secretary)
    with acting(reader):
        (seen,) = people_now(reader, plumber, now())
        (later,) = people_now(reader, plumber, four)
        (leaf, *_before) = leaves(reader, plumber.pk)
    assert (seen.state, seen.message, seen.until) == ("absent", "Voir Mme Roux", four)
    assert later.state == "reachable"
    assert (leaf.act, leaf.actor_name, leaf.personal["person_name"]) == ("AvailabilitySet", "Marc Roux", "Marc Roux")


def test_being_back_lifts_what_holds_even_a_weekly_absence_until_it_ends(plumber, owner, marc):
    actor = actor_for(owner)
    with acting(actor):
        set_availability(actor=actor, person=marc, state="text_only", when=ALL_WEEK)
        set_availability(actor=actor, person=marc, state="absent", when=Dated(now(), None))
        clear_availability(actor=actor, person=marc)
        (seen,) = people_now(actor, plumber, now())
        assert seen.state == "reachable"
        (tomorrow,) = people_now(actor, plumber, now() + timedelta(days=1))
        assert tomorrow.state == "text_only"
        clear_availability(actor=actor, person=marc, availability=Availability.objects.get(starts_at=None))
        assert Availability.objects.get().state == "reachable"


@pytest.mark.parametrize(
    ("when", "refusal"),
    [
        (lambda: Dated(now(), now() - timedelta(seconds=1)), EndsTooSoon),
        (lambda: Dated(now() + timedelta(days=2), now() + timedelta(days=1)), EndsTooSoon),
        (lambda: Weekly([], time(8), time(9)), WeekdayMissing),
        (lambda: Weekly([1], time(9), time(8)), EndsTooSoon),
    ],
)
def test_an_availability_has_days_and_an_order(owner, marc, when, refusal):
    with acting(actor_for(owner)), pytest.raises(refusal):
        set_availability(actor=actor_for(owner), person=marc, state="busy", when=when())


def test_a_member_sets_his_own_availability_only(plumber, owner, member, marc):
    actor = actor_for(member)
    with acting(actor):
        with pytest.raises(NotAllowed):
            set_availability(actor=actor, person=marc, state="busy", when=Dated(now()))
        member.person = marc
        member.save()
        assert set_availability(actor=actor, person=marc, state="busy", when=Dated(now())).set_by == member.user
        with pytest.raises(NotAllowed):
            remove_person(actor=actor, person=marc)


def test_who_left_is_no_longer_proposed(plumber, owner, marc, secretary):
    with acting(actor_for(owner)):
        remove_person(actor=actor_for(owner), person=marc)
    with acting(actor_for(secretary)):
        assert people_now(actor_for(secretary), plumber, now()) == []


def test_a_colleague_without_a_grant_and_another_company_see_nobody(plumber, marc, colleague, stranger):
    for outsider in (colleague, stranger):
        with acting(actor_for(outsider)):
            assert people_now(actor_for(outsider), plumber, now()) == []
