"""The signed security context: who acts in this transaction, as the database's policies read it.

The string ``kind|subject|client|expiry|nonce|mac`` is set for one transaction only. Policies read it through
``allowed_clients()`` and ``listed_clients()``, which check the signature and the expiry: an injected statement
that sets the variable cannot forge it. Unset, expired or forged means no rows.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.conf import settings
from django.db import connections, transaction

from permanence.kernel.actor import Actor, Role

LIFETIME_SECONDS = 300
_BLOCK = 64


class _Everyone:
    """The claim of a process that serves every client company: telephony's routing, the demo loader."""


EVERY_CLIENT: Final = _Everyone()


def _key() -> bytes:
    key = bytes(settings.CONTEXT_KEY)
    return hashlib.sha256(key).digest() if len(key) > _BLOCK else key


def pads() -> tuple[bytes, bytes]:
    """The two padded keys of HMAC-SHA256, as the database stores them (it has no hmac function of its own)."""
    key = _key().ljust(_BLOCK, b"\0")
    return bytes(b ^ 0x36 for b in key), bytes(b ^ 0x5C for b in key)


def sign(kind: str, subject: str, client: str, *, expiry: int | None = None) -> str:
    """The context string; ``expiry`` is in seconds since the epoch."""
    body = "|".join((kind, subject, client, str(expiry or int(time.time()) + LIFETIME_SECONDS), secrets.token_hex(8)))
    return f"{body}|{hmac.new(_key(), body.encode(), 'sha256').hexdigest()}"


def context_of(actor: Actor, client_id: int | _Everyone | None) -> str:
    """The context that lets ``actor`` see what it may, narrowed to ``client_id`` when one is given."""
    if client_id is EVERY_CLIENT:
        if actor.role is not Role.SYSTEM:
            raise ValueError("only a process of ours serves every client")
        client = "*"
    else:
        bound = client_id if client_id is not None else (actor.client_id if actor.role is Role.CALLER else None)
        client = "-" if bound is None else str(bound)
    if actor.role is Role.SYSTEM:
        return sign("system", actor.name.replace("|", " "), client)
    if actor.role is Role.CALLER:
        return sign("link", "-", client)
    return sign("user", str(actor.user_id), client)


@contextmanager
def acting(actor: Actor, client_id: int | _Everyone | None = None, *, using: str = "default") -> Iterator[None]:
    """A transaction in which the database shows ``actor`` what is open to it.

    May be nested: the outer context comes back at the end. A process of ours names the client it works for
    (or ``EVERY_CLIENT``); naming none, it sees no client-owned row.
    """
    connection = connections[using]
    nested = connection.in_atomic_block
    with transaction.atomic(using=using):
        with connection.cursor() as cursor:
            previous = ""
            if nested:
                cursor.execute("select coalesce(current_setting('app.ctx', true), '')")
                previous = cursor.fetchone()[0]
            cursor.execute("select set_config('app.ctx', %s, true)", [context_of(actor, client_id)])
        yield
        if nested and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("select set_config('app.ctx', %s, true)", [previous])


def install_key(*, using: str = "owner") -> None:
    """Give the database the key that the contexts are signed with (owner's connection)."""
    ipad, opad = pads()
    with connections[using].cursor() as cursor:
        cursor.execute(
            "insert into context_key (singleton, ipad, opad) values (true, %s, %s)"
            " on conflict (singleton) do update set ipad = excluded.ipad, opad = excluded.opad",
            [ipad, opad],
        )
