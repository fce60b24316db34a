"""The client's callers' book, which grows with the messages taken."""

from django.db import transaction

from permanence.audit.usecases import record
from permanence.calls.events import CorrespondentNoted
from permanence.calls.models import Correspondent
from permanence.clients.models import Client
from permanence.kernel.actor import Actor, Role, require
from permanence.kernel.clock import today
from permanence.kernel.events import publish


@transaction.atomic
def note_correspondent(*, actor: Actor, client: Client, number: str, name: str, company: str = "") -> Correspondent:
    """Who calls from ``number`` (E.164): a new entry, or the name by which the caller goes now."""
    require(actor, Role.SECRETARY)
    known, is_new = Correspondent.objects.get_or_create(
        client=client, number=number, defaults={"name": name, "company": company, "known_since_on": today()}
    )
    if not is_new:
        company = company or known.company
        if (known.name, known.company) == (name, company):
            return known
        known.name, known.company = name, company
        known.save(update_fields=["name", "company"])
    noted = CorrespondentNoted(client_id=client.pk, correspondent_id=known.pk)
    record(actor, noted, personal={"name": name, "number": number})
    publish(noted)
    return known
