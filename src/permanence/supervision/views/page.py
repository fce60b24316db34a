"""What every page of the supervision shares."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from permanence.bureau.models import User
from permanence.ui.http import Request


def show(request: Request, template: str, page: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Render ``supervision/<template>`` with the rail; ``page["here"]`` names its entry."""
    entries = [
        ("board", "layout-dashboard", _("Room")),
        ("clients", "building-store", _("Clients")),
        ("people", "users", _("Team")),
    ]
    rail = [
        {"href": reverse(f"supervision:{name}"), "icon": icon, "label": label, "here": name == page.get("here")}
        for name, icon, label in entries
    ]
    me = User.objects.get(pk=request.actor.user_id or 0)
    return render(request, f"supervision/{template}", {**page, "rail": rail, "me": me}, status=status)
