"""What happens to the log itself."""

from dataclasses import dataclass

from permanence.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalErased(Event):
    """The value behind one commitment of leaf ``number`` was forgotten: the act stays proven."""

    number: int
    field: str
