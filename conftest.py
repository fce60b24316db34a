"""One embedded PostgreSQL for the whole test run; tests act as the application role, so isolation is really on."""

import os
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from tempfile import mkdtemp
from typing import Any

os.environ.setdefault("PERMANENCE_DATA", mkdtemp(prefix="permanence-test-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "permanence.config.settings")

import pytest

pytest_plugins = ["tests.people", "tests.browsing"]


NEEDS = {"phone": ["sipp", "chromium"], "e2e": ["chromium"]}


def pytest_configure() -> None:
    """People sign in with a password alone; ``bureau/tests`` ask for the second factor where that is the matter."""
    from django.conf import settings

    settings.STAFF_MFA = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A tier whose programs are missing is left out and said so; under CI=true that is a failure, not an omission."""
    missing = {tier: [name for name in names if which(name) is None] for tier, names in NEEDS.items()}
    if which("asterisk") is None and not asterisk_root().joinpath("usr/sbin/asterisk").exists():
        missing["phone"].append("asterisk")
    items.sort(key=lambda item: any(item.get_closest_marker(tier) for tier in NEEDS))  # a browser keeps a loop running
    for item in items:
        for tier in NEEDS:
            if item.get_closest_marker(tier) and missing[tier]:
                if os.environ.get("CI") == "true":
                    pytest.exit(f"The {tier} tier cannot run: {', '.join(missing[tier])} missing.", returncode=1)
                item.add_marker(pytest.mark.skip(reason=f"{tier} tier left out: {', '.join(missing[tier])} missing"))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Under CI=true one test left out fails the run, whatever reason it gives."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def asterisk_root() -> Path:
    return Path(os.environ.get("PERMANENCE_ASTERISK_ROOT", Path(__file__).parent / "var/asterisk"))


@pytest.fixture(scope="session")
def database_server() -> Iterator[Any]:
    """An empty PostgreSQL in its own folder, fast and forgetful."""
    from permanence.database.embedded import EmbeddedServer

    server = EmbeddedServer(Path(os.environ["PERMANENCE_DATA"]) / "postgres", durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def django_db_setup(database_server: Any, django_db_blocker: Any) -> Iterator[None]:
    """Migrations run as the owner; every test then runs as the application role."""
    from django.core.management import call_command
    from django.db import connections

    from permanence.database.context import install_key

    for alias in connections:
        connections[alias].settings_dict["HOST"] = str(database_server.host)
    with django_db_blocker.unblock():
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        install_key()
        connections["owner"].close()
        yield
        connections.close_all()
