"""A telephone in a few lines: SIP and A-law RTP over UDP, enough to call, to answer, and to count what is heard.

``permanence call``, the benchmark and the tests place real calls with it.
"""

import asyncio
import contextlib
import secrets
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SENTENCE = Path(__file__).parent / "sentence.al"
FRAME = 160  # 20 ms of A-law
FRAME_SECONDS = 0.02
PCMA = 8
RESEND_SECONDS = 0.5
Address = tuple[str, int]
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Message:
    """One SIP message; header names are in lower case, repeated headers stay apart."""

    start: str
    headers: dict[str, list[str]]
    body: str

    @property
    def status(self) -> int:
        """0 for a request."""
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0") else 0

    @property
    def method(self) -> str:
        return self.one("cseq").split()[-1]

    def one(self, name: str) -> str:
        return self.headers.get(name, [""])[0]


def read(raw: bytes) -> Message:
    head, _, body = raw.decode(errors="replace").partition("\r\n\r\n")
    start, *lines = head.split("\r\n")
    headers: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), []).append(value.strip())
    return Message(start, headers, body)


def media_address(sdp: str) -> Address | None:
    """Where the other side wants its audio."""
    host = port = None
    for line in sdp.splitlines():
        if line.startswith("c=IN IP4 "):
            host = line.split()[2]
        elif line.startswith("m=audio "):
            port = int(line.split()[1])
    return (host, port) if host and port else None


class Media(asyncio.DatagramProtocol):
    """One RTP stream each way: the sentence goes out over and over, what comes in is counted."""

    def __init__(self) -> None:
        self.heard = self.sent = 0
        self._transport: asyncio.DatagramTransport | None = None
        self._speaking: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, host: str) -> "Media":
        loop = asyncio.get_running_loop()
        _, media = await loop.create_datagram_endpoint(cls, local_addr=(host, 0))
        return media

    @property
    def port(self) -> int:
        assert self._transport is not None  # noqa: S101 - opened by ``open``
        return int(self._transport.get_extra_info("sockname")[1])

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:  # noqa: ARG002 - asyncio's
        self.heard += 1

    def speak(self, to: Address) -> None:
        if self._speaking is None:
            self._speaking = asyncio.create_task(self._speak(to, SENTENCE.read_bytes()))

    async def _speak(self, to: Address, audio: bytes) -> None:
        source, start = secrets.randbits(32), asyncio.get_running_loop().time()
        while self._transport is not None and not self._transport.is_closing():
            at = self.sent * FRAME % (len(audio) - FRAME)
            header = struct.pack("!BBHII", 0x80, PCMA, self.sent & 0xFFFF, self.sent * FRAME & 0xFFFFFFFF, source)
            self._transport.sendto(header + audio[at : at + FRAME], to)
            self.sent += 1
            await asyncio.sleep(max(start + self.sent * FRAME_SECONDS - asyncio.get_running_loop().time(), 0))

    def close(self) -> None:
        if self._speaking:
            self._speaking.cancel()
        if self._transport:
            self._transport.close()


@dataclass(slots=True)
class Dialog:
    """One call of a phone, in either direction. ``answered`` and ``ended`` hold the status or the reason."""

    id: str
    local: str
    remote: str
    target: str
    media: Media
    answered: "asyncio.Future[int]"
    ended: "asyncio.Future[str]"
    invite: Message | None = None
    began: float = field(default_factory=time.monotonic)  # when it was invited, or rang
    number: int = 1
    hears_somebody: bool = False
    extra: tuple[str, ...] = ()


class Phone(asyncio.DatagramProtocol):
    """``told`` hears each step. As an answerer it rings ``rings_for`` seconds, then answers; None lets it ring."""

    def __init__(
        self, server: Address, told: Told | None = None, *, rings_for: float | None = 0.0, speaks: bool = True
    ) -> None:
        self.server, self.rings_for, self.speaks = server, rings_for, speaks
        self.dialogs: dict[str, Dialog] = {}
        self.invited: asyncio.Queue[Dialog] = asyncio.Queue()
        self._told = told or (lambda _step: None)
        self._transport: asyncio.DatagramTransport | None = None
        self._later: set[asyncio.Task[None]] = set()

    async def open(self, host: str = "127.0.0.1", port: int = 0) -> "Phone":
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, local_addr=(host, port))
        return self

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.host, self.port = transport.get_extra_info("sockname")[:2]

    def close(self) -> None:
        for dialog in self.dialogs.values():
            dialog.media.close()
        for task in self._later:
            task.cancel()
        if self._transport:
            self._transport.close()

    # Calling

    async def call(self, number: str, *, caller: str, headers: tuple[str, ...] = ()) -> Dialog:
        """INVITE ``number``, with these ``headers`` besides; ``answered`` is 200 or the status of the refusal."""
        loop = asyncio.get_running_loop()
        own = f"<sip:{caller}@{self.host}:{self.port}>;tag={secrets.token_hex(6)}"
        target = f"sip:{number}@{self.server[0]}:{self.server[1]}"
        media = await Media.open(self.host)
        identifier = f"{secrets.token_hex(12)}@{self.host}"
        dialog = Dialog(identifier, own, f"<{target}>", target, media, loop.create_future(), loop.create_future())
        dialog.extra = headers
        self.dialogs[identifier] = dialog
        self._do(self._invite(dialog))
        return dialog

    async def _invite(self, dialog: Dialog) -> None:
        branch = self._branch()
        while not dialog.answered.done() and not dialog.hears_somebody:
            self._request(dialog, "INVITE", self._sdp(dialog), branch=branch)
            await asyncio.sleep(RESEND_SECONDS)

    def hang_up(self, dialog: Dialog) -> None:
        """BYE, or CANCEL while it still rings."""
        if dialog.ended.done():
            return
        if dialog.answered.done():
            dialog.number += 1
            self._request(dialog, "BYE")
        else:
            self._request(
                dialog, "CANCEL", branch=dialog.invite.one("via").partition("branch=")[2] if dialog.invite else ""
            )
        self._end(dialog, "hung up")

    def _request(self, dialog: Dialog, method: str, body: str = "", *, branch: str = "") -> None:
        via = f"SIP/2.0/UDP {self.host}:{self.port};branch={branch or self._branch()}"
        target = dialog.target if method not in ("CANCEL",) else dialog.remote.partition("<")[2].partition(">")[0]
        lines = [
            f"{method} {target} SIP/2.0",
            f"Via: {via}",
            f"From: {dialog.local}",
            f"To: {dialog.remote}",
            f"Call-ID: {dialog.id}",
            f"CSeq: {dialog.number} {method}",
            f"Contact: <sip:phone@{self.host}:{self.port}>",
            "Max-Forwards: 70",
        ]
        if method == "INVITE":
            lines += dialog.extra
            dialog.invite = Message("", {"via": [via]}, "")
        self._send(lines, body)

    # Hearing

    def datagram_received(self, data: bytes, addr: Any) -> None:  # noqa: ARG002 - asyncio's
        message = read(data)
        dialog = self.dialogs.get(message.one("call-id"))
        if message.status:
            if dialog:
                self._replied(dialog, message)
        elif message.method == "INVITE" and dialog is None:
            self._do(self._ring(message))
        elif message.method in ("BYE", "CANCEL") and dialog:
            self._reply(message, "200 OK", dialog)
            if message.method == "CANCEL" and dialog.invite:
                self._reply(dialog.invite, "487 Request Terminated", dialog)
            self._end(dialog, "the other side hung up")
        elif message.method == "INVITE" and dialog and dialog.answered.done():
            self._reply(message, "200 OK", dialog, self._sdp(dialog))
        elif message.method == "OPTIONS":
            self._reply(message, "200 OK", None)

    def _replied(self, dialog: Dialog, message: Message) -> None:
        if message.method != "INVITE":
            return
        dialog.hears_somebody = True
        elapsed = time.monotonic() - dialog.began
        if not dialog.answered.done():
            self._told(f"{elapsed:6.2f} s  {message.start.removeprefix('SIP/2.0 ')}")
        if message.status < 200:
            return
        dialog.remote = message.one("to")
        if message.status < 300:
            contact = message.one("contact").partition("<")[2].partition(">")[0]
            dialog.target = contact or dialog.target
            if not dialog.answered.done():
                dialog.answered.set_result(message.status)
                self._speak(dialog, message.body)
            self._request(dialog, "ACK")
        else:
            branch = dialog.invite.one("via").partition("branch=")[2] if dialog.invite else ""
            self._request(dialog, "ACK", branch=branch)
            if not dialog.answered.done():
                dialog.answered.set_result(message.status)
            self._end(dialog, message.start.removeprefix("SIP/2.0 "))

    async def _ring(self, invite: Message) -> None:
        """Somebody calls this phone."""
        loop = asyncio.get_running_loop()
        local = f"{invite.one('to')};tag={secrets.token_hex(6)}"
        target = invite.one("contact").partition("<")[2].partition(">")[0]
        identifier = invite.one("call-id")
        answered, ended = loop.create_future(), loop.create_future()
        media = Media()
        dialog = Dialog(identifier, local, invite.one("from"), target, media, answered, ended, invite)
        self.dialogs[identifier] = dialog
        self._reply(invite, "180 Ringing", dialog)
        self.invited.put_nowait(dialog)
        dialog.media = await Media.open(self.host)
        if self.rings_for is not None:
            await asyncio.sleep(self.rings_for)
            self.answer(dialog)

    def answer(self, dialog: Dialog) -> None:
        if dialog.ended.done() or dialog.answered.done() or dialog.invite is None:
            return
        self._reply(dialog.invite, "200 OK", dialog, self._sdp(dialog))
        dialog.answered.set_result(200)
        self._speak(dialog, dialog.invite.body)

    def _speak(self, dialog: Dialog, sdp: str) -> None:
        if self.speaks and (place := media_address(sdp)):
            dialog.media.speak(place)

    def refuse(self, dialog: Dialog) -> None:
        """Let it ring no more: 603."""
        if dialog.invite and not dialog.answered.done():
            self._reply(dialog.invite, "603 Decline", dialog)
            self._end(dialog, "refused")

    def _reply(self, request: Message, status: str, dialog: Dialog | None, body: str = "") -> None:
        to = dialog.local if dialog and dialog.invite is request else request.one("to")
        lines = [f"SIP/2.0 {status}"]
        lines += [f"Via: {via}" for via in request.headers["via"]]
        lines += [f"Record-Route: {route}" for route in request.headers.get("record-route", [])]
        lines += [f"From: {request.one('from')}", f"To: {to}", f"Call-ID: {request.one('call-id')}"]
        lines += [f"CSeq: {request.one('cseq')}", f"Contact: <sip:phone@{self.host}:{self.port}>"]
        self._send(lines, body)

    def _end(self, dialog: Dialog, why: str) -> None:
        if not dialog.ended.done():
            dialog.ended.set_result(why)
        dialog.media.close()

    def _send(self, lines: list[str], body: str) -> None:
        if body:
            lines.append("Content-Type: application/sdp")
        raw = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body])
        if self._transport and not self._transport.is_closing():
            self._transport.sendto(raw.encode(), self.server)

    def _sdp(self, dialog: Dialog) -> str:
        lines = ["v=0", f"o=- 1 1 IN IP4 {self.host}", "s=-", f"c=IN IP4 {self.host}", "t=0 0"]
        lines += [f"m=audio {dialog.media.port} RTP/AVP {PCMA}", f"a=rtpmap:{PCMA} PCMA/8000", "a=sendrecv", ""]
        return "\r\n".join(lines)

    def _branch(self) -> str:
        return f"z9hG4bK{secrets.token_hex(8)}"

    def _do(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._later.add(task)
        task.add_done_callback(self._later.discard)


async def wait(future: "asyncio.Future[Any]", seconds: float) -> Any:
    """The result, or None when it does not come in time; the future stays."""
    with contextlib.suppress(TimeoutError):
        return await asyncio.wait_for(asyncio.shield(future), seconds)
    return None
