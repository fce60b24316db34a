"""Settings, all from the environment or from ``PERMANENCE_DATA`` (default ``var/``)."""

import os
import secrets
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _
from psycopg.conninfo import conninfo_to_dict

from permanence.database.embedded import announced

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
ALLOWED_HOSTS = os.environ.get("PERMANENCE_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
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
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
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

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [ROOT / "locale"]
TIME_ZONE = "Europe/Paris"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [path for path in [PACKAGE / "ui" / "static"] if path.exists()]
MEDIA_ROOT = DATA / "media"
DJANGO_VITE = {"default": {"manifest_path": PACKAGE / "ui" / "static" / "build" / "manifest.json", "static_url_prefix": "build"}}

EMAIL_HOST = os.environ.get("PERMANENCE_SMTP_HOST", "127.0.0.1")
EMAIL_PORT = int(os.environ.get("PERMANENCE_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("PERMANENCE_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("PERMANENCE_SMTP_PASSWORD", "")
EMAIL_USE_TLS = _flag("PERMANENCE_SMTP_TLS")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("PERMANENCE_FROM", "Permanence <permanence@localhost>")
