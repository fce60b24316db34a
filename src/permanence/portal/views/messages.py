"""Messages taken for the company: read, taken in charge by a named person, handled, answered to the bureau."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from permanence.calls.usecases import open_voicemail
from permanence.kernel.actor import COMPANY
from permanence.messaging import queries, usecases
from permanence.messaging.models import Message
from permanence.portal.forms import ReplyForm
from permanence.portal.queries import deliveries_of, facts_of
from permanence.portal.views.pages import done, own, page, waiting_context
from permanence.ui.http import Request, open_to

A_PAGE = 25


@open_to(*COMPANY)
def messages(request: Request) -> HttpResponse:
    found = queries.messages_for_portal(request.actor)
    which = request.GET.get("state", "open")
    if which == "open":
        found = found.filter(handled_at=None)
    shown = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    context = {"shown": shown, "which": which}
    if request.htmx and not request.htmx.boosted:
        return render(request, "portal/_messages.html", {**context, "client": own(request)})
    return page(request, "messages", context, here="messages")


@open_to(*COMPANY)
def message(request: Request, message_id: int) -> HttpResponse:
    """Opening the page is a reading, in the log; a refreshed fragment is not another one."""
    found = queries.message_for(request.actor, message_id)
    if request.htmx and not request.htmx.boosted:
        return render(request, "portal/_message.html", _context(request, found))
    usecases.open_message(actor=request.actor, message=found)
    return _page(request, queries.message_for(request.actor, message_id), ReplyForm())


@open_to(*COMPANY)
@require_POST
def acknowledgement(request: Request, message_id: int) -> HttpResponse:
    """« Je m'en charge »."""
    found = queries.message_for(request.actor, message_id)
    usecases.acknowledge_message(actor=request.actor, message=found)
    return _after(request, message_id)


@open_to(*COMPANY)
@require_POST
def handling(request: Request, message_id: int) -> HttpResponse:
    """« Réglé »."""
    found = queries.message_for(request.actor, message_id)
    usecases.handle_message(actor=request.actor, message=found)
    return _after(request, message_id)


@open_to(*COMPANY)
@require_POST
def reply(request: Request, message_id: int) -> HttpResponse:
    found = queries.message_for(request.actor, message_id)
    form = ReplyForm(request.POST)
    if done(form, lambda: usecases.write_reply(actor=request.actor, message=found, text=form.cleaned_data["text"])):
        return redirect("portal:message", message_id)
    return _page(request, found, form)


@open_to(*COMPANY)
def voicemail(request: Request, message_id: int) -> HttpResponse:
    """The caller's recording; hearing it is a reading, in the log."""
    call = queries.message_for(request.actor, message_id).call
    if call is None:
        raise Http404
    with open_voicemail(actor=request.actor, call=call) as recording:
        return HttpResponse(recording.read(), content_type="audio/wav")


def _after(request: Request, message_id: int) -> HttpResponse:
    """Where the button was pressed: the list of what waits on the first page, or the message's own page."""
    if request.POST.get("back") == "home":
        if request.htmx:
            return render(request, "portal/_waiting.html", {**waiting_context(request), "client": own(request)})
        return redirect("portal:home")
    return redirect("portal:message", message_id)


def _context(request: Request, found: Message) -> dict[str, object]:
    return {
        "message": found,
        "client": own(request),
        "facts": facts_of(found),
        "deliveries": deliveries_of(found),
    }


def _page(request: Request, found: Message, form: ReplyForm) -> HttpResponse:
    return page(request, "message", {**_context(request, found), "form": form}, here="messages")
