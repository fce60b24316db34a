"""From Asterisk's frames to the facts that the daemon understands. Pure: no Django, no network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that Asterisk says has happened; ``subject`` is the id that it is about, chosen by us or by it."""

    subject: str


@dataclass(frozen=True, slots=True)
class Arrived(Fact):
    """A channel was handed to us. ``caller`` is what the operator gave, perhaps empty."""

    kind: str
    arguments: tuple[str, ...]
    caller: str
    endpoint: str


@dataclass(frozen=True, slots=True)
class Ended(Fact):
    """A channel has left us or is no more. ``cause`` is Q.850's number, 0 when unknown."""

    cause: int


@dataclass(frozen=True, slots=True)
class Held(Fact):
    """This party put the other on hold."""


@dataclass(frozen=True, slots=True)
class Resumed(Fact):
    pass


@dataclass(frozen=True, slots=True)
class Played(Fact):
    """A sound has been played to its end, was stopped or could not be played."""


@dataclass(frozen=True, slots=True)
class Recorded(Fact):
    """``seconds`` is the whole length; ``failed`` says that there is no file."""

    seconds: int
    failed: bool


@dataclass(frozen=True, slots=True)
class Reachable(Fact):
    """A softphone has registered, or is gone; ``subject`` is its endpoint."""

    reachable: bool


@dataclass(frozen=True, slots=True)
class LinkLost(Fact):
    pass


def translate(frame: Mapping[str, Any]) -> Fact | None:
    """The fact in a frame, or None for what does not matter to us (or is not as it should be)."""
    kind = frame.get("type")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    try:
        return reader(frame) if reader else None
    except (KeyError, TypeError, ValueError):
        return None


def endpoint_of(channel_name: str) -> str:
    """``PJSIP/trunk-0000001a`` → ``trunk``."""
    return channel_name.partition("/")[2].rpartition("-")[0]


def _arrived(frame: Mapping[str, Any]) -> Fact:
    channel = frame["channel"]
    kind, *arguments = [str(argument) for argument in frame["args"]] or [""]
    caller = str(channel["caller"]["number"])
    return Arrived(channel["id"], kind, tuple(arguments), caller, endpoint_of(channel["name"]))


def _ended(frame: Mapping[str, Any]) -> Fact:
    return Ended(frame["channel"]["id"], int(frame.get("cause") or 0))


def _recorded(frame: Mapping[str, Any]) -> Fact:
    recording = frame["recording"]
    failed = frame["type"] == "RecordingFailed"
    return Recorded(recording["name"], int(recording.get("duration") or 0), failed)


def _contact(frame: Mapping[str, Any]) -> Fact | None:
    status = frame["contact_info"]["contact_status"]
    if status not in ("Reachable", "NonQualified", "Created", "Unreachable", "Removed"):
        return None
    return Reachable(frame["endpoint"]["resource"], status not in ("Unreachable", "Removed"))


_READERS: dict[str, Callable[[Mapping[str, Any]], Fact | None]] = {
    "StasisStart": _arrived,
    "StasisEnd": _ended,
    "ChannelDestroyed": _ended,
    "ChannelHold": lambda frame: Held(frame["channel"]["id"]),
    "ChannelUnhold": lambda frame: Resumed(frame["channel"]["id"]),
    "PlaybackFinished": lambda frame: Played(frame["playback"]["id"]),
    "RecordingFinished": _recorded,
    "RecordingFailed": _recorded,
    "ContactStatusChange": _contact,
    "LinkLost": lambda _frame: LinkLost(""),
}
EVENTS_OF_SOFTPHONES = ("ContactStatusChange",)
EVENTS = tuple(kind for kind in _READERS if kind not in (*EVENTS_OF_SOFTPHONES, "LinkLost"))
