"""The short commands of an installation: migrate, demo, worker, asterisk."""

import os
from typing import Any

from permanence.config.words import say
from permanence.kernel.refusals import Refused
from permanence.kernel.refusals import marked as _

ABSENT = 69  # the supervisor leaves out a process that ends so
_LOCK = 7_367_002
_SHELTER = '"$@" & child=$!; trap \'kill -TERM "$child"\' TERM INT; wait "$child"; wait "$child"'


class UnsafeRole(Refused):
    message = _("The role %(role)s of DATABASE_URL must be permanence_app, neither superuser nor free of policies.")


class NoDatabase(Refused):
    message = _("The database does not answer: start permanence up, or check DATABASE_URL and DATABASE_OWNER_URL.")


def migrate(_argv: list[str]) -> int:
    """Make the tables as the owner, give the application role its rights, and hand over the context key.

    On a server of one's own, once, as its superuser (``deploy/roles.sql``)::

        create role permanence_owner login password '…';
        create role permanence_app login password '…' nosuperuser nobypassrls nocreatedb nocreaterole;
        create database permanence owner permanence_owner
          encoding 'UTF8' locale_provider builtin builtin_locale 'C.UTF-8' template template0;

    then DATABASE_OWNER_URL names the first role and DATABASE_URL the second.
    """
    from django.core.management import call_command
    from django.db import OperationalError, connections

    from permanence.database.context import install_key
    from permanence.database.embedded import DEFAULT_PRIVILEGES

    try:
        with connections["owner"].cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", [_LOCK])  # several machines may start at once
            for statement in DEFAULT_PRIVILEGES:
                cursor.execute(statement)
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        install_key()
        _check_role(connections["default"])
    except OperationalError as error:
        raise NoDatabase from error
    finally:
        connections.close_all()
    print(say(_("The database is up to date.")))
    return 0


def _check_role(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select rolname, rolsuper or rolbypassrls from pg_roles where rolname = current_user")
        role, unsafe = cursor.fetchone()
    if unsafe or role != "permanence_app":
        raise UnsafeRole(role=role)


def demo(_argv: list[str]) -> int:
    """Load the demonstration unless the bureau already has a client."""
    from permanence.clients.models import Client
    from permanence.config.demo import load

    if not Client.objects.using("owner").exists():
        print(say(_("Loading the demonstration, once: about a minute.")), flush=True)
        load()
    return 0


def worker(_argv: list[str]) -> int:
    """Run jobs until told to stop; what runs then has four seconds to end."""
    from procrastinate.contrib.django import app

    connector: Any = app.connector
    with app.replace_connector(connector.get_worker_connector()) as working:
        working.run_worker(name="worker", concurrency=4, shutdown_graceful_timeout=4)
    return 0


def asterisk(_argv: list[str]) -> int:
    """Become the telephone engine, or say that this machine has none (exit code 69)."""
    from permanence.telephony import asterisk as engines

    engine = engines.find()
    if engine is not None:
        engines.prepare(engine)
        # Asterisk changes its user, and forgets thereby to die with us: the shell between passes our end on to it.
        os.execvp("sh", ["sh", "-c", _SHELTER, "sh", *engine.argv])  # noqa: S606
    return ABSENT
