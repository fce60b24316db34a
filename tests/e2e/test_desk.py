"""The secretary's desk in a real browser: nothing typed is lost or sent twice, changes are flagged, keys do it all."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from permanence.bureau.models import Secretary
from permanence.calls.models import Call, Line
from permanence.clients.models import Client, KnowledgeEntry, Member, Person
from permanence.clients.usecases import Wording, publish_instruction, tick_instruction
from permanence.database.context import EVERY_CLIENT, acting
from permanence.database.notices import tell
from permanence.kernel.actor import system
from permanence.kernel.clock import now
from permanence.messaging.models import Draft, Message
from tests.browsing import sign_in
from tests.people import actor_for, grant, make_client, make_member, make_secretary

pytestmark = pytest.mark.e2e
Rows = Callable[[], AbstractContextManager[None]]


@dataclass
class House:
    """One client with his owner, the secretary who answers for him, and the call she is in."""

    client: Client
    owner: Member
    nadia: Secretary
    call: Call
    rows: Rows

    def all(self, model: Any) -> list[Any]:
        with self.rows(), acting(system("tests"), EVERY_CLIENT):
            return list(model.objects.filter(client=self.client))

    def change(self, act: Callable[[], Any], *notices: tuple[str, str, Any]) -> Any:
        """Something happens elsewhere, and open pages are told."""
        with self.rows(), acting(system("tests"), EVERY_CLIENT):
            done = act()
            for channel, kind, subject in notices:
                tell(channel, kind, subject)
        return done


@pytest.fixture
def house(rows: Rows) -> House:
    with rows():
        client = make_client("Plomberie Roux", greeting="Plomberie Roux, bonjour, {secretary} à votre écoute.")
        owner = make_member(client, "Marc Roux")
        nadia = make_secretary("Nadia Benali", state="busy")
        grant(nadia, client)
        with acting(system("tests"), EVERY_CLIENT):
            Person.objects.create(client=client, name="Marc Roux", email="marc@roux.test")
            for question, answer in (("Devis gratuit ?", "Oui, à Nantes."), ("Le dimanche ?", "Non.")):
                KnowledgeEntry.objects.create(client=client, question=question, answer=answer, edited_by=owner.user)
            call = make_call(client, nadia)
    return House(client, owner, nadia, call, rows)


def make_call(client: Client, nadia: Secretary, **columns: Any) -> Call:
    at = now() - timedelta(minutes=1)
    given = {"state": "talking", "started_at": at, "rang_at": at, "answered_at": at, **columns}
    line = Line.objects.get(client=client)
    return Call.objects.create(client=client, line=line, secretary=nadia, caller_number="+33639984127", **given)


@pytest.fixture
def desk(house: House, open_window: Callable[..., Page]) -> Page:
    page = open_window()
    sign_in(page, house.nadia.user.email)
    page.goto("/desk/")
    return page


def wait_until(true: Callable[[], Any], page: Page, seconds: float = 6) -> None:
    for _ in range(int(seconds * 10)):
        if true():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it never came")


def test_a_draft_survives_a_closed_tab(house: House, desk: Page):
    desk.locator("textarea[name=reason]").fill("Fuite sous l’évier")
    desk.locator("input[name=number_read_back]").check()
    wait_until(lambda: [draft for draft in house.all(Draft) if draft.typed.get("reason")], desk)
    window = desk.context
    desk.close()
    again = window.new_page()
    again.goto("/desk/")
    expect(again.locator("textarea[name=reason]")).to_have_value("Fuite sous l’évier")
    expect(again.locator("input[name=number_read_back]")).to_be_checked()


def test_what_is_typed_while_the_server_is_dead_stays_in_this_browser(house: House, desk: Page):
    desk.context.set_offline(True)
    desk.locator("textarea[name=reason]").fill("Sans serveur")
    expect(desk.locator("[data-autosave-target=said]")).to_have_text(re.compile(r"\d"), timeout=6_000)
    window = desk.context
    desk.close()
    window.set_offline(False)
    again = window.new_page()
    again.goto(f"/desk/calls/{house.call.pk}/")
    expect(again.locator("textarea[name=reason]")).to_have_value("Sans serveur")
    wait_until(lambda: [draft for draft in house.all(Draft) if draft.typed.get("reason") == "Sans serveur"], again)


def test_a_double_click_gives_one_message_and_the_draft_is_gone(house: House, desk: Page):
    desk.locator("input[name=caller_name]").fill("Mme Marchand")
    desk.locator("textarea[name=reason]").fill("Devis chaudière")
    desk.locator(".savebar .btn-client").dblclick()
    expect(desk.locator("article.saved")).to_contain_text("Devis chaudière")
    desk.wait_for_timeout(1_500)
    assert len(house.all(Message)) == 1
    assert house.all(Draft) == []


def test_an_instruction_changed_by_the_client_appears_flagged_until_ticked(house: House, desk: Page):
    nadia, marc = actor_for(house.nadia), actor_for(house.owner)
    with house.rows():
        with acting(marc):
            wording = Wording(layer="alert", text="Appeler M. Roux à toute heure.")
            first = publish_instruction(actor=marc, client=house.client, wording=wording)
        with acting(nadia):
            tick_instruction(actor=nadia, version=first)
    expect(desk.locator("#context")).to_contain_text("Appeler M. Roux à toute heure.")
    desk.locator("textarea[name=reason]").fill("En train de taper")
    with house.rows(), acting(marc):
        wording = Wording(layer="alert", text="Appeler Mme Roux à toute heure.")
        publish_instruction(actor=marc, client=house.client, wording=wording, instruction=first.instruction)
    flagged = desk.locator("#context article.in-new")
    expect(flagged.locator("del")).to_have_text("M. ")
    expect(flagged.locator("ins")).to_have_text("Mme ")
    expect(desk.locator("textarea[name=reason]")).to_have_value("En train de taper")
    expect(desk.locator("textarea[name=reason]")).to_be_focused()
    desk.keyboard.press("Alt+l")
    expect(flagged).to_have_count(0)
    expect(desk.locator("#context")).to_contain_text("Appeler Mme Roux")


def test_a_whole_message_by_keyboard(house: House, desk: Page):
    expect(desk.locator("[data-paths-target=panel]#path-knowledge")).to_be_hidden()
    desk.keyboard.press("F6")
    expect(desk.locator("#knowledge-words")).to_be_focused()
    expect(desk.locator("#knowledge details")).to_have_count(2)
    desk.keyboard.type("devis")
    expect(desk.locator("#knowledge details")).to_have_count(1)
    desk.locator("#knowledge summary").press("Enter")
    expect(desk.locator("#knowledge .answer")).to_contain_text("Oui, à Nantes.")
    desk.keyboard.press("F2")
    desk.locator("input[name=caller_name]").focus()
    desk.keyboard.type("Mme Marchand")
    desk.locator("textarea[name=reason]").focus()
    desk.keyboard.type("Fuite ? Oui, urgent.")
    expect(desk.locator("label.read-back")).to_have_class("check-line form-control read-back is-missing")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("article.saved")).to_contain_text("Fuite ? Oui, urgent.")
    end = {"state": "done", "outcome": "answered", "ended_at": now()}
    house.change(
        lambda: (Call.objects.filter(pk=house.call.pk).update(**end), _wraps_up(house.nadia)),
        (f"secretary:{house.nadia.pk}", "call", house.call.pk),
    )
    expect(desk.locator("#strip [data-phase=wrapping_up]")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.locator("#day")).to_be_visible()
    expect(desk.locator("details.me[data-state=ready]")).to_be_attached()


def _wraps_up(nadia: Secretary) -> None:
    Secretary.objects.filter(pk=nadia.pk).update(state="wrapping_up")


def test_leaving_a_message_asks_and_keeps_it(house: House, desk: Page):
    desk.locator("textarea[name=reason]").fill("À moitié écrit")
    desk.locator("#rail a[href='/desk/clients/']").click()
    expect(desk.locator("dialog[data-message-form-target=leave]")).to_be_visible()
    desk.keyboard.press("Enter")
    expect(desk.locator("textarea[name=reason]")).to_have_value("À moitié écrit")
    desk.locator("#rail a[href='/desk/clients/']").click()
    desk.locator("[data-action='message-form#keepDraft']").click()
    expect(desk.locator("#client-words")).to_be_visible()
    desk.locator(".strip-card").click()
    expect(desk.locator("textarea[name=reason]")).to_have_value("À moitié écrit")


def test_a_call_that_rings_paints_its_card_and_takes_nothing_from_who_types(house: House, desk: Page):
    ended = {"state": "done", "outcome": "answered", "ended_at": now(), "wrapped_up_at": now()}
    house.change(lambda: Call.objects.filter(pk=house.call.pk).update(**ended))
    desk.goto("/desk/clients/")
    desk.locator("h1").click()
    ring = house.change(lambda: make_call(house.client, house.nadia, id=uuid4(), state="ringing", answered_at=None))
    house.change(lambda: None, (f"secretary:{house.nadia.pk}", "ring", ring.pk))
    expect(desk.locator(".greet q")).to_contain_text("Plomberie Roux, bonjour, Nadia à votre écoute.")
    expect(desk.locator("#strip [data-phase=ringing]")).to_be_visible()
    expect(desk).to_have_url(f"{desk.url.split('/desk/')[0]}/desk/calls/{ring.pk}/")
    desk.locator("textarea[name=reason]").fill("Je tape")
    done = {"state": "done", "outcome": "abandoned", "ended_at": now()}
    house.change(lambda: Call.objects.filter(pk=ring.pk).update(**done))
    other = house.change(lambda: make_call(house.client, house.nadia, id=uuid4(), state="ringing", answered_at=None))
    house.change(lambda: None, (f"secretary:{house.nadia.pk}", "ring", other.pk))
    expect(desk.locator(f"#strip[data-live='{other.pk}']")).to_be_visible()
    expect(desk.locator("textarea[name=reason]")).to_have_value("Je tape")
    expect(desk.locator("textarea[name=reason]")).to_be_focused()


def test_a_ring_that_is_over_takes_no_page_away(house: House, desk: Page):
    ended = {"state": "done", "outcome": "answered", "ended_at": now(), "wrapped_up_at": now()}
    ring = (f"secretary:{house.nadia.pk}", "ring", house.call.pk)
    house.change(lambda: Call.objects.filter(pk=house.call.pk).update(**ended), ring)
    with desk.expect_response("**/stream/**"):
        desk.goto("/desk/today/")
    desk.wait_for_timeout(1_500)
    expect(desk.locator("table.day-table")).to_be_visible()


def test_everything_reads_and_posts_without_scripts(house: House, open_window: Callable[..., Page]):
    page = open_window(java_script_enabled=False)
    sign_in(page, house.nadia.user.email)
    page.goto("/desk/")
    page.locator("input[name=caller_name]").fill("Mme Marchand")
    page.locator("textarea[name=reason]").fill("Sans script")
    page.locator(".savebar .btn-client").click()
    expect(page.locator("article.saved")).to_contain_text("Sans script")
    page.locator(".saved a").first.click()
    page.locator("textarea[name=text]").fill("Bien noté.")
    page.locator(".savebar.reply button").click()
    expect(page.locator(".replies")).to_contain_text("Bien noté.")
