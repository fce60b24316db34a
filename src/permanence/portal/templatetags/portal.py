"""How the client's space says the state of a person, of a secretary, of a call and of a message."""

from collections.abc import Sequence
from datetime import datetime, time

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from permanence.calls.models import Call
from permanence.clients.forms import WEEKDAYS
from permanence.clients.models import Pairing
from permanence.clients.queries import PersonNow, words
from permanence.messaging.models import Message
from permanence.ui.templatetags.ui import clock, lozenge

register = template.Library()

AT_HER_DESK = ("ready", "busy", "wrapping_up")
CALLS = {
    "answered": ("ok", "phone-check"),
    "voicemail": ("", "record-mail"),
    "closed": ("", "clock"),
    "abandoned": ("warn", "phone-x"),
    "lost": ("danger", "phone-x"),
    "fallback": ("", "phone-pause"),
}
LIVE = {"talking": "phone-call", "held": "phone-pause"}


@register.filter
def initials(name: str) -> str:
    """« MR » of Marc Roux."""
    return "".join(word[0] for word in name.split()[:2]).upper()


@register.filter
def first_word(name: str) -> str:
    return name.split()[0] if name.split() else ""


@register.filter
def lead(pair: Sequence[Pairing]) -> Pairing | None:
    return pair[0] if pair else None


@register.filter
def first_name(pairing: Pairing) -> str:
    return first_word(pairing.secretary.user.name)


@register.filter
def others(pair: Sequence[Pairing]) -> str:
    """The first names after the lead's."""
    return ", ".join(first_name(pairing) for pairing in pair[1:])


@register.filter
def presence_words(pairing: Pairing) -> str:
    """What a client may know of a secretary's state: neither her reasons nor her hours."""
    state = pairing.secretary.state
    if state == "ready":
        return _("at her desk")
    return _("on the telephone") if state in AT_HER_DESK else _("not at her desk")


@register.filter
def presence_dot(pairing: Pairing) -> str:
    state = pairing.secretary.state
    if state == "ready":
        return "t-ok"
    return "dot-busy t-warn" if state in AT_HER_DESK else "dot-away"


@register.filter
def presence_tone(pairing: Pairing) -> str:
    return "t-ok" if pairing.secretary.state == "ready" else "soft"


@register.filter
def state_dot(one: PersonNow) -> str:
    """The shape says it too: full, square, ring."""
    return {"reachable": "t-ok", "absent": "dot-away"}.get(one.state, "dot-busy t-warn")


@register.filter
def state_tone(one: PersonNow) -> str:
    return {"reachable": "t-ok", "absent": "soft"}.get(one.state, "t-warn")


@register.filter
def round_clock(at: datetime) -> str:
    """« 16 h » without its minutes when there are none."""
    return words.clock(timezone.localtime(at))


@register.filter
def closing(at: time) -> str:
    """A day ends at midnight, not at its first minute."""
    return _("midnight") if at == time(0) else clock(at)


@register.filter
def weekday_names(days: Sequence[int]) -> str:
    """« lundi, mardi »; « tous les jours » for the seven."""
    names = dict(WEEKDAYS)
    return _("every day") if len(set(days)) == len(names) else ", ".join(str(names[day]).lower() for day in days)


@register.simple_tag
def call_state(call: Call) -> SafeString:
    """The outcome in a word, or what happens now."""
    if call.outcome:
        kind, symbol = CALLS.get(call.outcome, ("", "phone"))
        return lozenge(kind, symbol, call.get_outcome_display())
    return lozenge("info", LIVE.get(call.state, "phone-incoming"), call.get_state_display())


@register.simple_tag
def message_state(message: Message) -> SafeString:
    """Handled, in charge and by whom, read, or new."""
    if message.handled_at and message.handled_by:
        return lozenge("ok", "checks", _("Handled by %(name)s") % {"name": message.handled_by.name})
    if message.acknowledged_at and message.acknowledged_by:
        return lozenge("info", "user-check", _("In charge: %(name)s") % {"name": message.acknowledged_by.name})
    if message.opened_at:
        return lozenge("warn", "mail-opened", _("Read, not in charge yet"))
    return lozenge("warn", "mail", _("New"))
