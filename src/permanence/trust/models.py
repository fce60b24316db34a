"""Who may open what: a secretary's grant on a client company."""

from datetime import datetime

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.utils.translation import gettext_lazy as _

from permanence.database.models import ClientOwned


class Grant(ClientOwned):
    """A secretary may open a client's content during a span (*habilitation*). Revocation is immediate and kept.

    The database lets overseers alone write grants, and nobody change or delete one except by revoking it.
    """

    SOURCES = [("pair", _("named pair")), ("supervisor", _("supervisor")), ("task", _("task"))]
    secretary = models.ForeignKey("bureau.Secretary", on_delete=models.PROTECT, related_name="grants")
    source = models.CharField(max_length=12, choices=SOURCES)
    reason = models.CharField(max_length=240, blank=True)
    during = DateTimeRangeField(help_text="[from, until); no upper bound for a named pair")
    granted_by = models.ForeignKey("bureau.User", on_delete=models.PROTECT, related_name="+", null=True)
    granted_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey("bureau.User", on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        indexes = [models.Index(fields=["client", "secretary"]), models.Index(fields=["secretary", "revoked_at"])]

    @property
    def until(self) -> datetime | None:
        """When it ends by itself."""
        end: datetime | None = self.during.upper
        return end
