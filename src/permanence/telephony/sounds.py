"""What callers hear: recordings that clients upload, else sentences spoken by a synthesiser, else Asterisk's own."""

import hashlib
import logging
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from permanence.calls.queries import ClientRoute, Directory, LineRoute
from permanence.kernel.refusals import Refused

logger = logging.getLogger("permanence.telephony")
MOST_BYTES = 20_000_000
LONGEST_SECONDS = 300
TELEPHONE: Final = ("--rate", "8000", "--channels", "1", "--bits", "16")
LIMITS = ("prlimit", "--cpu=20", "--fsize=100000000", "--nofile=64")
VOICES = {"fr": "fr+f3", "en": "en+f3", "de": "de+f3", "es": "es+f3", "it": "it+f3"}
SENTENCES = {
    "fr": {
        "welcome": "{client}, bonjour. Ne quittez pas, nous vous répondons.",
        "closed": "{client} est fermé en ce moment. Laissez votre message après le signal, il sera transmis.",
        "nobody": "Nous ne pouvons vous répondre. Laissez votre message après le signal, il sera transmis.",
    },
    "en": {
        "welcome": "{client}, good day. Please hold the line, we are about to answer.",
        "closed": "{client} is closed at the moment. Please leave a message after the tone, it will be passed on.",
        "nobody": "We cannot answer right now. Please leave a message after the tone, it will be passed on.",
    },
}
PROMPTS = {
    "welcome": "sound:queue-thankyou",
    "closed": "sound:vm-intro",
    "nobody": "sound:vm-nobodyavail,sound:vm-intro",
}


class NotASound(Refused):
    message = _("This file is not a sound that we can play. Choose a WAV or MP3 file of at most five minutes.")


class NoConverter(Refused):
    message = _("Recordings cannot be converted on this machine: the program sox is missing.")


def convert(audio: bytes) -> bytes:
    """An uploaded WAV or MP3 as the telephone plays it: WAV, 8 kHz, one channel, 16 bits, at most five minutes."""
    kind = _kind(audio)
    if kind is None or len(audio) > MOST_BYTES:
        raise NotASound
    if shutil.which("sox") is None:
        raise NoConverter
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / f"given.{kind}", Path(folder) / "made.wav"
        given.write_bytes(audio)
        command = ["sox", "-t", kind, str(given), *TELEPHONE, str(made), "trim", "0", str(LONGEST_SECONDS)]
        if not _run(command) or _is_empty(made):
            raise NotASound
        return made.read_bytes()


def _kind(audio: bytes) -> str | None:
    if audio[:4] == b"RIFF" and audio[8:12] == b"WAVE":
        return "wav"
    is_mp3 = audio[:3] == b"ID3" or (len(audio) > 1 and audio[0] == 0xFF and audio[1] & 0xE0 == 0xE0)
    return "mp3" if is_mp3 else None


def _is_empty(made: Path) -> bool:
    return not made.exists() or made.stat().st_size <= 44


def _run(command: list[str]) -> bool:
    limits = LIMITS if shutil.which("prlimit") else ()
    try:
        done = subprocess.run([*limits, *command], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def synthesise(text: str, language: str, place: Path) -> bool:
    """Speak ``text`` into ``place`` (WAV, 8 kHz); False when no synthesiser is installed."""
    if shutil.which("espeak-ng") is None or shutil.which("sox") is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        spoken, made = Path(folder) / "spoken.wav", Path(folder) / "made.wav"
        voice = VOICES.get(language, VOICES["fr"])
        speak = ["espeak-ng", "-v", voice, "-s", "150", "-w", str(spoken), "--", text]
        if not _run(speak) or not _run(["sox", str(spoken), *TELEPHONE, str(made), "pad", "0.3", "0.3"]):
            return False
        _place(made.read_bytes(), place)
    return True


def _place(audio: bytes, place: Path) -> None:
    """Whole or not at all: Asterisk may be about to play it."""
    room = place.with_suffix(".part")
    room.write_bytes(audio)
    room.chmod(0o644)
    room.rename(place)


class Sounds:
    """Each sound is a file named by its content, made once. ``base`` is ``folder`` as Asterisk sees it."""

    def __init__(self, folder: Path, base: str) -> None:
        self._folder, self._base = folder, base

    def welcome(self, line: LineRoute, client: ClientRoute) -> str:
        """What ``play`` takes: the line's recording, else its text, else our sentence."""
        if line.welcome_audio and (kept := self._playable(self._uploaded(line))):
            return kept
        return self._spoken("welcome", line.welcome_text, client)

    def closed(self, line: LineRoute, client: ClientRoute) -> str:
        return self._spoken("closed", line.closed_text, client)

    def nobody(self, client: ClientRoute) -> str:
        return self._spoken("nobody", "", client)

    def prepare(self, directory: Directory) -> None:
        """Make what is missing; slow, for a thread. Until then callers hear Asterisk's own prompts."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for line in directory.lines.values():
            client = directory.clients.get(line.client_id)
            if client is None:  # made since: it comes with the next reading
                continue
            if line.welcome_audio:
                self._copy(line)
            for text in self._texts(line, client):
                place = self._file(text, client.language)
                if not place.exists() and not synthesise(text, client.language, place):
                    return

    def _texts(self, line: LineRoute, client: ClientRoute) -> Iterable[str]:
        if not line.welcome_audio:
            yield _sentence("welcome", line.welcome_text, client)
        yield _sentence("closed", line.closed_text, client)
        yield _sentence("nobody", "", client)

    def _copy(self, line: LineRoute) -> None:
        place = self._uploaded(line)
        try:
            if not place.exists():
                _place((Path(settings.MEDIA_ROOT) / line.welcome_audio).read_bytes(), place)
        except OSError as error:
            logger.error("the welcome of line %s cannot be read: %s", line.id, type(error).__name__)

    def _uploaded(self, line: LineRoute) -> Path:
        return self._folder / f"{hashlib.sha256(line.welcome_audio.encode()).hexdigest()[:24]}.wav"

    def _file(self, text: str, language: str) -> Path:
        return self._folder / f"{hashlib.sha256(f'{language}:{text}'.encode()).hexdigest()[:24]}.wav"

    def _spoken(self, purpose: str, text: str, client: ClientRoute) -> str:
        return self._playable(self._file(_sentence(purpose, text, client), client.language)) or PROMPTS[purpose]

    def _playable(self, place: Path) -> str | None:
        return f"sound:{self._base}/{place.stem}" if place.exists() else None


def _sentence(purpose: str, text: str, client: ClientRoute) -> str:
    return text or SENTENCES.get(client.language, SENTENCES["fr"])[purpose].format(client=client.name)
