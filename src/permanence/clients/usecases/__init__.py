"""The only writers of a client company's rows."""

from permanence.clients.usecases.companies import NewClient, create_client, set_pair
from permanence.clients.usecases.hours import remove_exceptional_day, set_exceptional_day, set_hours
from permanence.clients.usecases.instructions import (
    Wording,
    publish_instruction,
    tick_instruction,
    withdraw_instruction,
)
from permanence.clients.usecases.knowledge import open_knowledge, remove_knowledge, save_knowledge
from permanence.clients.usecases.members import change_member, close_membership, invite_member
from permanence.clients.usecases.people import (
    Dated,
    PersonDetails,
    TypedNumber,
    Weekly,
    clear_availability,
    remove_person,
    save_person,
    set_availability,
)
from permanence.clients.usecases.sheet import Sheet, change_sheet, open_sheet

__all__ = [
    "Dated",
    "NewClient",
    "PersonDetails",
    "Sheet",
    "TypedNumber",
    "Weekly",
    "Wording",
    "change_member",
    "change_sheet",
    "clear_availability",
    "close_membership",
    "create_client",
    "invite_member",
    "open_knowledge",
    "open_sheet",
    "publish_instruction",
    "remove_exceptional_day",
    "remove_knowledge",
    "remove_person",
    "save_knowledge",
    "save_person",
    "set_availability",
    "set_exceptional_day",
    "set_hours",
    "set_pair",
    "tick_instruction",
    "withdraw_instruction",
]
