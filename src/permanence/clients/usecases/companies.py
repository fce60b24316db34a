"""The bureau takes on a company and names who answers for it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from permanence.audit.usecases import record
from permanence.bureau.models import Secretary
from permanence.clients.events import ClientCreated, PairChanged
from permanence.clients.models import HUES, Client, Pairing
from permanence.clients.rules.identity import hue_for, monogram_for
from permanence.database.notices import tell
from permanence.database.refusing import refusing
from permanence.kernel.actor import OVERSEERS, Actor, require
from permanence.kernel.events import publish
from permanence.kernel.refusals import Refused


class MonogramTaken(Refused):
    message = _(
        "These two letters already stand for another client. Nothing was created. Choose others, or leave them empty."
    )


class SecretaryTwice(Refused):
    message = _("The same secretary is named twice. Nothing was changed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClient:
    """``monogram`` and ``hue`` are chosen when empty: initials that nobody has, the hue least used."""

    name: str
    trade: str
    greeting: str
    trade_label: str = ""
    monogram: str = ""
    hue: str = ""
    language: str = "fr"
    holidays: str = "FR"
    priority: bool = False


@transaction.atomic
def create_client(*, actor: Actor, new: NewClient) -> Client:
    """The company exists, without a line, a pair or a member yet."""
    require(actor, *OVERSEERS)
    known = list(Client.objects.values_list("monogram", "hue"))
    client = Client(
        name=new.name.strip(),
        trade=new.trade,
        greeting=new.greeting,
        trade_label=new.trade_label,
        monogram=new.monogram.upper() or monogram_for(new.name, {monogram for monogram, _hue in known}),
        hue=new.hue or hue_for(Counter(hue for _monogram, hue in known), HUES),
        language=new.language,
        holidays=new.holidays,
        priority=new.priority,
    )
    with refusing("clients_client_monogram_key", MonogramTaken):
        client.save(force_insert=True)
    event = ClientCreated(client_id=client.pk)
    record(actor, event)
    publish(event)
    tell("bureau", "clients", client.pk)
    return client


@transaction.atomic
def set_pair(*, actor: Actor, client: Client, secretaries: Sequence[Secretary]) -> list[Pairing]:
    """Lead first, then her backup and others; their grants follow. The client sees the change."""
    require(actor, *OVERSEERS)
    ids = tuple(secretary.pk for secretary in secretaries)
    if len(set(ids)) != len(ids):
        raise SecretaryTwice
    Pairing.objects.filter(client=client).delete()
    pairings = Pairing.objects.bulk_create(
        Pairing(client=client, secretary_id=pk, rank=rank) for rank, pk in enumerate(ids, start=1)
    )
    event = PairChanged(client_id=client.pk, secretary_ids=ids)
    record(actor, event, personal={"names": ", ".join(secretary.user.name for secretary in secretaries)})
    publish(event)
    tell(f"client:{client.pk}", "sheet", client.pk)
    tell("bureau", "clients", client.pk)
    return pairings
