"""Two people at the same instant, on connections of their own: the database decides, nothing is doubled or lost."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from permanence.audit.queries import leaves
from permanence.calls.models import Call, Correspondent, Line
from permanence.calls.tests.telephone import TELEPHONY, arrive, talk, tell
from permanence.calls.usecases import Arrival, SecretaryTaken, register_call
from permanence.database.context import acting
from permanence.kernel.clock import now
from permanence.kernel.refusals import Refused
from permanence.messaging.models import Delivery, Message
from permanence.messaging.tests.writing import mailer_to, make_person, taken
from permanence.messaging.usecases import acknowledge_message, take_message
from tests.mailbox import open_mailbox
from tests.people import actor_for, grant, make_client, make_member, make_secretary


@pytest.fixture
def committed(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Rows that other connections see; the owner takes them away afterwards."""
    with django_db_blocker.unblock():
        yield
        with connections["owner"].cursor() as cursor:
            cursor.execute("truncate bureau_user, clients_client, procrastinate_jobs, database_notice cascade")
        connections["owner"].close()


def at_once(*acts: Callable[[], object]) -> list[Any]:
    """Each act in a thread of its own, all let go together; a refusal is an answer too."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait()
        try:
            return act()
        except Refused as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.fixture
def roux(committed):
    return make_client("Plomberie Roux")


@pytest.fixture
def nadia(roux):
    found = make_secretary("Nadia Benali", state="ready")
    grant(found, roux)
    return found


def test_two_waiting_calls_offered_to_one_secretary(roux, nadia):
    calls = [tell(roux, "queue_call", arrive(roux)) for _each in range(4)]
    offers = [lambda one=one: tell(roux, "offer_call", one, secretary_id=nadia.pk, why="") for one in calls]
    answers = at_once(*offers)
    assert sum(isinstance(answer, Call) for answer in answers) == 1
    assert sum(isinstance(answer, SecretaryTaken) for answer in answers) == 3
    with acting(TELEPHONY, roux.pk):
        assert sorted(Call.objects.values_list("state", flat=True)) == ["queued"] * 3 + ["ringing"]


def test_one_call_registered_by_two_daemons(roux):
    with acting(TELEPHONY, roux.pk):
        line = Line.objects.get()
    arrival = Arrival(call_id=str(uuid4()), line_id=line.pk, at=now())

    def register():
        with acting(TELEPHONY, roux.pk):
            return register_call(actor=TELEPHONY, arrival=arrival).pk

    assert len(set(at_once(*[register] * 4))) == 1
    with acting(TELEPHONY, roux.pk):
        assert [leaf.act for leaf in leaves(TELEPHONY, roux.pk)] == ["CallArrived"]


def test_one_form_sent_five_times_at_once_is_one_message(roux, nadia):
    call, words, actor = talk(roux, nadia), taken(), actor_for(nadia)

    def submit():
        with acting(actor):
            return take_message(actor=actor, call=call, taken=words).pk

    assert len(set(at_once(*[submit] * 5))) == 1
    with acting(TELEPHONY, roux.pk):
        assert (Message.objects.count(), Delivery.objects.count(), Correspondent.objects.count()) == (1, 1, 1)


def test_two_secretaries_write_at_once_for_the_same_caller(roux, nadia):
    ines = make_secretary("Inès Morel", state="ready")
    grant(ines, roux)

    def write(secretary, call):
        actor = actor_for(secretary)
        with acting(actor):
            return take_message(actor=actor, call=call, taken=taken(caller_name=secretary.user.name))

    calls = [(one, talk(roux, one)) for one in (nadia, ines)]
    messages = at_once(*[lambda pair=pair: write(*pair) for pair in calls])
    assert {message.taken_by_id for message in messages} == {nadia.pk, ines.pk}
    with acting(TELEPHONY, roux.pk):
        assert Message.objects.count() == 2
        assert Correspondent.objects.count() == 1


def test_two_members_take_in_charge_at_once_and_one_name_stays(roux, nadia):
    actor, call = actor_for(nadia), talk(roux, nadia)
    with acting(actor):
        message = take_message(actor=actor, call=call, taken=taken())
    members = [actor_for(make_member(roux, name)) for name in ("Marc Roux", "Sylvie Roux", "Théo Roux")]

    def acknowledge(member):
        with acting(member):
            return acknowledge_message(actor=member, message=message).acknowledged_by_id

    names = at_once(*[lambda one=one: acknowledge(one) for one in members])
    assert len(set(names)) == 1
    with acting(TELEPHONY, roux.pk):
        assert [leaf.act for leaf in leaves(TELEPHONY, roux.pk)].count("MessageAcknowledged") == 1


def test_the_real_worker_hands_the_letter_over(roux, nadia):
    make_person(roux)
    actor, call = actor_for(nadia), talk(roux, nadia)
    with open_mailbox() as mailbox, mailer_to(mailbox.port):
        with acting(actor):
            message = take_message(actor=actor, call=call, taken=taken())
        assert isinstance(app.connector, DjangoConnector)
        with app.replace_connector(app.connector.get_worker_connector()) as worker:
            worker.run_worker(queues=["mail"], wait=False, install_signal_handlers=False, listen_notify=False)
        assert str(message.pk) in str(mailbox.wait_for("marc@roux.test"))
    with acting(TELEPHONY, roux.pk):
        assert Delivery.objects.get(channel="email").state == "handed_over"
    connections.close_all()
