"""What an overseer types about clients and access."""

import re
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from permanence.bureau.models import Secretary
from permanence.calls.models import OutboundPolicy
from permanence.clients.models import Client
from permanence.clients.usecases import NewClient
from permanence.kernel.actor import Role
from permanence.kernel.clock import now

MOST_CALLS_A_DAY = 9_999
RANKS = [_("Lead"), _("Backup"), _("Third"), _("Fourth")]


class NewClientForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("As callers hear it"))
    trade = forms.ChoiceField(label=_("Trade"), choices=Client.TRADES)
    trade_label = forms.CharField(
        label=_("Trade in his own words"), max_length=120, required=False, help_text=_("Plumber and heating engineer")
    )
    greeting = forms.CharField(
        label=_("Greeting"),
        max_length=240,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("{secretary} is replaced by the first name of whoever answers"),
    )
    monogram = forms.CharField(
        label=_("Two letters"),
        max_length=2,
        min_length=2,
        required=False,
        help_text=_("Chosen for you when left empty"),
    )

    def client(self) -> NewClient:
        return NewClient(**self.cleaned_data)


class PairForm(forms.Form):
    """The ranked secretaries of a client; a rank left empty is skipped."""

    def __init__(self, *args: Any, team: list[Secretary], held: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("nobody")), *((str(one.pk), one.user.name) for one in team)]
        self._team = {str(one.pk): one for one in team}
        for rank, label in enumerate(RANKS, start=1):
            initial = str(held[rank - 1]) if rank <= len(held) else ""
            self.fields[f"rank{rank}"] = forms.ChoiceField(
                label=label, choices=choices, required=False, initial=initial
            )

    def secretaries(self) -> list[Secretary]:
        chosen = [self.cleaned_data[f"rank{rank}"] for rank in range(1, len(RANKS) + 1)]
        return [self._team[pk] for pk in chosen if pk]


class GrantForm(forms.Form):
    """An access for a time, with the reason that the client will read."""

    secretary = forms.ModelChoiceField(label=_("Secretary"), queryset=Secretary.objects.none(), empty_label=None)
    until = forms.DateTimeField(
        label=_("Until"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    reason = forms.CharField(label=_("Reason"), max_length=240, help_text=_("The client reads it in his journal"))

    def __init__(self, *args: Any, team: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].initial = _this_evening
        secretary = self.fields["secretary"]
        assert isinstance(secretary, forms.ModelChoiceField)  # noqa: S101 - declared above
        secretary.queryset = team


class InvitedMemberForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    role = forms.ChoiceField(
        label=_("Role"), choices=[(Role.OWNER.value, _("client owner")), (Role.MEMBER.value, _("client member"))]
    )

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class LineForm(forms.Form):
    number = forms.CharField(label=_("Number"), max_length=40, widget=forms.TextInput(attrs={"inputmode": "tel"}))
    label = forms.CharField(label=_("Name of the line"), max_length=60, required=False)


class OutboundForm(forms.Form):
    """Where calls may go out for a client, and how many in a day. Nothing listed, or a cap at zero: none goes out."""

    prefixes = forms.CharField(
        label=_("Numbers that may be called"),
        max_length=400,
        required=False,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
        help_text=_("How they begin: +33 6, +33 1. A surcharged number needs three digits more: +33 899."),
    )
    per_day = forms.IntegerField(label=_("Calls a day, at most"), min_value=0, max_value=MOST_CALLS_A_DAY)
    per_secretary_per_day = forms.IntegerField(
        label=_("By one secretary, at most"), min_value=0, max_value=MOST_CALLS_A_DAY
    )

    @classmethod
    def showing(cls, policy: OutboundPolicy | None) -> "OutboundForm":
        """The form as the policy is kept."""
        kept = policy or OutboundPolicy()
        caps = {"per_day": kept.per_day, "per_secretary_per_day": kept.per_secretary_per_day}
        return cls(initial={"prefixes": ", ".join(kept.prefixes), **caps})

    def clean_prefixes(self) -> tuple[str, ...]:
        """Each begins at a comma or at its plus sign, so that +33 6 is one; what they are worth, the use case says."""
        typed = re.split(r"[,;]|(?=\+)", self.cleaned_data["prefixes"])
        return tuple(dict.fromkeys(re.sub(r"[\s.]", "", one) for one in typed if one.strip()))


def _this_evening() -> datetime:
    """A whole hour at least eight hours away."""
    return (now() + timedelta(hours=8, minutes=59)).replace(minute=0, second=0, microsecond=0)
