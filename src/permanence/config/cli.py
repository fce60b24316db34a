"""The ``permanence`` command: one table of commands, each loaded only when it is called.

A command is ``main(argv) -> int``. Filters start without Django; the others find it set up.
"""

import argparse
import os
import sys
from dataclasses import dataclass
from importlib import import_module

from permanence.config.words import language, say
from permanence.kernel.refusals import Refused, Unavailable
from permanence.kernel.refusals import marked as _


@dataclass(frozen=True, slots=True)
class Command:
    """Where a command is (``module:function``), what it does, whether it needs Django, and whether it takes words."""

    place: str
    does: str
    django: bool = True
    words: bool = False


COMMANDS = {
    "up": Command(
        "permanence.config.up:main", _("start everything, and stop it with Ctrl-C"), django=False, words=True
    ),
    "migrate": Command("permanence.config.commands:migrate", _("bring the database up to date")),
    "administrator": Command(
        "permanence.bureau.commands:administrator",
        _("open the first account: E-MAIL NAME; prints where to go on"),
        words=True,
    ),
    "demo": Command("permanence.config.commands:demo", _("load the demonstration, once")),
    "call": Command("permanence.telephony.commands:call", _("place a call, as a caller would"), words=True),
    "doctor": Command("permanence.config.doctor:main", _("check the installation: ok, or what to do")),
    "bench": Command("permanence.config.bench:main", _("measure, side by side with a peer"), django=False, words=True),
    "calls route": Command(
        "permanence.calls.commands:route", _("filter: who takes which waiting caller"), django=False, words=True
    ),
    "web": Command("permanence.config.web:main", _("process: pages, streams and the softphones' socket")),
    "worker": Command("permanence.config.commands:worker", _("process: jobs")),
    "telephony": Command("permanence.telephony.commands:daemon", _("process: the telephone's decisions")),
    "asterisk": Command("permanence.config.commands:asterisk", _("process: the telephone engine")),
    "mail": Command("permanence.config.demo.mail:main", _("process: the demonstration's mail server")),
}
HELP = ("-h", "--help", "help")


def main(argv: list[str] | None = None) -> int:
    """0 when done, 1 when refused or wrong (one sentence on stderr), 2 for unusable arguments."""
    given = sys.argv[1:] if argv is None else argv
    Refused.translate = say
    if not given or given[0] in HELP:
        print(usage(COMMANDS))
        return 0 if given else 2
    for length in (2, 1):
        command = COMMANDS.get(" ".join(given[:length]))
        if command is not None and len(given) >= length:
            return run(command, " ".join(given[:length]), given[length:])
    family = {name: command for name, command in COMMANDS.items() if name.split()[0] == given[0]}
    if family:
        print(usage(family), file=sys.stdout if given[1:2] and given[1] in HELP else sys.stderr)
        return 0 if given[1:2] and given[1] in HELP else 2
    print(say(_("There is no command “%(name)s”: permanence --help lists them.")) % {"name": given[0]}, file=sys.stderr)
    return 2


def usage(commands: dict[str, Command]) -> str:
    lines = [f"  permanence {name:<12} {say(command.does)}" for name, command in commands.items()]
    return "\n".join([say(_("Usage: permanence COMMAND [--help] …")), *lines])


def run(command: Command, name: str, argv: list[str]) -> int:
    """Load and call ``command``; a refusal is one sentence, anything else a bug that surfaces."""
    if not command.words:
        argparse.ArgumentParser(prog=f"permanence {name}", description=say(command.does)).parse_args(argv)
    try:
        if command.django:
            set_up_django()
        module, _colon, function = command.place.partition(":")
        done = getattr(import_module(module), function)(argv)
    except (Refused, Unavailable) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read us has left: not our failure
        return 1
    return int(done)


def set_up_django() -> None:
    """Settings from the environment, models loaded, words in the terminal's language."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "permanence.config.settings")
    import django
    from django.utils import translation

    django.setup()
    translation.activate(language())
