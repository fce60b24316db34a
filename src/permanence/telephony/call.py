"""One caller's call: a task that is the state machine, with the channel's variables as its checkpoint."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, UUID, uuid5

from permanence.calls import usecases
from permanence.calls.queries import ClientRoute, LineRoute
from permanence.clients.rules.hours import opening_at
from permanence.kernel.clock import now
from permanence.kernel.refusals import Refused
from permanence.telephony.ari import AriLost, AriRefused
from permanence.telephony.room import Hopeless, Offer, OnHold
from permanence.telephony.translate import Arrived, Ended, Fact, Held, Played, Recorded, Resumed

if TYPE_CHECKING:
    from permanence.telephony.daemon import Daemon

logger = logging.getLogger("permanence.telephony")
RING_SECONDS = 20.0
RING_FIRST_SECONDS = 0.005  # the secretary's INVITE leaves before the caller's greeting
LONGEST_WAIT_SECONDS = 180.0
LONGEST_SOUND_SECONDS = 60.0
LONGEST_MESSAGE_SECONDS = 180
SILENCE_SECONDS = 6
SHORTEST_MESSAGE_SECONDS = 1
RECORDING_GRACE_SECONDS = 3.0
NO_ANSWER = frozenset({0, 16, 18, 19})


class Gone(Exception):
    """The caller has hung up."""


class OfferRefused:
    """The database did not let this secretary be rung: her state or her grant has changed meanwhile."""


def call_id_of(channel: str) -> UUID:
    """The call's id, derived from the channel's: whoever sees the channel again finds the same row."""
    return uuid5(NAMESPACE_URL, f"permanence:{channel}")


class Call:
    """A caller on a line, from his arrival (or his adoption after a crash) to the end."""

    def __init__(
        self, daemon: "Daemon", channel: str, line: LineRoute, client: ClientRoute, *, since: datetime, caller: str
    ) -> None:
        self.daemon, self.channel, self.line, self.client = daemon, channel, line, client
        self.since, self.caller = since, caller
        self.id = call_id_of(channel)
        self.inbox: asyncio.Queue[object] = asyncio.Queue()
        self.leg: str | None = None
        self.secretary_id: int | None = None
        self.greeting: str | None = None
        self.outcome = "abandoned"
        self._rings = 0
        self._gone: set[str] = set()
        self._opening: asyncio.Future[None] | None = None
        self._is_left_alone = False
        daemon.follow(channel, self)
        daemon.follow(self.bridge, self)

    @property
    def bridge(self) -> str:
        return f"bridge-{self.id}"

    def tell(self, message: object) -> None:
        if isinstance(message, Ended):
            self._gone.add(message.subject)
        self.inbox.put_nowait(message)

    async def run(self, course: Callable[["Call"], Any]) -> None:
        """Follow ``course`` to the end of the call, whoever ends it, and leave nothing behind in Asterisk."""
        try:
            await course(self)
        except Gone:
            logger.info("call %s: the caller hung up", self.id)
        except AriRefused as refusal:
            if not refusal.is_gone:
                logger.error("call %s: Asterisk refused: %s", self.id, refusal)
        except (AriLost, asyncio.CancelledError) as error:
            self._is_left_alone = True  # nothing is known, or we are told to stop: whoever comes next adopts the call
            if isinstance(error, AriLost):
                self.daemon.look_again()
        except Exception:
            logger.exception("call %s: handed over to the dialplan", self.id)
            self._is_left_alone = self.leg is None
            if self._is_left_alone:
                self.write(usecases.fall_back, at=now())
                await self.daemon.hand_over(self.channel)
        finally:
            self.daemon.room.leave(self)
            if not self._is_left_alone:
                await self._close()
            self.daemon.forget(self)

    # The course of a call

    async def arrive(self) -> None:
        """A new caller: he is told that it is closed, or greeted while it already rings at a secretary's."""
        if not opening_at(self.client.hours, self.since).is_open:
            await self._answer()
            return await self.take_message("closed")
        self.write(usecases.greet_call, at=now())
        self.write(usecases.queue_call, at=now())
        self.greeting = f"greeting-{self.id}"
        self.daemon.follow(self.greeting, self)
        self._opening = asyncio.ensure_future(self._welcome(self.daemon.sounds.welcome(self.line, self.client)))
        return await self.wait()

    async def wait(self) -> None:
        """In the waiting room until a secretary answers, hope ends or patience does."""
        room = self.daemon.room
        room.enter(self)
        deadline = self._deadline(max(LONGEST_WAIT_SECONDS - (now() - self.since).total_seconds(), 1))
        is_sure = False
        while True:
            message = await self._next(deadline)
            if isinstance(message, Hopeless) and not (is_sure and room.waits(self)):
                if room.waits(self):  # else an offer has come after it
                    await self.daemon.refresh()  # somebody may have come on duty a moment ago
                    is_sure = True
            elif message is None or isinstance(message, Hopeless):
                room.leave(self)
                return await self.take_message("timeout" if message is None else "nobody")
            elif isinstance(message, OnHold):
                self.write(usecases.queue_call, at=now(), why=message.why)
            elif isinstance(message, Offer):
                if await self._ring(message):
                    return await self.talk()
                is_sure = False
                room.enter(self)

    async def talk(self) -> None:
        """Joined until one of them hangs up."""
        while True:
            message = await self._next(None)
            if isinstance(message, Ended) and message.subject == self.leg:
                return
            if isinstance(message, Held | Resumed) and message.subject == self.leg:
                held = isinstance(message, Held)
                await self._mark("held" if held else "talking")
                self.write(usecases.hold_call if held else usecases.resume_call, at=now())

    async def take_message(self, why: str) -> None:
        """Nobody answers: the caller hears why, and may leave a message."""
        self.outcome = "closed" if why == "closed" else "abandoned"
        self.write(usecases.send_to_voicemail, at=now(), why=why)
        await self._mark("voicemail")
        await self._quiet()
        sounds = self.daemon.sounds
        sound = sounds.closed(self.line, self.client) if why == "closed" else sounds.nobody(self.client)
        played = f"message-{self.id}"
        self.daemon.follow(played, self)
        await self.daemon.ari.post(f"channels/{self.channel}/play/{played}", media=sound)
        await self._until(Played, played, LONGEST_SOUND_SECONDS)
        name = f"voicemail-{self.id}"
        self.daemon.follow(name, self)
        await self.daemon.ari.post(
            f"channels/{self.channel}/record",
            name=name,
            format="wav",
            maxDurationSeconds=LONGEST_MESSAGE_SECONDS,
            maxSilenceSeconds=SILENCE_SECONDS,
            ifExists="overwrite",
            beep="true",
            terminateOn="#",
        )
        await self.keep_message()

    async def keep_message(self) -> None:
        """Wait for the end of the recording, whoever stops it, and keep it with the call."""
        name = f"voicemail-{self.id}"
        self.daemon.follow(name, self)
        is_gone = False
        try:
            recorded = await self._until(Recorded, name, LONGEST_MESSAGE_SECONDS + LONGEST_SOUND_SECONDS)
        except Gone:
            is_gone = True
            recorded = await self._file_of(name)
        if isinstance(recorded, Recorded) and not recorded.failed and recorded.seconds >= SHORTEST_MESSAGE_SECONDS:
            audio = await asyncio.to_thread(self.daemon.recordings.read, name)
            if audio:
                self.outcome = "voicemail"
                await self.write(usecases.attach_voicemail, audio=audio)
        self.daemon.recordings.drop(name)
        if is_gone:
            raise Gone

    # What it does in Asterisk

    async def _welcome(self, sound: str) -> None:
        """Answer and greet; the music follows when the greeting has been heard."""
        try:
            await asyncio.sleep(RING_FIRST_SECONDS)
            await self._answer()
            if self.greeting:
                await self.daemon.ari.post(f"channels/{self.channel}/play/{self.greeting}", media=sound)
        except AriRefused as refusal:
            if not refusal.is_gone:
                logger.error("call %s: no greeting: %s", self.id, refusal)
        except AriLost:
            self.daemon.look_again()

    async def _answer(self) -> None:
        await self.daemon.ari.post(f"channels/{self.channel}/answer")

    async def _ring(self, offer: Offer) -> bool:
        """Ring one secretary; True once she has answered and both are joined."""
        self._rings += 1
        self.leg, self.secretary_id = f"{self.id}-secretary-{self._rings}", offer.secretary_id
        self.daemon.follow(self.leg, self)
        refused = self.write(usecases.offer_call, secretary_id=offer.secretary_id, why=offer.why, at=now())
        refused.add_done_callback(self._hear_refusal)
        is_answered, reason = False, "unreachable"
        try:
            await asyncio.gather(self._originate(offer), self._mark("ringing"))
            is_answered, reason = await self._await_answer()
        except AriRefused as refusal:
            if not refusal.is_gone:
                logger.warning("call %s: softphone not rung: %s", self.id, refusal)
        if is_answered:
            await self._join()
            return True
        await self.daemon.ari.tidy(self.daemon.ari.delete(f"channels/{self.leg}"))
        withdrawn = self.write(usecases.withdraw_offer, at=now(), reason=reason)
        self.leg = self.secretary_id = None
        self.daemon.free(self, offer.secretary_id, after=withdrawn, spare=reason != "refused")
        await self._mark("queued")
        return False

    async def _originate(self, offer: Offer) -> None:
        await self.daemon.ari.post(
            "channels",
            {
                "variables": {
                    "PERMANENCE_CALL": self.channel,
                    "PERMANENCE_ROLE": "secretary",
                    "PERMANENCE_SECRETARY": str(offer.secretary_id),
                    "PJSIP_HEADER(add,X-Permanence-Call)": str(self.id),
                }
            },
            endpoint=f"PJSIP/{offer.endpoint}",
            app="permanence",
            appArgs=f"leg,{self.channel}",
            channelId=self.leg,
            callerId=self.caller or "anonymous",
            timeout=int(RING_SECONDS),
            originator=self.channel,
        )

    async def _await_answer(self) -> tuple[bool, str]:
        deadline = self._deadline(RING_SECONDS + 2)
        while True:
            message = await self._next(deadline)
            if message is None:
                return False, "no answer"
            if isinstance(message, OfferRefused):
                return False, "refused"
            if isinstance(message, Arrived) and message.subject == self.leg:
                return True, ""
            if isinstance(message, Ended) and message.subject == self.leg:
                return False, "no answer" if message.cause in NO_ANSWER else "declined"

    async def _join(self) -> None:
        """The mark goes first: found so after a crash, both are believed to be talking."""
        self.write(usecases.answer_call, at=now())
        ari = self.daemon.ari
        await asyncio.gather(
            self._mark("talking"), self._quiet(), ari.post(f"bridges/{self.bridge}", type="mixing", name="call")
        )
        await ari.post(f"bridges/{self.bridge}/addChannel", channel=f"{self.channel},{self.leg}")

    async def _quiet(self) -> None:
        """No greeting and no music any more."""
        greeting, self.greeting = self.greeting, None
        ari = self.daemon.ari
        if self._opening:
            await self._opening
        if greeting:
            await ari.tidy(ari.delete(f"playbacks/{greeting}"))
        await ari.tidy(ari.delete(f"channels/{self.channel}/moh"))

    async def _mark(self, state: str) -> None:
        await self.daemon.ari.post(f"channels/{self.channel}/variable", variable="PERMANENCE_STATE", value=state)

    async def _close(self) -> None:
        """Hang up what is left, write the end, and only then let the secretary be rung again."""
        ended = self.write(usecases.end_call, outcome=self.outcome, at=now())
        ari = self.daemon.ari
        try:
            for channel in filter(None, (self.leg, self.channel)):
                if channel not in self._gone:
                    await ari.tidy(ari.delete(f"channels/{channel}"))
            if self.leg:
                await ari.tidy(ari.delete(f"bridges/{self.bridge}"))
        except (AriLost, AriRefused) as error:
            logger.warning("call %s: not tidied: %s", self.id, error)
            self.daemon.look_again()
        if self.secretary_id is not None:
            self.daemon.free(self, self.secretary_id, after=ended)

    # What it hears

    async def _next(self, deadline: float | None) -> object | None:
        """The next message, None at ``deadline`` (the loop's time). Raises ``Gone`` when the caller has hung up."""
        try:
            async with asyncio.timeout_at(deadline):
                message = await self.inbox.get()
        except TimeoutError:
            return None
        if isinstance(message, Ended) and message.subject == self.channel:
            raise Gone
        if isinstance(message, Played) and message.subject == self.greeting:
            self.greeting = None
            await self.daemon.ari.tidy(self.daemon.ari.post(f"channels/{self.channel}/moh"))
        return message

    async def _until(self, kind: type[Fact], subject: str, seconds: float) -> Fact | None:
        deadline = self._deadline(seconds)
        while (message := await self._next(deadline)) is not None:
            if isinstance(message, kind) and message.subject == subject:
                return message
        return None

    async def _file_of(self, name: str) -> Recorded | None:
        """The caller hung up during his message: Asterisk says so of the channel and of the recording in any order."""
        deadline = self._deadline(RECORDING_GRACE_SECONDS)
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    message = await self.inbox.get()
            except TimeoutError:
                return None
            if isinstance(message, Recorded) and message.subject == name:
                return message

    def _deadline(self, seconds: float) -> float:
        return asyncio.get_running_loop().time() + seconds

    def write(self, act: Callable[..., Any], **given: Any) -> "asyncio.Future[Any]":
        return self.daemon.store.write(act, self.line.client_id, self.id, **given)

    def _hear_refusal(self, written: "asyncio.Future[Any]") -> None:
        if not written.cancelled() and isinstance(written.exception(), Refused):
            self.tell(OfferRefused())
