"""The link with an Asterisk that closes, refuses or stammers: a small one of our own, over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import BasicAuth, web

from permanence.telephony import ari as module
from permanence.telephony.ari import Ari, AriLost, AriRefused

FRAME = {"type": "PlaybackFinished", "playback": {"id": "p-1"}}


class Asterisk:
    """REST and the events' websocket, as Asterisk speaks them."""

    def __init__(self) -> None:
        self.sockets: list[web.WebSocketResponse] = []
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.answers: dict[str, Callable[[], Awaitable[web.Response]]] = {}
        self.came = asyncio.Event()

    async def events(self, request: web.Request) -> web.WebSocketResponse:
        assert BasicAuth.decode(request.headers["Authorization"]).password == "secret"
        assert request.query["app"] == "permanence,permanence-softphones"
        link = web.WebSocketResponse()
        await link.prepare(request)
        self.sockets.append(link)
        self.came.set()
        async for _message in link:
            pass
        return link

    async def rest(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        self.asked.append((request.method, path, dict(request.query)))
        return await self.answers[path]() if path in self.answers else web.Response(status=204)


@asynccontextmanager
async def linked() -> AsyncIterator[tuple[Asterisk, Ari]]:
    asterisk = Asterisk()
    application = web.Application()
    application.router.add_get("/ari/events", asterisk.events)
    application.router.add_route("*", "/ari/{path:.*}", asterisk.rest)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    async with Ari(f"127.0.0.1:{port}", "permanence", "secret") as ari:
        yield asterisk, ari
    await runner.cleanup()


def run(test: Callable[[Asterisk, Ari], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(20), linked() as (asterisk, ari):
            await test(asterisk, ari)

    asyncio.run(main())


async def replied(status: int, body: str = "") -> web.Response:
    return web.Response(status=status, text=body)


def test_frames_come_in_order_and_noise_is_dropped():
    async def test(asterisk: Asterisk, ari: Ari) -> None:
        events = ari.events()
        assert await anext(events) is None, "the link is open"
        for text in ('{"type": "A"}', "not json", "[1]", '{"type": "A"}', '{"type": "B"}'):
            await asterisk.sockets[0].send_str(text)
        assert [await anext(events) for _ in range(3)] == [{"type": "A"}, {"type": "A"}, {"type": "B"}]

    run(test)


@pytest.mark.parametrize("how", ["closed", "cut"])
def test_a_lost_link_is_said_once_and_opened_again(how):
    async def test(asterisk: Asterisk, ari: Ari) -> None:
        events = ari.events()
        assert await anext(events) is None
        first = asterisk.sockets[0]
        if how == "closed":
            await first.close()
        else:
            transport: Any = first._req.transport  # type: ignore[union-attr]
            transport.abort()
        assert await anext(events) == {"type": "LinkLost"}
        assert await anext(events) is None, "open again"
        await asterisk.sockets[1].send_json(FRAME)
        assert await anext(events) == FRAME

    run(test)


def test_while_nobody_listens_it_tries_again_and_again():
    async def main() -> None:
        async with Ari("127.0.0.1:1", "permanence", "secret") as ari:
            events = ari.events()
            assert await anext(events) == {"type": "LinkLost"}
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(events), 0.7)

    asyncio.run(main())


def test_a_refusal_has_its_status_and_what_is_gone_is_tidy():
    async def test(asterisk: Asterisk, ari: Ari) -> None:
        asterisk.answers = {
            "channels/gone": lambda: replied(404, '{"message": "Channel not found"}'),
            "channels/late": lambda: replied(400, '{"message": "Channel not found"}'),
            "channels/broken": lambda: replied(500, '{"message": "Internal error"}'),
        }
        await ari.tidy(ari.delete("channels/gone"))
        await ari.tidy(ari.delete("channels/late"))
        with pytest.raises(AriRefused) as refusal:
            await ari.tidy(ari.delete("channels/broken"))
        assert refusal.value.status == 500

    run(test)


def test_an_asterisk_too_slow_to_answer_is_lost(monkeypatch):
    monkeypatch.setattr(module, "REQUEST_SECONDS", 0.2)

    async def slow() -> web.Response:
        await asyncio.sleep(1)
        return web.Response(status=204)

    async def test(asterisk: Asterisk, ari: Ari) -> None:
        asterisk.answers = {"channels": slow}
        with pytest.raises(AriLost):
            await ari.post("channels")

    run(test)


def test_absent_parameters_are_left_out():
    async def test(asterisk: Asterisk, ari: Ari) -> None:
        await ari.post("channels/x/play/p-1", media="sound:a", lang=None)
        assert asterisk.asked == [("POST", "channels/x/play/p-1", {"media": "sound:a"})]

    run(test)
