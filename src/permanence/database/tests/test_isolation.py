"""Who sees which rows: the policies at work, as the application role."""

import pytest
from django.db import connection

from permanence.clients.models import Client, Person
from permanence.database.context import acting
from permanence.kernel.actor import system
from tests.people import actor_for

pytestmark = pytest.mark.django_db


def names(actor, client_id=None):
    with acting(actor, client_id):
        return set(Client.objects.values_list("name", flat=True))


def test_without_a_context_there_are_no_rows(plumber):
    assert not Client.objects.exists()


def test_a_secretary_sees_the_clients_she_holds_a_grant_on(secretary, colleague, plumber, lawyer):
    assert names(actor_for(secretary)) == {"Plomberie Roux"}
    assert names(actor_for(colleague)) == set()


def test_an_overseer_lists_every_client_but_opens_nothing(supervisor, plumber, lawyer):
    with acting(system("tests"), plumber.pk):
        Person.objects.create(client=plumber, name="Marc Roux")
    assert names(actor_for(supervisor)) == {"Plomberie Roux", "Cabinet Diallo"}
    with acting(actor_for(supervisor)):
        assert not Person.objects.exists()


def test_a_member_sees_his_company_only(owner, stranger):
    assert names(actor_for(owner)) == {"Plomberie Roux"}


def test_the_outer_context_comes_back(secretary, owner, plumber, lawyer):
    with acting(system("tests"), lawyer.pk):
        with acting(actor_for(secretary)):
            assert Client.objects.get() == plumber
        assert Client.objects.get() == lawyer


def test_a_forged_context_opens_nothing(secretary, plumber):
    with acting(actor_for(secretary)):
        with connection.cursor() as cursor:
            cursor.execute("select set_config('app.ctx', 'system|x|*|9999999999|0|' || repeat('0', 64), true)")
        assert not Client.objects.exists()
