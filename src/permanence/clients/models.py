"""The client companies: who they are, how they want their callers greeted, what they ask of the secretaries."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from permanence.database.models import ClientOwned
from permanence.database.search import searchable

HUES = [
    "petrole",
    "azur",
    "outremer",
    "violet",
    "prune",
    "fuchsia",
    "emeraude",
    "sapin",
    "olive",
    "ambre",
    "ardoise",
    "brique",
]


class Client(models.Model):
    """A company that entrusts its telephone (and more) to the bureau. Its trade profile decides words and cautions."""

    TRADES = [
        ("plumber", _("plumber")),
        ("bakery", _("bakery")),
        ("lawyer", _("avocat")),
        ("notary", _("notaire")),
        ("bailiff", _("commissaire de justice")),
        ("medical_expert", _("medical expert")),
        ("artisan", _("artisan")),
        ("other", _("other")),
    ]
    name = models.CharField(max_length=120)
    trade = models.CharField(max_length=20, choices=TRADES)
    trade_label = models.CharField(
        max_length=120, blank=True, help_text=_("As callers know it: plumber and heating engineer")
    )
    monogram = models.CharField(max_length=2, unique=True)
    hue = models.CharField(max_length=12, choices=[(h, h) for h in HUES])
    language = models.CharField(max_length=5, default="fr")
    greeting = models.CharField(max_length=240, help_text=_("Said by the secretary; {secretary} is her first name"))
    pronunciation = models.CharField(max_length=120, blank=True)
    manners = models.CharField(max_length=240, blank=True, help_text=_("How to speak, and what never to say"))
    street = models.CharField(max_length=200, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    town = models.CharField(max_length=80, blank=True)
    holidays = models.CharField(
        max_length=6, default="FR", blank=True, help_text=_("FR, FR-57… or empty: works on public holidays")
    )
    link_only = models.BooleanField(default=False, help_text=_("E-mails carry a link, never the message"))
    priority = models.BooleanField(default=False, help_text=_("Callers go ahead by thirty seconds"))
    created_at = models.DateTimeField(auto_now_add=True)
    left_at = models.DateTimeField(null=True, blank=True)
    edited_by = models.ForeignKey("bureau.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    edited_at = models.DateTimeField(null=True, blank=True)
    hours_edited_by = models.ForeignKey(
        "bureau.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    hours_edited_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Pairing(ClientOwned):
    """The named pair (*binôme*) that answers for a client: rank 1 is the lead, 2 her backup, then others."""

    secretary = models.ForeignKey("bureau.Secretary", on_delete=models.PROTECT, related_name="pairings")
    rank = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(fields=["client", "secretary"], name="clients_pairing_once"),
            models.UniqueConstraint(fields=["client", "rank"], name="clients_pairing_rank_once"),
        ]


class Opening(ClientOwned):
    """One span of a weekday (0 = Monday), in the client's civil time; several make a day. 00:00 closes at 24:00."""

    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        ordering = ["weekday", "opens"]
        indexes = [models.Index(fields=["client", "weekday", "opens"])]
        constraints = [models.CheckConstraint(condition=Q(weekday__lte=6), name="clients_opening_weekday")]


class ExceptionalDay(ClientOwned):
    """A dated exception that beats weekday and public holiday. No span = closed all day."""

    on = models.DateField()
    label = models.CharField(max_length=120, blank=True)
    spans = models.JSONField(default=list, help_text='[["08:00", "12:00"], …]')

    class Meta:
        ordering = ["on"]
        constraints = [models.UniqueConstraint(fields=["client", "on"], name="clients_exceptional_day_once")]


class Person(ClientOwned):
    """Somebody at the client's for whom callers ask, with the numbers to try in order."""

    name = models.CharField(max_length=120)
    role = models.CharField(max_length=120, blank=True)
    gender = models.CharField(max_length=1, blank=True)
    email = models.EmailField(blank=True)
    receives_messages = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)
    left_at = models.DateTimeField(null=True, blank=True)
    edited_by = models.ForeignKey("bureau.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    edited_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "name"]
        indexes = [models.Index(fields=["client", "position"])]

    def __str__(self) -> str:
        return self.name


class PersonNumber(ClientOwned):
    """A number where a person takes transferred calls; ``position`` 0 is tried first. E.164."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="numbers")
    number = models.CharField(max_length=16)
    label = models.CharField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["client", "person", "position"], name="clients_person_number_position")
        ]


class Availability(ClientOwned):
    """Whether a person may be reached: a dated span (now or upcoming), or every week (``weekdays`` and times)."""

    STATES = [
        ("reachable", _("reachable")),
        ("text_only", _("text message only")),
        ("busy", _("busy")),
        ("absent", _("absent")),
    ]
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="availabilities")
    state = models.CharField(max_length=12, choices=STATES)
    message = models.CharField(max_length=240, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    from_time = models.TimeField(null=True, blank=True)
    to_time = models.TimeField(null=True, blank=True)
    set_by = models.ForeignKey("bureau.User", on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-set_at"]
        indexes = [models.Index(fields=["client", "person"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__isnull=False, weekdays=[])
                | Q(starts_at=None, from_time__isnull=False, to_time__isnull=False),
                name="clients_availability_dated_or_weekly",
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="clients_availability_in_order"
            ),
        ]


class Member(ClientOwned):
    """A person of the client's who signs in to the portal."""

    user = models.OneToOneField("bureau.User", on_delete=models.PROTECT, related_name="member")
    person = models.OneToOneField(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="member")
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["client", "user"])]


class Instruction(ClientOwned):
    """One sentence that secretaries follow (*consigne*). The layer says which one wins; a temporary one must end."""

    LAYERS = [
        ("safety", _("Safety")),
        ("alert", _("Alert")),
        ("temporary", _("Temporary")),
        ("person", _("Person")),
        ("hours", _("Hours")),
        ("trade", _("Trade")),
        ("sheet", _("Sheet")),
    ]
    layer = models.CharField(max_length=10, choices=LAYERS)
    title = models.CharField(max_length=80, blank=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, blank=True, related_name="instructions")
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["client", "layer", "position"])]
        constraints = [
            models.CheckConstraint(
                condition=~Q(layer="temporary") | Q(ends_at__isnull=False), name="clients_instruction_temporary_ends"
            ),
        ]


class InstructionVersion(ClientOwned):
    """What an instruction said, from ``published_at`` on. Never edited: a change is the next number."""

    instruction = models.ForeignKey(Instruction, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    text = models.TextField(max_length=1000)
    author = models.ForeignKey("bureau.User", on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["client", "instruction", "number"], name="clients_instruction_version_once")
        ]


class InstructionReading(ClientOwned):
    """A secretary ticked « J'ai lu » on one version."""

    version = models.ForeignKey(InstructionVersion, on_delete=models.CASCADE, related_name="readings")
    secretary = models.ForeignKey("bureau.Secretary", on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "version", "secretary"], name="clients_instruction_read_once")
        ]


class KnowledgeEntry(ClientOwned):
    """A question that callers ask and what to answer (*renseignement*)."""

    question = models.CharField(max_length=240)
    answer = models.TextField(max_length=4000)
    search = searchable(question="A", answer="B")
    edited_by = models.ForeignKey("bureau.User", on_delete=models.PROTECT, related_name="+")
    edited_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["question"]
        indexes = [
            models.Index(fields=["client", "question"]),
            GinIndex(fields=["search"], name="clients_knowledge_search"),
        ]
