"""What happens to a call. Ids of calls are text; names, numbers and reasons are personal and go beside, not here."""

from dataclasses import dataclass

from permanence.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEventOf(Event):
    """Something that happened to one call."""

    call_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallArrived(CallEventOf):
    """``direction`` is ``in`` or ``out``."""

    line_id: int
    direction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOffered(CallEventOf):
    """It rings at a secretary's."""

    secretary_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnswered(CallEventOf):
    secretary_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHeld(CallEventOf):
    """The caller hears music while the secretary finds something out."""

    secretary_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallResumed(CallEventOf):
    secretary_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(CallEventOf):
    """``outcome`` is one of ``Call.OUTCOMES``."""

    outcome: str
    secretary_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallWrappedUp(CallEventOf):
    """The secretary has finished what the call asked of her."""

    secretary_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CardOpened(CallEventOf):
    """Somebody opened the call's card: who is calling, the client's instructions and people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicemailLeft(CallEventOf):
    """The caller's recording is kept with the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicemailHeard(CallEventOf):
    """Somebody listened to the caller's recording."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrespondentNoted(Event):
    """The client's callers' book learnt a name for a number, or another name."""

    correspondent_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundPolicySet(Event):
    """Where the bureau may call for this client, and how often in a day."""

    prefixes: tuple[str, ...]
    per_day: int
    per_secretary_per_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOpened(Event):
    """From now on, whoever dials this line reaches the bureau for this client."""

    line_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDescribed(Event):
    """What callers hear on this line before somebody answers, or when the company is closed, was changed."""

    line_id: int
