"""Addresses under ``/account/``: ours, and those of allauth that we use (no sign-up, no change of e-mail address)."""

from allauth.account import views as accounts
from allauth.mfa.base import views as second_factors
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from permanence.bureau import views
from permanence.bureau.adapters import proven

ours = (
    [
        path("", views.account, name="account"),
        path("language/", views.language, name="language"),
        path("theme/", views.theme, name="theme"),
        path("photo/", views.photo, name="photo"),
        path("photos/<int:secretary_id>/", views.portrait, name="portrait"),
        path("sessions/", views.sessions, name="sessions"),
        path("second-factor/", views.second_factor, name="second_factor"),
        path("invitations/<str:token>/", views.invitation, name="invitation"),
    ],
    "bureau",
)
to_account = RedirectView.as_view(pattern_name="bureau:account")

urlpatterns = [
    path("", include(ours)),
    path("login/", views.SignIn.as_view(), name="account_login"),
    path("logout/", accounts.logout, name="account_logout"),
    path("inactive/", accounts.account_inactive, name="account_inactive"),
    path("reauthenticate/", accounts.reauthenticate, name="account_reauthenticate"),
    path("password/change/", proven(accounts.password_change), name="account_change_password"),
    path("password/reset/", accounts.password_reset, name="account_reset_password"),
    path("password/reset/done/", accounts.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        accounts.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        accounts.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("2fa/", to_account, name="mfa_index"),
    path("2fa/authenticate/", second_factors.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", second_factors.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/totp/activate/", proven(totp.activate_totp), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", proven(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", proven(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "2fa/recovery-codes/generate/",
        proven(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "2fa/recovery-codes/download/",
        proven(recovery_codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("2fa/webauthn/", to_account, name="mfa_list_webauthn"),
    path("2fa/webauthn/add/", proven(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("2fa/webauthn/login/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("2fa/webauthn/reauthenticate/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("2fa/webauthn/keys/<int:pk>/remove/", proven(passkeys.remove_webauthn), name="mfa_remove_webauthn"),
    path("2fa/webauthn/keys/<int:pk>/edit/", proven(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
]
