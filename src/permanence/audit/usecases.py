"""Appending to a client's log, and erasing what a leaf's commitments stand for."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import rfc8785
from django.db import connection, transaction

from permanence.audit.events import PersonalErased
from permanence.kernel.actor import Actor, Role, require
from permanence.kernel.clock import now
from permanence.kernel.events import Event

ACTOR_NAME = "actor_name"
_NONCE_BYTES = 16


def record(actor: Actor, event: Event, *, personal: Mapping[str, str] = {}) -> int:
    """Append one leaf to the log of ``event.client_id``, inside the caller's transaction and after its writes.

    ``personal`` values enter as commitments SHA-256(nonce || value) that can be erased later; so does the actor's name.
    Several clients in one transaction are taken by ascending id. Returns the leaf's number, from 0.
    """
    named = dict(personal) if actor.role is Role.SYSTEM else {ACTOR_NAME: actor.name, **personal}
    opened = {field: (secrets.token_bytes(_NONCE_BYTES), _text(value)) for field, value in named.items()}
    body = {
        "at": _plain(now()),
        "act": type(event).__name__,
        "actor": {"role": actor.role.value, "id": actor.name if actor.user_id is None else str(actor.user_id)},
        "facts": {column.name: _plain(getattr(event, column.name)) for column in fields(event)},
        "personal": {field: sha256(nonce + value.encode()).hexdigest() for field, (nonce, value) in opened.items()},
    }
    openings = json.dumps({field: [nonce.hex(), value] for field, (nonce, value) in opened.items()})
    with connection.cursor() as cursor:
        cursor.execute(
            "select append_leaf(%s, %s, %s)", [event.client_id, rfc8785.dumps(_plain(body)).decode(), openings]
        )
        return int(cursor.fetchone()[0])


@transaction.atomic
def erase_personal(*, actor: Actor, client_id: int, number: int, field: str) -> bool:
    """Forget the value behind one commitment of leaf ``number``: the leaf, its hash and the root stay as they are.

    False when there was nothing left to erase.
    """
    require(actor, Role.OWNER)
    with connection.cursor() as cursor:
        cursor.execute("select erase_opening(%s, %s, %s)", [client_id, number, field])
        erased = bool(cursor.fetchone()[0])
    if erased:
        record(actor, PersonalErased(client_id=client_id, number=number, field=field))
    return erased


def _text(value: str) -> str:
    """What both JSON and PostgreSQL can hold: no NUL, no lone surrogate."""
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _plain(value: Any) -> Any:
    """The JSON form of a fact: instants in UTC, ids and days as text."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, date | UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return value
