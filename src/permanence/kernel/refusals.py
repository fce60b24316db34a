"""The two ways in which an act may fail that are not bugs."""

from collections.abc import Callable


def marked(sentence: str) -> str:
    """Marks a sentence of the kernel, which knows no catalogue, for translation by ``Refused.translate``."""
    return sentence


_ = marked


class Refused(Exception):
    """A rule said no. ``message`` is a sentence for the person who asked, translated lazily by the part that raises it.

    ``details`` fill the sentence's ``%(name)s`` places.
    """

    message: object = _("This was refused.")  # text, or a lazy translation of it
    translate: Callable[[str], str] = str  # ``config.wiring`` puts the catalogue here

    def __init__(self, **details: object) -> None:
        super().__init__()
        self.details = details

    def __str__(self) -> str:
        sentence = Refused.translate(str(self.message))
        return sentence % self.details if self.details else sentence


class Unavailable(Exception):
    """An outside service does not answer now: try again later."""
