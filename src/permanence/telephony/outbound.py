"""A call that a secretary makes for a client: refused unless the client's policy and today's caps allow it."""

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from django.db import connections

from permanence.calls import usecases
from permanence.calls.models import Call as CallRow
from permanence.calls.models import Line
from permanence.calls.queries import SecretaryRoute
from permanence.database.context import acting
from permanence.kernel.actor import Actor, Role
from permanence.kernel.clock import now
from permanence.kernel.refusals import Refused
from permanence.telephony.ari import AriLost, AriRefused
from permanence.telephony.translate import Arrived, Ended

if TYPE_CHECKING:
    from permanence.telephony.daemon import Daemon

logger = logging.getLogger("permanence.telephony")
RING_SECONDS = 45
CALL_REJECTED = 21


class OutgoingCall:
    """From a softphone to the trunk. The number was filtered by the dialplan and is parsed again by the use case."""

    def __init__(self, daemon: "Daemon", arrived: Arrived) -> None:
        self.daemon, self.channel, self.endpoint = daemon, arrived.subject, arrived.endpoint
        self.number, self.presented = arrived.arguments
        self.inbox: asyncio.Queue[object] = asyncio.Queue()
        self.leg = ""
        daemon.follow(self.channel, self)

    def tell(self, message: object) -> None:
        self.inbox.put_nowait(message)

    async def run(self) -> None:
        row: CallRow | None = None
        ari = self.daemon.ari
        try:
            row = await self._open()
            if row is None:
                await ari.tidy(ari.delete(f"channels/{self.channel}", reason_code=CALL_REJECTED))
            else:
                await self._place(row)
        except AriRefused as refusal:
            if not refusal.is_gone:
                logger.error("outgoing call: Asterisk refused: %s", refusal)
        except AriLost:
            self.daemon.look_again()
        finally:
            self.daemon.forget(self)
            if row is not None:
                await self._close(row)

    async def _open(self) -> CallRow | None:
        """The call's row, when the rules let it go out."""
        phone = next((one for one in self.daemon.room.directory.softphones if one.username == self.endpoint), None)
        secretary = self.daemon.room.directory.secretaries.get(phone.secretary_id) if phone else None
        line = self.daemon.room.directory.lines.get(self.presented)
        if secretary is None or line is None:
            return None
        try:
            return await asyncio.to_thread(_dial_out, secretary, line.id, self.number)
        except Refused as refusal:
            logger.warning("outgoing call refused to secretary %s: %s", secretary.id, type(refusal).__name__)
            return None

    async def _place(self, row: CallRow) -> None:
        ari = self.daemon.ari
        secretary_id = row.secretary_id or 0
        self.daemon.room.taken[secretary_id] = self.channel
        self.leg = f"{row.pk}-outside-1"
        self.daemon.follow(self.leg, self)
        await ari.post(
            "channels",
            {"variables": {"PERMANENCE_CALL": self.channel, "PERMANENCE_ROLE": "outside"}},
            endpoint=f"PJSIP/{row.caller_number}@trunk",
            app="permanence",
            appArgs=f"leg,{self.channel}",
            channelId=self.leg,
            callerId=self.presented,
            timeout=RING_SECONDS,
            originator=self.channel,
        )
        await ari.post(f"channels/{self.channel}/ring")
        while True:
            message = await self.inbox.get()
            if isinstance(message, Ended):
                return
            if isinstance(message, Arrived) and message.subject == self.leg:
                self._write(row, usecases.answer_call, at=now())
                await ari.post(f"channels/{self.channel}/answer")
                await ari.post(f"bridges/bridge-{row.pk}", type="mixing", name="call")
                await ari.post(f"bridges/bridge-{row.pk}/addChannel", channel=f"{self.channel},{self.leg}")

    async def _close(self, row: CallRow) -> None:
        ended = self._write(row, usecases.end_call, outcome="abandoned", at=now())
        ari = self.daemon.ari
        try:
            for channel in filter(None, (self.leg, self.channel)):
                await ari.tidy(ari.delete(f"channels/{channel}"))
            await ari.tidy(ari.delete(f"bridges/bridge-{row.pk}"))
        except (AriLost, AriRefused):
            self.daemon.look_again()
        if row.secretary_id:
            self.daemon.free(self, row.secretary_id, after=ended)

    def _write(self, row: CallRow, act: Any, **given: Any) -> "asyncio.Future[Any]":
        return self.daemon.store.write(act, row.client_id, row.pk, **given)


def _dial_out(secretary: SecretaryRoute, line_id: int, number: str) -> CallRow | None:
    """As the secretary herself: a client that is not open to her is absent."""
    actor = Actor(role=Role.SECRETARY, name=secretary.name, user_id=secretary.user_id, secretary_id=secretary.id)
    try:
        with acting(actor):
            line = Line.objects.select_related("client").filter(pk=line_id).first()
            return usecases.dial_out(actor=actor, client=line.client, number=number) if line else None
    finally:
        connections.close_all()
