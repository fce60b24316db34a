"""What a secretary writes, and who receives it: plain functions for tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from permanence.clients.models import Person
from permanence.connectors.smtp import SmtpMailer
from permanence.database.context import EVERY_CLIENT, acting
from permanence.kernel import letters
from permanence.kernel.actor import system
from permanence.messaging.rules.taking import Taken

SYSTEM = system("tests")


def taken(**given):
    """A whole message, unless told otherwise."""
    words = {
        "submission": uuid4(),
        "caller_name": "Mme Jeanne Marchand",
        "caller_number": "06 39 98 41 27",
        "number_read_back": True,
        "reason": "Fuite sous l’évier depuis 8 h 30.",
        "urgency": "urgent",
        "promise": "M. Roux vous rappelle avant 9 h 30.",
    }
    return Taken(**{**words, **given})


def make_person(client, name="Marc Roux", email="marc@roux.test", **given):
    with acting(SYSTEM, EVERY_CLIENT):
        return Person.objects.create(client=client, name=name, email=email, **given)


@contextmanager
def mailer_to(port: int) -> Iterator[None]:
    """Letters go to the server on ``port`` meanwhile."""
    former = letters.mailer()
    letters.install_mailer(
        SmtpMailer(host="127.0.0.1", port=port, sender="Permanence <bureau@permanence.test>", timeout=2)
    )
    try:
        yield
    finally:
        letters.install_mailer(former)
