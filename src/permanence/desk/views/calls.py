"""The card of a call: who calls, for whom, what to say, and the message bound to that call."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from permanence.calls import queries as calls
from permanence.calls import usecases
from permanence.calls.models import Call, Correspondent
from permanence.clients import queries as clients
from permanence.desk.forms import MessageForm
from permanence.desk.templatetags.desk import exact_clock
from permanence.desk.views.page import Context, context_of, show
from permanence.kernel.actor import Role
from permanence.kernel.clock import now
from permanence.kernel.refusals import Refused
from permanence.messaging import queries as messaging
from permanence.messaging import usecases as messages
from permanence.messaging.models import Draft, Message
from permanence.messaging.rules.delivery import Reachable, is_link_only, recipients
from permanence.ui.http import Request, open_to
from permanence.ui.rules import phone

ENTRIES = 8
PAST_CALLS = 4


@require_GET
@open_to(Role.SECRETARY)
def card(request: Request, call_id: UUID) -> HttpResponse:
    return opened(request, calls.call_for(request.actor, call_id))


def opened(request: Request, call: Call) -> HttpResponse:
    """The card, whose opening is logged."""
    usecases.open_card(actor=request.actor, call=call)
    return _card(request, call)


@open_to(Role.SECRETARY)
def message(request: Request, call_id: UUID) -> HttpResponse:
    """Save the message; nothing typed is lost when it is refused."""
    call = calls.call_for(request.actor, call_id)
    if request.method != "POST":
        return redirect("desk:call", call.pk)
    form = MessageForm(request.POST, people=_people(request, call))
    if form.is_valid():
        try:
            messages.take_message(actor=request.actor, call=call, taken=_taken(form, partial="partial" in request.POST))
        except Refused as refusal:
            form.add_error(None, str(refusal))
    if form.is_valid():
        return redirect("desk:call", call.pk)
    return _card(request, call, form=form, status=422)


@require_POST
@open_to(Role.SECRETARY)
def draft(request: Request, call_id: UUID) -> HttpResponse:
    """What has been typed so far; answers with the sentence that says it is kept."""
    call = calls.call_for(request.actor, call_id)
    names = set(MessageForm.base_fields)
    typed = {name: value for name, value in request.POST.items() if name in names}
    if _is_sent(call, str(typed.get("submission", ""))):  # a last autosave that arrives behind its own message
        return HttpResponse(status=204)
    try:
        kept = messages.save_draft(actor=request.actor, call=call, typed=typed)
    except Refused as refusal:
        return HttpResponse(str(refusal), status=422)
    return HttpResponse(_("Draft of this call kept at %(at)s.") % {"at": exact_clock(kept.saved_at)})


@require_POST
@open_to(Role.SECRETARY)
def wrap_up(request: Request, call_id: UUID) -> HttpResponse:
    """She has finished with the call and is ready for the next."""
    call = calls.call_for(request.actor, call_id)
    try:
        usecases.wrap_up_call(actor=request.actor, call_id=call.pk)
    except Refused as refusal:
        return _card(request, call, refusal=str(refusal), status=422)
    return redirect("desk:console")


@require_GET
@open_to(Role.SECRETARY)
def voicemail(request: Request, call_id: UUID) -> HttpResponse:
    """The caller's recording; listening is logged."""
    call = calls.call_for(request.actor, call_id)
    with usecases.open_voicemail(actor=request.actor, call=call) as recording:
        return HttpResponse(recording.read(), content_type="audio/wav", headers={"Cache-Control": "no-store"})


def _people(request: Request, call: Call) -> list[clients.PersonNow]:
    return clients.people_now(request.actor, call.client, now())


def _taken(form: MessageForm, *, partial: bool) -> messages.Taken:
    typed = dict(form.cleaned_data)
    person = typed.pop("person")
    return messages.Taken(person_id=person.pk if person else None, partial=partial, **typed)


def _card(
    request: Request, call: Call, *, form: MessageForm | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    context = context_of(request.actor, call.client)
    saved = _saved(call)
    known = calls.correspondent(request.actor, call.client, call.caller_number)
    kept = messaging.draft_for(request.actor, call)
    is_hers = call.secretary_id in (None, request.actor.secretary_id)
    writing = is_hers and (not saved or "another" in request.GET or kept is not None)
    if form is None and writing:
        form = MessageForm(people=context["card"].people, initial=_initial(call, known, kept))
    context |= {
        "call": call,
        "refusal": refusal,
        "form": form,
        "draft": kept,
        "restored": kept is not None or status != 200,
        "known": known,
        "saved": saved,
        "told": _told(context["card"].people),
        "link_only": is_link_only(call.client.trade, link_only=call.client.link_only),
        "is_hers": is_hers,
        "entries": clients.knowledge_of(request.actor, call.client)[:ENTRIES],
        "history": _history(request, call),
        "to_end": is_hers and call.state == "done" and call.answered_at is not None and call.wrapped_up_at is None,
    }
    return show(request, "_card", call.client.name, context, status=status)


def _told(people: list[clients.PersonNow]) -> list[Reachable]:
    """Who would get an e-mail when nobody is asked for by name."""
    reachable = [
        Reachable(one.person.pk, one.person.name, one.person.email, one.person.receives_messages, one.person.position)
        for one in people
    ]
    return recipients(reachable, None)


def _initial(call: Call, known: Correspondent | None, kept: Draft | None) -> Context:
    if kept is not None:
        return dict(kept.typed)
    found = {"caller_name": known.name, "caller_company": known.company} if known else {}
    return {**found, "caller_number": phone(call.caller_number).replace("\u00a0", " ")}


def _is_sent(call: Call, submission: str) -> bool:
    try:
        return Message.objects.filter(client_id=call.client_id, call=call, submission=UUID(submission)).exists()
    except ValueError:
        return False


def _saved(call: Call) -> list[Message]:
    found = Message.objects.filter(client_id=call.client_id, call=call).select_related("acknowledged_by", "handled_by")
    return list(found.prefetch_related("deliveries").order_by("taken_at"))


def _history(request: Request, call: Call) -> list[Call]:
    past = calls.history_with(request.actor, call.client, call.caller_number).prefetch_related("messages__deliveries")
    return [one for one in past if one.pk != call.pk][:PAST_CALLS]
