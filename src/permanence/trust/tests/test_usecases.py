from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from permanence.audit.queries import leaves
from permanence.clients.events import PairChanged
from permanence.clients.models import Client, Person
from permanence.database.context import EVERY_CLIENT, acting
from permanence.database.models import Notice
from permanence.kernel.actor import NotAllowed, Role, system
from permanence.kernel.clock import living_at, now
from permanence.kernel.events import publish
from permanence.trust.models import Grant
from permanence.trust.queries import clients_open_to, grants, grants_on, open_grants
from permanence.trust.usecases import (
    AlreadyOpen,
    GrantNeedsEnd,
    GrantNeedsReason,
    NobodyThere,
    grant_access,
    revoke_access,
)
from tests.people import actor_for, make_secretary, make_user

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def karim(supervisor):
    return actor_for(supervisor)


def give(karim, secretary, client, **given):
    given = {"until": now() + HOUR, "reason": "Nadia is ill", **given}
    with acting(karim):
        return grant_access(actor=karim, secretary=secretary, client=client, **given)


def opens(secretary):
    with acting(actor_for(secretary)):
        return set(Client.objects.values_list("name", flat=True))


def acts(member):
    with acting(actor_for(member)):
        found = leaves(actor_for(member), member.client_id)
        return [(leaf.act, leaf.actor_name, leaf.personal) for leaf in found]


def notices(secretary):
    found = Notice.objects.filter(channel=f"secretary:{secretary.pk}", kind="grants")
    return [int(notice.subject) for notice in found.order_by("pk")]


def test_a_grant_opens_the_client_at_once_is_in_his_log_and_is_told(karim, colleague, plumber, owner):
    granted = give(karim, colleague, plumber)
    assert opens(colleague) == {"Plomberie Roux"}
    assert acts(owner) == [("AccessGranted", "Karim Haddad", {"secretary_name": "Inès Morel"})]
    assert notices(colleague) == [plumber.pk]
    assert granted.granted_by_id == karim.user_id


def test_a_revoked_grant_shows_nothing_in_the_very_next_statement(karim, colleague, plumber, owner):
    granted = give(karim, colleague, plumber)
    inès = actor_for(colleague)
    with acting(inès):
        assert Client.objects.exists()
        with acting(karim):
            revoke_access(actor=karim, grant=granted)
        assert not Client.objects.exists(), "not even in a transaction that had begun"
    assert [act for act, _, _ in acts(owner)] == ["AccessRevoked", "AccessGranted"]
    assert notices(colleague) == [plumber.pk, plumber.pk]


def test_revoking_twice_is_one_act(karim, colleague, plumber, owner):
    granted = give(karim, colleague, plumber)
    with acting(karim):
        first = revoke_access(actor=karim, grant=granted)
        assert revoke_access(actor=karim, grant=granted).revoked_at == first.revoked_at
    assert len(acts(owner)) == 2


def test_a_grant_ends_by_itself(karim, colleague, plumber):
    with living_at(now() - 2 * HOUR):
        give(karim, colleague, plumber, until=now() + HOUR)
    assert opens(colleague) == set()
    with acting(karim):
        assert not grants_on(karim, plumber)
        assert grants(karim).count() == 1


def test_a_secretary_who_left_opens_nothing(karim, colleague, plumber):
    give(karim, colleague, plumber)
    colleague.user.is_active = False
    colleague.user.save()
    assert opens(colleague) == set()
    with acting(karim):
        assert not open_grants(karim)
    with pytest.raises(NobodyThere, match="Inès Morel"):
        give(karim, colleague, plumber)


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"until": None}, GrantNeedsEnd),
        ({"until": now() - HOUR}, GrantNeedsEnd),
        ({"reason": "  "}, GrantNeedsReason),
        ({"until": None, "source": "task"}, GrantNeedsEnd),
    ],
)
def test_a_grant_without_end_or_reason_is_refused(karim, colleague, plumber, given, refusal):
    with pytest.raises(refusal):
        give(karim, colleague, plumber, **given)
    assert opens(colleague) == set()


def test_a_second_grant_must_add_something(karim, colleague, plumber):
    until = now() + HOUR
    give(karim, colleague, plumber, until=until)
    with pytest.raises(AlreadyOpen, match="Inès Morel"):
        give(karim, colleague, plumber, until=until)
    give(karim, colleague, plumber, until=now() + 2 * HOUR)
    with acting(karim):
        assert grants_on(karim, plumber).count() == 2


def test_only_overseers_grant_and_revoke(karim, secretary, colleague, owner, plumber):
    granted = give(karim, colleague, plumber)
    for person in (secretary, owner):
        actor = actor_for(person)
        with pytest.raises(NotAllowed):
            give(actor, colleague, plumber)
        with acting(actor), pytest.raises(NotAllowed):
            revoke_access(actor=actor, grant=granted)


@pytest.mark.parametrize(
    "statement",
    [
        "update trust_grant set revoked_at = null",
        "update trust_grant set during = tstzrange(now(), null)",
        "update trust_grant set secretary_id = secretary_id + 1",
        "delete from trust_grant",
        "truncate trust_grant",
        "insert into trust_grant (client_id, secretary_id, source, reason, during, granted_at)"
        " select client_id, secretary_id, 'pair', '', tstzrange(now(), null), now() from trust_grant",
    ],
)
def test_a_secretary_s_statements_write_no_grant(secretary, plumber, statement):
    def kept():
        with acting(system("tests"), EVERY_CLIENT):
            return list(Grant.objects.order_by("pk").values())

    before = kept()
    with acting(actor_for(secretary)), suppress(DatabaseError), transaction.atomic():
        connection.cursor().execute(statement)
    assert kept() == before


def test_grants_follow_the_pair(karim, secretary, colleague, plumber, owner):
    zoé = make_secretary("Zoé Martin")
    give(karim, zoé, plumber)
    with acting(karim):
        publish(PairChanged(client_id=plumber.pk, secretary_ids=(colleague.pk, zoé.pk)))
    assert (opens(secretary), opens(colleague)) == (set(), {"Plomberie Roux"})
    assert [(act, personal["secretary_name"]) for act, _, personal in acts(owner)] == [
        ("AccessGranted", "Zoé Martin"),
        ("AccessGranted", "Inès Morel"),
        ("AccessRevoked", "Nadia Benali"),
        ("AccessGranted", "Zoé Martin"),
    ]
    with acting(karim):
        publish(PairChanged(client_id=plumber.pk, secretary_ids=(colleague.pk,)))
        held = {(grant.secretary_id, grant.source) for grant in grants_on(karim, plumber)}
    assert held == {(colleague.pk, "pair"), (zoé.pk, "supervisor")}, "what a supervisor gave stays"
    assert notices(colleague) == [plumber.pk]


def test_a_pair_change_that_changes_nothing_writes_nothing(karim, secretary, plumber, owner):
    with acting(karim):
        publish(PairChanged(client_id=plumber.pk, secretary_ids=(secretary.pk,)))
    assert acts(owner) == []


def test_who_knows_of_which_grants(karim, secretary, colleague, owner, stranger, plumber, lawyer):
    give(karim, colleague, lawyer)
    administrator = actor_for(make_user("Hélène Petit", Role.ADMINISTRATOR))
    seen = {}
    for actor in (karim, administrator, actor_for(secretary), actor_for(owner), actor_for(stranger)):
        with acting(actor):
            seen[actor.name] = {grant.client.name for grant in open_grants(actor)}
    assert seen == {
        "Karim Haddad": {"Plomberie Roux", "Cabinet Diallo"},
        "Hélène Petit": {"Plomberie Roux", "Cabinet Diallo"},
        "Nadia Benali": {"Plomberie Roux"},
        "Marc Roux": {"Plomberie Roux"},
        stranger.user.name: {"Cabinet Diallo"},
    }


def test_an_overseer_opens_no_client_by_right(karim, secretary, plumber):
    with acting(system("tests"), plumber.pk):
        Person.objects.create(client=plumber, name="Marc Roux")
    with acting(karim):
        assert not clients_open_to(karim)
        assert not Person.objects.exists()
    with acting(actor_for(secretary)):
        assert list(clients_open_to(actor_for(secretary))) == [plumber]


def test_the_list_of_grants_is_one_statement(karim, secretary, colleague, lawyer, django_assert_num_queries):
    give(karim, colleague, lawyer)
    with acting(karim), django_assert_num_queries(1):
        assert [(str(g.client), str(g.secretary), str(g.granted_by or "")) for g in open_grants(karim)] == [
            ("Cabinet Diallo", "Inès Morel", "Karim Haddad"),
            ("Plomberie Roux", "Nadia Benali", ""),
        ]
