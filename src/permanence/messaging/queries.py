"""What may be read of messages; another client's are absent, so that they are 404."""

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404

from permanence.calls.models import Call
from permanence.calls.queries.calls import NOBODY, midnight
from permanence.clients.models import Client
from permanence.kernel.actor import COMPANY, Actor, Role, require
from permanence.messaging.models import Delivery, Draft, Message, Reply

LATEST = 5


def message_for(actor: Actor, message_id: int) -> Message:
    """With its replies and deliveries; 404 when it is not open to ``actor``."""
    require(actor, Role.SECRETARY, *COMPANY)
    return get_object_or_404(_messages(), pk=message_id)


def messages_for_portal(actor: Actor) -> QuerySet[Message]:
    """Every message of the member's company, the latest first."""
    require(actor, *COMPANY)
    return _messages().filter(client_id=actor.client_id or NOBODY)


def messages_today(actor: Actor) -> QuerySet[Message]:
    """What the secretary took today, the latest first, with the state of each delivery."""
    require(actor, Role.SECRETARY)
    return _messages().filter(taken_by_id=actor.secretary_id or NOBODY, taken_at__gte=midnight())


def last_messages(actor: Actor, client: Client, *, number: str = "", limit: int = LATEST) -> QuerySet[Message]:
    """The client's latest messages; with ``number`` (E.164), those left by this caller."""
    require(actor, Role.SECRETARY, *COMPANY)
    found = _messages().filter(client=client)
    return (found.filter(caller_number=number) if number else found)[:limit]


def undelivered(actor: Actor) -> QuerySet[Delivery]:
    """Deliveries that failed, of messages that the secretary took, the latest first."""
    require(actor, Role.SECRETARY)
    found = Delivery.objects.filter(state="failed", message__taken_by_id=actor.secretary_id or NOBODY)
    return found.select_related("message__client", "message__person").order_by("-changed_at")


def delivery_for(actor: Actor, delivery_id: int) -> Delivery:
    """404 when it is not open to ``actor``."""
    require(actor, Role.SECRETARY, *COMPANY)
    return get_object_or_404(Delivery.objects.select_related("message__client"), pk=delivery_id)


def draft_for(actor: Actor, call: Call) -> Draft | None:
    """What the secretary had typed in this call."""
    require(actor, Role.SECRETARY)
    secretary_id = actor.secretary_id or NOBODY
    return Draft.objects.filter(client_id=call.client_id, call=call, secretary_id=secretary_id).first()


def _messages() -> QuerySet[Message]:
    people = ("client", "call", "person", "taken_by__user", "acknowledged_by", "handled_by")
    return (
        Message.objects.select_related(*people)
        .prefetch_related("deliveries", Prefetch("replies", Reply.objects.select_related("author")))
        .order_by("-taken_at", "-pk")
    )
