"""``permanence bench calls``: caller's INVITE → secretary's INVITE, beside a bare Dial() and app_queue, in one run."""

import argparse
import asyncio
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time as clock_time
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from permanence.database.benchmarks import print_line, throwaway_database
from permanence.database.embedded import APPLICATION, OWNER
from permanence.kernel.actor import Role, system

if TYPE_CHECKING:
    from permanence.telephony.ari import Ari
    from permanence.telephony.asterisk import Engine
    from permanence.telephony.sip import Phone

PER_SECOND = 25
SECRETARIES = 120
HELD_SECONDS = 1.0
ROUNDS = 2
LINE = "+33199000001"
CALLER, SECRETARY = "bench-caller", "bench-secretary"


def bench_calls(argv: list[str]) -> int:
    """Everything of its own: database, Asterisk, daemon; taken away at the end."""
    parser = argparse.ArgumentParser(prog="permanence bench calls")
    parser.add_argument("--calls", type=int, default=100, help="calls a case and round")
    calls = parser.parse_args(argv).calls
    with TemporaryDirectory(prefix="permanence-bench-") as folder:
        os.environ.update(
            PERMANENCE_DATA=folder,
            PERMANENCE_SIP_PORT=str(_free(socket.SOCK_DGRAM)),
            PERMANENCE_ASTERISK_HTTP=f"127.0.0.1:{_free(socket.SOCK_STREAM)}",
            PERMANENCE_RTP="33000-34999",
        )
        with throwaway_database() as server:
            os.environ["DATABASE_URL"], os.environ["DATABASE_OWNER_URL"] = server.url(APPLICATION), server.url(OWNER)
            from permanence.telephony import asterisk

            engine = asterisk.find()
            if engine is None:
                print("bench calls: no Asterisk here.", file=sys.stderr)  # noqa: T201
                return 1
            phones = _bureau()
            with _running(engine, Path(folder)):
                found = asyncio.run(_measure(phones, calls))
    for case, take in (("median", median), ("p95", _p95)):
        for peer, name in (("dial", "Dial()"), ("queue", "app_queue")):
            print_line("calls", case, ours=take(found["ours"]), peer=take(found[peer]), peer_name=name, unit="ms")
    return 0


def _p95(given: list[float]) -> float:
    return quantiles(given, n=20)[-1]


def _free(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _bureau() -> list[str]:
    """A client that never closes and fifty secretaries; returns their softphones' names."""
    from permanence.bureau.models import Secretary, User
    from permanence.calls.models import Line
    from permanence.calls.usecases import issue_softphone
    from permanence.clients.models import Client, Opening
    from permanence.database.context import EVERY_CLIENT, acting
    from permanence.kernel.actor import Actor
    from permanence.kernel.clock import now
    from permanence.trust.models import Grant

    names = []
    with acting(system("bench"), EVERY_CLIENT):
        client = Client.objects.create(
            name="Banc", trade="other", monogram="BA", hue="azur", greeting="Banc", holidays=""
        )
        Line.objects.create(client=client, number=LINE)
        for day in range(7):
            Opening.objects.create(client=client, weekday=day, opens=clock_time(0), closes=clock_time(0))
        for number in range(SECRETARIES):
            user = User.objects.create(email=f"s{number}@bench.test", name=f"S{number}", role=Role.SECRETARY.value)
            secretary = Secretary.objects.create(
                user=user, extension=str(number), languages=["fr"], state="ready", state_since_at=now()
            )
            Grant.objects.create(client=client, secretary=secretary, source="pair", during=(now(), None))
            actor = Actor(role=Role.SECRETARY, name=user.name, user_id=user.pk, secretary_id=secretary.pk)
            names.append(issue_softphone(actor=actor, session_key=f"bench-{number}").username)
    return names


@contextmanager
def _running(engine: "Engine", folder: Path) -> Iterator[None]:
    from permanence.telephony import asterisk

    asterisk.prepare(engine)
    with (folder / "log").open("ab") as log:
        carrier = subprocess.Popen(engine.argv, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while not asterisk.is_booted() and time.monotonic() < deadline:
            time.sleep(0.1)
        daemon = subprocess.Popen([sys.executable, "-m", "permanence", "telephony"], stdout=log, stderr=log)
        try:
            yield
        finally:
            for process in (daemon, carrier):
                process.terminate()
                process.wait(timeout=15)


async def _measure(names: list[str], calls: int) -> dict[str, list[float]]:
    from django.conf import settings

    from permanence.telephony.ari import Ari
    from permanence.telephony.sip import Phone

    server = ("127.0.0.1", settings.SIP_PORT)
    desk = await Phone(server, rings_for=0.0, speaks=False).open()
    outside = await Phone(server, speaks=False).open()
    tidying = asyncio.create_task(_wrap_up())
    found: dict[str, list[float]] = {"dial": [], "queue": [], "ours": []}
    try:
        async with Ari(settings.ASTERISK_HTTP, settings.ARI_USER, settings.ARI_PASSWORD) as ari:
            await _install(ari, names, desk.port)
            await _round(outside, desk, LINE, 10)  # everything is warm, and sounds are made
            for _turn in range(ROUNDS):
                for case, number in (("dial", "dial"), ("queue", "queue"), ("ours", LINE)):
                    found[case] += await _round(outside, desk, number, calls)
                    await asyncio.sleep(1)
    finally:
        tidying.cancel()
        outside.close()
        desk.close()
    return found


async def _install(ari: "Ari", names: list[str], port: int) -> None:
    """Ordinary SIP telephones in the place of browsers, all on one socket, and the endpoints of the peers."""
    from permanence.telephony.ari import AriRefused
    from permanence.telephony.softphones import DYNAMIC, fields

    plain = {"transport": "udp", "disallow": "all", "allow": "alaw", "direct_media": "no", "send_connected_line": "no"}
    off = dict.fromkeys(("webrtc", "media_encryption", "ice_support", "use_avpf", "rtcp_mux", "bundle"), "no")
    for name in names:
        for _attempt in range(300):
            try:
                await ari.get(f"endpoints/PJSIP/{name}")
                break
            except AriRefused:
                await asyncio.sleep(0.1)
    for name in (*names, SECRETARY):
        await ari.put(f"{DYNAMIC}/aor/{name}", fields(contact=f"sip:{name}@127.0.0.1:{port}", qualify_frequency=0))
        await ari.put(f"{DYNAMIC}/endpoint/{name}", fields(**plain, **off, aors=name, context="from-secretary"))
    await ari.put(f"{DYNAMIC}/endpoint/{CALLER}", fields(**plain, context="bench", trust_id_inbound="yes"))
    await asyncio.sleep(2)


async def _round(outside: "Phone", desk: "Phone", number: str, calls: int) -> list[float]:
    """Milliseconds of the calls that reached a secretary; each shows a number of its own, by which it is known."""
    began: dict[str, float] = {}
    dialogs = []
    start = asyncio.get_running_loop().time()
    for turn in range(calls):
        await asyncio.sleep(max(start + turn / PER_SECOND - asyncio.get_running_loop().time(), 0))
        shown = f"+3363998{turn:04d}"
        identity = f"P-Asserted-Identity: <sip:{shown}@127.0.0.1>"
        dialog = await outside.call(number, caller=CALLER, headers=(identity,))
        began[shown] = dialog.began
        dialogs.append(dialog)
        asyncio.get_running_loop().call_later(HELD_SECONDS, outside.hang_up, dialog)
    await asyncio.sleep(HELD_SECONDS + 1)
    measured = []
    while not desk.invited.empty():
        rung = desk.invited.get_nowait()
        found = re.search(r"sip:(\+\d+)@", rung.invite.one("from") if rung.invite else "")
        if found and found[1] in began:
            measured.append((rung.began - began.pop(found[1])) * 1000)
    if len(measured) < calls * 0.95:
        print(f"bench calls: {number}: only {len(measured)} of {calls} calls rang", file=sys.stderr)  # noqa: T201
    return measured


async def _wrap_up() -> None:
    """The secretaries of the bench have nothing to finish after a call."""

    def ready() -> None:
        from permanence.bureau.models import Secretary
        from permanence.database.context import acting
        from permanence.database.notices import tell

        with acting(system("bench")):
            if Secretary.objects.filter(state="wrapping_up").update(state="ready"):
                tell("bureau", "team")

    while True:
        await asyncio.to_thread(ready)
        await asyncio.sleep(0.1)
