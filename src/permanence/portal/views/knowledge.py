"""Questions that callers ask, and what the secretaries answer."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from permanence.clients import queries
from permanence.clients.forms import KnowledgeForm
from permanence.clients.models import KnowledgeEntry
from permanence.clients.usecases import remove_knowledge, save_knowledge
from permanence.kernel.actor import COMPANY, Role
from permanence.portal.views.pages import done, own, page
from permanence.ui.http import Request, open_to


@open_to(*COMPANY)
def knowledge(request: Request) -> HttpResponse:
    """Search as the secretaries do: accents and endings do not matter."""
    client = own(request)
    words = request.GET.get("words", "")[:200]
    found = queries.search_knowledge(request.actor, client, words)
    context = {"words": words, "entries": found, "is_owner": request.actor.is_one_of(Role.OWNER)}
    if request.htmx and not request.htmx.boosted:
        return render(request, "portal/_entries.html", context)
    return page(request, "knowledge", context, client=client, here="knowledge")


@open_to(Role.OWNER)
def new(request: Request) -> HttpResponse:
    return _edit(request, None)


@open_to(Role.OWNER)
def edit(request: Request, entry_id: int) -> HttpResponse:
    return _edit(request, queries.knowledge_for(request.actor, entry_id))


def _edit(request: Request, entry: KnowledgeEntry | None) -> HttpResponse:
    client = own(request)
    given = {"question": entry.question, "answer": entry.answer} if entry else {}
    form = KnowledgeForm(request.POST or None, initial=given)
    saving = request.method == "POST" and done(
        form,
        lambda: save_knowledge(
            actor=request.actor,
            client=client,
            question=form.cleaned_data["question"],
            answer=form.cleaned_data["answer"],
            entry=entry,
        ),
    )
    if saving:
        messages.success(request, _("Saved. The secretaries find it at once."))
        return redirect("portal:knowledge")
    return page(request, "knowledge_edit", {"form": form, "entry": entry}, client=client, here="knowledge")


@open_to(Role.OWNER)
def removal(request: Request, entry_id: int) -> HttpResponse:
    """A question, then the act."""
    found = queries.knowledge_for(request.actor, entry_id)
    if request.method == "POST":
        remove_knowledge(actor=request.actor, entry=found)
        messages.success(request, _("Removed. The secretaries no longer find it."))
        return redirect("portal:knowledge")
    context = {
        "question": _("Remove this information?"),
        "quoted": found.question,
        "consequence": _("The secretaries no longer find it from the next call on."),
        "back": reverse("portal:knowledge_entry", args=[entry_id]),
        "verb": _("Remove"),
    }
    return page(request, "confirm", context, client=found.client, here="knowledge")
