"""Granting and revoking access. The database reads the grants themselves: both take effect in the next statement."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from permanence.audit.usecases import record
from permanence.bureau.models import Secretary
from permanence.clients.events import PairChanged
from permanence.clients.models import Client
from permanence.database.notices import tell
from permanence.kernel.actor import OVERSEERS, Actor, require, system
from permanence.kernel.clock import now
from permanence.kernel.events import publish
from permanence.kernel.refusals import Refused
from permanence.trust.events import AccessGranted, AccessRevoked
from permanence.trust.models import Grant
from permanence.trust.rules import adds_nothing, following, may_last


class GrantNeedsEnd(Refused):
    message = _("Access must have an end, and one that is still to come.")


class GrantNeedsReason(Refused):
    message = _("Say why this access is given: the client will read it.")


class AlreadyOpen(Refused):
    message = _("%(secretary)s already has access to %(client)s for at least that long.")


class NobodyThere(Refused):
    message = _("%(secretary)s no longer works here.")


@transaction.atomic
def grant_access(
    *,
    actor: Actor,
    secretary: Secretary,
    client: Client,
    until: datetime | None,
    reason: str,
    source: str = "supervisor",
) -> Grant:
    """Open ``client`` to ``secretary`` from now until ``until``, which only a named pair may leave out."""
    require(actor, *OVERSEERS)
    start = now()
    if not secretary.user.is_active:
        raise NobodyThere(secretary=secretary)
    if not may_last(source, start=start, end=until):
        raise GrantNeedsEnd
    if source == "supervisor" and not reason.strip():
        raise GrantNeedsReason
    held = Grant.objects.filter(client=client, secretary=secretary, revoked_at=None, during__contains=start)
    if adds_nothing(until, held=[grant.until for grant in held if source != "pair" or grant.source == "pair"]):
        raise AlreadyOpen(secretary=secretary, client=client)
    given = Grant.objects.create(
        client=client,
        secretary=secretary,
        source=source,
        reason=reason.strip(),
        during=(start, until),
        granted_by_id=actor.user_id,
    )
    granted = AccessGranted(
        client_id=client.pk,
        grant_id=given.pk,
        secretary_id=secretary.pk,
        source=source,
        until=until.isoformat() if until else "",
    )
    record(actor, granted, personal={"secretary_name": str(secretary)})
    publish(granted)
    tell(f"secretary:{secretary.pk}", "grants", client.pk)
    return given


@transaction.atomic
def revoke_access(*, actor: Actor, grant: Grant) -> Grant:
    """Close ``grant`` now; revoking it a second time changes nothing."""
    require(actor, *OVERSEERS)
    kept = Grant.objects.select_for_update(of=("self",)).select_related("secretary__user").get(pk=grant.pk)
    if kept.revoked_at is not None:
        return kept
    kept.revoked_at, kept.revoked_by_id = now(), actor.user_id
    kept.save(update_fields=["revoked_at", "revoked_by"])
    revoked = AccessRevoked(
        client_id=kept.client_id, grant_id=kept.pk, secretary_id=kept.secretary_id, source=kept.source
    )
    record(actor, revoked, personal={"secretary_name": str(kept.secretary)})
    publish(revoked)
    tell(f"secretary:{kept.secretary_id}", "grants", kept.client_id)
    return kept


@transaction.atomic
def follow_pair(event: PairChanged) -> None:
    """Listener: whoever joins a client's named pair may open him, whoever leaves it no longer may.

    Grants that a supervisor gave for a time stay as they are.
    """
    actor = system("pairs")
    held = Grant.objects.filter(client_id=event.client_id, source="pair", revoked_at=None, during__contains=now())
    grants = {grant.secretary_id: grant for grant in held}
    joining, leaving = following(event.secretary_ids, held=grants)
    client = Client.objects.get(pk=event.client_id)
    secretaries = Secretary.objects.select_related("user").in_bulk(joining)
    for secretary_id in leaving:
        revoke_access(actor=actor, grant=grants[secretary_id])
    for secretary_id in joining:
        grant_access(
            actor=actor, secretary=secretaries[secretary_id], client=client, until=None, reason="", source="pair"
        )
