"""The design page: every piece of the house, drawn with the tags that the product uses. Served with DEBUG only."""

from datetime import timedelta
from types import SimpleNamespace

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

HUES = [
    *("petrole", "azur", "outremer", "violet", "prune", "fuchsia"),
    *("emeraude", "sapin", "olive", "ambre", "ardoise", "brique"),
]


class SampleForm(forms.Form):
    """One field of each kind; « Avant » is wrong when sent, to show an error."""

    recipient = forms.ChoiceField(label="Pour", choices=[("roux", "M. Roux, astreinte")])
    number = forms.CharField(label="Rappeler au", initial="06 39 98 41 27")
    before = forms.DateField(label="Avant", help_text="Jour et heure que l’appelante attend.")
    reason = forms.CharField(label="Message", widget=forms.Textarea(attrs={"rows": 2}), required=False)
    urgency = forms.ChoiceField(
        label="Urgence",
        widget=forms.RadioSelect,
        choices=[("normal", "Normale"), ("day", "Dans la journée"), ("urgent", "Urgent")],
        initial="normal",
    )
    read_back = forms.BooleanField(label="Numéro relu à l’appelante", required=False)


def design(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    form = SampleForm({"recipient": "roux", "number": "06 39 98 41 27", "before": "le 32", "urgency": "normal"})
    clients = [SimpleNamespace(hue=hue, monogram=hue[:2].upper(), name=hue) for hue in HUES]
    moments = [now, now - timedelta(days=1), now - timedelta(days=4), now - timedelta(days=90)]
    rail = [
        {"href": "#strip", "icon": "headset", "label": "Appels", "here": True, "count": 2},
        {"href": "#forms", "icon": "message", "label": "Messages"},
        {"href": "#tables", "icon": "calendar-week", "label": "Agendas"},
    ]
    return render(
        request,
        "ui/design.html",
        {
            "form": form,
            "clients": clients,
            "client": clients[0],
            "now": now,
            "moments": moments,
            "rail": rail,
            "since": now - timedelta(minutes=2, seconds=37),
            "tones": ["canvas", "sunken", "surface", "raised"],
        },
    )
