"""What a secretary types at her desk. Lengths are judged by the use cases, so that nothing typed is ever cut."""

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from permanence.bureau.models import Secretary
from permanence.clients.models import Person
from permanence.clients.queries import PersonNow
from permanence.kernel.clock import PARIS, now
from permanence.messaging.models import Message

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

HALF_A_DAY = timedelta(hours=12)


_FORM = "data-message-form"


def _needed(widget: forms.Widget, sentence: "StrOrPromise", target: str = "") -> forms.Widget:
    """Tell the page's script what to say while the field is empty."""
    widget.attrs |= {f"{_FORM}-target": f"needed {target}".strip(), "data-missing": sentence}
    return widget


_NUMBER = forms.TextInput({"inputmode": "tel", f"{_FORM}-target": "number"})
_READ_BACK = _needed(
    forms.CheckboxInput({"class": "form-check-input"}), _("The number has not been read back."), "readBack"
)


class MessageForm(forms.Form):
    """A message of one call; ``submission`` makes two sendings one message."""

    person = forms.ModelChoiceField(
        Person.objects.none(), label=_("For"), required=False, empty_label=_("Whoever reads the messages")
    )
    caller_name = forms.CharField(
        label=_("Caller"), required=False, widget=_needed(forms.TextInput(), _("The caller’s name is missing."), "name")
    )
    caller_company = forms.CharField(label=_("Company"), required=False)
    caller_number = forms.CharField(
        label=_("Call back at"),
        required=False,
        widget=_NUMBER,
    )
    number_read_back = forms.BooleanField(
        label=_("Number read back to the caller"),
        required=False,
        widget=_needed(
            forms.CheckboxInput({"class": "form-check-input"}), _("The number has not been read back."), "readBack"
        ),
    )
    reason = forms.CharField(
        label=_("Message"), required=False, widget=_needed(forms.Textarea({"rows": 4}), _("The reason is missing."))
    )
    urgency = forms.ChoiceField(label=_("Urgency"), choices=Message.URGENCIES, initial="normal", required=False)
    promise = forms.CharField(label=_("Promised to the caller"), required=False)
    submission = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: list[PersonNow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("submission", uuid4())
        person: Any = self.fields["person"]
        person.queryset = Person.objects.filter(pk__in=[one.person.pk for one in people])
        labels = {
            one.person.pk: one.person.name + (f", {one.person.role}" if one.person.role else "") for one in people
        }
        person.label_from_instance = lambda one: labels.get(one.pk, one.name)
        for name in self.fields:
            self.fields[name].widget.attrs["autocomplete"] = "off"


class StateForm(forms.Form):
    """Ready, away with its reason and until when, or off."""

    state = forms.ChoiceField(choices=[("ready", ""), ("away", ""), ("off", "")])
    reason = forms.ChoiceField(label=_("Reason"), choices=Secretary.AWAY_REASONS, required=False)
    until = forms.TimeField(
        label=_("Until"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def clean(self) -> dict[str, Any]:
        """``until`` becomes the next instant at that time; only « away » has a reason and an end."""
        typed: dict[str, Any] = super().clean() or {}
        if typed.get("state") != "away":
            return {**typed, "reason": "", "until": None}
        return {**typed, "until": _next(typed.get("until"))}


def _next(at: time | None) -> datetime | None:
    if at is None:
        return None
    here = now().astimezone(PARIS)
    then = here.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return then + timedelta(days=1) if then < here - HALF_A_DAY else then


class ReplyForm(forms.Form):
    """A sentence under a message."""

    text = forms.CharField(label=_("Your reply"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
