"""The room at a glance: who is at work, how many wait, what needs a decision. Counts only, never what was said."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext

from permanence.bureau import queries as bureau
from permanence.bureau.models import Secretary
from permanence.bureau.rules import NON_BLOCKING
from permanence.calls.models import Call, Line
from permanence.calls.queries.calls import WAITING, midnight
from permanence.clients import queries as clients
from permanence.clients.models import Client, Pairing
from permanence.database.context import EVERY_CLIENT, acting
from permanence.kernel.actor import OVERSEERS, Actor, require, system
from permanence.kernel.clock import now
from permanence.messaging.models import Delivery, Message

ICONS = {"ready": "circle-check", "busy": "phone-call", "wrapping_up": "pencil", "away": "coffee", "off": "user-off"}
STATE_ICONS = {
    "queued": "clock",
    "handed_over": "send",
    "delivered": "mail-check",
    "opened": "eye",
    "acknowledged": "user-check",
    "handled": "checks",
    "failed": "x",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """The day so far, over all clients. ``calls`` and ``deliveries`` are (state, its words, how many)."""

    waiting: int
    waiting_since_at: datetime | None
    answered: int
    lost: int
    messages: int
    undelivered: int
    calls: Sequence[tuple[str, str | Promise, int]]
    deliveries: Sequence[tuple[str, str | Promise, int, str]]


@dataclass(frozen=True, slots=True)
class Presence:
    """One secretary now. ``words`` say her state and, when away, why and until when."""

    secretary: Secretary
    icon: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """A fact that waits for somebody's act; ``client`` gives its colour."""

    kind: str
    title: str
    text: str
    act: str = ""
    href: str = ""
    client: Client | None = None


def figures(actor: Actor) -> Figures:
    """Counted by the system over every client, because an overseer opens no call and no message by right."""
    require(actor, *OVERSEERS)
    with acting(system("supervision"), EVERY_CLIENT):
        today = Call.objects.filter(started_at__gte=midnight(), direction="in")
        live = Counter(dict(_counted(Call.objects.filter(state__in=Call.LIVE, direction="in"), "state")))
        ended = Counter(dict(_counted(today.filter(state="done"), "outcome")))
        oldest = Call.objects.filter(state__in=WAITING, direction="in").order_by("started_at").first()
        sent = Counter(dict(_counted(Delivery.objects.filter(message__taken_at__gte=midnight()), "state")))
        failed = Delivery.objects.filter(state="failed", message__acknowledged_at=None).count()
        taken = Message.objects.filter(taken_at__gte=midnight()).count()
    return Figures(
        waiting=sum(live[state] for state in WAITING),
        waiting_since_at=oldest.started_at if oldest else None,
        answered=ended["answered"] + live["talking"] + live["held"],
        lost=ended["abandoned"] + ended["lost"],
        messages=taken,
        undelivered=failed,
        calls=[(key, words, live[key]) for key, words in Call.STATES if live[key]]
        + [(key, words, ended[key]) for key, words in Call.OUTCOMES if ended[key]],
        deliveries=[(key, words, sent[key], STATE_ICONS[key]) for key, words in Delivery.STATES if sent[key]],
    )


def presences(actor: Actor) -> list[Presence]:
    """The team: on duty first, then away, then off."""
    at = now()
    found = [
        Presence(one, ICONS[one.state], one.away_until is not None and one.away_until < at)
        for one in bureau.team(actor)
    ]
    order = ["busy", "ready", "wrapping_up", "away", "off"]
    return sorted(found, key=lambda one: (order.index(one.secretary.state), one.secretary.user.name))


def on_duty(team: list[Presence]) -> int:
    return sum(
        1 for one in team if one.secretary.state not in ("away", "off") or one.secretary.away_reason in NON_BLOCKING
    )


def directory(actor: Actor) -> list[Client]:
    """Every client with its pair (``.pair``) and its lines (``.numbers``), in three reads."""
    require(actor, *OVERSEERS)
    found: list[Any] = list(clients.clients_for(actor))
    pairs: dict[int, list[Pairing]] = {}
    for pairing in Pairing.objects.select_related("secretary__user").order_by("client_id", "rank"):
        pairs.setdefault(pairing.client_id, []).append(pairing)
    numbers: dict[int, list[Line]] = {}
    for line in Line.objects.all():
        numbers.setdefault(line.client_id, []).append(line)
    for client in found:
        client.pair, client.numbers = pairs.get(client.pk, []), numbers.get(client.pk, [])
    return found


def decisions(actor: Actor, shown: Figures, team: list[Presence]) -> list[Decision]:
    """What waits for an overseer, the most pressing first."""
    return [*_of_the_day(shown, team), *_of_clients(actor), *_of_invitations(actor)]


def _of_the_day(shown: Figures, team: list[Presence]) -> Iterator[Decision]:
    if shown.waiting and not on_duty(team):
        title = ngettext(
            "%(n)s caller waits and nobody is on duty", "%(n)s callers wait and nobody is on duty", shown.waiting
        )
        text = gettext("Callers hear the waiting music, then the voicemail.")
        yield Decision("danger", title % {"n": shown.waiting}, text)
    if shown.undelivered:
        title = ngettext("%(n)s delivery was refused", "%(n)s deliveries were refused", shown.undelivered)
        text = gettext("The messages are in the portal. The secretaries who took them see why and try again.")
        yield Decision("danger", title % {"n": shown.undelivered}, text)
    for one in team:
        if one.is_late and one.secretary.state == "away":
            title = gettext("%(name)s should be back") % {"name": one.secretary.user.name}
            text = gettext("The end that she gave has passed. Calls go to the others.")
            yield Decision("warn", title, text)


def _of_clients(actor: Actor) -> Iterator[Decision]:
    for client in directory(actor):
        href = reverse("supervision:client", args=[client.pk])
        if not client.pair:  # type: ignore[attr-defined]
            text = gettext("No secretary may open this client: his callers reach the voicemail.")
            title = gettext("%(client)s has no pair") % {"client": client.name}
            yield Decision("warn", title, text, gettext("Name the pair"), f"{href}#pair", client)
        elif not client.numbers:  # type: ignore[attr-defined]
            text = gettext("Nobody can call him here yet.")
            title = gettext("%(client)s has no line") % {"client": client.name}
            yield Decision("warn", title, text, gettext("Open a line"), f"{href}#lines", client)


def _of_invitations(actor: Actor) -> Iterator[Decision]:
    waiting = (
        bureau.people(actor)
        .annotate(invited=Count("invitations"), ends=Max("invitations__expires_at"))
        .filter(Q(invited__gt=0), is_active=True, invitations__accepted_at=None, ends__lt=now(), last_login=None)
    )
    for user in waiting:
        if not user.has_usable_password():
            title = gettext("The invitation of %(name)s has expired") % {"name": user.name}
            href = reverse("supervision:person", args=[user.pk])
            yield Decision("", title, user.email, gettext("Send a new one"), href)


def _counted(rows: Any, column: str) -> Any:
    return rows.order_by().values_list(column).annotate(Count("pk"))
