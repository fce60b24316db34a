"""The two pages that ``bench pages`` compares: one list, with and without isolation."""

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template import Template
from django.template.context import RequestContext
from django.urls import path

from permanence.clients.models import Client, KnowledgeEntry
from permanence.kernel.actor import Role
from permanence.ui.http import Request, open_to

LIST = Template("""<!doctype html><title>{{ client }}</title><p>{{ user.name }}, {{ total }}</p><table>
{% for entry in entries %}<tr>
<td>{{ entry.question }}</td><td>{{ entry.answer }}</td><td>{{ entry.edited_at|date:"d/m/Y H:i" }}</td>
</tr>{% endfor %}</table>""")


def _page(request: HttpRequest, **only: int) -> HttpResponse:
    entries = KnowledgeEntry.objects.filter(**only).defer("search").order_by("question")
    client = Client.objects.get(**({"pk": only["client_id"]} if only else {}))
    shown = {"client": client, "total": entries.count(), "entries": entries[:30]}
    return HttpResponse(LIST.render(RequestContext(request, shown)))


@open_to(Role.SECRETARY)
def isolated(request: Request) -> HttpResponse:
    """The product's way: the middleware's context, and policies that choose the rows."""
    return _page(request)


@login_required
def bare(request: HttpRequest) -> HttpResponse:
    """As it would be without: no context, the same rows chosen by the query."""
    with transaction.atomic():
        return _page(request, client_id=1)


urlpatterns = [path("isolated/", isolated), path("bare/", bare)]
