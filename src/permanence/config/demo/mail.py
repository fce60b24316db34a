"""The demonstration's mail server: whatever the product sends stays here, readable at ``/demo/outbox/``."""

import asyncio
import mailbox
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP


def outbox(data: Path) -> mailbox.Maildir:
    """The folder where sent letters are kept, newest last in file order."""
    return mailbox.Maildir(data / "outbox", create=True)


class _Keeper:
    def __init__(self, folder: mailbox.Maildir) -> None:
        self._folder = folder

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802, ARG002 - aiosmtpd's
        self._folder.add(mailbox.MaildirMessage(message_from_bytes(envelope.content)))
        return "250 Kept"


def letters(data: Path) -> list[EmailMessage]:
    """What was sent, newest first."""
    folder = outbox(data)
    found = [(folder.get_message(key).get_date(), folder.get_bytes(key)) for key in folder.keys()]  # noqa: SIM118
    found.sort(key=lambda one: one[0], reverse=True)
    parsed = [message_from_bytes(raw, policy=policy.default) for _, raw in found]
    return [letter for letter in parsed if isinstance(letter, EmailMessage)]


def main(argv: list[str]) -> int:
    """``permanence mail``: serve SMTP on the configured port until told to stop."""
    from django.conf import settings

    del argv

    async def serve() -> None:
        keeper = _Keeper(outbox(settings.DATA))
        make = asyncio.get_running_loop().create_server
        server = await make(lambda: SMTP(keeper, enable_SMTPUTF8=True), settings.EMAIL_HOST, settings.EMAIL_PORT)
        await server.serve_forever()

    asyncio.run(serve())
    return 0
