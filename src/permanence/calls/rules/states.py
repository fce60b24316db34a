"""Which fact may happen to a call in which state."""

LIVE = ("new", "greeting", "queued", "ringing", "talking", "held", "voicemail", "fallback")
WITH_A_SECRETARY = ("ringing", "talking", "held")

VERBS: dict[str, tuple[str, frozenset[str]]] = {
    "greet": ("greeting", frozenset({"new"})),
    "queue": ("queued", frozenset({"new", "greeting", "fallback"})),
    "offer": ("ringing", frozenset({"queued"})),
    "withdraw": ("queued", frozenset({"ringing"})),
    "answer": ("talking", frozenset({"ringing"})),
    "hold": ("held", frozenset({"talking"})),
    "resume": ("talking", frozenset({"held"})),
    "record": ("voicemail", frozenset({"new", "greeting", "queued", "ringing", "fallback"})),
    "fall_back": ("fallback", frozenset({"new", "greeting", "queued", "ringing"})),
    "end": ("done", frozenset(LIVE)),
}
"""Verb → the state that it leads to, and those from which it may."""


class OutOfTurn(Exception):
    """The verb is not open in the call's state."""


def advance(state: str, verb: str) -> str | None:
    """The state after ``verb``; None when the call is already there, for the telephone may repeat itself.

    Raises ``OutOfTurn``.
    """
    after, before = VERBS[verb]
    if state == after:
        return None
    if state not in before:
        raise OutOfTurn(f"{verb} while {state}")
    return after
