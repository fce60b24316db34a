"""What the processes log: readable lines or JSON lines, and never a person's number, address or words.

Parts log facts and ids. What slips through (a driver's error that quotes a row, a library's greeting) is blotted
here: e-mail addresses, telephone numbers, quoted rows, the arguments of jobs, query strings, tokens in paths.
"""

import json
import logging
import os
import re
from datetime import UTC, datetime
from typing import Any

_EMAIL = re.compile(r"[^\s@<>\"'(),;=]+@[\w-]+(?:\.[\w-]+)*")
_INSTANT = r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?"
_KEPT_OR_PHONE = re.compile(  # identifiers, instants and addresses are longer matches, tried first, and stay
    rf"(?P<kept>{_INSTANT}|[0-9a-f]{{8}}-[0-9a-f-]{{27}}|\b[1-9]\d{{0,2}}(?:\.\d{{1,3}}){{3}}(?::\d+|(?![.\d])))"
    r"|(?<![\w.:/=-])(?:\+\d|\(0\d\)|00\d|0\d)(?:[\s.\-/]{0,2}\d){6,13}(?![\w])"
    r"|\+\d{8,15}"
)
_ROW = re.compile(r"^(?:DETAIL|CONTEXT|LINE \d+|STATEMENT|QUERY):.*$|=\((?:[^()]|\([^()]*\))*\)", re.MULTILINE)
_QUOTED_INPUT = re.compile(r"((?:invalid input syntax|out of range)[^\n]*?: )\"(?:[^\"\\]|\\.)*\"")
_JOB_ARGUMENTS = re.compile(r"(\b[\w.]+\[\d+\])\(.*?\)(?=\s|$)", re.DOTALL)
_TOKEN = re.compile(r"/(?![0-9a-f]{8}-[0-9a-f]{4}-)[\w:.=-]{20,}(?=/|$)")


def discreet(text: str) -> str:
    """``text`` without what would name, reach or quote a person."""
    text = _ROW.sub("…", text)
    text = _QUOTED_INPUT.sub(r"\1…", text)
    text = _JOB_ARGUMENTS.sub(r"\1", text)
    text = _EMAIL.sub("‹e-mail›", text)
    return _KEPT_OR_PHONE.sub(lambda found: found["kept"] or "‹number›", text)


def bare_path(target: str) -> str:
    """The path that was asked for: no query string, no token of a link."""
    return _TOKEN.sub("/…", target.partition("?")[0])


class Readable(logging.Formatter):
    """``14:30:05 INFO permanence.web: GET /desk/ 200``, discreet."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        return discreet(super().format(record))


class JsonLines(logging.Formatter):
    """One object a line: at, level, process, logger, message, and trace when there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": os.environ.get("PERMANENCE_PROCESS", "permanence"),
            "logger": record.name,
            "message": discreet(record.getMessage()),
        }
        if record.exc_info:
            line["trace"] = discreet(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def in_json() -> bool:
    return os.environ.get("PERMANENCE_LOG") == "json"


def logging_configuration(level: str = "INFO") -> dict[str, Any]:
    """For ``logging.config``: everything to stdout, which the supervisor (or systemd, or the container) collects."""
    quiet = ["asyncio", "uvicorn.access", "websockets", "django.db.backends", "PIL", "aiosmtpd", "mail.log"]
    quiet += [f"procrastinate.{part}" for part in ("blueprints", "periodic", "app", "jobs")]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": JsonLines if in_json() else Readable}},
        "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "line"}},
        "root": {"handlers": ["stdout"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            "uvicorn": {"handlers": [], "level": "WARNING", "propagate": True},
            **{name: {"level": "WARNING"} for name in quiet},
        },
    }
