"""How an instant to come is said in a sentence."""

from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from permanence.kernel.clock import PARIS
from permanence.ui import rules as written

NEAR = 7


def clock(at: datetime) -> str:
    """« 8 h », « 14 h 30 » in French; 14:30 in English. ``at`` is already in the reader's zone."""
    whole_hour = _language() == "fr" and at.minute == 0
    return f"{at.hour}{written.NBSP}h" if whole_hour else written.clock(at, _language())


def moment(at: datetime, now: datetime) -> str:
    """« 16 h », « demain à 8 h », « lundi à 8 h », « lundi 5 janvier 2027 à 8 h »: the shortest without doubt."""
    here, today = at.astimezone(PARIS), now.astimezone(PARIS).date()
    distance = (here.date() - today).days
    if distance == 0:
        return clock(here)
    if distance == 1:
        return _("tomorrow at %(clock)s") % {"clock": clock(here)}
    near = written.DAYS[_language()][here.weekday()]
    day = near if 0 < distance < NEAR else written.day(here.date(), _language())
    return _("%(day)s at %(clock)s") % {"day": day, "clock": clock(here)}


def _language() -> str:
    return "fr" if (get_language() or "fr").startswith("fr") else "en"
