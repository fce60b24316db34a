"""The only writers of calls: the telephony daemon tells what happens, the secretary finishes what it asks of her."""

from permanence.calls.usecases.desk import open_card, open_voicemail, wrap_up_call
from permanence.calls.usecases.ending import attach_voicemail, end_call, fall_back, send_to_voicemail
from permanence.calls.usecases.facts import CallOutOfTurn, CallUnknown
from permanence.calls.usecases.lines import NumberTaken, describe_line, open_line, record_welcome, remove_welcome
from permanence.calls.usecases.live import (
    Arrival,
    NotGranted,
    SecretaryNotReady,
    SecretaryTaken,
    answer_call,
    greet_call,
    hold_call,
    offer_call,
    queue_call,
    register_call,
    resume_call,
    withdraw_offer,
)
from permanence.calls.usecases.outbound import OutboundRefused, dial_out, set_outbound_policy
from permanence.calls.usecases.people import note_correspondent
from permanence.calls.usecases.softphones import Credentials, end_softphones, issue_softphone, revoke_softphones

__all__ = [
    "Arrival",
    "CallOutOfTurn",
    "CallUnknown",
    "Credentials",
    "NotGranted",
    "NumberTaken",
    "OutboundRefused",
    "SecretaryNotReady",
    "SecretaryTaken",
    "answer_call",
    "attach_voicemail",
    "describe_line",
    "dial_out",
    "end_call",
    "end_softphones",
    "fall_back",
    "greet_call",
    "hold_call",
    "issue_softphone",
    "note_correspondent",
    "offer_call",
    "open_card",
    "open_line",
    "open_voicemail",
    "queue_call",
    "record_welcome",
    "register_call",
    "remove_welcome",
    "resume_call",
    "revoke_softphones",
    "send_to_voicemail",
    "set_outbound_policy",
    "withdraw_offer",
    "wrap_up_call",
]
