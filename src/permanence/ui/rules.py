"""How times, days, durations, telephone numbers and French spaces are written; the language is ``fr`` or ``en``."""

import re
from datetime import date, datetime, time

import phonenumbers

NBSP, THIN, MINUS = "\u00a0", "\u202f", "\u2212"

DAYS = {
    "fr": ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
}
MONTHS = {
    "fr": [
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ],
    "en": [
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ],
}
SHORT_MONTHS = {
    "fr": ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
}
NEAR_DAYS = {
    "fr": {-1: "hier", 0: "aujourd’hui", 1: "demain"},
    "en": {-1: "yesterday", 0: "today", 1: "tomorrow"},
}


def clock(at: datetime | time, language: str = "fr") -> str:
    """« 14 h 30 », « 9 h 05 »; in English 14:30."""
    if language == "fr":
        return f"{at.hour}{NBSP}h{NBSP}{at.minute:02}"
    return f"{at.hour}:{at.minute:02}"


def day(on: date, language: str = "fr") -> str:
    """« lundi 23 novembre 2026 », « mardi 1er décembre 2026 »."""
    return f"{DAYS[language][on.weekday()]} {_day_number(on, language)} {MONTHS[language][on.month - 1]} {on.year}"


def day_short(on: date, language: str = "fr") -> str:
    """« lun. 23 »; in English Mon 23."""
    name = DAYS[language][on.weekday()][:3]
    return f"{name}.{NBSP}{_day_number(on, language)}" if language == "fr" else f"{name}{NBSP}{on.day}"


def ago_day(at: datetime, today: date, language: str = "fr") -> str:
    """« hier, 19 h 02 », « ven. 20, 8 h 15 » within six days, else « 17 nov. 2026 »; both in one time zone."""
    away = (at.date() - today).days
    if away in NEAR_DAYS[language]:
        return f"{NEAR_DAYS[language][away]}, {clock(at, language)}"
    if abs(away) < 7:
        return f"{day_short(at.date(), language)}, {clock(at, language)}"
    month = SHORT_MONTHS[language][at.month - 1]
    return f"{_day_number(at.date(), language)}{NBSP}{month}{NBSP}{at.year}"


def duration(seconds: float) -> str:
    """« 1 h 12 min », « 14 min 12 s », « 31 s », « −6 min »: whole seconds, left out above the hour."""
    whole = int(seconds)
    if whole < 0:
        return MINUS + duration(-whole)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours}{NBSP}h" + (f"{NBSP}{minutes:02}{NBSP}min" if minutes else "")
    if minutes:
        return f"{minutes}{NBSP}min" + (f"{NBSP}{rest:02}{NBSP}s" if rest else "")
    return f"{rest}{NBSP}s"


def running(seconds: float) -> str:
    """« 02:37 », « 1:02:37 »: a clock that runs; never negative."""
    whole = max(0, int(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def phone(number: str) -> str:
    """« 06 39 98 41 27 », « +32 2 555 12 34 », unbreakable; what is no number (« anonymous ») is left as it came."""
    compact = re.sub(r"[\s.()\u00a0\u202f-]", "", number)
    french = re.fullmatch(r"(?:\+33|0033|0)([1-9]\d{8})", compact)
    if french:
        digits = "0" + french[1]
        return NBSP.join(digits[i : i + 2] for i in range(0, 10, 2))
    if re.fullmatch(r"(\+|00)[1-9]\d{5,14}", compact):
        try:
            parsed = phonenumbers.parse("+" + compact.removeprefix("+").removeprefix("00"))
        except phonenumbers.NumberParseException:
            return number
        written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        return re.sub(r"[\s-]+", NBSP, written)
    return number


UNITS = "h|min|s|km|m|cm|kg|g|€|%|°C|ans?|jours?|mois|minutes?|heures?|secondes?"


def typo(text: str, language: str = "fr") -> str:
    """French spaces where a plain one was typed (before : ; ! ? », after «, before a unit), and ’ for '."""
    if language != "fr":
        return text
    text = re.sub(r"(?<=\S)[ \u00a0\u202f]+([;!?])", THIN + r"\1", text)
    text = re.sub(r"(?<=\S)[ \u202f]+([:»])", NBSP + r"\1", text)
    text = re.sub(r"«[ \u202f]+", "«" + NBSP, text)
    text = re.sub(rf"(?<=\d)[ \u202f](?=(?:{UNITS})(?!\w))", NBSP, text)
    text = re.sub(rf"(?<=\d{NBSP}h)[ \u202f](?=\d\d(?!\d))", NBSP, text)
    return re.sub(r"(?<=[^\W\d_])'(?=[^\W\d_])", "’", text)


def _day_number(on: date, language: str) -> str:
    return "1er" if on.day == 1 and language == "fr" else str(on.day)
