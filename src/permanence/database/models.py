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
    """One live notice; ``pk`` is the ``Last-Event-ID`` from which a page that lost its stream asks the rest."""

    id = models.BigAutoField(primary_key=True)
    channel = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["channel", "id"]), models.Index(fields=["at"])]
