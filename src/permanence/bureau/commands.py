"""``permanence administrator``: the first account of a new installation, from which all the others are invited."""

import sys
from argparse import ArgumentParser

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from permanence.bureau.usecases import invite
from permanence.database.context import acting
from permanence.kernel.actor import Role, system


def administrator(argv: list[str]) -> int:
    """Prints the address where the password is chosen; a refusal (address already known) is one sentence."""
    parser = ArgumentParser(prog="permanence administrator", description=_("Open an administrator’s account."))
    parser.add_argument("email")
    parser.add_argument("name")
    asked = parser.parse_args(argv)
    actor = system("command")
    with acting(actor):
        _user, token = invite(actor=actor, email=asked.email, name=asked.name, role=Role.ADMINISTRATOR)
    print(_("Choose the password here, within seven days:"), file=sys.stderr)
    print(settings.PUBLIC_URL + reverse("bureau:invitation", args=[token]))
    return 0
