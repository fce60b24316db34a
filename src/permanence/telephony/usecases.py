"""The daemon says how it is."""

from django.db import transaction

from permanence.database.notices import tell
from permanence.kernel.clock import now
from permanence.telephony.models import Node


@transaction.atomic
def report_node(name: str, is_up: bool) -> None:
    """Called at each change and as a heartbeat; the banner is told of changes only."""
    at = now()
    node, is_new = Node.objects.get_or_create(name=name, defaults={"is_up": is_up, "since_at": at, "seen_at": at})
    changed = is_new or node.is_up != is_up
    if changed:
        node.is_up, node.since_at = is_up, at
    node.seen_at = at
    node.save()
    if changed:
        tell("bureau", "banner", "up" if is_up else "down")
