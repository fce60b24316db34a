"""A browser's EventSource, without the browser: what a signed-in page hears."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from permanence.bureau.models import User

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """``asyncio.run`` in a thread of its own: Playwright may keep a loop running in the tests' one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def open_session(user: User) -> str:
    """The key of a session in which ``user`` is signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


@dataclass(frozen=True)
class Heard:
    id: int
    kind: str
    channel: str
    subject: str


class Listener:
    """One open stream; ``heard`` grows as events come, ``closed`` is set when the server ends it.

    What the telephone tells of itself at any moment is left out.
    """

    ignored = ("banner", "team", "queue")

    def __init__(self, url: str, session: str = "", *, last: int | None = None, since: str = "") -> None:
        place = urlsplit(url)
        self.heard: list[Heard] = []
        self.closed = threading.Event()
        self._socket = socket.create_connection((place.hostname, place.port), timeout=90)
        lines = [f"GET /stream/{f'?since={since}' if since else ''} HTTP/1.1", f"Host: {place.netloc}"]
        lines += [f"Cookie: {settings.SESSION_COOKIE_NAME}={session}"] if session else []
        lines += [f"Last-Event-ID: {last}"] if last is not None else []
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self._file = self._socket.makefile("rb")
        self.status = int(self._file.readline().split()[1])
        self.headers = {}
        while line := self._file.readline().strip():
            name, _, value = line.decode().partition(": ")
            self.headers[name.lower()] = value
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        event: dict[str, str] = {}
        try:
            while size := int(self._file.readline() or b"0", 16):  # chunked
                for line in self._file.read(size).decode().split("\n"):
                    name, _, value = line.partition(": ")
                    if name and not line.startswith(":"):
                        event[name] = value
                    elif not line:
                        self._hear(event)
                        event = {}
                self._file.readline()
        except (OSError, ValueError):
            pass
        self.closed.set()

    def _hear(self, event: dict[str, str]) -> None:
        if "id" in event and event["event"] not in self.ignored:
            told = json.loads(event["data"])
            self.heard.append(Heard(int(event["id"]), event["event"], told["channel"], told["subject"]))

    def wait_for(self, count: int, *, seconds: float = 15) -> list[Heard]:
        """The events heard, once there are ``count`` of them."""
        deadline = time.monotonic() + seconds
        while len(self.heard) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(self.heard) >= count, f"{len(self.heard)} of {count} events after {seconds} s"
        return self.heard

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
