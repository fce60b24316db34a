"""Telephones without a browser: real SIP and RTP, driven from a thread of their own beside Playwright's loop."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar
from urllib.parse import quote

from permanence.telephony.ari import Ari, AriRefused
from permanence.telephony.sip import Dialog, Phone, wait
from permanence.telephony.softphones import DYNAMIC
from tests.installation import Installation

T = TypeVar("T")
PLAIN = {  # what turns a browser's endpoint into an ordinary SIP telephone's
    "transport": "udp",
    "webrtc": "no",
    "media_encryption": "no",
    "ice_support": "no",
    "use_avpf": "no",
    "rtcp_mux": "no",
    "bundle": "no",
    "disallow": "all",
    "allow": "alaw",
}


def eventually(look: Callable[[], T], seconds: float = 10, what: str = "") -> T:
    """The first true answer of ``look``."""
    deadline = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what or look}; last {found!r}")
        time.sleep(0.05)


class Exchange:
    """Runs the telephones of a test run; everything here may be called from an ordinary test."""

    def __init__(self, installation: Installation, password: str) -> None:
        self.server = ("127.0.0.1", installation.sip_port)
        self._address, self._password = f"127.0.0.1:{installation.asterisk_port}", password
        self._loop = asyncio.new_event_loop()
        self._phones: list[Phone] = []
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=60)

    def stop(self) -> None:
        for phone in self._phones:
            self._loop.call_soon_threadsafe(phone.close)
        self._loop.call_soon_threadsafe(self._loop.stop)

    def ari(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        async def asked() -> Any:
            async with Ari(self._address, "permanence", self._password) as ari:
                return await ari.request(method, path, body, **query)

        return self.run(asked())

    def fallback_of(self, number: str) -> str:
        """Whom the dialplan rings for a line when there is no daemon."""
        variable = f"FALLBACK_{number.lstrip('+')}"
        return str(self.ari("GET", "asterisk/variable", variable=variable)["value"])

    def is_configured(self, username: str) -> bool:
        """Whether these credentials still open anything."""
        try:
            return bool(self.ari("GET", f"{DYNAMIC}/auth/{username}"))
        except AriRefused:
            return False

    def close(self, telephone: "Telephone") -> None:
        self._loop.call_soon_threadsafe(telephone.phone.close)

    def channels(self) -> list[str]:
        return [channel["id"] for channel in self.ari("GET", "channels")]

    def phone(self, *, rings_for: float | None = 0.2, port: int = 0) -> "Telephone":
        phone = self.run(Phone(self.server, rings_for=rings_for).open(port=port))
        self._phones.append(phone)
        return Telephone(self, phone)

    def desk_phone(self, username: str, *, rings_for: float | None = 0.2) -> "Telephone":
        """An ordinary SIP telephone in the place of the browser that holds these credentials."""
        telephone = self.phone(rings_for=rings_for)
        eventually(lambda: self.knows(username), what=f"Asterisk learns {username}")
        contact = f"sip:{username}@127.0.0.1:{telephone.phone.port}"
        self.ari("PUT", f"{DYNAMIC}/aor/{username}", _fields({"contact": contact, "qualify_frequency": "0"}))
        self.ari("PUT", f"{DYNAMIC}/endpoint/{username}", _fields(PLAIN))
        eventually(lambda: self.knows(username) == "online", what="the desk is online")
        return telephone

    def trust(self, username: str) -> None:
        """This telephone has proved who it is: it is not asked again."""
        self.ari("PUT", f"{DYNAMIC}/endpoint/{username}", _fields({"auth": ""}))

    def knows(self, username: str) -> str:
        try:
            return str(self.ari("GET", f"endpoints/PJSIP/{quote(username)}")["state"])
        except AriRefused:
            return ""


class Telephone:
    def __init__(self, exchange: Exchange, phone: Phone) -> None:
        self.exchange, self.phone = exchange, phone

    def call(self, number: str, *, caller: str = "+33639984127", headers: tuple[str, ...] = ()) -> "Conversation":
        return Conversation(self, self.exchange.run(self.phone.call(number, caller=caller, headers=headers)))

    def rung(self, seconds: float = 10) -> "Conversation":
        """The call that rings here, as soon as it does."""

        async def heard() -> Dialog:
            return await asyncio.wait_for(self.phone.invited.get(), seconds)

        return Conversation(self, self.exchange.run(heard()))

    def is_silent(self) -> bool:
        return self.phone.invited.empty()


class Conversation:
    """One side of one call."""

    def __init__(self, telephone: Telephone, dialog: Dialog) -> None:
        self._telephone, self._dialog = telephone, dialog

    @property
    def call_id(self) -> str:
        return self._dialog.invite.one("x-permanence-call") if self._dialog.invite else ""

    @property
    def shown(self) -> str:
        """The number that the caller shows, as SIP carries it."""
        return self._dialog.invite.one("from") if self._dialog.invite else ""

    def answered(self, seconds: float = 10) -> int | None:
        """SIP's final status."""
        status: int | None = self._telephone.exchange.run(wait(self._dialog.answered, seconds))
        return status

    def ended(self, seconds: float = 10) -> str | None:
        why: str | None = self._telephone.exchange.run(wait(self._dialog.ended, seconds))
        return why

    def hang_up(self) -> None:
        async def hung_up() -> None:
            self._telephone.phone.hang_up(self._dialog)

        self._telephone.exchange.run(hung_up())

    def listen_to_the_end(self, seconds: float = 30) -> int:
        """Packets heard until half a second of silence: a sentence, and the tone after it."""
        heard, deadline = 0, time.monotonic() + seconds
        while (now_heard := self.hears(0.5)) or not heard:
            heard += now_heard
            assert time.monotonic() < deadline, "it never falls silent"
        return heard

    def refuse(self) -> None:
        async def refused() -> None:
            self._telephone.phone.refuse(self._dialog)

        self._telephone.exchange.run(refused())

    def hears(self, seconds: float = 1.0) -> int:
        """Packets received in that time: fifty a second when audio flows."""
        before = self._dialog.media.heard
        time.sleep(seconds)
        return self._dialog.media.heard - before


def _fields(fields: dict[str, str]) -> dict[str, Any]:
    return {"fields": [{"attribute": name, "value": value} for name, value in fields.items()]}
