"""What the benchmarks of the database share: a server of their own, pgbench, and the line they print."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from permanence.database.embedded import APPLICATION, DATABASE, OWNER, EmbeddedServer, find_binaries

_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Script:
    """What one connection does again and again, in pgbench's language, as ``role``.

    ``context`` is the signed context of the session; a script may rather set one in each transaction.
    """

    sql: str
    role: str = APPLICATION
    context: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    per_second: float
    p50_ms: float


@contextmanager
def throwaway_database() -> Iterator[EmbeddedServer]:
    """A fresh and durable server, migrated, with the context key; Django's connections look into it."""
    with TemporaryDirectory(prefix="permanence-bench-") as folder:
        server = EmbeddedServer(Path(folder) / "postgres")
        server.start()
        try:
            _migrate(server)
            yield server
        finally:
            server.stop()


def side_by_side(
    server: EmbeddedServer, ours: Script, peer: Script, *, connections: int, seconds: float
) -> tuple[Measured, Measured]:
    """Both scripts in turns, so that a noisy machine wrongs neither; medians of three rounds of ``seconds`` each."""
    rounds = [[_run(server, script, connections, seconds) for script in (ours, peer)] for _ in range(_ROUNDS)]
    first, second = (
        Measured(median(r[place].per_second for r in rounds), median(r[place].p50_ms for r in rounds))
        for place in (0, 1)
    )
    return first, second


def print_line(bench: str, case: str, *, ours: float, peer: float, peer_name: str, unit: str) -> None:
    """One JSON line on stdout, as ``permanence bench`` promises."""
    line = {"bench": bench, "case": case, "ours": round(ours, 3), "peer": round(peer, 3), "peer_name": peer_name}
    print(json.dumps({**line, "ratio": round(ours / peer, 3), "unit": unit}), flush=True)  # noqa: T201


def _run(server: EmbeddedServer, script: Script, connections: int, seconds: float) -> Measured:
    with TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "script.sql").write_text(script.sql)
        command: list[str | Path] = [find_binaries() / "pgbench", "-n", "-h", str(server.host), "-U", script.role]
        command += ["-c", str(connections), "-j", str(min(connections, 2)), "-M", "prepared", "-l"]
        command += ["-f", "script.sql", "-T", str(max(1, round(seconds))), DATABASE]
        environment = {**os.environ, "PGOPTIONS": f"-c app.ctx={script.context}"}
        done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        lines = [line for log in place.glob("pgbench_log.*") for line in log.read_text().splitlines()]
    rate = next(line for line in done.stdout.splitlines() if line.startswith("tps"))
    return Measured(float(rate.split()[2]), median(float(line.split()[2]) for line in lines) / 1000)


def _migrate(server: EmbeddedServer) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "permanence.config.settings")
    import django
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    from permanence.database.context import install_key

    for alias, role in (("default", APPLICATION), ("owner", OWNER)):
        connections[alias].close()
        place = {"HOST": str(server.host), "NAME": DATABASE, "USER": role, "PASSWORD": "", "PORT": "", "OPTIONS": {}}
        connections[alias].settings_dict.update(place)
    call_command("migrate", database="owner", verbosity=0, interactive=False)
    install_key()
    connections["owner"].close()
