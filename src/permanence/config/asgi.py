"""One application on one port: streams and the softphones' socket natively, every page through Django's WSGI handler.

Pages keep the cost of WSGI and one database connection per thread. Behind a proxy the two may be split: pages from
``config.wsgi`` by any WSGI server, ``/stream/`` and ``/phone/ws`` from here.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from a2wsgi import WSGIMiddleware

from permanence.config.wsgi import application as pages

THREADS = 6
LOOKING_THREADS = 2
T = TypeVar("T")


class Application:
    """Sends each request to where it belongs, and keeps the hub alive from start to end."""

    def __init__(self) -> None:
        from permanence.config.hub import Hub
        from permanence.config.phone_socket import PhoneSocket
        from permanence.config.stream import Stream
        from permanence.config.subscribers import session_exists, subscriber

        self.hub = Hub()
        # Sessions are looked up by threads of their own: a burst of slow pages must not delay a revocation.
        self._threads = ThreadPoolExecutor(LOOKING_THREADS, thread_name_prefix="sessions")
        check = partial(self._in_thread, subscriber)
        self._stream = Stream(self.hub, check)
        self._phone = PhoneSocket(self.hub, check, partial(self._in_thread, session_exists))
        self._pages: Any = WSGIMiddleware(pages, workers=THREADS)  # type: ignore[arg-type]

    async def _in_thread(self, function: Callable[[str], T], session_key: str) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, session_key)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        kind, path = scope["type"], scope.get("path", "")
        if kind == "lifespan":
            await self._live(receive, send)
        elif kind == "websocket":
            await self._answer_socket(path, scope, receive, send)
        elif path == "/stream/":
            await self._stream(scope, receive, send)
        else:
            await self._pages(scope, receive, send)

    async def _answer_socket(self, path: str, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if path == "/phone/ws":
            await self._phone(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1008})

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        self.hub.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.hub.stop()
        await send({"type": "lifespan.shutdown.complete"})


application = Application()
