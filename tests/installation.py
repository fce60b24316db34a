"""A whole Permanence, run by its own command on its own folder and ports: what browser and telephone tests drive."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any
from urllib.request import urlopen

from django.conf import settings
from django.db import connections

from permanence.database.embedded import announced

ROOT = Path(__file__).resolve().parent.parent


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Installation:
    """``permanence up`` on a folder of its own. Its keys are those of the test run, so that tests may read its rows."""

    def __init__(self, folder: Path, *, smtp_port: int, options: Sequence[str] = (), **environment: str) -> None:
        self.folder, self.options = folder, options
        self.port, self.sip_port, self.asterisk_port = free_port(), free_port(socket.SOCK_DGRAM), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "log"
        self.environment = {
            **{key: value for key, value in os.environ.items() if key != "DATABASE_URL"},
            "PERMANENCE_DATA": str(folder),
            "PERMANENCE_URL": self.url,
            "PERMANENCE_SECRET_KEY": settings.SECRET_KEY,
            "PERMANENCE_CONTEXT_KEY": settings.CONTEXT_KEY.decode(),
            "PERMANENCE_SMTP_PORT": str(smtp_port),
            "PERMANENCE_SIP_PORT": str(self.sip_port),
            "PERMANENCE_ASTERISK_HTTP": f"127.0.0.1:{self.asterisk_port}",
            "PERMANENCE_ASTERISK_ROOT": os.environ.get("PERMANENCE_ASTERISK_ROOT", str(ROOT / "var/asterisk")),
            "PERMANENCE_RTP": "31000-31999",
            "PERMANENCE_DEBUG": "1",
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, seconds: float = 90) -> None:
        """Returns once ``/health/`` answers and, when there is an Asterisk, once the telephone is up."""
        command = [sys.executable, "-m", "permanence", "up", "--port", str(self.port), "--data", str(self.folder)]
        command += self.options
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log, cwd=ROOT)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise AssertionError(f"permanence up ended at once:\n{self.log.read_text()[-4000:]}")
            try:
                with urlopen(f"{self.url}/health/", timeout=2) as answer:  # noqa: S310 - our own address
                    if self._is_whole(json.load(answer)):
                        return
            except OSError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"permanence up is not ready after {seconds} s:\n{self.log.read_text()[-4000:]}")

    def _is_whole(self, health: dict[str, str]) -> bool:
        has_telephone = Path(self.environment["PERMANENCE_ASTERISK_ROOT"]).exists() or which("asterisk") is not None
        return health["telephone"] == "up" or not has_telephone

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    @contextmanager
    def rows(self, blocker: Any) -> Iterator[None]:
        """The ORM of the test process looks into this installation's database, and commits there."""
        place = announced(self.folder / "run" / "database.json")
        host = place["application"].split("host=")[1].split("&")[0]
        before = {alias: connections[alias].settings_dict["HOST"] for alias in connections}
        for alias in connections:
            connections[alias].close()
            connections[alias].settings_dict["HOST"] = host
        try:
            with blocker.unblock():
                yield
                for alias in connections:
                    connections[alias].close()
        finally:
            for alias, old in before.items():
                connections[alias].settings_dict["HOST"] = old
