"""What goes out by e-mail, and the post office that takes it: the parts write letters, ``connectors`` carries them."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One e-mail to one person. ``message_id`` makes a second sending of the same letter recognisable.

    ``headers`` are further header fields, as ``{"In-Reply-To": "<…>"}``.
    """

    to: str
    subject: str
    text: str
    html: str = ""
    message_id: str = ""
    headers: dict[str, str] = field(default_factory=dict)


class Mailer(Protocol):
    """Carries letters to the outside."""

    def send(self, letter: Letter) -> None:
        """Hand ``letter`` over for good.

        Raises ``Unavailable`` when it may pass later, and ``Refused`` when it never will.
        """


_installed: list[Mailer] = []


def install_mailer(mailer: Mailer) -> None:
    """Called once, by ``config.wiring``."""
    _installed[:] = [mailer]


def mailer() -> Mailer:
    """The installation's post office."""
    return _installed[0]
