"""What the console shows at a glance, gathered from the parts below; it owns no rule and writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from permanence.bureau import queries as bureau
from permanence.bureau.models import Secretary
from permanence.calls import queries as calls
from permanence.calls.models import Call
from permanence.calls.queries import of_today
from permanence.clients import queries as clients
from permanence.clients.models import Client
from permanence.desk.templatetags.desk import first_name, message_title
from permanence.kernel.actor import Actor, Role, require
from permanence.kernel.clock import now
from permanence.messaging import queries as messaging
from permanence.messaging.models import Message
from permanence.ui.templatetags.ui import clock

ACKNOWLEDGED_SHOWN = timedelta(minutes=30)
REPLIES_SHOWN = timedelta(days=3)
MOST_TO_SEE = 12
STATE_DOTS = {"ready": "t-ok", "wrapping_up": "t-ok", "busy": "dot-busy t-warn"}
NOT_THERE = "dot-away faint"
RUNNING = ("busy", "wrapping_up")


@dataclass(frozen=True, slots=True)
class Live:
    """Her call now. ``phase`` is ringing, talking, held or wrapping_up; ``waited`` is in seconds."""

    call: Call
    phase: str
    words: str
    since: datetime
    seconds: int
    waited: int | None


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the team. ``running``: her state is shown with its clock."""

    secretary: Secretary
    first_name: str
    words: str
    dot: str
    running: bool


@dataclass(frozen=True, slots=True)
class ToSee:
    """One thing that asks for her eyes; it stays while it is true."""

    key: str
    client: Client
    look: str
    icon: str
    word: str
    sentence: str
    href: str


def live_now(actor: Actor) -> Live | None:
    """Her live call, or the one she is wrapping up."""
    call = calls.live_call(actor)
    if call is None:
        return None
    phase = "wrapping_up" if call.state == "done" else call.state
    words = {
        "ringing": _("Incoming call"), "talking": _("On a call"), "held": _("On hold"), "wrapping_up": _("Wrap-up"),
    }[phase]  # fmt: skip
    starts = {"ringing": call.rang_at, "wrapping_up": call.ended_at}
    since = starts.get(phase, call.answered_at) or call.started_at
    until = call.answered_at or (None if phase == "ringing" else call.ended_at)
    waited = int((until - call.started_at).total_seconds()) if until else None
    return Live(call, phase, words, since, int((now() - since).total_seconds()), waited)


def state_words(secretary: Secretary) -> str:
    """« Disponible », « En pause jusqu'à 9 h 25 »."""
    if secretary.state != "away":
        return {
            "ready": _("Available"), "busy": _("On a call"), "wrapping_up": _("Wrap-up"), "off": _("Off duty"),
        }[secretary.state]  # fmt: skip
    reason = str(secretary.get_away_reason_display()).capitalize()
    if secretary.away_until is None:
        return reason
    return _("%(state)s until %(clock)s") % {"state": reason, "clock": clock(secretary.away_until)}


def team(actor: Actor) -> list[Colleague]:
    """Her colleagues on duty."""
    others = [one for one in bureau.team(actor) if one.pk != actor.secretary_id and one.state != "off"]
    return [_colleague(one) for one in others]


def _colleague(one: Secretary) -> Colleague:
    dot = STATE_DOTS.get(one.state, NOT_THERE)
    words = state_words(one)
    return Colleague(one, first_name(one.user.name), words[:1].lower() + words[1:], dot, one.state in RUNNING)


def waiting_words(waiting: Sequence[Call]) -> str:
    """The waiting room, in a sentence."""
    if not waiting:
        return _("No call waiting")
    return ngettext("%(n)s call waiting", "%(n)s calls waiting", len(waiting)) % {"n": len(waiting)}


def calls_of_the_day(actor: Actor) -> list[Call]:
    """Of all the clients open to her, with the messages taken in them, the latest first."""
    require(actor, Role.SECRETARY)
    found = Call.objects.filter(of_today()).select_related("client", "line", "secretary__user")
    return list(found.prefetch_related("messages__deliveries").order_by("-started_at"))


def to_see(actor: Actor) -> list[ToSee]:
    """Refused deliveries first, then what the clients answered, then the instructions she has not read."""
    return [*_refused(actor), *_answers(actor), *_unread(actor)][:MOST_TO_SEE]


def _thread(message: Message) -> str:
    return reverse("desk:thread", args=[message.pk])


def _refused(actor: Actor) -> list[ToSee]:
    return [
        ToSee(
            f"delivery-{one.pk}", one.message.client, "danger", "mail-exclamation", _("Refused"),
            _("The %(channel)s to %(name)s was refused. The message of %(caller)s is in the portal.")
            % {"channel": one.get_channel_display(), "name": one.recipient_name, "caller": message_title(one.message)},
            _thread(one.message),
        )
        for one in messaging.undelivered(actor)
    ]  # fmt: skip


def _answers(actor: Actor) -> list[ToSee]:
    hers = Message.objects.filter(taken_by_id=actor.secretary_id).select_related("client", "acknowledged_by")
    replied = hers.filter(replies__written_at__gte=now() - REPLIES_SHOWN).distinct()
    seen = [_reply(message) for message in replied.prefetch_related("replies__author")]
    taken = hers.filter(acknowledged_at__gte=now() - ACKNOWLEDGED_SHOWN).exclude(pk__in=replied.values("pk"))
    return [one for one in seen if one] + [_acknowledged(message) for message in taken]


def _reply(message: Message) -> ToSee | None:
    """Until the bureau has answered it."""
    last = list(message.replies.all())[-1]
    if not last.author.is_company:
        return None
    sentence = _("%(name)s wrote under the message of %(caller)s.") % {
        "name": last.author.name,
        "caller": message_title(message),
    }
    key, word = f"reply-{last.pk}", clock(last.written_at)
    return ToSee(key, message.client, "info", "message-2", word, sentence, _thread(message))


def _acknowledged(message: Message) -> ToSee:
    settled = _("%(name)s settled the message of %(caller)s.")
    sentence = (settled if message.handled_at else _("%(name)s took charge of the message of %(caller)s.")) % {
        "name": message.acknowledged_by.name if message.acknowledged_by else "",
        "caller": message_title(message),
    }
    key, word = f"acknowledged-{message.pk}", clock(message.acknowledged_at)
    return ToSee(key, message.client, "ok", "message-check", word, sentence, _thread(message))


def _unread(actor: Actor) -> list[ToSee]:
    by_client: dict[int, list[Client]] = {}
    for version in clients.unread_instructions(actor):
        by_client.setdefault(version.client_id, []).append(version.client)
    return [_to_read(found[0], len(found)) for found in by_client.values()]


def _to_read(client: Client, count: int) -> ToSee:
    sentence = ngettext(
        "%(n)s instruction that you have not read.", "%(n)s instructions that you have not read.", count
    ) % {"n": count}
    href = reverse("desk:client", args=[client.pk])
    return ToSee(f"unread-{client.pk}", client, "changed", "pencil", _("To read"), sentence, href)
