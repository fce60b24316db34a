"""The main pages as each role sees them: the axe rules of WCAG 2.2 AA, one heading, a title, no refused script."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from permanence.kernel.actor import Role
from tests.browsing import sign_in
from tests.people import grant, make_client, make_member, make_secretary, make_user

pytestmark = pytest.mark.e2e
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
PORTAL = ["", *(f"{name}/" for name in ("messages", "calls", "instructions", "people", "knowledge"))]
PORTAL += [f"{name}/" for name in ("company", "hours", "journal", "members")]
PAGES = {
    "stranger": ["/account/login/", "/account/password/reset/"],
    "secretary": ["/desk/", "/desk/today/", "/account/"],
    "supervisor": ["/supervision/", "/supervision/clients/", "/supervision/people/"],
    "owner": [f"/portal/{name}" for name in PORTAL],
}


@pytest.fixture
def person(rows: Callable[[], Any]) -> Callable[[str], str]:
    """The e-mail address of somebody new in that role."""

    def made(role: str) -> str:
        with rows():
            if role == "supervisor":
                return make_user("Karim Haddad", Role.SUPERVISOR).email
            client = make_client("Plomberie Roux", "plumber")
            if role == "owner":
                return make_member(client).user.email
            secretary = make_secretary()
            grant(secretary, client)
            return secretary.user.email

    return made


@pytest.mark.parametrize(
    ("role", "width", "theme"),
    [
        ("stranger", 390, "light"),
        ("secretary", 1440, "light"),
        ("secretary", 1280, "dark"),
        ("supervisor", 1440, "light"),
        ("owner", 390, "light"),
    ],
)
def test_pages_can_be_used_by_everybody(
    open_window: Callable[..., Page], person: Callable[[str], str], role: str, width: int, theme: str
) -> None:
    tall = 3000 if width < 768 else 900  # a bar that stays at the bottom hides what scrolls behind it
    page = open_window(color_scheme=theme, viewport={"width": width, "height": tall})
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Security Policy" in said.text else None)
    page.on("pageerror", lambda fault: refused.append(str(fault)))
    if role != "stranger":
        sign_in(page, person(role))
    for path in PAGES[role]:
        page.goto(path)
        page.wait_for_load_state("load")
        found = Axe().run(page, options=RULES)
        assert not found.response["violations"], f"{path}\n{found.generate_report()}"
        assert page.locator("h1:visible").count() == 1, path
        assert page.locator("html").get_attribute("lang") == "fr"
        assert not page.title().startswith("Permanence"), path
    assert not refused


def test_the_portal_fits_a_small_telephone_without_scrolling_sideways(
    open_window: Callable[..., Page], person: Callable[[str], str]
) -> None:
    page = open_window(viewport={"width": 320, "height": 640})
    sign_in(page, person("owner"))
    for path in PAGES["owner"]:
        page.goto(path)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 320, path
