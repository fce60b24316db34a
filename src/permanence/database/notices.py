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
_LOCK = 7_367_001
# Whoever serves streams runs these two, in one transaction, when it hears of a notice: one at a time, so that no
# position becomes visible after a higher one.
TAKE_TURN = f"select pg_advisory_xact_lock({_LOCK})"
GIVE_POSITIONS = """
update database_notice n set position = o.position, at = clock_timestamp() from (
    select id, nextval('database_notice_position') as position from (
        select id from database_notice where position is null order by id
    ) unplaced
) o where o.id = n.id
"""


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
