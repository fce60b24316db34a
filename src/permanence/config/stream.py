"""``/stream/``: live notices as server-sent events, to whoever is signed in, for as long as that is so.

A page that comes back says where it stopped (``Last-Event-ID``, else ``?since=`` its own instant) and gets the rest,
without gap or double. The session and the open channels are looked at again every half minute, at each ``grants``
notice and at ``signed_out``.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

import psycopg
from django.conf import settings
from django.db import DatabaseError

from permanence.config.hub import Hub, Start, Subscription, Told
from permanence.config.subscribers import Subscriber

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Check = Callable[[str], Awaitable[Subscriber | None]]

HEARTBEAT_SECONDS = 15.0
BEAT = b"event: beat\ndata: 1\n\n"  # an event, not a comment: the page must see that the line is alive
CHECKED_SECONDS = 30.0
PAGE_MAKING = timedelta(seconds=5)  # a page's instant is later than what it shows
LONGEST_NUMBER = 18
NO_DATABASE = (TimeoutError, DatabaseError, psycopg.Error)
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


class SignedOut(Exception):
    """The session or the person is no longer ours."""


class Stream:
    """The ASGI application of ``/stream/``. ``check`` looks a session up."""

    def __init__(self, hub: Hub, check: Check) -> None:
        self._hub = hub
        self._check = check

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            return await _answer(send, 405)
        start = start_of(scope)
        try:
            found = await self._check(session_key(scope))
            if found is None:
                return await _answer(send, 401)
            async with self._hub.subscribed(found.channels) as subscription:
                missed = await self._hub.replay(subscription, start) if start else []
                await self._serve(scope, receive, send, subscription, missed)
        except NO_DATABASE:  # nothing was sent yet: the browser tries again
            await _answer(send, 503)

    async def _serve(
        self, scope: Scope, receive: Receive, send: Send, subscription: Subscription, missed: list[Told]
    ) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await _write(send, b"retry: 1000\n\n" + b"".join(told.event for told in missed))
        ends = [
            asyncio.create_task(self._pour(session_key(scope), send, subscription)),
            asyncio.create_task(_left(receive)),
            asyncio.create_task(subscription.lost.wait()),
        ]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in ends:
                task.cancel()
            done = await asyncio.gather(*ends, return_exceptions=True)
        with suppress(OSError):
            await send({"type": "http.response.body", "body": b""})
        for outcome in done:
            if isinstance(outcome, Exception) and not isinstance(outcome, (SignedOut, OSError, *NO_DATABASE)):
                raise outcome

    async def _pour(self, key: str, send: Send, subscription: Subscription) -> None:
        checked = time.monotonic()
        while True:
            try:
                told: Told | None = await asyncio.wait_for(subscription.queue.get(), HEARTBEAT_SECONDS)
            except TimeoutError:
                told = None
            sensitive = told is not None and told.kind in ("grants", "signed_out")
            if sensitive or time.monotonic() - checked > CHECKED_SECONDS:
                await self._look_again(key, send, subscription, told)
                checked = time.monotonic()
            if told is None:
                await _write(send, BEAT)
            elif told.channel in subscription.channels and told.kind != "signed_out":
                await _write(send, told.event)

    async def _look_again(self, key: str, send: Send, subscription: Subscription, told: Told | None) -> None:
        """Follow what is open now. Another session of the same person may have been ended: this one then goes on."""
        found = await self._check(key)
        if found is None:
            if told is not None and told.kind == "signed_out":
                await _write(send, told.event)
            raise SignedOut
        subscription.channels = found.channels


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _write(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _answer(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin1") for key, value in scope["headers"] if key == name), "")


def session_key(scope: Scope) -> str:
    """The session cookie's value, or nothing."""
    cookies: SimpleCookie = SimpleCookie()
    with suppress(CookieError):
        cookies.load(header(scope, b"cookie"))
    found = cookies.get(settings.SESSION_COOKIE_NAME)
    return found.value if found else ""


def start_of(scope: Scope) -> Start | None:
    """Where the page stopped: its last event, else a little before its own instant, else nowhere."""
    last = header(scope, b"last-event-id")
    if last.isascii() and last.isdigit() and len(last) <= LONGEST_NUMBER:
        return Start(after=int(last))
    asked = parse_qs(scope["query_string"].decode("latin1")).get("since", [""])[0]
    with suppress(ValueError, OverflowError):
        since = datetime.fromisoformat(asked)
        return Start(since=(since if since.tzinfo else since.replace(tzinfo=UTC)) - PAGE_MAKING)
    return None
