"""What became of a message, and what is known of each delivery: never more than is known."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from permanence.messaging.models import Delivery, Message

CERTAINTIES = {
    ("portal", "queued"): gettext_lazy("not yet in your space"),
    ("portal", "delivered"): gettext_lazy("in your space, not opened yet"),
    ("portal", "opened"): gettext_lazy("read in your space, not taken in charge yet"),
    ("portal", "acknowledged"): gettext_lazy("taken in charge"),
    ("portal", "handled"): gettext_lazy("handled"),
    ("email", "queued"): gettext_lazy("waits to leave"),
    ("email", "handed_over"): gettext_lazy("handed over to the mail server; nobody knows whether it was read"),
    ("email", "failed"): gettext_lazy("refused; the message is in your space"),
}
STATES = {"failed": ("danger", "mail-exclamation"), "queued": ("warn", "clock"), "handed_over": ("", "mail-check")}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened, with its sentence."""

    at: datetime
    sentence: str


@dataclass(frozen=True, slots=True)
class DeliveryShown:
    """A delivery, what is certain of it, and how it is painted."""

    delivery: Delivery
    certainty: str
    kind: str
    icon: str


def facts_of(message: Message) -> list[Fact]:
    """In order, from what the message itself keeps; replies are shown apart."""
    by = message.taken_by.user.name if message.taken_by else ""
    if message.voicemail:
        taken = _("Left on the voicemail")
    else:
        taken = _("Taken by %(name)s") % {"name": by} if by else _("Taken")
    facts = [Fact(message.taken_at, taken)]
    if message.opened_at:
        facts.append(Fact(message.opened_at, _("Read for the first time in your space")))
    if message.acknowledged_at and message.acknowledged_by:
        said = _("%(name)s took it in charge") % {"name": message.acknowledged_by.name}
        facts.append(Fact(message.acknowledged_at, said))
    if message.handled_at and message.handled_by:
        facts.append(Fact(message.handled_at, _("Handled by %(name)s") % {"name": message.handled_by.name}))
    return sorted(facts, key=lambda fact: fact.at)


def deliveries_of(message: Message) -> list[DeliveryShown]:
    """Reads the message's prefetched deliveries."""
    return [
        DeliveryShown(
            delivery,
            str(CERTAINTIES.get((delivery.channel, delivery.state), delivery.get_state_display())),
            *STATES.get(delivery.state, ("", "circle-check")),
        )
        for delivery in message.deliveries.all()
    ]
