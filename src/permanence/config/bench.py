"""``permanence bench NAME…``: ours and a peer side by side in one run, one JSON line for each case."""

import argparse
from importlib import import_module

from permanence.config.words import say
from permanence.kernel.refusals import marked as _

BENCHES = {
    "log": "permanence.audit.commands:bench_log",
    "calls": "permanence.telephony.bench:bench_calls",
    "route": "permanence.calls.commands:bench_route",
    "isolation": "permanence.database.commands:bench_isolation",
    "pages": "permanence.config.bench_pages:bench_pages",
}


def main(argv: list[str]) -> int:
    """Each bench makes its own server and takes it away again; options go to the bench when one is named."""
    parser = argparse.ArgumentParser(
        prog="permanence bench", description=say(_("Measure, side by side with a peer; prints JSON lines."))
    )
    parser.add_argument("names", nargs="+", choices=BENCHES, metavar="NAME", help=", ".join(BENCHES))
    given, options = parser.parse_known_args(argv)
    if options and len(given.names) > 1:
        parser.error(say(_("options go with one bench at a time")))
    for name in given.names:
        module, _colon, function = BENCHES[name].partition(":")
        if code := int(getattr(import_module(module), function)(options)):
            return code
    return 0
