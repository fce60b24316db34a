"""The company's instructions to the secretaries, by layer, with who published what and when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from permanence.clients import queries
from permanence.clients.forms import InstructionForm
from permanence.clients.models import Instruction, InstructionVersion
from permanence.clients.rules.instructions import Piece, holds_at, word_difference
from permanence.clients.usecases import publish_instruction, withdraw_instruction
from permanence.kernel.actor import COMPANY, Role
from permanence.kernel.clock import now
from permanence.portal.views.pages import done, own, page
from permanence.ui.http import Request, open_to


@dataclass(frozen=True, slots=True)
class VersionShown:
    """A version, and the words it changed in the one before."""

    version: InstructionVersion
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class InstructionShown:
    """An instruction with its history, newest first, and who has read its present words."""

    instruction: Instruction
    history: list[VersionShown]
    readers: list[str]
    state: str

    @property
    def current(self) -> InstructionVersion:
        return self.history[0].version


@open_to(*COMPANY)
def instructions(request: Request) -> HttpResponse:
    client = own(request)
    at = now()
    shown = [_shown(one, at) for one in queries.instructions_of(request.actor, client)]
    layers = [
        (layer, label, [one for one in shown if one.instruction.layer == layer and one.state != "over"])
        for layer, label in Instruction.LAYERS
    ]
    context = {
        "layers": [group for group in layers if group[2]],
        "over": [one for one in shown if one.state == "over"],
    }
    return page(request, "instructions", context, client=client, here="instructions")


@open_to(Role.OWNER)
def new(request: Request) -> HttpResponse:
    return _edit(request, None)


@open_to(*COMPANY)
def edit(request: Request, instruction_id: int) -> HttpResponse:
    """The owner publishes a new version; a member reads the history."""
    found = queries.instruction_for(request.actor, instruction_id)
    if request.actor.is_one_of(Role.OWNER):
        return _edit(request, found)
    return page(request, "instruction", {"one": _shown(found, now())}, client=found.client, here="instructions")


def _edit(request: Request, instruction: Instruction | None) -> HttpResponse:
    client = own(request)
    layer = request.GET.get("layer", "sheet")
    form = InstructionForm(request.POST or None, client=client, instruction=instruction, layer=layer)
    publishing = request.method == "POST" and done(
        form,
        lambda: publish_instruction(
            actor=request.actor, client=client, wording=form.wording(), instruction=instruction
        ),
    )
    if publishing:
        messages.success(request, _("Published. The secretaries read it at the next call."))
        return redirect("portal:instructions")
    one = _shown(instruction, now()) if instruction else None
    soonest = f"{now() + timedelta(hours=1):%Y-%m-%dT%H:00}"
    context = {"form": form, "one": one, "soonest": soonest}
    return page(request, "instruction", context, client=client, here="instructions")


@open_to(Role.OWNER)
def withdrawal(request: Request, instruction_id: int) -> HttpResponse:
    """A question, then the act: what was withdrawn is not shown again."""
    found = queries.instruction_for(request.actor, instruction_id)
    if request.method == "POST":
        withdraw_instruction(actor=request.actor, instruction=found)
        messages.success(request, _("Withdrawn. The secretaries no longer see it."))
        return redirect("portal:instructions")
    context = {
        "question": _("Withdraw this instruction?"),
        "quoted": list(found.versions.all())[-1].text,
        "consequence": _("From the next call on, the secretaries no longer see it. Its history stays in your journal."),
        "back": reverse("portal:instruction", args=[instruction_id]),
        "verb": _("Withdraw"),
    }
    return page(request, "confirm", context, client=found.client, here="instructions")


def _shown(instruction: Instruction, at: datetime) -> InstructionShown:
    versions = list(instruction.versions.all())
    history = [
        VersionShown(version, word_difference(before.text if before else version.text, version.text))
        for before, version in zip([None, *versions], versions, strict=False)
    ]
    readers = [reading.secretary.user.name for reading in versions[-1].readings.all()]
    return InstructionShown(instruction, history[::-1], readers, _state(instruction, at))


def _state(instruction: Instruction, at: datetime) -> str:
    if holds_at(instruction.starts_at, instruction.ends_at, None, at):
        return "now"
    return "over" if instruction.ends_at and instruction.ends_at <= at else "to_come"
