"""Her own state, and the credentials of the telephone in her page."""

from dataclasses import asdict

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from permanence.bureau.usecases import set_state
from permanence.calls.usecases import issue_softphone
from permanence.desk.forms import StateForm
from permanence.desk.views.page import strip_of
from permanence.kernel.actor import Role
from permanence.kernel.refusals import Refused
from permanence.ui.http import Request, open_to


@require_POST
@open_to(Role.SECRETARY)
def state(request: Request) -> HttpResponse:
    """Ready, away or off. A button of the menu carries both « away » and its reason."""
    typed = request.POST.copy()
    if "away" in typed:
        typed["state"], typed["reason"] = "away", str(typed["away"])
    form = StateForm(typed)
    if form.is_valid() and request.actor.secretary_id is not None:
        try:
            set_state(actor=request.actor, secretary_id=request.actor.secretary_id, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    if request.htmx:
        status = 200 if form.is_valid() else 422
        return render(request, "desk/_strip.html", strip_of(request, None if form.is_valid() else form), status=status)
    for error in form.non_field_errors():
        messages.error(request, str(error))
    return redirect("desk:console")


@require_POST
@open_to(Role.SECRETARY)
def softphone(request: Request) -> JsonResponse:
    """SIP credentials for this browser session, shown once; they die with it."""
    issued = issue_softphone(actor=request.actor, session_key=request.session.session_key or "")
    return JsonResponse(asdict(issued), headers={"Cache-Control": "no-store"})
