"""Live notices: « something changed, fetch it again », told to open pages at commit and replayed after a cut.

A notice holds a channel, a kind and an id, never content: the page fetches the fragment, and row-level security
applies there. Channels: ``client:<id>``, ``secretary:<id>``, ``user:<id>``, ``bureau``.
"""

import json
from datetime import timedelta

from django.db import connection

from permanence.database.models import Notice
from permanence.kernel.clock import now

PG_CHANNEL = "permanence_notices"
KEPT = timedelta(hours=1)


def tell(channel: str, kind: str, subject: str | int = "") -> None:
    """Queue a notice in this transaction: it is delivered when (and only if) the transaction commits."""
    notice = Notice.objects.create(channel=channel, kind=kind, subject=str(subject), at=now())
    payload = json.dumps({"id": notice.pk, "channel": channel, "kind": kind, "subject": str(subject)})
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, %s)", [PG_CHANNEL, payload])


def forget_old() -> int:
    """Drop the notices that no reconnecting page can still ask for; returns how many."""
    dropped, _ = Notice.objects.filter(at__lt=now() - KEPT).delete()
    return dropped
