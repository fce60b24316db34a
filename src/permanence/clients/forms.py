"""What people type about a client company. Each form keeps what was typed when it is refused."""

from collections.abc import Iterator
from copy import copy
from datetime import datetime, time
from typing import Any, ClassVar, cast

from django import forms
from django.db.models import Q, QuerySet
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from permanence.clients.models import HUES, Availability, Client, Instruction, Member, Person
from permanence.clients.queries import hours_of
from permanence.clients.rules.hours import Span
from permanence.clients.usecases import Dated, PersonDetails, Sheet, TypedNumber, Weekly, Wording
from permanence.clients.usecases.people import MOST_NUMBERS
from permanence.kernel import phones
from permanence.kernel.actor import Role
from permanence.kernel.clock import now
from permanence.ui.rules import phone

WEEKDAYS = [
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
]
HOLIDAYS = [
    ("FR", _("France: closed on the eleven public holidays")),
    ("FR-57", _("Alsace-Moselle: also Good Friday and 26 December")),
    ("FR-971", _("Guadeloupe")),
    ("FR-972", _("Martinique")),
    ("FR-973", _("French Guiana")),
    ("FR-974", _("La Réunion")),
    ("FR-976", _("Mayotte")),
    ("FR-PM", _("Saint-Pierre-et-Miquelon")),
    ("FR-BL", _("Saint-Barthélemy")),
    ("FR-MF", _("Saint-Martin")),
    ("FR-PF", _("French Polynesia")),
    ("FR-NC", _("New Caledonia")),
    ("FR-WF", _("Wallis and Futuna")),
    ("", _("None: public holidays are days like others")),
]
HUE_NAMES = {
    "petrole": _("petrol"),
    "azur": _("azure"),
    "outremer": _("ultramarine"),
    "violet": _("violet"),
    "prune": _("plum"),
    "fuchsia": _("fuchsia"),
    "emeraude": _("emerald"),
    "sapin": _("fir"),
    "olive": _("olive"),
    "ambre": _("amber"),
    "ardoise": _("slate"),
    "brique": _("brick"),
}
SPANS_A_DAY = 3
NUMBERS_SHOWN = 3


class LocalMoment(forms.DateTimeField):
    """A day and a time on the reader's wall clock."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class WallTime(forms.TimeField):
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class SpansForm(forms.Form):
    """Rows of opens–closes fields named ``<prefix>_<row>_opens``; a row left empty says nothing."""

    def add_rows(self, prefix: str, spans: tuple[Span, ...], rows: int) -> None:
        for row in range(rows):
            given = spans[row] if row < len(spans) else None
            for end in ("opens", "closes"):
                field = WallTime(required=False, label=_("opens") if end == "opens" else _("closes"))
                field.initial = getattr(given, end) if given else None
                self.fields[f"{prefix}_{row}_{end}"] = field

    def rows(self, prefix: str) -> Iterator[tuple[BoundField, BoundField]]:
        row = 0
        while f"{prefix}_{row}_opens" in self.fields:
            yield self[f"{prefix}_{row}_opens"], self[f"{prefix}_{row}_closes"]
            row += 1

    def spans(self, prefix: str) -> list[Span]:
        """The complete rows; an incomplete one is an error on the missing half."""
        found = []
        for opens, closes in self.rows(prefix):
            start: time | None = self.cleaned_data.get(opens.name)
            end: time | None = self.cleaned_data.get(closes.name)
            if start is not None and end is not None:
                found.append(Span(start, end))
            elif (start is None) != (end is None):
                missing = opens if start is None else closes
                if missing.name not in self.errors:
                    self.add_error(missing.name, _("Both times are needed, or neither."))
        return found


class HoursForm(SpansForm):
    """The week, several openings a day, and which public holidays close the company."""

    holidays = forms.ChoiceField(choices=HOLIDAYS, required=False, label=_("Public holidays"))

    def __init__(self, data: Any = None, *, client: Client) -> None:
        super().__init__(data, initial={"holidays": client.holidays})
        hours = hours_of([client.pk])[client.pk]
        for day, _name in WEEKDAYS:
            self.add_rows(f"d{day}", hours.week.get(day, ()), SPANS_A_DAY)

    def days(self) -> list[tuple[Any, list[tuple[BoundField, BoundField]]]]:
        return [(name, list(self.rows(f"d{day}"))) for day, name in WEEKDAYS]

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["week"] = {day: self.spans(f"d{day}") for day, _name in WEEKDAYS}
        return self.cleaned_data


class ExceptionalDayForm(SpansForm):
    """A day unlike the others: closed, or open at its own times."""

    on = forms.DateField(label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    label = forms.CharField(label=_("Reason"), max_length=120, required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.add_rows("x", (), 2)

    def openings(self) -> list[tuple[BoundField, BoundField]]:
        return list(self.rows("x"))

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["spans"] = self.spans("x")
        return self.cleaned_data


class SheetForm(forms.ModelForm[Client]):
    """What the client himself says of his company."""

    hue = forms.ChoiceField(label=_("Colour at the secretaries’"), choices=[(hue, HUE_NAMES[hue]) for hue in HUES])

    class Meta:
        model = Client
        fields: ClassVar = [
            "name", "trade_label", "greeting", "pronunciation", "manners", "street", "postcode", "town", "hue",
            "link_only",
        ]  # fmt: skip
        labels: ClassVar = {
            "name": _("Name"),
            "trade_label": _("Trade, as callers know it"),
            "greeting": _("Greeting words"),
            "pronunciation": _("Pronunciation"),
            "manners": _("How to speak, and what never to say"),
            "street": _("Street"),
            "postcode": _("Postcode"),
            "town": _("Town"),
            "link_only": _("E-mails carry a link, never the message"),
        }
        help_texts: ClassVar = {
            "trade_label": "",
            "manners": "",
            "link_only": "",
            "greeting": _("Said word for word. {secretary} becomes the first name of the one who answers."),
        }
        widgets: ClassVar = {
            "greeting": forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
            "manners": forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
            "street": forms.TextInput(attrs={"autocomplete": "street-address"}),
            "postcode": forms.TextInput(attrs={"autocomplete": "postal-code", "inputmode": "numeric"}),
            "town": forms.TextInput(attrs={"autocomplete": "address-level2"}),
        }

    def __init__(self, data: Any = None, *, client: Client) -> None:
        super().__init__(data, instance=copy(client))  # the use case compares with the client as he is

    def sheet(self) -> Sheet:
        return Sheet(**{name: self.cleaned_data[name] for name in self.Meta.fields})


class PersonForm(forms.Form):
    """Somebody for whom callers ask, with the numbers to try in order."""

    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"dir": "auto"}))
    role = forms.CharField(label=_("Role"), max_length=120, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    receives_messages = forms.BooleanField(label=_("Messages are sent to this person by e-mail"), required=False)

    def __init__(self, data: Any = None, *, person: Person | None = None) -> None:
        known = ("name", "role", "email", "receives_messages") if person else ()
        super().__init__(data, initial={"receives_messages": True, **{name: getattr(person, name) for name in known}})
        numbers = list(person.numbers.all()) if person else []
        self._gender = person.gender if person else ""
        for row in range(min(MOST_NUMBERS, max(NUMBERS_SHOWN, len(numbers) + 1))):
            kept = numbers[row] if row < len(numbers) else None
            self.fields[f"number_{row}"] = forms.CharField(
                label=_("Number"), max_length=60, required=False, initial=phone(kept.number) if kept else "",
                widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel"}),
            )  # fmt: skip
            self.fields[f"label_{row}"] = forms.CharField(
                label=_("Label"),
                max_length=40,
                required=False,
                initial=kept.label if kept else "",
                widget=forms.TextInput(attrs={"placeholder": _("mobile, workshop…")}),
            )

    def number_rows(self) -> list[tuple[BoundField, BoundField]]:
        count = sum(name.startswith("number_") for name in self.fields)
        return [(self[f"number_{row}"], self[f"label_{row}"]) for row in range(count)]

    def clean(self) -> dict[str, Any]:
        for number, _label in self.number_rows():
            if typed := self.cleaned_data.get(number.name):
                try:
                    phones.parse(typed)
                except phones.NotAPhoneNumber as refusal:
                    self.add_error(number.name, str(refusal))
        return self.cleaned_data

    def details(self) -> PersonDetails:
        given = self.cleaned_data
        typed = [(given[number.name], given[label.name]) for number, label in self.number_rows()]
        return PersonDetails(
            name=given["name"],
            role=given["role"],
            gender=self._gender,
            email=given["email"],
            receives_messages=given["receives_messages"],
            numbers=[TypedNumber(number, label) for number, label in typed if number],
        )


class AvailabilityForm(forms.Form):
    """From–to, or every week."""

    state = forms.ChoiceField(label=_("State"), choices=Availability.STATES)
    message = forms.CharField(label=_("What to tell the caller"), max_length=240, required=False)
    rhythm = forms.ChoiceField(
        label=_("When"), choices=[("dated", _("once")), ("weekly", _("every week"))], widget=forms.RadioSelect
    )
    starts_at = LocalMoment(label=_("Starts"), required=False)
    ends_at = LocalMoment(label=_("Ends"), required=False)
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days"), choices=WEEKDAYS, coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    from_time = WallTime(label=_("Starts"), required=False)
    to_time = WallTime(label=_("Ends"), required=False)

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("rhythm") == "weekly":
            for name in ("from_time", "to_time"):
                if self.cleaned_data.get(name) is None and name not in self.errors:
                    self.add_error(name, _("Every week needs a time."))
        return self.cleaned_data

    def when(self) -> Dated | Weekly:
        given = self.cleaned_data
        if given["rhythm"] == "weekly":
            return Weekly(given["weekdays"], given["from_time"], given["to_time"])
        return Dated(given["starts_at"] or now(), given["ends_at"])


class InstructionForm(forms.Form):
    """One sentence that secretaries follow. The use case says what a text must be, so that nothing typed is cut."""

    layer = forms.ChoiceField(label=_("Layer"), choices=Instruction.LAYERS)
    title = forms.CharField(label=_("Title"), max_length=80, required=False)
    text = forms.CharField(
        label=_("What the secretary should do"), required=False, widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"})
    )
    person = forms.ModelChoiceField(
        Person.objects.none(), label=_("Person concerned"), required=False, empty_label=_("nobody in particular")
    )
    starts_at = LocalMoment(label=_("Starts"), required=False)
    ends_at = LocalMoment(label=_("Ends"), required=False)

    def __init__(
        self, data: Any = None, *, client: Client, instruction: Instruction | None = None, layer: str = "sheet"
    ) -> None:
        given: dict[str, Any] = {"layer": layer}
        if instruction is not None:
            given = {name: getattr(instruction, name) for name in ("layer", "title", "person", "starts_at", "ends_at")}
            given["text"] = list(instruction.versions.all())[-1].text
        super().__init__(data, initial=given)
        _propose(self, Person.objects.filter(client=client, left_at=None))

    def wording(self) -> Wording:
        return Wording(**self.cleaned_data)


class KnowledgeForm(forms.Form):
    """A question that callers ask, and the answer."""

    question = forms.CharField(label=_("Question"), max_length=240, widget=forms.TextInput(attrs={"dir": "auto"}))
    answer = forms.CharField(label=_("What to answer"), widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}))


class MemberForm(forms.Form):
    """Who signs in to the client's space, and who that is for callers."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail"))
    role = forms.ChoiceField(
        label=_("Role"),
        initial=Role.MEMBER.value,
        widget=forms.RadioSelect,
        choices=[
            (Role.MEMBER.value, _("member: reads, acknowledges, sets their own availability")),
            (Role.OWNER.value, _("owner: also changes the company’s sheet, instructions, people and members")),
        ],
    )
    person = forms.ModelChoiceField(
        Person.objects.none(), label=_("For callers, this is"), required=False, empty_label=_("nobody in particular")
    )

    def __init__(self, data: Any = None, *, client: Client, member: Member | None = None) -> None:
        super().__init__(data, initial={"role": member.user.role, "person": member.person} if member else {})
        free = Q(member=None) | Q(member=member) if member else Q(member=None)
        _propose(self, Person.objects.filter(free, client=client, left_at=None))
        if member is not None:
            del self.fields["name"], self.fields["email"]


def _propose(form: forms.Form, people: QuerySet[Person]) -> None:
    cast("forms.ModelChoiceField[Person]", form.fields["person"]).queryset = people


def parsed_instant(text: str) -> datetime | None:
    """An instant from a button's value (ISO, with its offset); None when somebody made it up."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
