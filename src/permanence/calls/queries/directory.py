"""All that the telephony daemon must know to route, read at once and kept in its memory until something changes."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count

from permanence.bureau.models import Secretary
from permanence.calls.models import Call, Line, Softphone
from permanence.calls.rules.routing import Candidate, State
from permanence.clients.models import Client, Pairing
from permanence.clients.queries import hours_of
from permanence.clients.rules.hours import Hours
from permanence.kernel.actor import Actor, require
from permanence.kernel.clock import now
from permanence.trust.models import Grant

RATE_DAYS = 28
WORKED_HOURS_A_DAY = 8
ANSWERED_TO_KNOW = 5


@dataclass(frozen=True, slots=True)
class LineRoute:
    """A number that may be called. ``welcome_audio`` is a path under MEDIA_ROOT, or empty."""

    id: int
    client_id: int
    number: str
    label: str
    welcome_audio: str
    welcome_text: str
    closed_text: str


@dataclass(frozen=True, slots=True)
class ClientRoute:
    """``pair`` are secretaries, lead first; ``calls_per_hour`` is what the last four weeks brought."""

    id: int
    name: str
    language: str
    priority: bool
    hours: Hours
    pair: tuple[int, ...]
    calls_per_hour: float


@dataclass(frozen=True, slots=True)
class SecretaryRoute:
    """``grants``: client → when her access ends by itself, None for no end."""

    id: int
    user_id: int
    name: str
    gender: str
    extension: str
    languages: tuple[str, ...]
    state: str
    takes_calls: bool
    since_at: datetime
    knows: frozenset[int]
    grants: dict[int, datetime | None]

    def may_open(self, client_id: int, at: datetime) -> bool:
        return client_id in self.grants and ((until := self.grants[client_id]) is None or until > at)


@dataclass(frozen=True, slots=True)
class SoftphoneRoute:
    """The credentials of one browser session; ``digest`` is md5(username:realm:password)."""

    username: str
    digest: str
    secretary_id: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Directory:
    """``lines`` by number (E.164), the rest by id; ``busy`` are the secretaries with a live call."""

    lines: dict[str, LineRoute]
    clients: dict[int, ClientRoute]
    secretaries: dict[int, SecretaryRoute]
    softphones: tuple[SoftphoneRoute, ...]
    busy: frozenset[int] = field(default_factory=frozenset)

    def candidates(self, at: datetime, *, taken: Collection[int] = ()) -> list[Candidate]:
        """Everybody as the routing rule sees her; ``taken`` are those whom the daemon has already given a call."""
        ranks: dict[int, dict[str, int]] = defaultdict(dict)
        for client in self.clients.values():
            for rank, secretary_id in enumerate(client.pair, start=1):
                ranks[secretary_id][str(client.id)] = rank
        return [
            Candidate(
                id=str(one.id),
                state=self._state(one, taken),
                since=one.since_at,
                languages=frozenset(one.languages),
                knows=frozenset(map(str, one.knows)),
                grants=frozenset(str(client_id) for client_id in one.grants if one.may_open(client_id, at)),
                pair_of=ranks[one.id],
                name=one.name.split()[0] if one.name.split() else "",
                pronoun="il" if one.gender == "m" else "elle",
            )
            for one in self.secretaries.values()
        ]

    def rates(self) -> dict[str, float]:
        return {str(client.id): client.calls_per_hour for client in self.clients.values()}

    def _state(self, one: SecretaryRoute, taken: Collection[int]) -> State:
        if one.id in self.busy or one.id in taken or one.state in ("busy", "wrapping_up"):
            return "busy"
        return "idle" if one.takes_calls else "away"


def routing_directory(actor: Actor) -> Directory:
    """In a fixed number of reads, whatever the size of the bureau."""
    require(actor)
    clients = list(Client.objects.filter(left_at=None))
    hours = hours_of([client.pk for client in clients])
    pairs, rates = _pairs(), _rates()
    secretaries = _secretaries()
    live = Call.objects.filter(state__in=("ringing", "talking", "held"), secretary__isnull=False)
    phones = Softphone.objects.filter(revoked_at=None, expires_at__gt=now(), secretary__user__is_active=True)
    return Directory(
        lines={
            line.number: LineRoute(
                line.pk, line.client_id, line.number, line.label,
                line.welcome_audio.name or "", line.welcome_text, line.closed_text,
            )
            for line in Line.objects.filter(closed_since_at=None, client__left_at=None)
        },
        clients={
            one.pk: ClientRoute(
                one.pk, one.name, one.language, one.priority, hours[one.pk],
                tuple(pairs.get(one.pk, ())), rates.get(one.pk, 0.0),
            )
            for one in clients
        },
        secretaries=secretaries,
        softphones=tuple(
            SoftphoneRoute(phone.username, phone.digest, phone.secretary_id, phone.expires_at)
            for phone in phones.order_by("pk")
        ),
        busy=frozenset(live.values_list("secretary_id", flat=True)),
    )  # fmt: skip


def _pairs() -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for client_id, secretary_id in Pairing.objects.order_by("client", "rank").values_list("client", "secretary"):
        found[client_id].append(secretary_id)
    return found


def _rates() -> dict[int, float]:
    """Calls in a worked hour, over the last four weeks."""
    recent = Call.objects.filter(direction="in", started_at__gte=now() - timedelta(days=RATE_DAYS))
    counted = recent.order_by().values_list("client").annotate(calls=Count("pk"))
    return {client_id: calls / (RATE_DAYS * WORKED_HOURS_A_DAY) for client_id, calls in counted}


def _secretaries() -> dict[int, SecretaryRoute]:
    granted: dict[int, dict[int, datetime | None]] = defaultdict(dict)
    for grant in Grant.objects.filter(revoked_at=None, during__contains=now()).order_by("pk"):
        held = granted[grant.secretary_id]
        ends = [held[grant.client_id]] if grant.client_id in held else []
        ends.append(grant.during.upper)
        held[grant.client_id] = None if None in ends else max(end for end in ends if end)
    knows = _knowledge()
    people = Secretary.objects.filter(user__is_active=True).select_related("user")
    return {
        one.pk: SecretaryRoute(
            one.pk, one.user_id, one.user.name, one.user.gender, one.extension, tuple(one.languages), one.state,
            one.takes_calls, one.state_since_at, knows[one.pk], dict(granted[one.pk]),
        )
        for one in people
    }  # fmt: skip


def _knowledge() -> dict[int, frozenset[int]]:
    """Which accounts a secretary knows by practice: five calls answered in four weeks; her pairs come beside."""
    recent = Call.objects.filter(answered_at__gte=now() - timedelta(days=RATE_DAYS), secretary__isnull=False)
    counted = recent.order_by().values_list("secretary", "client").annotate(calls=Count("pk"))
    known: dict[int, set[int]] = defaultdict(set)
    for secretary_id, client_id, calls in counted:
        if calls >= ANSWERED_TO_KNOW:
            known[secretary_id].add(client_id)
    return defaultdict(frozenset, {pk: frozenset(clients) for pk, clients in known.items()})
