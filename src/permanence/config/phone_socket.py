"""``/phone/ws``: a softphone's way to Asterisk, on our own port and only for those who may telephone.

Open to a secretary's session; in a demonstration, to a passing caller's session too. It closes when that session or
that person is revoked: at once on a notice, else within half a minute.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

from django.conf import settings
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from permanence.config.hub import Hub, Subscription
from permanence.config.stream import CHECKED_SECONDS, Check, Receive, Scope, Send, header, session_key
from permanence.kernel.actor import Role

log = logging.getLogger("permanence.phone")
SIP = Subprotocol("sip")
LONGEST_FRAME = 64 * 1024
CONNECT_SECONDS = 5
TRY_LATER, REVOKED = 1013, 4401


class PhoneSocket:
    """The ASGI application of ``/phone/ws``. ``exists`` says whether an anonymous session is ours."""

    def __init__(self, hub: Hub, check: Check, exists: Callable[[str], Awaitable[bool]]) -> None:
        self._hub = hub
        self._check = check
        self._exists = exists

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        key = session_key(scope)
        if "sip" not in scope["subprotocols"] or not same_origin(scope) or not await self._may_telephone(key):
            await send({"type": "websocket.close", "code": 1008})  # before acceptance: HTTP 403
            return
        try:
            asterisk = await connect(
                f"ws://{settings.ASTERISK_HTTP}/ws",
                subprotocols=[SIP],
                open_timeout=CONNECT_SECONDS,
                max_size=LONGEST_FRAME,
                proxy=None,
                compression=None,
            )
        except (OSError, TimeoutError, WebSocketException):
            await send({"type": "websocket.close", "code": TRY_LATER})
            return
        async with asterisk:
            await send({"type": "websocket.accept", "subprotocol": SIP})
            await self._carry(key, receive, send, asterisk)

    async def _carry(self, key: str, receive: Receive, send: Send, asterisk: ClientConnection) -> None:
        async with AsyncExitStack() as stack:
            ends = {
                asyncio.create_task(_to_asterisk(receive, asterisk)): 1000,
                asyncio.create_task(_to_browser(asterisk, send)): TRY_LATER,
                asyncio.create_task(self._until_revoked(key, stack)): REVOKED,
            }
            try:
                done, _waiting = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in ends:
                    task.cancel()
                await asyncio.gather(*ends, return_exceptions=True)
        ended = min(done, key=lambda task: ends[task])
        if (error := ended.exception()) is not None:
            log.warning("a softphone's socket ended: %s", type(error).__name__)
        if ends[ended] != 1000:
            await send({"type": "websocket.close", "code": ends[ended]})

    async def _may_telephone(self, key: str) -> bool:
        if not key:
            return False
        found = await self._check(key)
        if found is not None:
            return found.actor.role is Role.SECRETARY or settings.DEMO
        return settings.DEMO and await self._exists(key)

    async def _until_revoked(self, key: str, stack: AsyncExitStack) -> None:
        """Ends once the session no longer telephones; a notice to the person has it looked at again at once."""
        found = await self._check(key)
        told: Subscription | None = None
        if found is not None:
            told = await stack.enter_async_context(self._hub.subscribed([f"user:{found.actor.user_id}"]))
        while await self._may_telephone(key):
            try:
                async with asyncio.timeout(CHECKED_SECONDS):
                    await (told.queue.get() if told else asyncio.Event().wait())
            except TimeoutError:
                continue


async def _to_asterisk(receive: Receive, asterisk: ClientConnection) -> None:
    while (message := await receive())["type"] == "websocket.receive":
        frame = message.get("text") or message.get("bytes") or b""
        if len(frame) > LONGEST_FRAME:
            return
        try:
            await asterisk.send(frame)
        except ConnectionClosed:
            return


async def _to_browser(asterisk: ClientConnection, send: Send) -> None:
    try:
        async for frame in asterisk:
            await send({"type": "websocket.send", "text" if isinstance(frame, str) else "bytes": frame})
    except ConnectionClosed:
        return


def same_origin(scope: Scope) -> bool:
    """A browser says whose page opens the socket: only ours may."""
    origin = header(scope, b"origin")
    return not origin or urlsplit(origin).netloc == header(scope, b"host")
