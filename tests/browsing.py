"""Fixtures of the tiers that drive a real browser against a real installation."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.installation import Installation
from tests.mailbox import Mailbox, open_mailbox
from tests.people import PASSWORD

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in the thread where tests use the ORM

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]


@pytest.fixture(scope="session")
def mailbox() -> Iterator[Mailbox]:
    with open_mailbox() as opened:
        yield opened


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox) -> Iterator[Installation]:
    """A running Permanence for the whole run, with its Asterisk."""
    running = Installation(tmp_path_factory.mktemp("installation"), smtp_port=mailbox.port)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def rows(installation: Installation, django_db_blocker: Any) -> Callable[[], AbstractContextManager[None]]:
    """``with rows():`` the ORM looks into the running installation."""
    return lambda: installation.rows(django_db_blocker)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = next(path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name)))
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def open_window(browser: Browser, installation: Installation) -> Iterator[Callable[..., Page]]:
    """``open_window()`` is a new person at a new machine: nothing of the other windows' cookies."""
    contexts: list[BrowserContext] = []

    def opened(**options: Any) -> Page:
        given = {"base_url": installation.url, "viewport": {"width": 1440, "height": 900}, "locale": "fr-FR", **options}
        context = browser.new_context(**given)
        context.set_default_timeout(10_000)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Through the sign-in page, as a person does."""
    page.goto("/account/login/")
    page.locator("#id_login").fill(email)
    page.locator("#id_password").fill(password)
    page.locator("form:has(#id_password) button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/login/" not in url)
