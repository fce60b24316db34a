"""The design page: every piece, light and dark, wide and narrow, under the axe rules of WCAG 2.2 AA."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

pytestmark = pytest.mark.e2e
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_piece_passes_axe_and_nothing_is_refused_by_the_policy(
    open_window: Callable[..., Page], theme: str, width: int
) -> None:
    page = open_window(color_scheme=theme, viewport={"width": width, "height": 900})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda fault: said.append(str(fault)))
    page.goto("/design/")
    page.get_by_role("heading", name="Pieces of the house").wait_for()
    assert page.locator("html").get_attribute("data-bs-theme") == theme
    found = Axe().run(page, options=RULES)
    assert not found.response["violations"], found.generate_report()
    assert not said
