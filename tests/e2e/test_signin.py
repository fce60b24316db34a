"""Signing in with a real browser: code, recovery code, passkey, and a session ended from elsewhere."""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from permanence.kernel.actor import Role
from tests.browsing import sign_in
from tests.people import PASSWORD, make_user

pytestmark = pytest.mark.e2e


@pytest.fixture
def supervisor(rows):
    with rows():
        return make_user("Karim Haddad", Role.SUPERVISOR)


@pytest.fixture
def named(installation):
    """The address under which browsers make passkeys: a name, never a bare number."""
    return installation.url.replace("127.0.0.1", "localhost")


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def turn_on_totp(page: Page) -> tuple[str, list[str]]:
    """Returns the secret and the recovery codes."""
    page.goto("/account/")
    page.locator("a[href='/account/2fa/totp/activate/']").click()
    expect(page.locator("img.qr")).to_be_visible()
    secret = page.locator("#authenticator_secret").text_content() or ""
    page.locator("input[name=code]").fill(code_of(secret))
    page.locator("form:has(input[name=code]) button[type=submit]").click()
    codes = page.locator("#recovery_codes li")
    expect(codes).to_have_count(10)
    return secret, codes.all_text_contents()


def give_password(page: Page, email: str) -> None:
    page.goto("/account/login/")
    page.locator("input[name=login]").first.fill(email)
    page.locator("input[name=password]").first.fill(PASSWORD)
    page.locator("form:has(input[name=password]) button[type=submit]").first.click()
    page.wait_for_url("**/2fa/authenticate/")


def answer(page: Page, code: str) -> None:
    page.locator("input[name=code]").fill(code)
    page.locator("form:has(input[name=code]) button[type=submit]").click()


def test_a_code_is_asked_for_then_a_recovery_code_works_once(supervisor, open_window):
    page = open_window()
    sign_in(page, supervisor.email)
    secret, codes = turn_on_totp(page)

    second = open_window()
    give_password(second, supervisor.email)
    answer(second, "000000")
    expect(second.locator(".form-error, .banner-danger").first).to_be_visible()
    answer(second, code_of(secret))
    second.wait_for_url(re.compile(r"/supervision/"))

    third = open_window()
    give_password(third, supervisor.email)
    answer(third, codes[0].strip())
    third.wait_for_url(re.compile(r"/supervision/"))

    fourth = open_window()
    give_password(fourth, supervisor.email)
    answer(fourth, codes[0].strip())
    expect(fourth.locator(".form-error, .banner-danger").first).to_be_visible()


def test_a_passkey_signs_in_alone(supervisor, open_window, named):
    page = open_window(base_url=named)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    authenticator = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": authenticator})
    sign_in(page, supervisor.email)
    page.goto("/account/2fa/webauthn/add/")
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/2fa/recovery-codes/")

    page.goto("/account/")
    page.locator("form[action='/account/logout/'] button").click()
    page.goto("/account/login/")
    page.locator("#passkey_login").click()
    page.wait_for_url(re.compile(r"/supervision/"))


def test_no_passkey_is_offered_where_browsers_make_none(open_window):
    page = open_window()
    page.goto("/account/login/")
    expect(page.locator("#passkey_login")).to_be_hidden()


def test_a_session_ended_from_elsewhere_shows_nothing_more(supervisor, open_window):
    here, there = open_window(), open_window()
    sign_in(here, supervisor.email)
    sign_in(there, supervisor.email)
    there.goto("/supervision/")
    here.goto("/account/")
    others = here.locator("form[action='/account/sessions/'] button[name=session]")
    expect(others).to_have_count(1)
    others.click()
    expect(here.locator("form[action='/account/sessions/'] button[name=session]")).to_have_count(0)
    there.wait_for_url(re.compile(r"/account/login/"))
    here.goto("/supervision/")
    expect(here).to_have_url(re.compile(r"/supervision/$"))


def test_nothing_on_the_way_in_breaks_the_page_rules(supervisor, open_window):
    page = open_window()
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    sign_in(page, supervisor.email)
    for place in ("/account/", "/account/2fa/totp/activate/", "/account/2fa/webauthn/add/", "/supervision/"):
        page.goto(place)
    assert not complaints


def test_the_page_speaks_french_then_english_where_asked(open_window):
    page = open_window(locale="en-US")
    page.goto("/account/login/")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.locator("button[name=language][value=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator("button[name=theme][value=dark]").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
