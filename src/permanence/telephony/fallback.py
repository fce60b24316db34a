"""The dialplan's own reception: told by us whom to ring when we are away, and its calls taken in when we are back."""

import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from permanence.calls import usecases
from permanence.calls.queries import Directory
from permanence.clients.rules.hours import opening_at
from permanence.database.context import acting
from permanence.kernel.actor import system
from permanence.kernel.clock import now
from permanence.kernel.refusals import Refused
from permanence.telephony.ari import Ari
from permanence.telephony.call import call_id_of
from permanence.telephony.room import WaitingRoom

logger = logging.getLogger("permanence.telephony")
TELEPHONY = system("telephony")
NOBODY = "-"
EMPTY_BYTES = 44 + 8000  # half a second: a beep and a hang-up


class Recordings:
    """The WAV files that Asterisk leaves in its spool."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> bytes | None:
        """None when there is nothing worth listening to."""
        try:
            audio = (self._folder / f"{name}.wav").read_bytes()
        except OSError:
            return None
        return audio if len(audio) > EMPTY_BYTES else None

    def drop(self, name: str) -> None:
        (self._folder / f"{name}.wav").unlink(missing_ok=True)

    def names(self, prefix: str) -> list[str]:
        return sorted(path.stem for path in self._folder.glob(f"{prefix}*.wav"))


class Rings:
    """Asterisk's global variables ``FALLBACK_<digits>``: who is rung for a line while no daemon decides."""

    def __init__(self) -> None:
        self._told: dict[str, str] = {}

    def forget(self) -> None:
        """Asterisk may have been started anew: tell everything again."""
        self._told.clear()

    async def tell(self, ari: Ari, room: WaitingRoom) -> None:
        directory, at = room.directory, now()
        open_now = {one.id: opening_at(one.hours, at).is_open for one in directory.clients.values()}
        wanted = {}
        for line in directory.lines.values():
            names = room.endpoints_for(line.client_id) if open_now.get(line.client_id) else []
            wanted[f"FALLBACK_{line.number.lstrip('+')}"] = "&".join(f"PJSIP/{name}" for name in names) or NOBODY
        for gone in self._told.keys() - wanted.keys():
            wanted[gone] = ""
        wanted["PERMANENCE_LINES"] = "1"
        for variable, value in wanted.items():
            if self._told.get(variable) != value:
                await ari.post("asterisk/variable", variable=variable, value=value)
        self._told = {variable: value for variable, value in wanted.items() if value}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the dialplan's journal: a call that it received without us."""

    channel: str
    called: str
    caller: str
    began: datetime
    ended: datetime


def read_entry(channel: str, text: str) -> Entry | None:
    """None when the line is not one of ours: it is dropped, for nothing in it can be trusted."""
    fields = text.strip().split(",")
    if len(fields) < 4 or not re.fullmatch(r"\d{6,15}", fields[0]):
        return None
    try:
        began, ended = (datetime.fromtimestamp(int(field), UTC) for field in fields[2:4])
    except (ValueError, OverflowError, OSError):
        return None
    return Entry(channel, f"+{fields[0]}", fields[1], began, max(began, ended))


def take_in(journal: Path, recordings: Recordings, directory: Directory, node: str) -> int:
    """Register the calls that the dialplan received alone, with their recordings; returns how many.

    Safe to run twice: a call's id comes from its channel, and its journal entry goes last.
    """
    count = 0
    for place in sorted(journal.glob("*")):
        entry = read_entry(place.name, place.read_text(errors="replace"))
        line = directory.lines.get(entry.called) if entry else None
        name = f"fallback-{place.name}"
        if entry and line:
            with acting(TELEPHONY, line.client_id):
                _register(entry, line.id, recordings.read(name), node)
            count += 1
        recordings.drop(name)
        place.unlink(missing_ok=True)
    return count


def _register(entry: Entry, line_id: int, audio: bytes | None, node: str) -> None:
    call_id = call_id_of(entry.channel)
    arrival = usecases.Arrival(
        call_id=call_id, line_id=line_id, at=entry.began, caller_number=entry.caller, node=node, channel=entry.channel
    )
    if usecases.register_call(actor=TELEPHONY, arrival=arrival).state == "done":
        return
    usecases.fall_back(actor=TELEPHONY, call_id=call_id, at=entry.began)
    if audio:
        try:
            usecases.attach_voicemail(actor=TELEPHONY, call_id=call_id, audio=audio)
        except Refused as refusal:
            logger.error("call %s: its recording was not kept: %s", call_id, type(refusal).__name__)
    usecases.end_call(actor=TELEPHONY, call_id=call_id, outcome="fallback", at=entry.ended)
