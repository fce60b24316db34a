"""What a view receives, and the gate before it."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from permanence.kernel.actor import Actor, Role

P = ParamSpec("P")


class Request(HttpRequest):
    """A request with its actor, set by ``config.middleware`` for whoever is signed in."""

    actor: Actor
    htmx: HtmxDetails


View = Callable[Concatenate[Request, P], HttpResponse]


def open_to(*roles: Role) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """Open a view to these roles: a passer-by is asked to sign in, anybody else finds nothing there (404)."""

    def gate(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            actor = getattr(request, "actor", None)
            if actor is None:
                return _ask_to_sign_in(cast("Request", request))
            if not actor.is_one_of(*roles):
                raise Http404
            return view(cast("Request", request), *args, **kwargs)

        return guarded

    return gate


def _ask_to_sign_in(request: Request) -> HttpResponse:
    """The whole page goes to the sign-in page, even when only a fragment of it was asked for."""
    htmx = getattr(request, "htmx", None)
    if not htmx:
        return redirect_to_login(request.get_full_path())
    sign_in = redirect_to_login(htmx.current_url_abs_path or "/")
    return HttpResponseClientRedirect(sign_in.url)
