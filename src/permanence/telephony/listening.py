"""Hears what changes in the database, as open pages do."""

import asyncio
import json
import logging
from collections.abc import Callable

import psycopg
from django.conf import settings

from permanence.database.notices import PG_CHANNEL

logger = logging.getLogger("permanence.telephony")
KINDS = frozenset({"team", "state", "grants", "clients", "signed_out", "demo_caller", "sheet"})
PAUSE_SECONDS = 1.0


async def listen(changed: Callable[[], object]) -> None:
    """Call ``changed`` at each notice that may matter to routing, and once after each lost connection."""
    given = settings.DATABASES["default"]
    while True:
        try:
            connection = await psycopg.AsyncConnection.connect(
                host=given["HOST"] or None,
                port=given["PORT"] or None,
                user=given["USER"] or None,
                password=given["PASSWORD"] or None,
                dbname=given["NAME"],
                autocommit=True,
                **given.get("OPTIONS", {}),
            )
            async with connection:
                await connection.execute(f"listen {PG_CHANNEL}")
                changed()
                async for notice in connection.notifies():
                    if _kind(notice.payload) in KINDS:
                        changed()
        except psycopg.OperationalError as error:
            logger.warning("the database does not answer: %s", type(error).__name__)
        await asyncio.sleep(PAUSE_SECONDS)


def _kind(payload: str) -> str:
    """Empty for what is not a notice: others may speak on this channel as well."""
    try:
        return str(json.loads(payload)["kind"])
    except (ValueError, KeyError, TypeError):
        return ""
