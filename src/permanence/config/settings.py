"""Settings, all from the environment or from ``PERMANENCE_DATA`` (default ``var/``)."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from csp.constants import NONCE, NONE, SELF, STRICT_DYNAMIC
from django.utils.translation import gettext_lazy as _
from psycopg.conninfo import conninfo_to_dict

from permanence.config.logs import logging_configuration
from permanence.database.embedded import announced

django_stubs_ext.monkeypatch()  # ModelForm[Client] may be written

PACKAGE = Path(__file__).resolve().parent.parent
ROOT = PACKAGE.parent.parent
DATA = Path(os.environ.get("PERMANENCE_DATA", "var")).absolute()


def _flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, "1" if default else "0").lower() in ("1", "true", "yes")


def _kept_secret(name: str) -> str:
    """The environment's value, else one made at first use and kept under the data folder (mode 0600)."""
    if given := os.environ.get(f"PERMANENCE_{name.upper()}"):
        return given
    place = DATA / "keys" / name
    if place.exists():
        return place.read_text()
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = secrets.token_hex(32)
    try:
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return place.read_text()
    with os.fdopen(descriptor, "w") as file:
        file.write(made)
    return made


DEBUG = _flag("PERMANENCE_DEBUG")
DEMO = _flag("PERMANENCE_DEMO")
PUBLIC_URL = os.environ.get("PERMANENCE_URL", "http://127.0.0.1:8000").rstrip("/")
SECURE = PUBLIC_URL.startswith("https://")
SECRET_KEY = _kept_secret("secret_key")
CONTEXT_KEY = _kept_secret("context_key").encode()
ALLOWED_HOSTS = [
    *os.environ.get("PERMANENCE_HOSTS", "localhost,[::1]").split(","),
    urlsplit(PUBLIC_URL).hostname or "localhost",
    "127.0.0.1",  # the supervisor asks /health/ there
]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]


def _database(url: str) -> dict[str, Any]:
    found = conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": found.get("dbname") or "permanence",
        "USER": found.get("user") or "",
        "PASSWORD": found.get("password") or "",
        "HOST": found.get("host") or "",
        "PORT": str(found.get("port") or ""),
        "CONN_MAX_AGE": 60,
        "OPTIONS": {"sslmode": found["sslmode"]} if "sslmode" in found else {},
    }


DATABASE_PLACE = DATA / "run" / "database.json"
_here = announced(DATABASE_PLACE)
_nowhere = f"postgresql:///permanence?host={DATA}/postgres/socket&user="
DATABASES = {
    "default": _database(os.environ.get("DATABASE_URL") or _here.get("application") or _nowhere + "permanence_app"),
    "owner": _database(os.environ.get("DATABASE_OWNER_URL") or _here.get("owner") or _nowhere + "permanence_owner"),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "permanence.config",
    "permanence.database",
    "permanence.audit",
    "permanence.ui",
    "permanence.bureau",
    "permanence.clients",
    "permanence.trust",
    "permanence.calls",
    "permanence.messaging",
    "permanence.telephony",
    "permanence.desk",
    "permanence.portal",
    "permanence.supervision",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "django_vite",
    "procrastinate.contrib.django",
]
MIDDLEWARE = [
    "permanence.config.middleware.browser_limits_middleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "permanence.config.middleware.preferences_middleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "permanence.config.middleware.actor_middleware",
]
ROOT_URLCONF = "permanence.config.urls"
WSGI_APPLICATION = "permanence.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "ui" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
            "builtins": ["permanence.ui.templatetags.ui"],
        },
    }
]

AUTH_USER_MODEL = "bureau.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
STAFF_MFA = _flag("PERMANENCE_STAFF_MFA", default=not (DEBUG or DEMO))
SESSION_COOKIE_AGE = 12 * 3600
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("PERMANENCE_PROXIES", "0"))
ACCOUNT_ADAPTER = "permanence.bureau.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation's link has proved the address
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_FORMS = {
    "login": "permanence.bureau.forms.SignInForm",
    "change_password": "permanence.bureau.forms.PlainChangePasswordForm",
    "reset_password": "permanence.bureau.forms.PlainResetPasswordForm",
    "reset_password_from_key": "permanence.bureau.forms.PlainResetPasswordKeyForm",
    "reauthenticate": "permanence.bureau.forms.PlainReauthenticateForm",
}
MFA_FORMS = {
    "authenticate": "permanence.bureau.forms.PlainAuthenticateForm",
    "reauthenticate": "permanence.bureau.forms.PlainReauthenticateByCodeForm",
    "activate_totp": "permanence.bureau.forms.PlainActivateTOTPForm",
}
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "30/m/ip,5/5m/key"}
MFA_ADAPTER = "permanence.bureau.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Permanence"
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE  # http://localhost only: browsers refuse any other
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "bureau_throttle"}}

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "language"
THEME_COOKIE_NAME = "theme"
LOCALE_PATHS = [ROOT / "locale"]
TIME_ZONE = "Europe/Paris"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # files are served from where they were built: nothing to collect
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/build/assets/.+-[\w-]{8,}\.\w+$"
MEDIA_ROOT = DATA / "media"
_manifest = PACKAGE / "ui" / "static" / "build" / "manifest.json"
DJANGO_VITE = {"default": {"manifest_path": _manifest, "static_url_prefix": "build"}}

EMAIL_HOST = os.environ.get("PERMANENCE_SMTP_HOST", "127.0.0.1")
EMAIL_PORT = int(os.environ.get("PERMANENCE_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("PERMANENCE_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("PERMANENCE_SMTP_PASSWORD", "")
EMAIL_USE_TLS = _flag("PERMANENCE_SMTP_TLS")
EMAIL_USE_SSL = _flag("PERMANENCE_SMTP_SSL")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("PERMANENCE_FROM", "Permanence <permanence@localhost>")

ASTERISK_ROOT = Path(os.environ.get("PERMANENCE_ASTERISK_ROOT", "var/asterisk")).absolute()
ASTERISK_HTTP = os.environ.get("PERMANENCE_ASTERISK_HTTP", "127.0.0.1:8088")
ARI_USER = "permanence"
ARI_PASSWORD = _kept_secret("ari_password")
TELEPHONY_NODE = os.environ.get("PERMANENCE_NODE", "node1")
SIP_BIND = os.environ.get("PERMANENCE_SIP_BIND", "127.0.0.1")
SIP_PORT = int(os.environ.get("PERMANENCE_SIP_PORT", "5060"))
RTP_PORTS = os.environ.get("PERMANENCE_RTP", "20000-20999")
MEDIA_ADDRESS = os.environ.get("PERMANENCE_MEDIA_ADDRESS", "")
TRUNK_HOST = os.environ.get("PERMANENCE_TRUNK_HOST", "127.0.0.1")
TRUNK_ADDRESSES = [one for one in os.environ.get("PERMANENCE_TRUNK_ADDRESSES", "").split(",") if one]
TRUNK_USER = os.environ.get("PERMANENCE_TRUNK_USER", "")
TRUNK_PASSWORD = os.environ.get("PERMANENCE_TRUNK_PASSWORD", "")

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_ON_APP_READY = "permanence.config.schedule.install"

LOGGING = logging_configuration(os.environ.get("PERMANENCE_LOG_LEVEL", "INFO"))

# What a browser may do with our pages. Behind TLS every cookie is bound to this host and to https.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [NONCE, STRICT_DYNAMIC],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
