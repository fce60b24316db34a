"""What people type about themselves."""

from typing import Any

from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateByCodeForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from permanence.bureau.models import User
from permanence.bureau.rules import MAY_INVITE, SESSION_LASTS
from permanence.kernel.actor import BUREAU, Role
from permanence.kernel.clock import now

SPOKEN = [
    ("fr", _("French")),
    ("en", _("English")),
    ("es", _("Spanish")),
    ("de", _("German")),
    ("it", _("Italian")),
    ("pt", _("Portuguese")),
    ("ar", _("Arabic")),
]


class Plain:
    """What allauth's forms say twice is said once: no placeholder beside a label, no list of rules under a field."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.help_text = ""
            field.widget.attrs.pop("placeholder", None)
            if name in ("login", "email"):
                field.label = _("E-mail address")
            elif name == "code":
                field.label = _("Code")
                field.widget.attrs.update(inputmode="numeric", autofocus=True)


class PlainChangePasswordForm(Plain, ChangePasswordForm):  # type: ignore[misc]
    pass


class PlainResetPasswordForm(Plain, ResetPasswordForm):  # type: ignore[misc]
    pass


class PlainResetPasswordKeyForm(Plain, ResetPasswordKeyForm):  # type: ignore[misc]
    pass


class PlainReauthenticateForm(Plain, ReauthenticateForm):  # type: ignore[misc]
    pass


class PlainAuthenticateForm(Plain, AuthenticateForm):  # type: ignore[misc]
    pass


class PlainReauthenticateByCodeForm(Plain, ReauthenticateByCodeForm):  # type: ignore[misc]
    pass


class PlainActivateTOTPForm(Plain, ActivateTOTPForm):  # type: ignore[misc]
    pass


class SignInForm(Plain, LoginForm):  # type: ignore[misc]
    """The session that this form opens ends at a fixed hour."""

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        response: HttpResponse = super().login(request, redirect_url=redirect_url)
        request.session.set_expiry(now() + SESSION_LASTS)
        return response


class AccountForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    gender = forms.ChoiceField(label=_("You are spoken of in the"), choices=User.GENDERS, widget=forms.RadioSelect)


class LanguageForm(forms.Form):
    language = forms.ChoiceField(choices=User.LANGUAGES)


class ThemeForm(forms.Form):
    theme = forms.ChoiceField(choices=User.THEMES, required=False)


class PhotoForm(forms.Form):
    photo = forms.FileField(
        label=_("Photo"),
        help_text=_("JPEG, PNG or WebP, 5 MB at most"),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )


class PasswordForm(forms.Form):
    """The password that an invited person chooses; ``user`` makes it refuse passwords too near his name."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=256,
        help_text=_("At least 12 characters. A sentence is easier to remember than a word full of signs."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("The same, once more"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        password, again = cleaned.get("password"), cleaned.get("again")
        if password and again and password != again:
            self.add_error("again", _("The two passwords differ."))
        elif password:
            try:
                validate_password(password, self._user)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned


class InvitationForm(forms.Form):
    """Whom a supervisor invites to the bureau; only an administrator invites supervisors."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail address"), max_length=254)

    def __init__(self, *args: Any, inviting: Role, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = [role.value for role in BUREAU if inviting in MAY_INVITE[role]]
        self.fields["role"] = forms.ChoiceField(
            label=_("Role"), choices=[(value, label) for value, label in User.ROLES if value in given]
        )

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class SecretaryForm(forms.Form):
    extension = forms.CharField(
        label=_("Extension"), max_length=6, validators=[RegexValidator(r"^\d+$", _("An extension has digits only."))]
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages spoken"), choices=SPOKEN, widget=forms.CheckboxSelectMultiple
    )
