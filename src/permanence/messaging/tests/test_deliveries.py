"""From the queue to a real mail server: handed over, refused for good, not now."""

from email import policy
from email.parser import BytesParser

import pytest
from aiosmtpd.controller import Controller
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job

from permanence.audit.queries import leaves
from permanence.database.context import acting
from permanence.database.models import Notice
from permanence.kernel.actor import NotAllowed
from permanence.kernel.refusals import Unavailable
from permanence.messaging import queries
from permanence.messaging.jobs import MOST_RETRIES, deliver, letter_for
from permanence.messaging.models import Delivery, DeliveryEvent
from permanence.messaging.tests.writing import SYSTEM, mailer_to, make_person, taken
from permanence.messaging.usecases import acknowledge_message, retry_delivery, take_message
from permanence.messaging.usecases.delivering import DeliveryNotFailed
from tests.installation import free_port
from tests.people import actor_for, grant, make_member, make_secretary

pytestmark = pytest.mark.django_db


class Server:
    """An SMTP server that says what the test tells it to say."""

    def __init__(self):
        self.says = "250 OK"
        self.letters = []
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
        if self.says.startswith("250"):
            self.letters.append(BytesParser(policy=policy.default).parsebytes(envelope.content))
        return self.says


@pytest.fixture
def server():
    server = Server()
    server.controller.start()
    with mailer_to(server.controller.port):
        yield server
    server.controller.stop()


@pytest.fixture
def message(plumber, secretary, call):
    make_person(plumber)
    nadia = actor_for(secretary)
    with acting(nadia):
        return take_message(actor=nadia, call=call, taken=taken())


def email_of(message):
    with acting(SYSTEM, message.client_id):
        return Delivery.objects.select_related("message__client").get(message=message, channel="email")


def run(message, *, attempts=0):
    """The worker takes the job, for the n-th time."""
    delivery = email_of(message)
    job = Job(id=1, queue="mail", task_name=deliver.name, lock=None, queueing_lock=None, attempts=attempts)
    context = JobContext(start_timestamp=0.0, app=app, job=job, abort_reason=lambda: None)
    deliver.func(context, client_id=message.client_id, delivery_id=delivery.pk)
    return email_of(message)


def story(message):
    with acting(SYSTEM, message.client_id):
        found = DeliveryEvent.objects.filter(delivery__channel="email", delivery__message=message)
        return list(found.values_list("state", "detail"))


def test_taking_a_message_queues_one_job_for_its_email(message):
    (job,) = ProcrastinateJob.objects.filter(task_name="messaging.deliver")
    assert job.args == {"client_id": message.client_id, "delivery_id": email_of(message).pk}
    assert (job.queue_name, job.lock) == ("mail", f"delivery:{email_of(message).pk}")


def test_handed_over_and_no_more_is_claimed(message, server):
    assert run(message).state == "handed_over"
    (letter,) = server.letters
    text = letter.get_body("plain").get_content()
    assert letter["To"] == "marc@roux.test"
    assert "Fuite sous l’évier" in text
    assert f"/portal/messages/{message.pk}/" in text
    assert "Fuite" not in letter["Subject"]
    assert "Marchand" not in letter["Subject"]
    assert run(message).attempts == 1
    assert len(server.letters) == 1
    assert story(message) == [("queued", ""), ("handed_over", "")]


def test_a_letter_that_leaves_twice_is_recognisable(message, server):
    run(message)
    with acting(SYSTEM, message.client_id):
        Delivery.objects.filter(channel="email").update(state="queued")  # as if we had died before noting it
    run(message)
    first, second = server.letters
    assert first["Message-ID"] == second["Message-ID"]


def test_not_now_is_tried_again_and_told_at_the_end(message, secretary, server):
    server.says = "451 Try again later"
    with pytest.raises(Unavailable):
        run(message)
    assert (email_of(message).state, email_of(message).attempts) == ("queued", 1)
    assert story(message)[-1] == ("queued", "451 Try again later")
    failed = run(message, attempts=MOST_RETRIES)
    assert (failed.state, failed.failure) == ("failed", "451 Try again later")
    assert Notice.objects.filter(channel=f"secretary:{secretary.pk}", kind="message").count() == 2


def test_refused_for_good_fails_at_once_and_is_sent_again_by_hand(message, secretary, server):
    server.says = "550 No such user"
    assert (run(message).state, server.letters) == ("failed", [])
    assert "550 No such user" in email_of(message).failure
    nadia = actor_for(secretary)
    with acting(nadia):
        (failed,) = queries.undelivered(nadia)
        retry_delivery(actor=nadia, delivery=failed)
        with pytest.raises(DeliveryNotFailed):
            retry_delivery(actor=nadia, delivery=failed)
        assert not queries.undelivered(nadia).exists()
        assert leaves(nadia, message.client_id)[0].facts["again"] is True
    assert ProcrastinateJob.objects.filter(task_name="messaging.deliver").count() == 2
    server.says = "250 OK"
    assert run(message).state == "handed_over"


def test_only_its_secretary_sends_again(message, plumber, stranger, server):
    server.says = "550 No"
    failed = run(message)
    ines = make_secretary("Inès Morel")
    grant(ines, plumber)
    with acting(actor_for(ines)), pytest.raises(NotAllowed):
        retry_delivery(actor=actor_for(ines), delivery=failed)
    with acting(actor_for(stranger)), pytest.raises(NotAllowed):
        retry_delivery(actor=actor_for(stranger), delivery=failed)


def test_no_server_at_all_is_not_now(message):
    with mailer_to(free_port()), pytest.raises(Unavailable):
        run(message)
    assert email_of(message).state == "queued"


def test_the_portal_goes_on_while_the_email_fails(message, plumber, server):
    server.says = "550 No"
    run(message)
    sylvie = actor_for(make_member(plumber, "Sylvie Roux"))
    with acting(sylvie):
        acknowledge_message(actor=sylvie, message=message)
        states = dict(Delivery.objects.values_list("channel", "state"))
    assert states == {"portal": "acknowledged", "email": "failed"}


@pytest.mark.parametrize("columns", [{"trade": "lawyer"}, {"trade": "medical_expert"}, {"link_only": True}])
def test_secrets_never_leave_by_email(message, plumber, columns):
    delivery = email_of(message)
    for name, value in columns.items():
        setattr(delivery.message.client, name, value)
    letter = letter_for(delivery)
    whole = letter.subject + letter.text + letter.html
    for secret in ("Fuite", "Marchand", "06 39", "+336", "avant 9 h"):
        assert secret not in whole.replace(letter.message_id, "")
    assert f"/portal/messages/{message.pk}/" in letter.text


def test_hostile_words_are_only_words(plumber, secretary, call):
    make_person(plumber, "Marc\r\nBcc: all@roux.test")
    nadia = actor_for(secretary)
    said = "<script>alert(1)</script> & l’évier"
    with acting(nadia):
        message = take_message(actor=nadia, call=call, taken=taken(reason=said, caller_name="<b>Eve</b>"))
        letter = letter_for(email_of(message))
    assert said in letter.text
    assert "<script>" not in letter.html
    assert "&lt;b&gt;Eve" in letter.html
    assert "\n" not in letter.subject
