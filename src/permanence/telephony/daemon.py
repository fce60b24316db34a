"""The telephony daemon: one loop, one Asterisk. It keeps nothing that a restart would lose."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from permanence.calls import usecases
from permanence.calls.models import Call as CallRow
from permanence.calls.queries import Directory, LineRoute, routing_directory
from permanence.kernel.actor import Actor
from permanence.kernel.clock import now
from permanence.kernel.phones import NotAPhoneNumber, parse
from permanence.telephony import asterisk, recovery, softphones
from permanence.telephony.ari import APP, APP_OF_SOFTPHONES, Ari, AriLost, AriRefused
from permanence.telephony.call import Call
from permanence.telephony.fallback import Recordings, Rings, take_in
from permanence.telephony.listening import listen
from permanence.telephony.outbound import OutgoingCall
from permanence.telephony.room import WaitingRoom
from permanence.telephony.sounds import Sounds
from permanence.telephony.store import TELEPHONY, Store
from permanence.telephony.translate import (
    EVENTS,
    EVENTS_OF_SOFTPHONES,
    Arrived,
    Fact,
    LinkLost,
    Reachable,
    translate,
)
from permanence.telephony.usecases import report_node

logger = logging.getLogger("permanence.telephony")
TICK_SECONDS = 1.0
TICKS_A_HEARTBEAT, TICKS_A_REFRESH = 10, 20
GATHER_SECONDS, REST_SECONDS = 0.02, 0.5
FLUSH_SECONDS = 3.0
UNALLOCATED = 1
Driven = Call | OutgoingCall


class Daemon:
    """Events go to the call that follows their subject; everything else here is how calls come and go."""

    def __init__(self, base: str) -> None:
        self.ari = Ari(settings.ASTERISK_HTTP, settings.ARI_USER, settings.ARI_PASSWORD)
        self.store = Store()
        self.room = WaitingRoom(Directory({}, {}, {}, ()))
        self.sounds = Sounds(asterisk.home() / "sounds", f"{base}/sounds")
        self.recordings = Recordings(asterisk.home() / "spool/recording")
        self._journal: Path = asterisk.home() / "spool/fallback"
        self._rings = Rings()
        self._followed: dict[str, Driven] = {}
        self._tasks: dict[asyncio.Task[None], Driven | None] = {}
        self._arriving: set[str] = set()
        self._is_open = False
        self._published_names: frozenset[str] | None = None
        self._prepared: Directory | None = None
        self._rested_at = 0.0
        self._refreshing: asyncio.Task[None] | None = None
        self._refresh_next: asyncio.Task[None] | None = None
        self._settling = asyncio.Lock()
        self._looking: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Until cancelled; calls then go on in Asterisk and are adopted by whoever comes next."""
        async with self.ari:
            self.spawn(self.store.warm())
            self.spawn(listen(self.refresh))
            self.spawn(self._beat())
            await self.refresh()
            try:
                async for frame in self.ari.events():
                    await self._receive(frame)
            finally:
                tasks = list(self._tasks)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                with suppress(TimeoutError):
                    async with asyncio.timeout(FLUSH_SECONDS):
                        await self.store.flush()
                        await self.store.read(report_node, settings.TELEPHONY_NODE, False)
                self.store.close()

    def spawn(self, work: Coroutine[Any, Any, None], call: Driven | None = None) -> None:
        """Run beside the loop; what it raises is a bug, and is logged rather than lost."""
        task = asyncio.create_task(work)
        self._tasks[task] = call

        def finished(done: asyncio.Task[None]) -> None:
            self._tasks.pop(done, None)
            if not done.cancelled() and (error := done.exception()):
                logger.error("a task of the daemon failed", exc_info=error)

        task.add_done_callback(finished)

    # Calls follow the ids that they have chosen

    def follow(self, subject: str, call: Driven) -> None:
        self._followed[subject] = call

    def forget(self, call: Driven) -> None:
        for subject in [subject for subject, follower in self._followed.items() if follower is call]:
            del self._followed[subject]

    def free(
        self, call: Driven, secretary_id: int, *, after: Awaitable[Any] | None = None, spare: bool = False
    ) -> None:
        """The secretary may be rung again once the database knows that this call has left her."""

        async def freed() -> None:
            if after is not None:
                await asyncio.wait([asyncio.ensure_future(after)])
            await self.refresh()
            self.room.release(secretary_id, call.channel, spare=spare)

        self.spawn(freed())

    def look_again(self) -> None:
        """Something was lost on the way to Asterisk: list what it holds, and adopt or tidy it."""
        if self._looking is None:
            self._looking = asyncio.get_running_loop().call_later(1.0, lambda: self.spawn(self._settle()))

    # Events

    async def _receive(self, frame: dict[str, Any] | None) -> None:
        if frame is None:
            return await self._open()
        fact = translate(frame)
        if isinstance(fact, LinkLost):
            await self._close()
        elif isinstance(fact, Reachable) and fact.reachable:
            self.room.reachable(fact.subject, True)
        elif isinstance(fact, Reachable):
            self.spawn(self._look_at_softphone(fact.subject))
        elif fact is not None:
            self._tell(fact)
        return None

    async def _look_at_softphone(self, endpoint: str) -> None:
        """One of its contacts is gone: a page that was loaded again may have another already."""
        try:
            state = (await self.ari.get(f"endpoints/PJSIP/{endpoint}"))["state"]
        except (AriLost, AriRefused):
            state = "offline"
        self.room.reachable(endpoint, state == "online")

    def _tell(self, fact: Fact) -> None:
        if follower := self._followed.get(fact.subject):
            follower.tell(fact)
        elif isinstance(fact, Arrived) and fact.subject not in self._arriving:
            self._arriving.add(fact.subject)
            self.spawn(self._arrived(fact))

    async def _open(self) -> None:
        """The link is open (again): nothing that we believed of Asterisk is certain any more."""
        await self._leave_calls()
        self._rings.forget()
        self._is_open = True
        logger.info("linked with Asterisk")
        self.spawn(self._settle())
        self.spawn(self._report())

    async def _close(self) -> None:
        self._is_open = False
        await self._leave_calls()
        self.room.reach(())
        self.spawn(self._report())

    async def _leave_calls(self) -> None:
        """Stop driving: Asterisk keeps the calls, and adoption finds them."""
        tasks = [task for task, call in self._tasks.items() if call is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.room.taken.clear()

    async def _arrived(self, fact: Arrived) -> None:
        try:
            await self._receive_call(fact)
        except Exception:
            logger.exception("a call could not be received")
            await self.hand_over(fact.subject)
        finally:
            self._arriving.discard(fact.subject)

    async def hand_over(self, channel: str) -> None:
        """A bug of ours must not cost the caller his call: the dialplan receives him as if we were away."""
        await self.ari.tidy(
            self.ari.post(f"channels/{channel}/continue", context="fallback", extension="s", priority=1)
        )

    async def _receive_call(self, fact: Arrived) -> None:
        if fact.kind == "inbound":
            await self._inbound(fact)
        elif fact.kind == "outbound" and len(fact.arguments) == 2:
            call = OutgoingCall(self, fact)
            self.spawn(call.run(), call)
        else:  # a leg that nobody waits for any more
            await self.ari.tidy(self.ari.delete(f"channels/{fact.subject}"))

    async def _inbound(self, fact: Arrived) -> None:
        line = self._line(fact.arguments[0]) if fact.arguments else None
        if line is None:
            await self.refresh()  # the number may have been given to a client a moment ago
            line = self._line(fact.arguments[0]) if fact.arguments else None
        if line is None:
            await self.ari.tidy(self.ari.delete(f"channels/{fact.subject}", reason_code=UNALLOCATED))
            return
        client = self.room.directory.clients[line.client_id]
        call = Call(self, fact.subject, line, client, since=now(), caller=fact.caller)
        self.register(call)
        self.spawn(call.run(Call.arrive), call)

    def register(self, call: Call) -> None:
        call.write(_register, line_id=call.line.id, at=call.since, caller=call.caller, channel=call.channel)

    def _line(self, number: str) -> LineRoute | None:
        """A line whose client is known as well: both may have been made between two reads of the directory."""
        try:
            line = self.room.directory.lines.get(parse(number))
        except NotAPhoneNumber:
            return None
        return line if line and line.client_id in self.room.directory.clients else None

    # Adoption

    async def _settle(self) -> None:
        """Bring Asterisk and ourselves into agreement: calls, softphones, fallback, and what happened without us."""
        self._looking = None
        async with self._settling:
            try:
                await self._choose_events()
                await self._adopt()
                self._published_names = self._prepared = None
                await self._publish_softphones()
                self.room.reach(await softphones.registered(self.ari))
                await self._take_in()
            except (AriLost, AriRefused) as error:
                logger.warning("Asterisk could not be read: %s", error)
                self.look_again()

    async def _choose_events(self) -> None:
        """Softphones come and go under a name of their own: otherwise each event of a channel would come twice."""
        await self.ari.post(f"applications/{APP_OF_SOFTPHONES}/subscription", eventSource="endpoint:PJSIP")
        for app, kinds in ((APP, EVENTS), (APP_OF_SOFTPHONES, EVENTS_OF_SOFTPHONES)):
            await self.ari.put(f"applications/{app}/eventFilter", {"allowed": [{"type": kind} for kind in kinds]})

    async def _adopt(self) -> None:
        channels = await self.ari.get("channels")
        bridges = await self.ari.get("bridges")
        for step in recovery.plan(channels, bridges, driven=self._followed):
            if isinstance(step, recovery.Adopt):
                await self._adopt_call(step)
            elif isinstance(step, recovery.HangUp):
                await self.ari.tidy(self.ari.delete(f"channels/{step.channel}"))
            else:
                await self.ari.tidy(self.ari.delete(f"bridges/{step.bridge}"))
        known = {one["id"] for one in channels} | set(self._followed)
        await self.store.flush()
        await self.store.read(_close_lost, settings.TELEPHONY_NODE, known, self.recordings)

    async def _adopt_call(self, step: recovery.Adopt) -> None:
        line = self._line(step.number)
        if line is None:
            return await self.ari.tidy(self.ari.delete(f"channels/{step.channel}", reason_code=UNALLOCATED))
        client = self.room.directory.clients[line.client_id]
        call = Call(self, step.channel, line, client, since=step.since, caller=step.caller)
        sources = ",".join(f"channel:{one}" for one in (step.channel, step.leg) if one)
        await self.ari.post(f"applications/{APP}/subscription", eventSource=sources)
        self.register(call)
        call.write(_catch_up, course=step.course, secretary_id=step.secretary_id, at=now())
        if step.leg and step.secretary_id:
            call.leg, call.secretary_id = step.leg, step.secretary_id
            self.follow(step.leg, call)
            self.room.taken[step.secretary_id] = call.channel
        logger.info("call %s: adopted (%s)", call.id, step.course)
        self.spawn(call.run(getattr(Call, step.course)), call)
        return None

    async def _take_in(self) -> None:
        count = await self.store.read(
            take_in, self._journal, self.recordings, self.room.directory, settings.TELEPHONY_NODE
        )
        if count:
            logger.info("%s calls received without us were taken in", count)

    # What the database knows

    def refresh(self) -> "asyncio.Task[None]":
        """A reading of the directory that begins after this moment; several askers share one."""
        if self._refresh_next is None:
            self._refresh_next = asyncio.create_task(self._refresh(self._refreshing))
        return self._refresh_next

    async def _refresh(self, previous: "asyncio.Task[None] | None") -> None:
        if previous:
            await asyncio.wait([previous])
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(GATHER_SECONDS, self._rested_at - loop.time()))
        self._refreshing, self._refresh_next = self._refresh_next, None
        self.room.renew(await self.store.read(routing_directory, TELEPHONY))
        self._rested_at = loop.time() + REST_SECONDS
        if self._is_open:
            self.spawn(self._published())

    async def _published(self) -> None:
        async with self._settling:
            try:
                await self._publish_softphones()
            except (AriLost, AriRefused) as error:
                logger.warning("Asterisk was not told: %s", error)
                self.look_again()

    async def _publish_softphones(self) -> None:
        """Asterisk learns at once which softphones live."""
        demo = await self.store.read(softphones.demo_callers)
        wanted = [*map(softphones.endpoint_of, self.room.directory.softphones), *demo]
        names = frozenset(endpoint.username for endpoint in wanted)
        if names != self._published_names:
            await softphones.sync(self.ari, wanted)
            self._published_names = names

    async def _publish_slowly(self) -> None:
        """Whom to ring without us, and the sounds that are missing: every second is often enough."""
        directory = self.room.directory
        if directory is self._prepared:
            return
        await self._rings.tell(self.ari, self.room)
        await asyncio.to_thread(self.sounds.prepare, directory)
        self._prepared = directory

    async def _beat(self) -> None:
        """Grants and credentials end by themselves, and the dialplan's journal fills while nobody tells us."""
        ticks = 0
        while True:
            await asyncio.sleep(TICK_SECONDS)
            ticks += 1
            if self._is_open:
                with suppress(AriLost, AriRefused):  # said elsewhere
                    await self._publish_slowly()
            if ticks % TICKS_A_HEARTBEAT == 0:
                await self._report()
            if ticks % TICKS_A_REFRESH == 0:
                await self.refresh()
                if self._is_open:
                    await self._take_in()
                    with suppress(AriLost, AriRefused):
                        self.room.reach(await softphones.registered(self.ari))

    async def _report(self) -> None:
        await self.store.read(report_node, settings.TELEPHONY_NODE, self._is_open)


def _register(*, actor: Actor, call_id: UUID, line_id: int, at: Any, caller: str, channel: str) -> None:
    arrival = usecases.Arrival(
        call_id=call_id, line_id=line_id, at=at, caller_number=caller, node=settings.TELEPHONY_NODE, channel=channel
    )
    usecases.register_call(actor=actor, arrival=arrival)


def _catch_up(*, actor: Actor, call_id: UUID, course: str, secretary_id: int | None, at: Any) -> None:
    """The row may be behind what Asterisk shows: tell again what must have happened; what is known changes nothing."""
    acts: list[tuple[Callable[..., Any], dict[str, Any]]] = []
    if course == "wait":
        acts = [(usecases.withdraw_offer, {"reason": "restart"}), (usecases.queue_call, {})]
    elif course == "talk":
        offer = {"secretary_id": secretary_id, "why": ""}
        acts = [(usecases.queue_call, {}), (usecases.offer_call, offer), (usecases.answer_call, {})]
    elif course == "keep_message":
        acts = [(usecases.send_to_voicemail, {"why": "restart"})]
    for act, given in acts:
        try:
            act(actor=actor, call_id=call_id, at=at, **given)
        except usecases.CallOutOfTurn:
            continue


def _close_lost(node: str, known: set[str], recordings: Recordings) -> None:
    """Rows that live without a channel: their recording is kept when there is one, and they end as lost."""
    for row in CallRow.objects.filter(state__in=CallRow.LIVE, node=node).exclude(channel__in=known):
        name = f"voicemail-{row.pk}"
        audio = recordings.read(name)
        if audio:
            usecases.attach_voicemail(actor=TELEPHONY, call_id=row.pk, audio=audio)
        usecases.end_call(actor=TELEPHONY, call_id=row.pk, outcome="voicemail" if audio else "lost", at=now())
        recordings.drop(name)
