"""The per-client Merkle log: ids and commitments only, no foreign keys, appended by one database function."""

from django.db import models


class LogHead(models.Model):
    """The size of a client's log and its frontier: the roots of the complete subtrees, largest first, 32 bytes each."""

    client_id = models.BigIntegerField(primary_key=True)
    size = models.BigIntegerField(default=0)
    frontier = models.BinaryField(default=b"")


class LogLeaf(models.Model):
    """One act, numbered from 0: ``body`` is canonical JSON (RFC 8785), ``leaf_hash`` = SHA-256(0x00 || body)."""

    pk = models.CompositePrimaryKey("client_id", "number")
    client_id = models.BigIntegerField()
    number = models.BigIntegerField()
    at = models.DateTimeField()
    body = models.TextField()
    leaf_hash = models.BinaryField()


class Opening(models.Model):
    """What a commitment in a leaf stands for: erased when the person asks, the tree stays valid."""

    pk = models.CompositePrimaryKey("client_id", "number", "field")
    client_id = models.BigIntegerField()
    number = models.BigIntegerField()
    field = models.CharField(max_length=40)
    nonce = models.BinaryField()
    value = models.TextField()
