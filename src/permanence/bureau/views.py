"""Sign-in, invitations, and the page of one's own account."""

from typing import Any

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from permanence.bureau import queries, usecases
from permanence.bureau.forms import AccountForm, LanguageForm, PasswordForm, PhotoForm, ThemeForm
from permanence.bureau.models import Secretary, User
from permanence.kernel.actor import BUREAU, COMPANY, Role
from permanence.kernel.refusals import Refused
from permanence.ui.http import Request, open_to

COOKIE_SECONDS = 365 * 24 * 3600


class SignIn(LoginView):  # type: ignore[misc]
    """allauth's page; a demonstration adds its accounts, one button each."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        accounts = import_string("permanence.config.demo.accounts")() if settings.DEMO else []
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, "accounts": accounts}


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The page that the link in an invitation opens. Reading it consumes nothing: mail scanners read links too."""
    try:
        found = usecases.invitation_for(token)
        form = PasswordForm(request.POST or None, user=found.user)
        if form.is_valid():
            usecases.accept_invitation(token=token, password=form.cleaned_data["password"])
            messages.success(request, _("Your password is set. Sign in with it."))
            return redirect("account_login")
    except Refused as refusal:
        return render(request, "bureau/invitation_refused.html", {"refusal": refusal}, status=410)
    page = {"form": form, "invitation": found}
    return render(request, "bureau/invitation.html", page, status=422 if form.is_bound else 200)


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """FR or EN: kept in the account of whoever is signed in, and in this browser for the sign-in page."""
    form = LanguageForm(request.POST)
    response = _back(request)
    if form.is_valid():
        chosen = form.cleaned_data["language"]
        if actor := getattr(request, "actor", None):
            usecases.change_language(actor=actor, language=chosen)
        _keep(response, settings.LANGUAGE_COOKIE_NAME, chosen)
    return response


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the machine (empty)."""
    form = ThemeForm(request.POST)
    response = _back(request)
    if form.is_valid():
        chosen = form.cleaned_data["theme"]
        if actor := getattr(request, "actor", None):
            usecases.change_theme(actor=actor, theme=chosen)
        _keep(response, settings.THEME_COOKIE_NAME, chosen)
    return response


@open_to(*BUREAU, *COMPANY)
def account(request: Request) -> HttpResponse:
    """Name, language, theme, photo, second factors, sessions."""
    user = _user(request)
    form = AccountForm(request.POST or None, initial=vars(user))
    if form.is_valid():
        usecases.edit_account(actor=request.actor, **form.cleaned_data)
        messages.success(request, _("Your account is up to date."))
        return redirect("bureau:account")
    return _account_page(request, form=form)


@require_POST
@open_to(Role.SECRETARY)
def photo(request: Request) -> HttpResponse:
    """Replace one's photo, or take it away."""
    if "remove" in request.POST:
        usecases.remove_photo(actor=request.actor)
        return redirect("bureau:account")
    form = PhotoForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            usecases.change_photo(actor=request.actor, file=form.cleaned_data["photo"].file)
            return redirect("bureau:account")
        except Refused as refusal:
            form.add_error("photo", str(refusal))
    return _account_page(request, photo_form=form)


@require_safe
@open_to(*BUREAU, *COMPANY)
def portrait(request: Request, secretary_id: int) -> HttpResponse:  # noqa: ARG001 - the gate reads it
    """A secretary's face, as clients and colleagues see it."""
    secretary = get_object_or_404(Secretary, pk=secretary_id)
    if not secretary.photo:
        raise Http404
    with secretary.photo.open("rb") as file:
        headers = {"Cache-Control": "private, max-age=3600"}
        return HttpResponse(file.read(), content_type="image/jpeg", headers=headers)


@require_POST
@open_to(*BUREAU, *COMPANY)
def sessions(request: Request) -> HttpResponse:
    """End one of one's other sessions, or all of them."""
    number = request.POST.get("session", "")
    ended = usecases.end_sessions(actor=request.actor, session_id=int(number) if number.isdigit() else None)
    messages.success(request, ngettext("%(n)s session ended.", "%(n)s sessions ended.", ended) % {"n": ended})
    return redirect("bureau:account")


@open_to(*BUREAU)
def second_factor(request: Request) -> HttpResponse:
    """Where the bureau's people are led until they have a second factor."""
    if queries.factors(_user(request)).are_set:
        return redirect("/")
    return render(request, "bureau/second_factor.html")


def _account_page(
    request: Request, *, form: AccountForm | None = None, photo_form: PhotoForm | None = None
) -> HttpResponse:
    user = _user(request)
    shown = form or AccountForm(initial=vars(user))
    page = {
        "person": user,
        "form": shown,
        "photo_form": photo_form or PhotoForm(),
        "factors": queries.factors(user),
        "sessions": queries.sessions(request.actor),
        "languages": User.LANGUAGES,
        "themes": User.THEMES,
    }
    refused = (form is not None and form.is_bound) or photo_form is not None
    return render(request, "bureau/account.html", page, status=422 if refused else 200)


def _user(request: Request) -> User:
    return User.objects.select_related("secretary").get(pk=request.actor.user_id or usecases.NOBODY)


def _back(request: HttpRequest) -> HttpResponse:
    place = request.POST.get("next") or request.META.get("HTTP_REFERER", "")
    if not url_has_allowed_host_and_scheme(place, {request.get_host()}, require_https=request.is_secure()):
        place = "/"
    return redirect(place)


def _keep(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=COOKIE_SECONDS, secure=settings.SECURE, httponly=True, samesite="Lax")
