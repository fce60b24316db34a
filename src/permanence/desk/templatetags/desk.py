"""How the desk says the state of people, messages and deliveries: a word, and a look that never stands alone."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from permanence.messaging.models import Delivery, Message
from permanence.ui import rules

register = template.Library()

LAYER_ICONS = {
    "safety": "shield", "alert": "alert-triangle", "temporary": "calendar-time", "person": "user",
    "hours": "clock", "trade": "tool", "sheet": "book",
}  # fmt: skip
STATE_LOOKS = {"reachable": "t-ok", "text_only": "t-warn", "busy": "t-warn"}
STATE_DOTS = {"reachable": "", "text_only": "dot-busy", "busy": "dot-busy"}
DONE = ("handed_over", "delivered", "opened", "acknowledged", "handled")


@register.filter
def initials(name: str) -> str:
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


@register.filter
def first_name(name: str | None) -> str:
    return name.split()[0] if name and name.split() else ""


@register.filter
def layer_icon(layer: str) -> str:
    return LAYER_ICONS.get(layer, "book")


@register.filter
def state_look(state: str) -> str:
    return STATE_LOOKS.get(state, "faint")


@register.filter
def state_dot(state: str) -> str:
    return STATE_DOTS.get(state, "dot-away")


@register.filter
def short_moment(at: datetime) -> str:
    """« 8 h 41 » today, « sam. 21 » before."""
    here = timezone.localtime(at)
    language = "fr" if (get_language() or "fr").startswith("fr") else "en"
    return (
        rules.clock(here, language) if here.date() == timezone.localdate() else rules.day_short(here.date(), language)
    )


@register.filter
def lately(at: datetime) -> str:
    """« 9 h 17 » today, « hier, 19 h 02 », « ven. 20, 8 h 15 », « 17 nov. 2026 »."""
    here = timezone.localtime(at)
    language = "fr" if (get_language() or "fr").startswith("fr") else "en"
    today = timezone.localdate()
    return rules.clock(here, language) if here.date() == today else rules.ago_day(here, today, language)


@register.filter
def exact_clock(at: datetime) -> str:
    """« 9 h 14 min 31 s »: what a draft was kept at."""
    here = timezone.localtime(at)
    return _("{h}:{mm}:{ss}").format(h=here.hour, mm=f"{here.minute:02}", ss=f"{here.second:02}")


@register.filter
def message_title(message: Message) -> str:
    """Who left it, as far as is known."""
    return message.caller_name or message.caller_company or rules.phone(message.caller_number) or _("Unnamed caller")


@register.filter
def message_words(message: Message) -> str:
    """The furthest that the client is known to be: a sent e-mail is not a read message."""
    if message.handled_at:
        return _("settled")
    if message.acknowledged_at:
        return _("taken in charge")
    if message.opened_at:
        return _("read, not yet taken in charge")
    if any(delivery.state == "failed" for delivery in message.deliveries.all()):
        return _("a delivery was refused")
    return _("partial, sent") if message.partial else _("sent, not yet read")


@register.filter
def message_look(message: Message) -> str:
    if message.handled_at or message.acknowledged_at:
        return "t-ok"
    if any(delivery.state == "failed" for delivery in message.deliveries.all()):
        return "t-danger"
    return "soft"


@register.filter
def delivery_words(delivery: Delivery) -> str:
    return f"{delivery.get_state_display()}, {rules.clock(timezone.localtime(delivery.changed_at))}"


@register.filter
def delivery_look(delivery: Delivery) -> str:
    if delivery.state == "failed":
        return "t-danger"
    return "t-ok" if delivery.state in ("acknowledged", "handled") else "soft"


@register.filter
def delivery_step(delivery: Delivery) -> str:
    """The look of its place in the chain."""
    if delivery.state == "failed":
        return "failed"
    return "done" if delivery.state in DONE else "now"
