"""The company's journal: every act on what is his, readings included, in one sentence each."""

from itertools import groupby

from django.http import Http404, HttpResponse
from django.utils import timezone

from permanence.kernel.actor import COMPANY
from permanence.portal.queries import JOURNAL_PAGE, journal_of
from permanence.portal.views.pages import own, page
from permanence.ui.http import Request, open_to


@open_to(*COMPANY)
def journal(request: Request) -> HttpResponse:
    client = own(request)
    before = request.GET.get("before", "")
    if before and not before.isdecimal():
        raise Http404
    entries = journal_of(request.actor, client, before=int(before[:15]) if before else None)
    days = [(day, list(rows)) for day, rows in groupby(entries, key=lambda entry: timezone.localdate(entry.at))]
    older = entries[-1].number if len(entries) == JOURNAL_PAGE and entries[-1].number > 0 else None
    return page(request, "journal", {"days": days, "older": older, "before": before}, client=client, here="journal")
