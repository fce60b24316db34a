"""Calling out for a client: refused unless his policy opens the number."""

from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from permanence.audit.usecases import record
from permanence.calls.events import CallArrived, OutboundPolicySet
from permanence.calls.models import Call, Line, OutboundPolicy
from permanence.calls.queries.calls import midnight
from permanence.calls.rules.outbound import DENY, Policy, Refusal, Used, is_prefix, outbound
from permanence.calls.usecases.facts import announce, append
from permanence.calls.usecases.live import SecretaryTaken
from permanence.clients.models import Client
from permanence.database.refusing import refusing
from permanence.kernel.actor import OVERSEERS, Actor, NotAllowed, Role, require
from permanence.kernel.clock import now
from permanence.kernel.events import publish
from permanence.kernel.phones import parse
from permanence.kernel.refusals import Refused


class OutboundRefused(Refused):
    """No call goes out; ``message`` names the rule."""


class NotListed(OutboundRefused):
    message = _("This number is not among those that may be called for this client. Ask your supervisor to open it.")


class ClientCapReached(OutboundRefused):
    message = _("All the calls that may go out for this client today have been made.")


class SecretaryCapReached(OutboundRefused):
    message = _("You have made all the calls that you may make today.")


class PrefixMalformed(Refused):
    message = _("“%(prefix)s” is not the beginning of an international number. Write it like +336.")


SENTENCES: dict[Refusal, type[OutboundRefused]] = {
    "not_a_number": NotListed,
    "not_listed": NotListed,
    "client_cap": ClientCapReached,
    "secretary_cap": SecretaryCapReached,
}


@transaction.atomic
def dial_out(*, actor: Actor, client: Client, number: str) -> Call:
    """Open a call of the secretary's towards ``number``, from the client's first line, for the telephone to place.

    ``number`` is read as people write it. Raises ``OutboundRefused``, or ``SecretaryTaken`` when she has a call.
    """
    require(actor, Role.SECRETARY)
    if actor.secretary_id is None:
        raise NotAllowed
    called = parse(number)
    line = Line.objects.select_for_update(no_key=True).filter(client=client).order_by("pk").first()
    if line is None:
        raise NotListed
    policy = _policy(OutboundPolicy.objects.filter(client=client).first())
    if refusal := outbound(called, policy, _used_today(client, actor.secretary_id)):
        raise SENTENCES[refusal]
    at = now()
    call = Call(
        pk=uuid4(), client=client, line=line, direction="out", caller_number=called, state="ringing",
        secretary_id=actor.secretary_id, started_at=at, rang_at=at,
    )  # fmt: skip
    with refusing("calls_call_one_at_a_time", SecretaryTaken):
        call.save(force_insert=True)
    append(call, "dial", at, number=called)
    dialled = CallArrived(client_id=client.pk, call_id=str(call.pk), line_id=line.pk, direction="out")
    record(actor, dialled, personal={"caller_number": called})
    publish(dialled)
    announce(call, queue=False)
    return call


@transaction.atomic
def set_outbound_policy(
    *, actor: Actor, client: Client, prefixes: tuple[str, ...], per_day: int, per_secretary_per_day: int
) -> OutboundPolicy:
    """Say which numbers may be called for a client, and how often in a day."""
    require(actor, *OVERSEERS)
    for prefix in prefixes:
        if not is_prefix(prefix):
            raise PrefixMalformed(prefix=prefix)
    kept, _is_new = OutboundPolicy.objects.update_or_create(
        client=client,
        defaults={
            "prefixes": list(prefixes),
            "per_day": per_day,
            "per_secretary_per_day": per_secretary_per_day,
            "edited_by_id": actor.user_id,
            "edited_at": now(),
        },
    )
    event = OutboundPolicySet(
        client_id=client.pk, prefixes=prefixes, per_day=per_day, per_secretary_per_day=per_secretary_per_day
    )
    record(actor, event)
    publish(event)
    return kept


def _policy(kept: OutboundPolicy | None) -> Policy:
    if kept is None:
        return DENY
    return Policy(prefixes=tuple(kept.prefixes), per_day=kept.per_day, per_secretary_per_day=kept.per_secretary_per_day)


def _used_today(client: Client, secretary_id: int) -> Used:
    gone = Call.objects.filter(direction="out", started_at__gte=midnight())
    return Used(
        by_client=gone.filter(client=client).count(), by_secretary=gone.filter(secretary_id=secretary_id).count()
    )
