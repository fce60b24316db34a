"""Her clients: the list that Ctrl+K opens, the sheet of one, his information for callers, his instructions ticked."""

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from permanence.calls.models import Line
from permanence.clients import queries, usecases
from permanence.clients.models import Client, ExceptionalDay, Instruction, Opening
from permanence.desk.views.page import OPENED, Context, context_of, show
from permanence.kernel.actor import Role
from permanence.kernel.clock import now, today
from permanence.ui.http import Request, open_to

MOST_CLIENTS = 60
MOST_ENTRIES = 30


@require_GET
@open_to(Role.SECRETARY)
def clients(request: Request) -> HttpResponse:
    """Those open to her; every word typed must be found in the name, the town, the trade or the monogram."""
    words = request.GET.get("words", "").strip()[:80]
    found = queries.clients_for(request.actor)
    for word in words.split():
        found = found.filter(
            Q(name__icontains=word)
            | Q(town__icontains=word)
            | Q(trade_label__icontains=word)
            | Q(monogram__iexact=word)
        )
    unread = {version.client_id for version in queries.unread_instructions(request.actor)}
    listed = list(found[:MOST_CLIENTS])
    for one in listed:
        one.unread = one.pk in unread  # type: ignore[attr-defined]
    return show(request, "_clients", _("My clients"), {"clients": listed, "words": words})


@require_GET
@open_to(Role.SECRETARY)
def client(request: Request, client_id: int) -> HttpResponse:
    """The client's sheet and his whole book; reading it outside a call is logged."""
    found = queries.client_for(request.actor, client_id)
    usecases.open_sheet(actor=request.actor, client=found)
    context = context_of(request.actor, found) | {
        "lines": list(Line.objects.filter(client=found)),
        "pair": list(queries.pair_of(request.actor, found)),
        "week": _week(found),
        "exceptions": list(ExceptionalDay.objects.filter(client=found, on__gte=today())[:MOST_ENTRIES]),
        "book": _book(request, found),
        "entries": queries.knowledge_of(request.actor, found)[:MOST_ENTRIES],
    }
    return show(request, "_client", found.name, context)


@require_GET
@open_to(Role.SECRETARY)
def context(request: Request, client_id: int) -> HttpResponse:
    """The right column again, when an instruction or a person has changed."""
    found = queries.client_for(request.actor, client_id)
    if found.pk not in request.session.get(OPENED, []):
        usecases.open_sheet(actor=request.actor, client=found)
    return render(request, "desk/_context.html", context_of(request.actor, found))


@require_GET
@open_to(Role.SECRETARY)
def knowledge(request: Request, client_id: int) -> HttpResponse:
    """Entries by words; the questions only, an answer is opened (and logged) one by one."""
    found = queries.client_for(request.actor, client_id)
    words = request.GET.get("words", "").strip()[:200]
    entries = queries.search_knowledge(request.actor, found, words)[:MOST_ENTRIES]
    if request.htmx and request.htmx.target == "knowledge":
        return render(request, "desk/_entries.html", {"entries": entries})
    given = context_of(request.actor, found) | {"entries": entries, "words": words}
    return show(request, "_knowledge", found.name, given)


@require_GET
@open_to(Role.SECRETARY)
def entry(request: Request, entry_id: int) -> HttpResponse:
    """One answer; the reading is logged."""
    found = queries.knowledge_for(request.actor, entry_id)
    usecases.open_knowledge(actor=request.actor, entry=found)
    if request.htmx and request.htmx.target != "page":
        return render(request, "desk/_answer.html", {"entry": found})
    return show(request, "_entry", found.question, context_of(request.actor, found.client) | {"entry": found})


@require_POST
@open_to(Role.SECRETARY)
def reading(request: Request, version_id: int) -> HttpResponse:
    """« J'ai lu »: answers with the column from which it was ticked."""
    version = queries.version_for(request.actor, version_id)
    usecases.tick_instruction(actor=request.actor, version=version)
    if not request.htmx:
        return redirect("desk:client", version.client_id)
    if "context" in request.GET:
        return render(request, "desk/_context.html", context_of(request.actor, version.client))
    return render(request, "desk/_to_read.html", {"unread": list(queries.unread_instructions(request.actor))})


def _week(found: Client) -> list[Context]:
    spans = list(Opening.objects.filter(client=found))
    return [
        {"day": name, "spans": [one for one in spans if one.weekday == number]} for number, name in WEEKDAYS.items()
    ]


def _book(request: Request, found: Client) -> list[Instruction]:
    book = [one for one in queries.instructions_of(request.actor, found) if one.ends_at is None or one.ends_at > now()]
    for instruction in book:
        instruction.latest = list(instruction.versions.all())[-1]  # type: ignore[attr-defined]
    return book
