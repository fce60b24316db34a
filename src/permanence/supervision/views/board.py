"""The room, live."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from permanence.kernel.actor import OVERSEERS
from permanence.kernel.clock import now
from permanence.supervision import queries
from permanence.supervision.views.page import show
from permanence.ui.http import Request, open_to


@require_safe
@open_to(*OVERSEERS)
def board(request: Request) -> HttpResponse:
    """htmx receives the same room without its frame."""
    figures, team = queries.figures(request.actor), queries.presences(request.actor)
    page = {
        "here": "board",
        "at": now(),
        "figures": figures,
        "team": team,
        "on_duty": queries.on_duty(team),
        "decisions": queries.decisions(request.actor, figures, team),
    }
    return show(request, "_room.html" if request.htmx else "board.html", page)
