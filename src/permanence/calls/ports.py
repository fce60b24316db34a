"""What calls ask of the outside: a recording made fit for the telephone."""

from typing import Protocol


class SoundConverter(Protocol):
    """Turns an uploaded WAV or MP3 into what a caller can be played; raises ``Refused`` for anything else."""

    def __call__(self, audio: bytes) -> bytes: ...


_installed: list[SoundConverter] = []


def install_converter(converter: SoundConverter) -> None:
    """Called once, by ``config.wiring``."""
    _installed[:] = [converter]


def converter() -> SoundConverter:
    return _installed[0]
