"""The company's sheet: what the client says of himself."""

from dataclasses import dataclass, fields

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from permanence.audit.usecases import record
from permanence.clients.events import SheetChanged, SheetOpened
from permanence.clients.models import Client
from permanence.database.notices import tell
from permanence.kernel.actor import BUREAU, Actor, Role, require
from permanence.kernel.clock import now
from permanence.kernel.events import publish
from permanence.kernel.refusals import Refused


class NameMissing(Refused):
    message = _("The company's name is missing. Nothing was changed. Write the name that callers hear.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What the client himself may change; trade, monogram and priority belong to the bureau."""

    name: str
    greeting: str
    trade_label: str = ""
    pronunciation: str = ""
    manners: str = ""
    street: str = ""
    postcode: str = ""
    town: str = ""
    hue: str = "petrole"
    link_only: bool = False

    @classmethod
    def of(cls, client: Client) -> "Sheet":
        return cls(**{column.name: getattr(client, column.name) for column in fields(cls)})


@transaction.atomic
def change_sheet(*, actor: Actor, client: Client, sheet: Sheet) -> Client:
    """Nothing changed, nothing written. The next call shows the new sheet."""
    require(actor, Role.OWNER)
    if not sheet.name.strip():
        raise NameMissing
    before = Sheet.of(client)
    changed = tuple(
        column.name for column in fields(sheet) if getattr(before, column.name) != getattr(sheet, column.name)
    )
    if not changed:
        return client
    for name in changed:
        setattr(client, name, getattr(sheet, name))
    client.edited_by_id, client.edited_at = actor.user_id, now()
    client.save(update_fields=[*changed, "edited_by", "edited_at"])
    event = SheetChanged(client_id=client.pk, fields=changed)
    record(actor, event)
    publish(event)
    tell(f"client:{client.pk}", "sheet", client.pk)
    return client


@transaction.atomic
def open_sheet(*, actor: Actor, client: Client) -> None:
    """A reading by the bureau enters the client's log."""
    require(actor, *BUREAU)
    event = SheetOpened(client_id=client.pk)
    record(actor, event)
    publish(event)
