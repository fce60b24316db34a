"""Which state of a secretary follows which, who may invite whom, and how a browser is named."""

from datetime import datetime, timedelta

from permanence.kernel.actor import COMPANY, OVERSEERS, Role

INVITATION_LASTS = timedelta(days=7)
SESSION_LASTS = timedelta(hours=12)
"""From its beginning, however busy it was."""
NON_BLOCKING = ("paperwork",)
"""Reasons to be away that still let calls through."""

BY_PEOPLE = {
    "ready": {"ready", "wrapping_up", "away", "off"},
    "away": {"ready", "wrapping_up", "away", "off"},
    "off": {"ready", "wrapping_up", "away", "off"},
}
"""State → the states from which a person may choose it; talking and its wrap-up are facts of the telephone."""

BY_THE_SYSTEM = {
    "ready": {"ready", "wrapping_up", "off"},
    "busy": {"ready", "busy", "wrapping_up", "away", "off"},
    "wrapping_up": {"busy", "wrapping_up"},
    "away": {"ready", "wrapping_up", "away", "off"},
    "off": {"ready", "busy", "wrapping_up", "away", "off"},
}
"""State → the states from which a call, a sign-out or the worker leads to it. A late end of call brings nobody back."""

MAY_INVITE = {
    Role.SECRETARY: OVERSEERS,
    Role.SUPERVISOR: (Role.ADMINISTRATOR,),
    Role.ADMINISTRATOR: (Role.ADMINISTRATOR,),
    Role.OWNER: (*OVERSEERS, Role.OWNER),
    Role.MEMBER: (*OVERSEERS, Role.OWNER),
}
"""The role given → the roles that may give it."""


def may_follow(before: str, after: str, *, by_the_system: bool) -> bool:
    """Whether a secretary in state ``before`` may now be in state ``after``."""
    return before in (BY_THE_SYSTEM if by_the_system else BY_PEOPLE).get(after, set())


def is_complete(state: str, reason: str, until: datetime | None, now: datetime) -> bool:
    """Away has a reason, and an end (when told) still to come; the other states have neither."""
    if state == "away":
        return bool(reason) and (until is None or until > now)
    return not reason and until is None


def may_deactivate(actor: Role, target: Role) -> bool:
    """An administrator closes any account; a company's accounts are also closed by overseers and by its owner."""
    return actor is Role.ADMINISTRATOR or (target in COMPANY and actor in (*OVERSEERS, Role.OWNER))


BROWSERS = [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]
MACHINES = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
]


def browser_of(user_agent: str) -> str:
    """« Firefox, Linux »: enough for a person to recognise her own machine; empty when nothing is known."""
    named = [next((name for mark, name in table if mark in user_agent), "") for table in (BROWSERS, MACHINES)]
    return ", ".join(part for part in named if part)
