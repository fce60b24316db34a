"""The pieces that templates are written with: icons, monograms, states, fields, and the way figures are written."""

from datetime import date, datetime, time
from typing import Any, Protocol

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect, Select
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from permanence.ui import rules
from permanence.ui.icons import icon_names

register = template.Library()


class Client(Protocol):
    """What a monogram needs to know of a client company."""

    monogram: str
    hue: str


def _language() -> str:
    return "fr" if (get_language() or "fr").startswith("fr") else "en"


def _local(at: datetime | time) -> datetime | time:
    return timezone.localtime(at) if isinstance(at, datetime) and timezone.is_aware(at) else at


def _local_day(on: date) -> date:
    return timezone.localtime(on).date() if isinstance(on, datetime) and timezone.is_aware(on) else on


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """``{% icon "phone" %}``: an outline symbol, silent for screen readers (the word stands beside it)."""
    if name not in icon_names():
        raise template.TemplateSyntaxError(f"No symbol {name!r} in static/ui/icons.svg")
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        f"i {extra}".strip(),
        static("ui/icons.svg"),
        name,
    )


@register.simple_tag
def mono(client: Client, size: str = "") -> SafeString:
    """``{% mono client "l" %}``: the client's monogram tile; beside its name. Sizes: ``s``, none, ``l``."""
    classes = f"mono mono-{size}" if size else "mono"
    return format_html(
        '<span class="{}" data-hue="{}" aria-hidden="true">{}</span>', classes, client.hue, client.monogram
    )


@register.simple_tag
def lozenge(kind: str, symbol: str, text: str) -> SafeString:
    """A state: icon and word. Kinds: ``ok``, ``warn``, ``danger``, ``info``, ``changed``, ``solid``, or empty."""
    classes = f"lozenge lozenge-{kind}" if kind else "lozenge"
    return format_html('<span class="{}">{}{}</span>', classes, icon(symbol), text)


@register.inclusion_tag("forms/_field.html")
def field(bound: BoundField, hint: str = "", extra: str = "") -> dict[str, Any]:
    """Label, hint, control and error of one form field, bound together for screen readers.

    ``hint`` stands beside the label; ``extra`` adds classes to the control.
    """
    widget = bound.field.widget
    checkbox = isinstance(widget, CheckboxInput)
    group = isinstance(widget, (RadioSelect, CheckboxSelectMultiple))
    if checkbox or group:
        kind = "form-check-input"
    elif isinstance(widget, Select):
        kind = "form-select"
    else:
        kind = "form-control"
    if bound.errors and not (checkbox or group):
        kind += " is-invalid"
    control = bound.as_widget(attrs={"class": f"{widget.attrs.get('class', '')} {kind} {extra}".strip()})
    return {
        "field": bound,
        "control": control,
        "hint": hint,
        "checkbox": checkbox,
        "group": group,
        "file": isinstance(widget, FileInput),
    }


@register.filter
def clock(at: datetime | time | None) -> str:
    return rules.clock(_local(at), _language()) if at else ""


@register.filter
def day(on: date | None) -> str:
    return rules.day(_local_day(on), _language()) if on else ""


@register.filter
def day_short(on: date | None) -> str:
    return rules.day_short(_local_day(on), _language()) if on else ""


@register.filter
def ago_day(at: datetime | None) -> str:
    return rules.ago_day(timezone.localtime(at), timezone.localdate(), _language()) if at else ""


@register.filter
def duration(seconds: float | None) -> str:
    return "" if seconds is None else rules.duration(seconds)


@register.filter
def running(seconds: float | None) -> str:
    return "" if seconds is None else rules.running(seconds)


@register.filter
def phone(number: str | None) -> str:
    return rules.phone(number) if number else ""


@register.filter(is_safe=True)
def typo(text: str) -> str:
    return rules.typo(text, _language())
