"""The link with one Asterisk: requests over HTTP, events over a websocket that is opened again when lost."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import aiohttp

logger = logging.getLogger("permanence.telephony")
APP = "permanence"
APP_OF_SOFTPHONES = "permanence-softphones"
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 5.0
HEARTBEAT_SECONDS = 10.0
REQUEST_SECONDS = 5.0
CONNECTIONS = 50
NOT_FOUND, CONFLICT, NOT_IN_APP, UNPROCESSABLE = 404, 409, 412, 422
GONE = frozenset({NOT_FOUND, CONFLICT, NOT_IN_APP, UNPROCESSABLE})


class AriRefused(Exception):
    """Asterisk answered that it will not. ``status`` is HTTP's."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"{status} {said[:200]}")
        self.status = status

    @property
    def is_gone(self) -> bool:
        """What the request was about is no longer there: the other party was faster."""
        return self.status in GONE or "not found" in str(self).lower()


class AriLost(Exception):
    """Asterisk does not answer: nothing is known of what it did."""


class Ari:
    """Used as ``async with``; ``events`` then yields frames for as long as the process lives."""

    def __init__(self, address: str, user: str, password: str) -> None:
        self._base = f"http://{address}/ari/"
        self._socket = f"ws://{address}/ari/events"
        self._headers = {"Authorization": aiohttp.encode_basic_auth(user, password)}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Ari":
        self._session = aiohttp.ClientSession(
            headers=self._headers,
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=50),
            timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS),
        )
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the link is used outside its `async with`")
        return self._session

    async def request(self, method: str, path: str, body: Any = None, **query: object) -> Any:
        """The decoded reply. Raises ``AriRefused`` and ``AriLost``."""
        asked = {key: str(value) for key, value in query.items() if value is not None}
        try:
            async with self.session.request(method, self._base + path, params=asked, json=body) as reply:
                said = await reply.text()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise AriLost(f"{method} {path.split('/')[0]}: {error!r}") from error
        if reply.status >= 400:
            raise AriRefused(reply.status, said)
        return json.loads(said) if said else None

    async def get(self, path: str) -> Any:
        return await self.request("GET", path)

    async def post(self, path: str, body: Any = None, **query: object) -> Any:
        return await self.request("POST", path, body, **query)

    async def put(self, path: str, body: Any) -> Any:
        return await self.request("PUT", path, body)

    async def delete(self, path: str, **query: object) -> None:
        await self.request("DELETE", path, **query)

    async def tidy(self, act: Awaitable[object]) -> None:
        """For what may be gone already: only a real refusal is raised."""
        try:
            await act
        except AriRefused as refusal:
            if not refusal.is_gone:
                raise

    async def events(self) -> AsyncIterator[dict[str, Any] | None]:
        """Frames as they come; None when the link is (again) open, and whatever came before is stale.

        A close without error is a loss as well: Asterisk never closes this socket on purpose but to stop.
        """
        pause, was_open = FIRST_PAUSE_SECONDS, True
        while True:
            try:
                async with self.session.ws_connect(
                    self._socket,
                    params={"app": f"{APP},{APP_OF_SOFTPHONES}"},
                    heartbeat=HEARTBEAT_SECONDS,
                    max_msg_size=0,
                ) as link:
                    pause, was_open = FIRST_PAUSE_SECONDS, True
                    yield None
                    async for message in link:
                        if message.type is aiohttp.WSMsgType.TEXT and (frame := _decoded(message.data)):
                            yield frame
                lost = "closed"
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                lost = type(error).__name__
            if was_open:
                logger.warning("no link with Asterisk: %s", lost)
                yield {"type": "LinkLost"}
            was_open = False
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def _decoded(text: str) -> dict[str, Any] | None:
    """A frame that is not an object is noise and is dropped."""
    try:
        frame = json.loads(text)
    except ValueError:
        return None
    return frame if isinstance(frame, dict) else None
