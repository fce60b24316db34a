"""The two ways in which an act may fail that are not bugs."""


class Refused(Exception):
    """A rule said no. ``message`` is a sentence for the person who asked, translated lazily by the part that raises it.

    ``details`` fill the sentence's ``%(name)s`` places.
    """

    message: str = "This was refused."

    def __init__(self, **details: object) -> None:
        super().__init__()
        self.details = details

    def __str__(self) -> str:
        sentence = str(self.message)
        return sentence % self.details if self.details else sentence


class Unavailable(Exception):
    """An outside service does not answer now: try again later."""
