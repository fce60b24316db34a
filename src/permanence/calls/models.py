"""Lines, calls and what happened in them, and the callers we know."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from permanence.database.models import ClientOwned


class Line(ClientOwned):
    """A number that callers dial, forwarded to the bureau: the called number says which client it is. E.164."""

    number = models.CharField(max_length=16, unique=True)
    label = models.CharField(max_length=60, blank=True)
    welcome_audio = models.FileField(
        upload_to="welcome", blank=True, help_text=_("Played before the queue; synthesised from the text when empty")
    )
    welcome_text = models.CharField(max_length=400, blank=True)
    closed_text = models.CharField(max_length=400, blank=True)
    closed_since_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        indexes = [models.Index(fields=["client", "number"])]

    def __str__(self) -> str:
        return self.number


class Call(ClientOwned):
    """One caller on one line. The id is chosen by the telephony daemon and travels in the SIP header.

    ``state`` is the checkpoint from which a restarted daemon goes on.
    """

    STATES = [
        ("new", _("arriving")),
        ("greeting", _("being greeted")),
        ("queued", _("waiting")),
        ("ringing", _("ringing")),
        ("talking", _("talking")),
        ("held", _("on hold")),
        ("voicemail", _("voicemail")),
        ("fallback", _("fallback queue")),
        ("done", _("ended")),
    ]
    OUTCOMES = [
        ("answered", _("answered")),
        ("abandoned", _("hung up while waiting")),
        ("voicemail", _("voicemail")),
        ("closed", _("outside hours")),
        ("lost", _("lost")),
        ("fallback", _("taken by the fallback queue")),
    ]
    DIRECTIONS = [("in", _("incoming")), ("out", _("outgoing"))]
    LIVE = ("new", "greeting", "queued", "ringing", "talking", "held", "voicemail", "fallback")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="calls")
    direction = models.CharField(max_length=3, choices=DIRECTIONS, default="in")
    caller_number = models.CharField(max_length=20, blank=True, help_text="E.164, or empty when hidden")
    state = models.CharField(max_length=10, choices=STATES, default="new")
    outcome = models.CharField(max_length=10, choices=OUTCOMES, blank=True)
    secretary = models.ForeignKey(
        "bureau.Secretary", on_delete=models.PROTECT, null=True, blank=True, related_name="calls"
    )
    why = models.CharField(max_length=240, blank=True, help_text="Why this secretary was chosen, in French")
    node = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=80, blank=True)
    started_at = models.DateTimeField()
    rang_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    wrapped_up_at = models.DateTimeField(null=True, blank=True)
    voicemail = models.FileField(upload_to="voicemail", blank=True)

    class Meta:
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["client", "-started_at"]), models.Index(fields=["secretary", "-started_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["secretary"],
                condition=Q(state__in=["ringing", "talking", "held"]),
                name="calls_call_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="done", ended_at__isnull=False) | ~Q(state="done"), name="calls_call_done_has_end"
            ),
        ]


class CallEvent(ClientOwned):
    """What happened in a call, in the order in which we learnt it. Appended, never updated."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    secretary = models.ForeignKey("bureau.Secretary", on_delete=models.PROTECT, null=True, related_name="+")
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["client", "call", "at"])]


class Correspondent(ClientOwned):
    """A caller whom this client's callers' book knows. One number, one correspondent."""

    number = models.CharField(max_length=16)
    name = models.CharField(max_length=120)
    company = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=240, blank=True)
    known_since_on = models.DateField()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["client", "number"], name="calls_correspondent_number_once")]


class OutboundPolicy(ClientOwned):
    """Where calls may go out for a client, and how many in a day. A client without one is called for by nobody."""

    prefixes = ArrayField(models.CharField(max_length=16), default=list, help_text="Beginnings of E.164 numbers")
    per_day = models.PositiveSmallIntegerField(default=0)
    per_secretary_per_day = models.PositiveSmallIntegerField(default=0)
    edited_by = models.ForeignKey("bureau.User", on_delete=models.PROTECT, null=True, related_name="+")
    edited_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client"], name="calls_outbound_policy_once")]


class Softphone(models.Model):
    """The SIP credentials of one browser session: made at the desk, revoked with the session or the person.

    ``digest`` is md5(username:realm:password), as Asterisk wants it; the password is given to the browser once.
    """

    secretary = models.ForeignKey("bureau.Secretary", on_delete=models.CASCADE, related_name="softphones")
    session_key = models.CharField(max_length=64)
    username = models.CharField(max_length=40, unique=True)
    digest = models.CharField(max_length=32)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    registered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["secretary", "revoked_at"])]
