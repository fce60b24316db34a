"""The client's log in plain sentences, each with its subject: « Nadia a ouvert le message de M. Petit »."""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from permanence.audit.queries import LeafView, leaves
from permanence.bureau.models import Secretary
from permanence.calls.models import Call
from permanence.clients.models import Availability, Client, Instruction
from permanence.kernel.actor import Actor, Role
from permanence.messaging.models import Delivery
from permanence.portal.queries.sentences import ICONS, READINGS, SENTENCES, SHEET_FIELDS
from permanence.ui.templatetags.ui import ago_day, day, phone

JOURNAL_PAGE = 50
LONGEST_QUOTE = 120
_BEFORE_A_VOWEL = re.compile(r"\bde (?=[AEIOUYÀÂÉÈÊËÎÏÔÖÛÜŒ])")


@dataclass(frozen=True, slots=True)
class Entry:
    """One leaf of the log, by its number."""

    number: int
    at: datetime
    sentence: str
    icon: str
    is_reading: bool
    detail: str


def journal_of(actor: Actor, client: Client, *, before: int | None = None) -> list[Entry]:
    """Fifty acts, the newest first, those numbered under ``before``; in a fixed number of reads."""
    found = leaves(actor, client.pk, before=before, limit=JOURNAL_PAGE)
    ids: set[int] = set()
    for leaf in found:
        ids.update(leaf.facts.get("secretary_ids", ()))
        ids.add(leaf.facts.get("secretary_id") or 0)
    names = {one.pk: one.user.name for one in Secretary.objects.filter(pk__in=ids).select_related("user")}
    return [_entry(leaf, names) for leaf in found]


def _entry(leaf: LeafView, names: dict[int, str]) -> Entry:
    template = SENTENCES.get(_variant(leaf)) or SENTENCES.get(leaf.act)
    values = defaultdict(lambda: "…", _values(leaf, names))
    sentence = str(template) % values if template else _("%(who)s: %(act)s") % {"who": values["who"], "act": leaf.act}
    if (get_language() or "").startswith("fr"):
        sentence = _BEFORE_A_VOWEL.sub("d’", sentence)
    icon = ICONS.get(leaf.act, "point")
    return Entry(leaf.number, leaf.at, sentence, icon, leaf.act in READINGS, leaf.personal.get("why", "").rstrip("."))


def _variant(leaf: LeafView) -> str:
    """The acts that are said in several ways are told apart by one fact."""
    facts = leaf.facts
    match leaf.act:
        case "CallArrived":
            key = facts["direction"]
        case "PersonChanged" | "KnowledgeChanged":
            key = facts["change"]
        case "AvailabilitySet":
            key = ("until" if facts["until"] else "open") if facts["state"] else "lifted"
        case "HoursChanged":
            key = "day" if facts["on"] else "week"
        case "InstructionPublished":
            key = "first" if facts["number"] == 1 else "next"
        case "MessageTaken":
            key = "voicemail" if facts["voicemail"] else "partial" if facts["partial"] else "whole"
        case "MemberChanged":
            key = "role" if facts["role"] else "closed"
        case "AccessGranted":
            key = "until" if facts["until"] else "open"
        case "DeliveryAdvanced":
            key = facts["state"]
        case _:
            key = ""
    return f"{leaf.act}.{key}"


def _values(leaf: LeafView, names: dict[int, str]) -> dict[str, str]:
    facts, personal = leaf.facts, leaf.personal
    number = personal.get("caller_number") or personal.get("number", "")
    return {
        **{name: str(value) for name, value in facts.items()},
        "who": _who(leaf),
        "caller": personal.get("caller_name") or phone(number) or _("a hidden number"),
        "name": personal.get("name", ""),
        "person": personal.get("person_name", ""),
        "text": _short(personal.get("text", "")),
        "question": _short(personal.get("question", "")),
        "secretary": personal.get("secretary_name") or names.get(facts.get("secretary_id", 0), _("a secretary")),
        "names": personal.get("names") or ", ".join(names.get(pk, "") for pk in facts.get("secretary_ids", ())),
        **_words(facts),
    }


def _words(facts: dict[str, Any]) -> dict[str, str]:
    """Codes of the facts, in the reader's words."""
    said: dict[str, str] = {}
    if "fields" in facts:
        said["fields"] = ", ".join(str(SHEET_FIELDS.get(name, name)) for name in facts["fields"])
    if facts.get("until"):
        said["until"] = ago_day(parse_datetime(facts["until"]))
    if facts.get("on"):
        said["on"] = day(parse_date(facts["on"]))
    if "layer" in facts:
        said["layer"] = str(dict(Instruction.LAYERS).get(facts["layer"], facts["layer"]))
    if "outcome" in facts:
        said["outcome"] = str(dict(Call.OUTCOMES).get(facts["outcome"], facts["outcome"]))
    if "channel" in facts:
        said["channel"] = str(dict(Delivery.CHANNELS).get(facts["channel"], facts["channel"]))
    if "state" in facts:
        known = dict(Delivery.STATES) | dict(Availability.STATES)
        said["state"] = str(known.get(facts["state"], facts["state"]))
    return said


def _who(leaf: LeafView) -> str:
    if leaf.actor_role == Role.SYSTEM:
        return _("The switchboard") if leaf.actor_name == "telephony" else _("Permanence")
    return leaf.actor_name or _("Somebody whose name was erased")


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE].rstrip() + "…"
