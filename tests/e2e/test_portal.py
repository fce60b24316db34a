"""The client's space on his telephone: what he writes holds until he said, what he takes in charge is seen at once."""

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
from permanence.clients.models import Client, Member, Person
from permanence.database.context import EVERY_CLIENT, acting
from permanence.kernel.actor import system
from permanence.kernel.clock import PARIS, now
from permanence.messaging.models import Message
from permanence.messaging.usecases import Taken, take_message
from tests.browsing import sign_in
from tests.people import actor_for, grant, make_client, make_member, make_secretary

pytestmark = pytest.mark.e2e
Rows = Callable[[], AbstractContextManager[None]]
SECOND = 1_000
PATIENCE = 15 * SECOND
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@dataclass
class House:
    """A plumber who is somebody for callers, and the secretary who answers for him."""

    client: Client
    marc: Member
    nadia: Secretary
    rows: Rows

    def message(self, reason: str) -> Message:
        """Nadia takes a message during a call that is over."""
        nadia, at = actor_for(self.nadia), now()
        with self.rows():
            with acting(system("tests"), EVERY_CLIENT):
                call = Call.objects.create(
                    client=self.client, line=Line.objects.get(client=self.client), caller_number="+33639984127",
                    secretary=self.nadia, state="done", outcome="answered", started_at=at, rang_at=at, answered_at=at,
                    ended_at=at, wrapped_up_at=at,
                )  # fmt: skip
            with acting(nadia):
                taken = Taken(submission=uuid4(), caller_name="Jeanne Marchand", reason=reason)
                return take_message(actor=nadia, call=call, taken=taken)


@pytest.fixture
def house(rows: Rows) -> House:
    with rows():
        client = make_client("Plomberie Roux")
        marc, nadia = make_member(client, "Marc Roux"), make_secretary("Nadia Benali")
        grant(nadia, client)
        with acting(system("tests"), EVERY_CLIENT):
            marc.person = Person.objects.create(client=client, name="Marc Roux")
            marc.save()
    return House(client, marc, nadia, rows)


@pytest.fixture
def phone(house: House, open_window: Callable[..., Page]) -> Page:
    """Marc's telephone, signed in."""
    page = open_window(**PHONE)
    page.set_default_timeout(PATIENCE)
    sign_in(page, house.marc.user.email)
    return page


def test_a_temporary_instruction_is_listed_with_its_end(phone: Page):
    phone.goto("/portal/instructions/")
    phone.locator("a[href$='?layer=temporary']").tap()
    expect(phone.locator("select[name=layer]")).to_have_value("temporary", timeout=PATIENCE)
    phone.locator("textarea[name=text]").fill("Chantier à Rezé : donner le portable de Léa.")
    publish = phone.locator("form.form-p button.btn-client")
    publish.tap()
    expect(phone.locator(".form-error, .banner-danger").first).to_be_visible(timeout=PATIENCE)
    expect(phone.locator("textarea[name=text]")).to_have_value("Chantier à Rezé : donner le portable de Léa.")
    end = (now().astimezone(PARIS) + timedelta(days=2)).replace(hour=18, minute=0)
    phone.locator("input[name=ends_at]").fill(f"{end:%Y-%m-%dT%H:%M}")
    publish.tap()
    phone.wait_for_url("**/portal/instructions/")
    listed = phone.locator("article.in-p", has_text="Chantier à Rezé")
    expect(listed).to_contain_text("cesse seule", timeout=PATIENCE)
    expect(listed).to_contain_text("18 h 00")


def test_unavailable_until_a_quick_choice_then_back(phone: Page):
    phone.goto("/portal/")
    switch = phone.locator("#presence [role=switch]")
    expect(switch).to_have_attribute("aria-checked", "false", timeout=PATIENCE)
    phone.locator("#presence .chips button").last.tap()
    expect(switch).to_have_attribute("aria-checked", "true", timeout=PATIENCE)
    expect(phone.locator("#presence .chips button.on")).to_have_count(1)
    phone.reload()
    expect(switch).to_have_attribute("aria-checked", "true", timeout=PATIENCE)
    switch.tap()
    expect(switch).to_have_attribute("aria-checked", "false", timeout=PATIENCE)
    expect(phone.locator("#presence .chips button.on")).to_have_count(0)


def test_one_tap_takes_charge_and_the_secretary_s_day_shows_it(
    house: House, phone: Page, open_window: Callable[..., Page]
):
    house.message("Fuite sous l’évier, l’eau coule encore.")
    desk = open_window()
    sign_in(desk, house.nadia.user.email)
    desk.goto("/desk/today/")
    state = desk.locator("table.day-table tbody tr", has_text="Jeanne Marchand").locator("td").last
    expect(state).to_contain_text("envoyé, pas encore lu", timeout=PATIENCE)
    phone.goto("/portal/")
    waiting = phone.locator("#waiting article.msg", has_text="Fuite sous l’évier")
    waiting.locator(".btn-client").tap()
    expect(state).to_contain_text("pris en charge", timeout=3 * SECOND)
    expect(waiting).to_have_count(0, timeout=PATIENCE)
    expect(phone.locator("#waiting")).to_contain_text("Jeanne Marchand")


def test_the_owner_of_another_company_finds_nothing_at_the_message_s_address(
    house: House, phone: Page, open_window: Callable[..., Page]
):
    address = f"/portal/messages/{house.message('Devis chaudière').pk}/"
    with house.rows():
        aminata = make_member(make_client("Cabinet Diallo", "lawyer"), "Aminata Diallo").user.email
    hers = open_window(**PHONE)
    sign_in(hers, aminata)
    refused = hers.goto(address)
    assert refused
    assert refused.status == 404
    assert "Devis chaudière" not in hers.content()
    phone.goto(address)
    expect(phone.locator("#message")).to_contain_text("Devis chaudière", timeout=PATIENCE)


def test_a_reply_too_long_is_refused_and_stays_typed(house: House, phone: Page):
    phone.goto(f"/portal/messages/{house.message('Devis chaudière').pk}/")
    text = phone.locator("textarea[name=text]")
    typed = "é" * 50_000
    text.fill(typed)
    send = phone.locator("form[action$='/reply/'] button")
    send.tap()
    expect(phone.locator(".banner-danger")).to_be_visible(timeout=PATIENCE)
    assert text.input_value() == typed, "nothing of it is lost"
    text.fill("Je passe à 17 h.")
    send.tap()
    expect(phone.locator("ol.talk")).to_contain_text("Je passe à 17 h.", timeout=PATIENCE)
