"""What happens at a client company: its sheet, its people, what it asks of the secretaries."""

from dataclasses import dataclass

from permanence.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCreated(Event):
    """The bureau took on a company."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetChanged(Event):
    """``fields`` are the columns that changed, by name."""

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetOpened(Event):
    """Somebody of the bureau read the client's sheet outside a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursChanged(Event):
    """``on`` is the ISO day of an exceptional day, or empty for the week and the public holidays."""

    on: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChanged(Event):
    """``change`` is ``added``, ``changed`` or ``left``."""

    person_id: int
    change: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilitySet(Event):
    """``state`` is empty when an availability was lifted; ``until`` is an ISO instant or empty."""

    person_id: int
    state: str
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstructionPublished(Event):
    instruction_id: int
    version_id: int
    number: int
    layer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstructionWithdrawn(Event):
    instruction_id: int
    layer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstructionTicked(Event):
    """A secretary declared that she has read this version."""

    instruction_id: int
    version_id: int
    secretary_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeChanged(Event):
    """``change`` is ``saved`` or ``removed``."""

    entry_id: int
    change: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeOpened(Event):
    """A secretary read this entry."""

    entry_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PairChanged(Event):
    """The secretaries who answer, in rank order: the lead, her backup, then others."""

    secretary_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberInvited(Event):
    user_id: int
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChanged(Event):
    """``role`` is the new role, or empty when the portal was closed to the member."""

    user_id: int
    role: str
