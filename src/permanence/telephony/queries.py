"""Whether callers can reach the bureau now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from permanence.kernel.clock import now
from permanence.telephony.models import Node

SILENT_AFTER = timedelta(seconds=40)


@dataclass(frozen=True, slots=True)
class Telephone:
    """``since`` is when it came up or went down; None when no daemon has ever run."""

    is_up: bool
    since: datetime | None


def telephone() -> Telephone:
    """Up when a node says so and was heard of lately."""
    nodes = list(Node.objects.all())
    living = [node.since_at for node in nodes if node.is_up and now() - node.seen_at < SILENT_AFTER]
    if living:
        return Telephone(True, min(living))
    lost = [node.seen_at if node.is_up else node.since_at for node in nodes]
    return Telephone(False, max(lost, default=None))
