"""Deliveries by e-mail. Arguments are ids; ``config.wiring`` says what starts them."""

from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from permanence.database.context import acting
from permanence.kernel.actor import system
from permanence.kernel.letters import Letter, mailer
from permanence.kernel.refusals import Refused, Unavailable
from permanence.messaging.events import DeliveryQueued
from permanence.messaging.models import Delivery
from permanence.messaging.rules.delivery import is_link_only
from permanence.messaging.usecases import advance_delivery, note_attempt

MOST_RETRIES = 5  # after 4, 16, 64, 256 and 1,024 seconds
RETRY = RetryStrategy(max_attempts=MOST_RETRIES, exponential_wait=4, retry_exceptions=[Unavailable])
WORKER = system("messaging")


def start_delivery(event: DeliveryQueued) -> None:
    """Listener: a job in the same transaction as what queued the delivery."""
    configured = deliver.configure(lock=f"delivery:{event.delivery_id}")
    configured.defer(client_id=event.client_id, delivery_id=event.delivery_id)


@app.task(name="messaging.deliver", queue="mail", pass_context=True, retry=RETRY)
def deliver(context: JobContext, *, client_id: int, delivery_id: int) -> None:
    """Hand one message over to the mail server.

    Safe to run twice: a delivery that is no longer queued is left alone, and a letter that leaves twice (we died
    between the server's answer and our note of it) bears the same Message-ID.
    """
    letter = _begin(client_id, delivery_id)
    if letter is None:
        return
    try:
        mailer().send(letter)
    except Unavailable as fault:
        if context.job.attempts < MOST_RETRIES:
            with acting(WORKER, client_id):
                note_attempt(actor=WORKER, delivery=Delivery.objects.get(pk=delivery_id), detail=str(fault))
            raise
        _end(client_id, delivery_id, "failed", str(fault))
    except Refused as refusal:
        _end(client_id, delivery_id, "failed", str(refusal))
    else:
        _end(client_id, delivery_id, "handed_over", "")


def _begin(client_id: int, delivery_id: int) -> Letter | None:
    """The letter to send, the try being counted; None when there is nothing left to do."""
    with acting(WORKER, client_id):
        delivery = Delivery.objects.get(pk=delivery_id)
        if delivery.state != "queued":
            return None
        note_attempt(actor=WORKER, delivery=delivery)
        people = ("message__client", "message__person", "message__taken_by__user")
        return letter_for(Delivery.objects.select_related(*people).get(pk=delivery_id))


def _end(client_id: int, delivery_id: int, state: str, detail: str) -> None:
    with acting(WORKER, client_id):
        advance_delivery(actor=WORKER, delivery=Delivery.objects.get(pk=delivery_id), state=state, detail=detail)


def letter_for(delivery: Delivery) -> Letter:
    """What leaves: the message, or only a link to it where the client or his trade asks for that."""
    message = delivery.message
    client = message.client
    place = settings.PUBLIC_URL + reverse("portal:message", args=[message.pk])
    context = {
        "message": message,
        "recipient": delivery.recipient_name,
        "is_link_only": is_link_only(client.trade, link_only=client.link_only),
        "href": place,
        "act": _("Read the message"),
    }
    known = dict(settings.LANGUAGES)
    with translation.override(client.language if client.language in known else settings.LANGUAGE_CODE):
        text = render_to_string("messaging/mail/message.txt", context)
        html = render_to_string("messaging/mail/message.html", context)
    subject, _end, body = text.strip().partition("\n")
    host = settings.PUBLIC_URL.partition("://")[2].partition("/")[0].partition(":")[0]
    stable = uuid5(NAMESPACE_URL, f"{settings.PUBLIC_URL}/deliveries/{delivery.pk}")
    return Letter(
        to=delivery.address, subject=subject.strip(), text=body.strip(), html=html, message_id=f"<{stable}@{host}>"
    )
