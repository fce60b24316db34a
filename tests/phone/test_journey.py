"""One real call, end to end: sipp rings, a browser answers, the message reaches the client, who takes it in charge."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import time as clock_time
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from permanence.calls.models import Call, Line
from permanence.clients.models import Client, Instruction, InstructionVersion, Opening, Person
from permanence.database.context import EVERY_CLIENT, acting
from permanence.database.notices import tell
from permanence.kernel.actor import system
from permanence.kernel.clock import now
from tests.browsing import sign_in
from tests.installation import Installation, free_port
from tests.mailbox import Mailbox
from tests.people import grant, make_client, make_member, make_secretary
from tests.phone.conftest import Rows
from tests.phone.telephones import eventually

pytestmark = pytest.mark.phone
SCENARIO = Path(__file__).parent / "caller.xml"
SENTENCE = Path(__file__).parents[2] / "src/permanence/telephony/sentence.al"


@contextmanager
def sipp_calls(number: str, sip_port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A caller by sipp: it invites, speaks a recorded sentence over and over, and hangs up when told to stop."""
    shutil.copy(SENTENCE, folder / "sentence.al")
    command = ["sipp", f"127.0.0.1:{sip_port}", "-sf", SCENARIO, "-s", number, "-i", "127.0.0.1", "-mi", "127.0.0.1"]
    command += ["-p", str(free_port()), "-mp", str(free_port())]
    command += ["-m", "1", "-nostdin", "-trace_err", "-error_file", folder / "sipp.err"]
    with (folder / "sipp.log").open("wb") as log:
        caller = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            yield caller
        finally:
            caller.kill()
            caller.wait()


def bytes_of(page: Page, which: str) -> int:
    return int(page.locator("[data-controller~=softphone]").get_attribute(f"data-{which}-bytes") or 0)


def found_bureau() -> tuple[Client, Line]:
    """A plumber who is always open, with one instruction."""
    client = make_client("Plomberie Roux", greeting="Plomberie Roux, bonjour.", holidays="")
    for day in range(7):
        Opening.objects.create(client=client, weekday=day, opens=clock_time(0), closes=clock_time(0))
    Person.objects.create(client=client, name="Marc Roux", email="marc@plomberie-roux.example")
    return client, Line.objects.get(client=client)


def sit_at_the_desk(desk: Page, email: str) -> Locator:
    """Signed in, telephone registered, available."""
    sign_in(desk, email)
    desk.goto("/desk/")
    phone = desk.locator("[data-controller~=softphone]")
    expect(phone).to_have_attribute("data-phone-state", "registered", timeout=20_000)
    desk.locator("details.me > summary").click()
    desk.locator("button[name=state][value=ready]").click()
    expect(desk.locator("details.me[data-state=ready]")).to_be_attached()
    return phone


def hear_each_other(desk: Page) -> None:
    eventually(lambda: bytes_of(desk, "remote") > 0 and bytes_of(desk, "local") > 0, 10, "sound both ways")
    before = bytes_of(desk, "remote"), bytes_of(desk, "local")
    desk.wait_for_timeout(2_500)
    assert bytes_of(desk, "remote") - before[0] > 8_000, "the caller is heard"
    assert bytes_of(desk, "local") - before[1] > 8_000, "the secretary is heard"


def write_the_message(desk: Page) -> None:
    desk.locator("input[name=caller_name]").fill("Jeanne Marchand")
    desk.locator("input[name=caller_number]").fill("06 39 98 41 27")
    desk.locator("input[name=number_read_back]").check()
    desk.locator("textarea[name=reason]").fill("Fuite sous l’évier, l’eau coule encore.")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#work")).to_contain_text("Jeanne Marchand")


def test_a_caller_is_answered_a_message_is_taken_the_client_acknowledges_it(
    installation: Installation, open_window: Callable[..., Page], rows: Rows, mailbox: Mailbox, tmp_path: Path
):
    with rows(), acting(system("tests"), EVERY_CLIENT):
        client, line = found_bureau()
        nadia = make_secretary("Nadia Benali")
        grant(nadia, client)
        marc = make_member(client, "Marc Roux")
        alert = Instruction.objects.create(client=client, layer="alert", title="Fuite")
        InstructionVersion.objects.create(
            client=client, instruction=alert, number=1, text="Appeler Mme Roux.", author=marc.user, published_at=now()
        )
        tell("bureau", "clients")
    desk = open_window()
    phone = sit_at_the_desk(desk, nadia.user.email)

    with sipp_calls(line.number, installation.sip_port, tmp_path) as caller:
        expect(phone).to_have_attribute("data-phone-state", "ringing", timeout=20_000)
        expect(desk.locator("#strip .who")).to_have_text("Plomberie Roux")
        with rows(), acting(system("tests"), EVERY_CLIENT):
            call = Call.objects.get(line=line)
        assert phone.get_attribute("data-phone-call") == str(call.pk), "the right call rings"
        expect(desk.locator(".greet")).to_contain_text("Plomberie Roux, bonjour.")
        expect(desk.locator("body")).to_contain_text("Appeler Mme Roux.")
        desk.keyboard.press("Space")
        expect(phone).to_have_attribute("data-phone-state", "talking", timeout=15_000)
        hear_each_other(desk)
        write_the_message(desk)
        body = mailbox.wait_for("marc@plomberie-roux.example").get_body(("plain",))
        assert body is not None
        assert "/portal/messages/" in body.get_content()
        desk.keyboard.press("F10")
        assert eventually(lambda: caller.poll() is not None, 10, "the caller is hung up on")
    expect(desk.locator("#strip .live[data-phase=wrapping_up]")).to_be_attached()
    desk.keyboard.press("Escape")
    expect(desk.locator("details.me[data-state=ready]")).to_be_attached()
    desk.goto("/desk/today/")

    space = open_window(viewport={"width": 390, "height": 844})
    sign_in(space, marc.user.email)
    space.goto("/portal/")
    expect(space.locator("#waiting")).to_contain_text("Fuite sous l’évier")
    shown = desk.locator("table.day-table")
    before = shown.inner_text()
    space.locator("#waiting .btn-client").first.click()
    expect(shown).not_to_have_text(before, timeout=1_000)
