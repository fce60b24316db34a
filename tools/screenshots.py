"""The pictures of docs/screenshots, taken of a demonstration of their own: a call is placed, answered, written down."""

import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "permanence.config.settings"
os.environ.setdefault("PERMANENCE_DATA", str(ROOT / "var/screenshots"))

import django  # noqa: E402

django.setup()

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from permanence.config.demo import accounts  # noqa: E402
from tests.browsing import FLAGS, sign_in  # noqa: E402
from tests.installation import Installation, free_port  # noqa: E402

PLACE = ROOT / "docs/screenshots"
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
NADIA, MARC = accounts()[0], accounts()[5]


def window(browser: Browser, url: str, size: dict[str, int], who: tuple[str, str, str] | None = None) -> Page:
    context = browser.new_context(base_url=url, viewport=size, locale="fr-FR", timezone_id="Europe/Paris")  # type: ignore[arg-type]
    page = context.new_page()
    if who:
        sign_in(page, who[0], who[1])
    return page


def take(browser: Browser, url: str) -> None:
    """One call, from the ring to the client's telephone."""
    desk = window(browser, url, DESK, NADIA)
    desk.goto("/desk/")
    desk.wait_for_selector("[data-phone-state=registered]")
    desk.keyboard.press("Alt+d")
    desk.wait_for_selector("details.me[data-state=ready]")
    caller = window(browser, url, PHONE)
    caller.goto("/demo/phone/")
    caller.locator("button[data-number='+33199004401']").click()
    desk.wait_for_selector(".btn-answer:visible")
    desk.keyboard.press("Space")
    desk.wait_for_selector("[data-phone-state=talking]")
    desk.fill("input[name=caller_name]", "Mme Jeanne Marchand")
    desk.fill("textarea[name=reason]", "Fuite sous l’évier depuis ce matin, l’eau arrive chez le voisin du dessous.")
    desk.select_option("select[name=urgency]", "urgent")
    desk.fill("input[name=promise]", "M. ou Mme Roux vous rappelle dans l’heure.")
    desk.wait_for_timeout(3000)
    desk.screenshot(path=PLACE / "desk.png")
    desk.emulate_media(color_scheme="dark")
    desk.screenshot(path=PLACE / "desk-dark.png")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_selector("article.saved")
    space = window(browser, url, PHONE, MARC)
    space.goto("/portal/")
    space.screenshot(path=PLACE / "portal.png")
    space.goto("/portal/journal/")
    space.screenshot(path=PLACE / "journal.png")


def main() -> None:
    PLACE.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium")
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        running = Installation(Path(folder), smtp_port=free_port(), options=["--demo"])
        running.start(180)
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        try:
            take(browser, running.url)
        finally:
            browser.close()
            running.stop()


if __name__ == "__main__":
    main()
