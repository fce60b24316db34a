"""On its way: to the portal at once, by e-mail through a job, with one event for each thing learnt."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from permanence.audit.usecases import record
from permanence.clients.models import Person
from permanence.database.notices import tell
from permanence.kernel.actor import Actor, NotAllowed, Role, require
from permanence.kernel.clock import now
from permanence.kernel.events import publish
from permanence.kernel.refusals import Refused
from permanence.messaging.events import DeliveryAdvanced, DeliveryQueued
from permanence.messaging.models import Delivery, DeliveryEvent, Message
from permanence.messaging.rules.delivery import Reachable, advance, recipients

LONGEST_DETAIL = 240


class DeliveryNotFailed(Refused):
    message = _("This delivery has not failed: there is nothing to send again.")


def send_out(message: Message) -> None:
    """Open a delivery for the portal and for each e-mail address, in the transaction that took the message."""
    people = [
        Reachable(one.pk, one.name, one.email, one.receives_messages, one.position)
        for one in Person.objects.filter(client_id=message.client_id, left_at=None).order_by("position", "pk")
    ]
    wanted = message.person.name if message.person else message.client.name
    portal = _open(message, "portal", wanted, "")
    _write(portal, "delivered", "")
    by_address = {one.email.lower(): one for one in recipients(people, message.person_id)}
    for one in by_address.values():
        delivery = _open(message, "email", one.name, one.email)
        publish(_queued(delivery))


@transaction.atomic
def advance_delivery(*, actor: Actor, delivery: Delivery, state: str, detail: str = "") -> Delivery:
    """Write what is now known of a delivery; known already, or behind what is known, nothing changes.

    A failure is told to the secretary who took the message. Raises ``rules.delivery.NotOnThisPath``.
    """
    require(actor)
    kept = _locked(delivery)
    if progress(kept, state, detail):
        event = DeliveryAdvanced(
            client_id=kept.client_id,
            message_id=kept.message_id,
            delivery_id=kept.pk,
            channel=kept.channel,
            state=kept.state,
        )
        record(actor, event)
        publish(event)
        tell(f"client:{kept.client_id}", "message", kept.message_id)
        if kept.message.taken_by_id:
            tell(f"secretary:{kept.message.taken_by_id}", "message", kept.message_id)
    return kept


def progress(delivery: Delivery, state: str, detail: str = "") -> bool:
    """Move a delivery on to ``state``; False when that was known. Whoever calls this logs the act behind it."""
    after = advance(delivery.channel, delivery.state, state)
    if after is not None:
        _write(delivery, after, detail)
    return after is not None


@transaction.atomic
def note_attempt(*, actor: Actor, delivery: Delivery, detail: str = "") -> Delivery:
    """One more try begins, or (with ``detail``) could not pass now: it stays queued and its story says so."""
    require(actor)
    kept = _locked(delivery)
    if detail:
        _append(kept, detail)
    else:
        kept.attempts += 1
        kept.save(update_fields=["attempts"])
    return kept


@transaction.atomic
def retry_delivery(*, actor: Actor, delivery: Delivery) -> Delivery:
    """The secretary who took the message, or an overseer, sends it once more after a failure."""
    require(actor, Role.SECRETARY)
    kept = _locked(delivery)
    if actor.role is Role.SECRETARY and kept.message.taken_by_id not in (None, actor.secretary_id):
        raise NotAllowed
    if kept.state != "failed":
        raise DeliveryNotFailed
    _write(kept, "queued", "")
    queued = _queued(kept, again=True)
    record(actor, queued)
    publish(queued)
    if kept.message.taken_by_id:
        tell(f"secretary:{kept.message.taken_by_id}", "message", kept.message_id)
    return kept


def _open(message: Message, channel: str, name: str, address: str) -> Delivery:
    delivery = Delivery.objects.create(
        client_id=message.client_id,
        message=message,
        channel=channel,
        recipient_name=name,
        address=address,
        changed_at=now(),
    )
    _append(delivery, "")
    return delivery


def _locked(delivery: Delivery) -> Delivery:
    return Delivery.objects.select_for_update(of=("self",)).select_related("message__client").get(pk=delivery.pk)


def _write(delivery: Delivery, state: str, detail: str) -> None:
    delivery.state, delivery.changed_at = state, now()
    delivery.failure = detail[:LONGEST_DETAIL] if state == "failed" else ""
    delivery.save(update_fields=["state", "failure", "changed_at"])
    _append(delivery, detail)


def _append(delivery: Delivery, detail: str) -> None:
    DeliveryEvent.objects.create(
        client_id=delivery.client_id,
        delivery=delivery,
        state=delivery.state,
        at=now(),
        detail=detail[:LONGEST_DETAIL],
    )


def _queued(delivery: Delivery, *, again: bool = False) -> DeliveryQueued:
    return DeliveryQueued(
        client_id=delivery.client_id,
        message_id=delivery.message_id,
        delivery_id=delivery.pk,
        channel=delivery.channel,
        again=again,
    )
