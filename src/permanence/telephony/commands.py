"""``permanence telephony`` and ``permanence call``."""

import argparse
import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress

from django.conf import settings
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from permanence.kernel.phones import parse
from permanence.kernel.refusals import Refused

FICTION = "+33639984127"
ANSWER_SECONDS = 10.0
OK = 200
NICENESS = -10


class NoTelephone(Refused):
    message = _("The telephone does not answer: start permanence up, or read what permanence doctor says.")


class CallRefused(Refused):
    message = _("The call was refused (%(status)s): is this number a client’s line?")


def daemon(argv: list[str]) -> int:
    """The daemon, in the foreground, until SIGTERM or SIGINT: calls go on without it."""
    argparse.ArgumentParser(
        prog="permanence telephony", description=say("Decide on the telephone’s calls.")
    ).parse_args(argv)
    from permanence.telephony import asterisk
    from permanence.telephony.daemon import Daemon

    engine = asterisk.find()
    driver = Daemon(engine.base if engine else str(asterisk.home()))

    async def serve() -> None:
        running = asyncio.create_task(driver.run())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, running.cancel)
        await asyncio.wait([running])
        if not running.cancelled():
            running.result()

    with suppress(PermissionError):  # as root: a caller's ring goes before everybody's pages
        os.nice(NICENESS)
    asyncio.run(serve())
    return 0


def call(argv: list[str]) -> int:
    """Place a call as a caller would, speak a recorded sentence over and over, and print each step."""
    parser = argparse.ArgumentParser(
        prog="permanence call", description=say("Place a call into the running telephone, as a caller would.")
    )
    parser.add_argument("--line", required=True, metavar="NUMBER", help=say("the client’s line to call"))
    parser.add_argument("--from", dest="caller", default=FICTION, metavar="NUMBER", help=say("the number to show"))
    parser.add_argument("--for", dest="seconds", type=float, default=60.0, metavar="SECONDS", help=say("hang up after"))
    given = parser.parse_args(argv)
    asyncio.run(_call(parse(given.line), parse(given.caller), given.seconds, lambda step: print(step, flush=True)))
    return 0


async def _call(line: str, caller: str, seconds: float, told: Callable[[str], None]) -> None:
    from permanence.telephony.sip import Phone, wait

    phone = await Phone((settings.SIP_BIND.replace("0.0.0.0", "127.0.0.1"), settings.SIP_PORT), told).open()  # noqa: S104
    try:
        told(say("Calling %(line)s as %(caller)s") % {"line": line, "caller": caller})
        dialog = await phone.call(line, caller=caller)
        status = await wait(dialog.answered, ANSWER_SECONDS)
        if status is None:
            raise NoTelephone
        if status != OK:
            raise CallRefused(status=status)
        told(say("Answered: speaking, and listening"))
        left = seconds
        while left > 0 and not dialog.ended.done():
            before = dialog.media.heard
            await wait(dialog.ended, min(5.0, left))
            left -= 5.0
            told(say("Heard %(packets)s packets of sound") % {"packets": dialog.media.heard - before})
        is_theirs = dialog.ended.done()
        phone.hang_up(dialog)
        told(say("The other side hung up") if is_theirs else say("Hung up"))
        await asyncio.sleep(0.2)
    finally:
        phone.close()
