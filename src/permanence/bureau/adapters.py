"""Where django-allauth asks us: letters, sessions, limits, secrets at rest, and the words of its refusals."""

import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from permanence.bureau import jobs, usecases
from permanence.bureau.models import User
from permanence.bureau.rules import SESSION_LASTS, browser_of
from permanence.kernel.actor import BUREAU, Actor, Role
from permanence.kernel.clock import now

FRESH_SECONDS = 600
_SECOND_FACTOR = "second_factor_is_set"
View = Callable[..., HttpResponse]


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are opened by invitation only; sessions are absolute; limits never shut somebody else out."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed."),
        "email_password_mismatch": _("This e-mail address and this password do not go together."),
        "enter_current_password": _("This is not your present password."),
        "incorrect_password": _("This is not your password."),
        "incorrect_code": _("This code is not the right one, or it has expired. Type the one shown now."),
        "too_many_login_attempts": _("Too many attempts from here. Wait five minutes, or reset your password."),
        "rate_limited": _("Too many attempts. Wait a minute."),
        "invalid_password_reset": _("This link has been used or has expired."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failures count for one address and one account together: a stranger elsewhere locks nobody."""
        return f"{self.get_client_ip(request)}:{credentials.get('email', '').lower()}"

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whoever has just signed in is not asked again to prove who he is."""
        records = get_authentication_records(context.request, context.request.user)
        if any(time.time() - record["at"] < FRESH_SECONDS for record in records):
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        request.session.set_expiry(now() + SESSION_LASTS)

    def logout(self, request: HttpRequest) -> None:
        key = request.session.session_key or ""
        if isinstance(request.user, User):
            usecases.sign_off(actor=_actor(request.user, key), session_key=key)
        super().logout(request)

    def set_password(self, user: User, password: str) -> None:
        """A new password ends every other session of its owner."""
        super().set_password(user, password)
        present = (self.request.session.session_key or "") if self.request.user == user else ""
        usecases.end_sessions(actor=_actor(user, present))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        return reverse("bureau:account")

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:  # noqa: ARG002
        jobs.send_password_reset.defer(user_id=user.pk)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,  # noqa: ARG002
        email: str | None = None,  # noqa: ARG002
    ) -> None:
        jobs.send_notice.defer(
            user_id=user.pk,
            change=template_prefix.rsplit("/", 1)[-1],
            browser=browser_of(self.get_http_user_agent(self.request)),
            address=self.get_client_ip(self.request),
        )


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors: their secrets lie encrypted in the database, their names say on which machine they were made."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
        "cannot_delete_authenticator": _("The bureau requires a second factor. Set up another one first."),
    }

    def encrypt(self, text: str) -> str:
        return _vault().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _vault().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        others = Authenticator.objects.filter(user_id=authenticator.user_id).exclude(pk=authenticator.pk)
        needed = settings.STAFF_MFA and authenticator.user.role in BUREAU
        return not needed or others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: ARG002
        return browser_of(context.request.META.get("HTTP_USER_AGENT", "")) or gettext("Passkey")

    def _get_site_name(self) -> str:
        return "Permanence"


def proven(view: View) -> View:
    """An allauth view that first asks who one is, when that was proven too long ago."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            request.session.pop(_SECOND_FACTOR, None)
        try:
            return view(request, *args, **kwargs)
        except ReauthenticationRequired:
            ways = AccountAdapter(request).get_reauthentication_methods(request.user)
            place = ways[0]["url"] if ways else reverse("account_login")
            back = request.get_full_path() if request.method == "GET" else reverse("bureau:account")
            return redirect(f"{place}?{urlencode({'next': back})}")

    return asked


def must_set_second_factor(request: HttpRequest) -> bool:
    """The bureau's people work only with a second factor, where the installation requires one."""
    user = request.user
    if not settings.STAFF_MFA or not isinstance(user, User) or user.role not in BUREAU:
        return False
    if request.session.get(_SECOND_FACTOR):
        return False
    factors = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    if not Authenticator.objects.filter(user_id=user.pk, type__in=factors).exists():
        return True
    request.session[_SECOND_FACTOR] = True
    return False


def _vault() -> Fernet:
    return Fernet(urlsafe_b64encode(sha256(b"second factors" + settings.SECRET_KEY.encode()).digest()))


def _actor(user: User, session: str) -> Actor:
    """The actor of a person whom allauth names, also where no view has been entered yet."""
    secretary = getattr(user, "secretary", None)
    return Actor(
        role=Role(user.role),
        name=user.name,
        user_id=user.pk,
        secretary_id=secretary.pk if secretary else None,
        session=session,
    )
