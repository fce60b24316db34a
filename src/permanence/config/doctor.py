"""``permanence doctor``: one line for each thing that an installation needs, ``ok`` or what to do."""

import json
import os
import shutil
import smtplib
import stat
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from permanence.config.words import say
from permanence.kernel.refusals import marked as _

LEAST_FREE = 1 << 30
CLOCK_SECONDS = 2.0
SYNCHRONISED = Path("/run/systemd/timesync/synchronized")


class Ailing(Exception):
    """What is wrong, and what to do: a sentence to translate, and what fills its places."""

    def __init__(self, sentence: str, **details: object) -> None:
        super().__init__(say(sentence) % details if details else say(sentence))


def main(_argv: list[str]) -> int:
    """0 when all is well, 1 when something needs doing."""
    ailing = False
    for name, check in CHECKS:
        try:
            found = check()
        except Ailing as trouble:
            ailing = True
            print(f"{say(name):<20} {trouble}", flush=True)  # noqa: T201
        else:
            print(f"{say(name):<20} ok{f' ({found})' if found else ''}", flush=True)  # noqa: T201
    return int(ailing)


def database() -> str:
    from django.core.exceptions import ImproperlyConfigured
    from django.db import DatabaseError, connections
    from django.db.migrations.executor import MigrationExecutor

    try:
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "select current_setting('server_version'), rolname, rolsuper or rolbypassrls"
                " from pg_roles where rolname = current_user"
            )
            version, role, unsafe = cursor.fetchone()
        if unsafe:
            raise Ailing(_("the role %(role)s escapes isolation: give DATABASE_URL the role permanence_app"), role=role)
        executor = MigrationExecutor(connections["owner"])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise Ailing(_("the tables are not up to date: run permanence migrate"))
    except (DatabaseError, ImproperlyConfigured) as error:
        raise Ailing(_("it does not answer: start permanence up, or check DATABASE_URL")) from error
    return f"PostgreSQL {version.split()[0]}"


def asterisk() -> str:
    from django.conf import settings

    from permanence.telephony.asterisk import find

    token = b64encode(f"{settings.ARI_USER}:{settings.ARI_PASSWORD}".encode()).decode()
    asked = Request(f"http://{settings.ASTERISK_HTTP}/ari/asterisk/info", headers={"Authorization": f"Basic {token}"})
    try:
        with urlopen(asked, timeout=3) as answer:  # noqa: S310 - http by construction
            return f"Asterisk {json.load(answer)['system']['version']}"
    except HTTPError as error:
        raise Ailing(_("it refuses our password: use the configuration in the data folder")) from error
    except (URLError, OSError, ValueError, KeyError) as error:
        if find() is None:
            raise Ailing(_("there is none on this machine: as root, make run brings one")) from error
        raise Ailing(
            _("nothing answers at %(place)s: start permanence up, and read its log"), place=settings.ASTERISK_HTTP
        ) from error


def mail() -> str:
    from django.conf import settings

    place = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=5) as server:
            server.ehlo_or_helo_if_needed()
            if settings.EMAIL_USE_TLS and not server.has_extn("starttls"):
                raise Ailing(
                    _("%(place)s offers no encryption: unset PERMANENCE_SMTP_TLS or change server"), place=place
                )
    except (OSError, smtplib.SMTPException) as error:
        sentence = _("no mail server answers at %(place)s: set PERMANENCE_SMTP_HOST and PERMANENCE_SMTP_PORT")
        raise Ailing(sentence, place=place) from error
    return place


def disk() -> str:
    from django.conf import settings

    folder = Path(settings.DATA)
    if not os.access(folder, os.W_OK):
        raise Ailing(_("the folder %(folder)s cannot be written to"), folder=folder)
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        raise Ailing(_("less than 1 GB is free in %(folder)s: make room"), folder=folder)
    return say(_("%(size)d GB free")) % {"size": free >> 30}


def clock() -> str:
    from django.db import DatabaseError, connection

    try:
        with connection.cursor() as cursor:
            cursor.execute("select extract(epoch from clock_timestamp())")
            apart = abs(float(cursor.fetchone()[0]) - time.time())
    except DatabaseError:
        apart = 0.0
    if apart > CLOCK_SECONDS:
        raise Ailing(_("%(seconds)d s apart from the database's: synchronise both (NTP)"), seconds=apart)
    if SYNCHRONISED.parent.exists() and not SYNCHRONISED.exists():
        raise Ailing(_("it is not synchronised: timedatectl set-ntp true"))
    return ""


def keys() -> str:
    from django.conf import settings
    from django.db import DatabaseError, connection

    from permanence.database.context import EVERY_CLIENT, acting
    from permanence.kernel.actor import system

    for place in sorted((Path(settings.DATA) / "keys").glob("*")):
        if stat.S_IMODE(place.stat().st_mode) & 0o077:
            raise Ailing(_("%(file)s can be read by others: chmod 600"), file=place)
    try:
        with acting(system("doctor"), EVERY_CLIENT), connection.cursor() as cursor:
            cursor.execute("select (context_claims()).kind")
            known = cursor.fetchone()[0] == "system"
    except DatabaseError as error:
        raise Ailing(_("the database does not answer")) from error
    if not known:
        raise Ailing(_("the database has another context key: run permanence migrate"))
    return ""


CHECKS: list[tuple[str, Callable[[], str]]] = [
    (_("database"), database),
    (_("telephone"), asterisk),
    (_("mail"), mail),
    (_("disk"), disk),
    (_("clock"), clock),
    (_("keys"), keys),
]
