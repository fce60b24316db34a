"""Who acts: an argument of every use case and query, never ambient."""

from dataclasses import dataclass
from enum import StrEnum

from permanence.kernel.refusals import Refused
from permanence.kernel.refusals import marked as _


class Role(StrEnum):
    """What a person (or a process) is for the bureau."""

    SECRETARY = "secretary"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    OWNER = "owner"
    MEMBER = "member"
    CALLER = "caller"
    SYSTEM = "system"


OVERSEERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)
BUREAU = (Role.SECRETARY, *OVERSEERS)
COMPANY = (Role.OWNER, Role.MEMBER)


@dataclass(frozen=True, slots=True)
class Actor:
    """One person, caller or process, seen from one session and acting for one purpose.

    ``client_id`` is the only company a client member or a caller's link may touch; a secretary's
    companies are decided by her grants, in the database.
    """

    role: Role
    name: str
    user_id: int | None = None
    secretary_id: int | None = None
    member_id: int | None = None
    client_id: int | None = None
    session: str = ""
    purpose: str = ""

    def is_one_of(self, *roles: Role) -> bool:
        return self.role in roles


class NotAllowed(Refused):
    """The actor's role does not open this act."""

    message = _("This is not open to you.")


def require(actor: Actor, *roles: Role) -> None:
    """Refuse anybody whose role is not among ``roles``; the system itself is always let through."""
    if actor.role is not Role.SYSTEM and actor.role not in roles:
        raise NotAllowed


def signed_in(actor: Actor) -> int:
    """The id of the person who acts, where an act must bear a person's name: a process is refused."""
    if actor.user_id is None:
        raise NotAllowed
    return actor.user_id


def system(name: str) -> Actor:
    """A process of ours: ``worker``, ``telephony``, ``demo``…"""
    return Actor(role=Role.SYSTEM, name=name)
