"""What becomes of a message at the client's: read, taken in charge by name, handled, answered."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from permanence.audit.usecases import record
from permanence.database.notices import tell
from permanence.kernel.actor import COMPANY, Actor, Role, require, signed_in
from permanence.kernel.clock import now
from permanence.kernel.events import publish
from permanence.kernel.refusals import Refused
from permanence.messaging.events import (
    MessageAcknowledged,
    MessageEvent,
    MessageHandled,
    MessageOpened,
    ReplyWritten,
)
from permanence.messaging.models import Delivery, Message, Reply
from permanence.messaging.rules.taking import LONGEST_REPLY, lines
from permanence.messaging.usecases.delivering import progress

SAME_CLICK = timedelta(minutes=1)


class ReplyEmpty(Refused):
    message = _("The reply is empty.")


class ReplyTooLong(Refused):
    message = _("The reply has %(length)s characters, %(most)s at most. What you typed is kept. Shorten it.")


@transaction.atomic
def open_message(*, actor: Actor, message: Message) -> Message:
    """Every reading enters the client's log; the first one by the client marks the message as opened."""
    require(actor, Role.SECRETARY, *COMPANY)
    kept = _locked(message)
    if actor.is_one_of(*COMPANY) and kept.opened_at is None:
        kept.opened_at = now()
        kept.save(update_fields=["opened_at"])
        _advance_portal(kept, "opened")
    opened = MessageOpened(client_id=kept.client_id, message_id=kept.pk)
    record(actor, opened, personal={"caller_name": kept.caller_name})
    publish(opened)
    return kept


@transaction.atomic
def acknowledge_message(*, actor: Actor, message: Message) -> Message:
    """« Je m'en charge »: the first person named keeps the charge; a second click changes nothing."""
    require(actor, *COMPANY)
    kept = _locked(message)
    if kept.acknowledged_at is None:
        kept.acknowledged_at, kept.acknowledged_by_id = now(), signed_in(actor)
        kept.save(update_fields=["acknowledged_at", "acknowledged_by"])
        _advance_portal(kept, "acknowledged")
        _announce(actor, kept, MessageAcknowledged(client_id=kept.client_id, message_id=kept.pk))
    return kept


@transaction.atomic
def handle_message(*, actor: Actor, message: Message) -> Message:
    """Done what it asked; whoever handles a message that nobody had taken in charge takes it by the same act."""
    require(actor, *COMPANY)
    kept = acknowledge_message(actor=actor, message=message)
    if kept.handled_at is None:
        kept.handled_at, kept.handled_by_id = now(), signed_in(actor)
        kept.save(update_fields=["handled_at", "handled_by"])
        _advance_portal(kept, "handled")
        _announce(actor, kept, MessageHandled(client_id=kept.client_id, message_id=kept.pk))
    return kept


@transaction.atomic
def write_reply(*, actor: Actor, message: Message, text: str) -> Reply:
    """One more sentence under the message, by the client or by the bureau; the same one twice in a minute is one."""
    require(actor, Role.SECRETARY, *COMPANY)
    said = lines(text)
    if not said:
        raise ReplyEmpty
    if len(said) > LONGEST_REPLY:
        raise ReplyTooLong(length=len(said), most=LONGEST_REPLY)
    kept = _locked(message)
    author_id = signed_in(actor)
    last = Reply.objects.filter(client_id=kept.client_id, message=kept, author_id=author_id).last()
    if last is not None and last.text == said and now() - last.written_at < SAME_CLICK:
        return last
    reply = Reply.objects.create(
        client_id=kept.client_id, message=kept, author_id=author_id, text=said, written_at=now()
    )
    _announce(actor, kept, ReplyWritten(client_id=kept.client_id, message_id=kept.pk, reply_id=reply.pk))
    return reply


def _locked(message: Message) -> Message:
    return Message.objects.select_for_update(of=("self",)).get(pk=message.pk)


def _advance_portal(message: Message, state: str) -> None:
    for delivery in Delivery.objects.filter(client_id=message.client_id, message=message, channel="portal"):
        progress(delivery, state)


def _announce(actor: Actor, message: Message, event: MessageEvent) -> None:
    record(actor, event, personal={"caller_name": message.caller_name})
    publish(event)
    tell(f"client:{message.client_id}", "message", message.pk)
    if message.taken_by_id:
        tell(f"secretary:{message.taken_by_id}", "message", message.pk)
