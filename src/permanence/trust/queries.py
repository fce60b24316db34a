"""Who may open a client's content, now and before."""

from django.db.models import QuerySet

from permanence.clients.models import Client
from permanence.kernel.actor import BUREAU, COMPANY, OVERSEERS, Actor, require
from permanence.kernel.clock import now
from permanence.trust.models import Grant


def grants(actor: Actor) -> QuerySet[Grant]:
    """Every grant that ``actor`` may know of, the newest first, ended and revoked ones included."""
    require(actor, *BUREAU, *COMPANY)
    return Grant.objects.select_related("client", "secretary__user", "granted_by", "revoked_by").order_by("-pk")


def open_grants(actor: Actor) -> QuerySet[Grant]:
    """Those that open a client to a secretary at this instant, by client, then by secretary."""
    found = grants(actor).filter(revoked_at=None, during__contains=now(), secretary__user__is_active=True)
    return found.order_by("client__name", "secretary__user__name", "pk")


def grants_on(actor: Actor, client: Client) -> QuerySet[Grant]:
    """Who may open this client's content at this instant: what his members are shown as well."""
    return open_grants(actor).filter(client=client)


def clients_open_to(actor: Actor) -> QuerySet[Client]:
    """The clients whose content ``actor`` may open now: an overseer lists clients, and opens none by right."""
    return Client.objects.none() if actor.is_one_of(*OVERSEERS) else Client.objects.filter(left_at=None)
