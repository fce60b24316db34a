"""What clients upload, and what callers hear of it."""

import shutil
import subprocess
import wave
from io import BytesIO

import pytest

from permanence.calls.queries import ClientRoute, Directory, LineRoute
from permanence.clients.rules.hours import Hours
from permanence.telephony.sounds import LONGEST_SECONDS, MOST_BYTES, NotASound, Sounds, convert

needs_sox = pytest.mark.skipif(shutil.which("sox") is None, reason="sox is missing")
needs_voice = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is missing")
ROUX = ClientRoute(1, "Plomberie Roux", "fr", False, Hours(), (), 0.0)


def tone(tmp_path, kind: str, seconds: float = 1.0) -> bytes:
    place = tmp_path / f"tone.{kind}"
    command = ["sox", "-n", "-r", "44100", "-c", "2", str(place), "synth", str(seconds), "sine", "440"]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip(f"this sox writes no {kind}")
    return bytes(place.read_bytes())


def parameters(audio: bytes) -> tuple[int, int, int, float]:
    with wave.open(BytesIO(audio)) as sound:
        return (
            sound.getframerate(),
            sound.getnchannels(),
            sound.getsampwidth(),
            sound.getnframes() / sound.getframerate(),
        )


@needs_sox
@pytest.mark.parametrize("kind", ["wav", "mp3"])
def test_an_upload_becomes_what_the_telephone_plays(tmp_path, kind):
    assert parameters(convert(tone(tmp_path, kind))) == pytest.approx((8000, 1, 2, 1.0), abs=0.1)


@needs_sox
def test_a_very_long_recording_is_cut(tmp_path):
    assert parameters(convert(tone(tmp_path, "wav", LONGEST_SECONDS + 5)[:MOST_BYTES]))[3] <= LONGEST_SECONDS


@needs_sox
@pytest.mark.parametrize(
    "given",
    [
        b"",
        b"%PDF-1.7 not a sound",
        "🎵".encode() * 500,
        b"RIFF\x00\x00\x00\x00WAVE",
        b"RIFF\x00\x00\x00\x00WAVEfmt and then nothing of the kind",
        b"ID3" + b"\x00" * 200,
        b"\xff\xfb" + b"\x00" * 50,
        b"#!/bin/sh\necho",
        b"RIFF\x00\x00\x00\x00WAVE" + b"\x00" * MOST_BYTES,
    ],
)
def test_what_is_no_sound_is_refused_with_a_sentence(given):
    with pytest.raises(NotASound):
        convert(given)


def line(**columns: str) -> LineRoute:
    given = {"welcome_audio": "", "welcome_text": "", "closed_text": "", **columns}
    return LineRoute(1, 1, "+33199000010", "Accueil", **given)


def test_before_anything_is_made_callers_hear_asterisk_s_own_prompts(tmp_path):
    sounds = Sounds(tmp_path, "/srv/permanence/sounds")
    assert sounds.welcome(line(), ROUX) == "sound:queue-thankyou"
    assert sounds.closed(line(), ROUX) == "sound:vm-intro"
    assert sounds.nobody(ROUX) == "sound:vm-nobodyavail,sound:vm-intro"


@needs_sox
@needs_voice
def test_sentences_are_spoken_once_and_found_where_asterisk_sees_them(tmp_path):
    sounds = Sounds(tmp_path, "/srv/permanence/sounds")
    directory = Directory({"+33199000010": line(welcome_text="Bonjour, ici Roux.")}, {1: ROUX}, {}, ())
    sounds.prepare(directory)
    made = {place: place.stat().st_mtime_ns for place in tmp_path.glob("*.wav")}
    assert len(made) == 3
    assert all(parameters(place.read_bytes())[:3] == (8000, 1, 2) for place in made)
    told = sounds.welcome(line(welcome_text="Bonjour, ici Roux."), ROUX)
    assert (tmp_path / told.removeprefix("sound:/srv/permanence/sounds/")).with_suffix(".wav") in made
    sounds.prepare(directory)
    assert made == {place: place.stat().st_mtime_ns for place in tmp_path.glob("*.wav")}


@needs_sox
@needs_voice
def test_a_text_is_never_an_option_of_the_synthesiser(tmp_path):
    text = "--help -w /tmp/other"
    sounds = Sounds(tmp_path, "/s")
    sounds.prepare(Directory({"+33199000010": line(welcome_text=text)}, {1: ROUX}, {}, ()))
    assert sounds.welcome(line(welcome_text=text), ROUX).startswith("sound:/s/")


def test_an_uploaded_recording_goes_before_the_text(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "media/welcome").mkdir(parents=True)
    (tmp_path / "media/welcome/1.wav").write_bytes(b"RIFF....WAVE")
    uploaded = line(welcome_audio="welcome/1.wav", welcome_text="not this")
    sounds = Sounds(tmp_path / "sounds", "/s")
    sounds.prepare(Directory({"+33199000010": uploaded}, {1: ROUX}, {}, ()))
    told = sounds.welcome(uploaded, ROUX)
    assert (tmp_path / "sounds" / told.removeprefix("sound:/s/")).with_suffix(".wav").read_bytes() == b"RIFF....WAVE"
