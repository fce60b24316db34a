"""What happens to messages. Names, numbers and words are personal and go beside, not here."""

from dataclasses import dataclass

from permanence.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEvent(Event):
    """Something that happened to one message."""

    message_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTaken(MessageEvent):
    """``call_id`` is the call in which it was taken."""

    call_id: str
    urgency: str
    partial: bool
    voicemail: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageOpened(MessageEvent):
    """Somebody read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAcknowledged(MessageEvent):
    """A named person of the client's takes it in charge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageHandled(MessageEvent):
    """A named person of the client's has done what it asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyWritten(MessageEvent):
    reply_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryQueued(MessageEvent):
    """The message waits to leave by ``channel``; ``again`` after a failure, at the secretary's demand."""

    delivery_id: int
    channel: str
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAdvanced(MessageEvent):
    """The delivery's state, one of ``Delivery.STATES``, as far as it is known."""

    delivery_id: int
    channel: str
    state: str
