"""A message at the desk: how far it has come, and what was written under it."""

from django.contrib import messages as notes
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from permanence.desk.forms import ReplyForm
from permanence.desk.templatetags.desk import message_title
from permanence.desk.views.page import context_of, show
from permanence.kernel.actor import Role
from permanence.kernel.refusals import Refused
from permanence.messaging import queries, usecases
from permanence.messaging.models import Message
from permanence.ui.http import Request, open_to


@require_GET
@open_to(Role.SECRETARY)
def thread(request: Request, message_id: int) -> HttpResponse:
    """Reading it is logged."""
    message = queries.message_for(request.actor, message_id)
    usecases.open_message(actor=request.actor, message=message)
    return _thread(request, message, ReplyForm())


@require_POST
@open_to(Role.SECRETARY)
def reply(request: Request, message_id: int) -> HttpResponse:
    """The bureau writes under the message; the client is told in his portal."""
    message = queries.message_for(request.actor, message_id)
    form = ReplyForm(request.POST)
    if form.is_valid():
        try:
            usecases.write_reply(actor=request.actor, message=message, text=form.cleaned_data["text"])
        except Refused as refusal:
            form.add_error("text", str(refusal))
    if form.is_valid():
        return redirect("desk:thread", message.pk)
    return _thread(request, message, form, status=422)


@require_POST
@open_to(Role.SECRETARY)
def attempt(request: Request, delivery_id: int) -> HttpResponse:
    """Send again what was refused."""
    delivery = queries.delivery_for(request.actor, delivery_id)
    try:
        usecases.retry_delivery(actor=request.actor, delivery=delivery)
    except Refused as refusal:
        notes.warning(request, str(refusal))
    return redirect("desk:thread", delivery.message_id)


def _thread(request: Request, message: Message, form: ReplyForm, *, status: int = 200) -> HttpResponse:
    context = context_of(request.actor, message.client) | {
        "message": message,
        "replies": list(message.replies.all()),
        "reply_form": form,
    }
    title = _("Message of %(caller)s") % {"caller": message_title(message)}
    return show(request, "_thread", title, context, status=status)
