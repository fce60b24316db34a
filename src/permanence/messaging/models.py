"""Messages taken for a client, and the proof of their delivery."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from permanence.database.models import ClientOwned


class Message(ClientOwned):
    """What a caller asked to be told. It belongs to the call's client: the form is bound to the call's id."""

    URGENCIES = [("normal", _("Normal")), ("today", _("Within the day")), ("urgent", _("Urgent"))]
    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, null=True, blank=True, related_name="messages")
    person = models.ForeignKey(
        "clients.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="messages"
    )
    caller_name = models.CharField(max_length=120, blank=True)
    caller_company = models.CharField(max_length=120, blank=True)
    caller_number = models.CharField(max_length=20, blank=True)
    number_read_back = models.BooleanField(default=False)
    reason = models.TextField(max_length=5000, blank=True)
    urgency = models.CharField(max_length=8, choices=URGENCIES, default="normal")
    promise = models.CharField(max_length=240, blank=True)
    partial = models.BooleanField(default=False)
    voicemail = models.BooleanField(default=False)
    taken_by = models.ForeignKey("bureau.Secretary", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    taken_at = models.DateTimeField()
    submission = models.UUIDField(help_text="Chosen by the form: the same one twice is one message")
    opened_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        "bureau.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey("bureau.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-taken_at"]
        indexes = [models.Index(fields=["client", "-taken_at"]), models.Index(fields=["taken_by", "-taken_at"])]
        constraints = [
            models.UniqueConstraint(fields=["client", "submission"], name="messaging_message_submitted_once"),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="messaging_message_acknowledged_by_somebody",
            ),
        ]


class Draft(ClientOwned):
    """What the secretary has typed so far, for one call. Kept until the message is saved or the draft thrown away."""

    call = models.ForeignKey("calls.Call", on_delete=models.CASCADE, related_name="drafts")
    secretary = models.ForeignKey("bureau.Secretary", on_delete=models.CASCADE, related_name="+")
    typed = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "call", "secretary"], name="messaging_draft_once")]


class Delivery(ClientOwned):
    """A message on its way to one person by one channel. ``state`` never claims more than is known:

    e-mail stops at ``handed_over``, the portal goes to ``opened``; only a named person acknowledges.
    """

    CHANNELS = [("portal", _("portal")), ("email", _("e-mail"))]
    STATES = [
        ("queued", _("queued")),
        ("handed_over", _("handed over")),
        ("delivered", _("delivered")),
        ("opened", _("opened")),
        ("acknowledged", _("taken in charge")),
        ("handled", _("handled")),
        ("failed", _("refused")),
    ]
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=8, choices=CHANNELS)
    recipient_name = models.CharField(max_length=120)
    address = models.CharField(max_length=254, blank=True)
    state = models.CharField(max_length=12, choices=STATES, default="queued")
    attempts = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=240, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["client", "message"])]
        constraints = [
            models.UniqueConstraint(fields=["client", "message", "channel", "address"], name="messaging_delivery_once")
        ]


class DeliveryEvent(ClientOwned):
    """Each change of a delivery's state. Appended, never updated."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="events")
    state = models.CharField(max_length=12)
    at = models.DateTimeField()
    detail = models.CharField(max_length=240, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["client", "delivery"])]


class Reply(ClientOwned):
    """A sentence written under a message, by the client or by the bureau."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="replies")
    author = models.ForeignKey("bureau.User", on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=2000)
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["written_at", "pk"]
        indexes = [models.Index(fields=["client", "message"])]
