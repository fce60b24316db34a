"""The column that every client-owned table carries."""

from django.db import models


class ClientOwned(models.Model):
    """A row that belongs to one client company and is seen only by those to whom that company is open.

    Every concrete table needs ``IsolateByClient`` in its migration and an index that begins with ``client``.
    """

    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True


class Notice(models.Model):
    """One live notice. ``position`` is the ``Last-Event-ID`` from which a page that lost its stream asks the rest.

    It is given after the commit, in the order in which notices become visible: ids alone are taken before, and a
    page that has seen number 8 could then miss a number 7 whose transaction was longer. ``at`` is the instant at
    which the position was given, until then that of the telling.
    """

    id = models.BigAutoField(primary_key=True)
    channel = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()
    position = models.BigIntegerField(null=True, unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["channel", "position"]),
            models.Index(fields=["at"]),
            models.Index(fields=["id"], condition=models.Q(position=None), name="database_notice_unplaced"),
        ]
