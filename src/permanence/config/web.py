"""``permanence web``: the one port, served by uvicorn."""

import logging
import os
import time
from types import FrameType
from typing import Any

import uvicorn

from permanence.config.logs import bare_path

STOP_SECONDS = 3
log = logging.getLogger("permanence.web")


class Server(uvicorn.Server):
    """Ends the open streams when it is told to stop, so that nothing keeps it waiting."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        from permanence.config.asgi import application

        super().handle_exit(sig, frame)
        application.hub.close()


class Access:
    """One line per page: method, path without query string or token, status, time. No address, no name."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"].startswith(("/static/", "/health/")):
            await self._application(scope, receive, send)
            return
        begun, status = time.perf_counter(), 0

        async def noting(message: dict[str, Any]) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._application(scope, receive, noting)
        finally:
            taken = 1000 * (time.perf_counter() - begun)
            log.info("%s %s %d %.0f ms", scope["method"], bare_path(scope["path"]), status, taken)


def main(_argv: list[str]) -> int:
    """Serve until SIGTERM."""
    from permanence.config.asgi import application

    behind_proxy = os.environ.get("PERMANENCE_URL", "").startswith("https://")
    Server(
        uvicorn.Config(
            Access(application),
            host=os.environ.get("PERMANENCE_BIND", "127.0.0.1"),
            port=int(os.environ.get("PERMANENCE_PORT", "8000")),
            log_config=None,
            access_log=False,
            proxy_headers=behind_proxy,
            server_header=False,
            timeout_graceful_shutdown=STOP_SECONDS,
            ws="websockets-sansio",
            ws_max_size=64 * 1024,
        )
    ).run()
    return 0
