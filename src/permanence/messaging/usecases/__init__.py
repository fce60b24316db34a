"""The only writers of messages, of their drafts and of the proof of their delivery."""

from permanence.messaging.rules.taking import Taken
from permanence.messaging.usecases.delivering import (
    advance_delivery,
    note_attempt,
    retry_delivery,
)
from permanence.messaging.usecases.drafts import DraftTooLong, discard_draft, save_draft
from permanence.messaging.usecases.following import (
    ReplyEmpty,
    ReplyTooLong,
    acknowledge_message,
    handle_message,
    open_message,
    write_reply,
)
from permanence.messaging.usecases.taking import (
    MessageIncomplete,
    MessageTooLong,
    NotYourCall,
    PersonElsewhere,
    SubmissionReused,
    UrgencyUnknown,
    take_message,
    take_voicemail,
)

__all__ = [
    "DraftTooLong",
    "MessageIncomplete",
    "MessageTooLong",
    "NotYourCall",
    "PersonElsewhere",
    "ReplyEmpty",
    "ReplyTooLong",
    "SubmissionReused",
    "Taken",
    "UrgencyUnknown",
    "acknowledge_message",
    "advance_delivery",
    "discard_draft",
    "handle_message",
    "note_attempt",
    "open_message",
    "retry_delivery",
    "save_draft",
    "take_message",
    "take_voicemail",
    "write_reply",
]
