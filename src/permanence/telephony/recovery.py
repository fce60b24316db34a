"""What to do with what Asterisk holds when the daemon comes (back) to it. Pure: lists in, steps out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

APP = "permanence"
JOINED = ("talking", "held", "ringing")
Course = Literal["arrive", "wait", "talk", "keep_message"]


@dataclass(frozen=True, slots=True)
class Adopt:
    """Drive this caller's channel from here on. ``leg`` and ``secretary_id`` are those of a conversation found."""

    channel: str
    number: str
    caller: str
    since: datetime
    course: Course
    leg: str | None = None
    secretary_id: int | None = None


@dataclass(frozen=True, slots=True)
class HangUp:
    channel: str


@dataclass(frozen=True, slots=True)
class DropBridge:
    bridge: str


Step = Adopt | HangUp | DropBridge


def plan(
    channels: Iterable[Mapping[str, Any]], bridges: Iterable[Mapping[str, Any]], *, driven: Iterable[str] = ()
) -> list[Step]:
    """Adopt conversations as they are and callers who wait, with the time that they have waited; tidy the rest.

    ``driven`` are the channels and bridges that a call of this daemon already watches over.
    """
    watched = set(driven)
    ours = {one["id"]: one for one in channels if _is_ours(one)}
    joined = {one["id"]: set(one["channels"]) for one in bridges if one["id"].startswith("bridge-")}
    legs = {id_: one for id_, one in ours.items() if _variable(one, "PERMANENCE_ROLE")}
    steps: list[Step] = []
    kept: set[str] = set(watched)
    for id_, one in ours.items():
        if id_ in watched or id_ in legs:
            continue
        step = _caller(one, legs, joined)
        steps.append(step)
        if isinstance(step, Adopt) and step.leg:
            kept.add(step.leg)
    steps += [HangUp(id_) for id_ in legs if id_ not in kept]
    adopted = {step.channel for step in steps if isinstance(step, Adopt) and step.course == "talk"}
    steps += [DropBridge(id_) for id_, members in joined.items() if id_ not in watched and not members & adopted]
    return steps


def _caller(one: Mapping[str, Any], legs: Mapping[str, Any], joined: Mapping[str, set[str]]) -> Step:
    state = _variable(one, "PERMANENCE_STATE")
    arguments = str(one["dialplan"].get("app_data", "")).split(",")
    if arguments[1:2] != ["inbound"] or len(arguments) < 3:
        return HangUp(one["id"])
    given = (one["id"], arguments[2], str(one["caller"]["number"]), datetime.fromisoformat(one["creationtime"]))
    if state in JOINED:
        others = next((members - {one["id"]} for members in joined.values() if one["id"] in members), set())
        leg = next((legs[other] for other in others if other in legs), None)
        if leg is not None:
            return Adopt(*given, course="talk", leg=leg["id"], secretary_id=int(_variable(leg, "PERMANENCE_SECRETARY")))
        if state != "ringing":  # the secretary left while nobody watched: the conversation is over
            return HangUp(one["id"])
    if state == "voicemail":
        return Adopt(*given, course="keep_message")
    return Adopt(*given, course="arrive" if state in ("", "new") else "wait")


def _is_ours(one: Mapping[str, Any]) -> bool:
    dialplan = one["dialplan"]
    in_app = dialplan.get("app_name") == "Stasis" and str(dialplan.get("app_data", "")).startswith(f"{APP},")
    return in_app or bool(_variable(one, "PERMANENCE_ROLE"))


def _variable(one: Mapping[str, Any], name: str) -> str:
    return str((one.get("channelvars") or {}).get(name) or "")
