"""Signing in, through the pages."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client as Browser

from permanence.bureau import jobs, usecases
from permanence.bureau.models import Secretary, User
from permanence.calls.models import Softphone
from permanence.calls.usecases import issue_softphone
from permanence.kernel import letters
from permanence.kernel.actor import Role
from tests.people import PASSWORD, actor_for, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_attempts_yet(db):
    cache.clear()


class Outbox(list[letters.Letter]):
    def send(self, letter):
        self.append(letter)


@pytest.fixture
def outbox(monkeypatch):
    kept = Outbox()
    monkeypatch.setattr(letters, "_installed", [kept])
    return kept


def sign_in(browser, user, password=PASSWORD, **more):
    return browser.post("/account/login/", {"login": user.email, "password": password}, **more)


def found(pattern, text):
    match = re.search(pattern, text)
    assert match
    return match[1]


def code_of(secret):
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_the_right_password_opens_a_session_of_twelve_hours(secretary):
    browser = Browser()
    assert sign_in(browser, secretary.user).status_code == 302
    assert 11.9 * 3600 < browser.session.get_expiry_age() <= 12 * 3600
    browser.post("/account/language/", {"language": "en"})
    assert browser.session.get_expiry_age() <= 12 * 3600


def test_passwords_are_kept_as_argon2id(secretary):
    assert secretary.user.password.startswith("argon2$argon2id$")


def test_the_wrong_password_says_nothing_of_who_exists(secretary):
    browser = Browser()
    known = sign_in(browser, secretary.user, "wrong").content.decode()
    unknown = browser.post("/account/login/", {"login": "nobody@exemple.fr", "password": "wrong"}).content.decode()
    strip = lambda page: re.sub(r'value="[^"]*"|nonce="[^"]*"|"X-CSRFToken": "[^"]*"|data-now="[^"]*"', "", page)  # noqa: E731
    assert strip(known) == strip(unknown)


def test_a_stranger_who_tries_again_and_again_locks_nobody_but_himself(secretary):
    stranger, she = Browser(REMOTE_ADDR="203.0.113.9"), Browser(REMOTE_ADDR="192.0.2.1")
    for _ in range(8):
        sign_in(stranger, secretary.user, "guess")
    assert sign_in(stranger, secretary.user).status_code == 200
    assert sign_in(she, secretary.user).status_code == 302


def test_there_is_no_sign_up():
    assert Browser().get("/account/signup/").status_code == 404


def test_signing_out_leaves_the_desk(secretary):
    browser = Browser()
    sign_in(browser, secretary.user)
    browser.post("/account/logout/")
    assert Secretary.objects.get(pk=secretary.pk).state == "off"
    assert not UserSession.objects.exists()
    assert browser.get("/account/").status_code == 302


def test_a_closed_account_is_out_of_the_door_at_its_next_page(secretary):
    browser = Browser()
    sign_in(browser, secretary.user)
    assert browser.get("/account/").status_code == 200
    usecases.deactivate_user(actor=actor_for(make_user("Hélène Aubry", Role.ADMINISTRATOR)), user=secretary.user)
    assert browser.get("/account/").status_code == 302
    assert sign_in(Browser(), secretary.user).headers["Location"] == "/account/inactive/"


def test_a_session_ends_another_but_never_somebody_elses(secretary, colleague):
    here, there, hers = Browser(), Browser(), Browser()
    for browser, person in [(here, secretary), (there, secretary), (hers, colleague)]:
        sign_in(browser, person.user)
    foreign = UserSession.objects.get(user=colleague.user)
    here.post("/account/sessions/", {"session": foreign.pk})
    assert hers.get("/account/").status_code == 200
    other = UserSession.objects.get(session_key=there.session.session_key)
    here.post("/account/sessions/", {"session": other.pk})
    assert there.get("/account/").status_code == 302
    assert here.get("/account/").status_code == 200


def test_totp_is_asked_for_after_the_password_and_its_secret_lies_encrypted(secretary):
    browser = Browser()
    sign_in(browser, secretary.user)
    page = browser.get("/account/2fa/totp/activate/").content.decode()
    secret = found(r'id="authenticator_secret">(\w+)<', page)
    assert browser.post("/account/2fa/totp/activate/", {"code": "000000"}).status_code == 200
    assert browser.post("/account/2fa/totp/activate/", {"code": code_of(secret)}).status_code == 302
    kept = Authenticator.objects.get(type=Authenticator.Type.TOTP)
    assert secret not in str(kept.data)
    again = Browser()
    assert sign_in(again, secretary.user).headers["Location"] == "/account/2fa/authenticate/"
    assert again.get("/account/").status_code == 302


def test_where_staff_must_have_a_second_factor_they_are_led_to_it_and_to_nothing_else(secretary, owner, settings):
    settings.STAFF_MFA = True
    browser = Browser()
    sign_in(browser, secretary.user)
    assert browser.get("/desk/").headers["Location"] == "/account/second-factor/"
    assert browser.get("/account/second-factor/").status_code == 200
    Authenticator.objects.create(user=secretary.user, type=Authenticator.Type.TOTP, data={})
    assert browser.get("/account/second-factor/").headers["Location"] == "/"
    assert browser.get("/desk/").status_code != 302
    client = Browser()
    sign_in(client, owner.user)
    assert client.get("/portal/").headers.get("Location") != "/account/second-factor/"


def test_the_last_second_factor_stays_where_one_is_required(secretary, settings):
    settings.STAFF_MFA = True
    browser = Browser()
    sign_in(browser, secretary.user)
    Authenticator.objects.create(user=secretary.user, type=Authenticator.Type.TOTP, data={})
    browser.post("/account/2fa/totp/deactivate/")
    assert Authenticator.objects.exists()


def test_french_first_whatever_the_browser_asks(secretary):
    browser = Browser(headers={"accept-language": "en-US,en;q=0.9"})
    assert browser.get("/account/login/").headers["Content-Language"] == "fr"
    browser.post("/account/language/", {"language": "en", "next": "/account/login/"})
    assert browser.get("/account/login/").headers["Content-Language"] == "en"
    sign_in(browser, secretary.user)
    assert browser.get("/account/").headers["Content-Language"] == "fr"
    browser.post("/account/language/", {"language": "en"})
    assert User.objects.get(pk=secretary.user_id).language == "en"
    browser.post("/account/language/", {"language": "xx"})
    assert browser.get("/account/").headers["Content-Language"] == "en"


def test_the_switches_lead_back_here_and_nowhere_else():
    browser = Browser()
    sent = browser.post("/account/theme/", {"theme": "dark", "next": "https://evil.example/"})
    assert sent.headers["Location"] == "/"
    assert 'data-bs-theme="dark"' in browser.get("/account/login/").content.decode()


def test_an_invitation_is_accepted_on_its_page(supervisor, outbox):
    _, token = usecases.invite(
        actor=actor_for(supervisor), email="lea@exemple.fr", name="Léa Martin", role=Role.SECRETARY
    )
    user = User.objects.get(email="lea@exemple.fr")
    jobs.send_invitation(invitation_id=user.invitations.get().pk)
    assert outbox[0].to == "lea@exemple.fr"
    assert token in outbox[0].text
    assert "\n" not in outbox[0].subject
    browser, address = Browser(), f"/account/invitations/{token}/"
    assert browser.get(address).status_code == 200
    weak = browser.post(address, {"password": "motdepasse", "again": "motdepasse"})
    assert weak.status_code == 422
    chosen = {"password": "un tournevis sous la pluie", "again": "un tournevis sous la pluie"}
    assert browser.post(address, {**chosen, "again": "autre"}).status_code == 422
    assert browser.post(address, chosen).headers["Location"] == "/account/login/"
    assert browser.get(address).status_code == 410
    assert sign_in(browser, user, chosen["password"]).status_code == 302


def test_a_forgotten_password_is_chosen_again_by_letter_and_ends_every_session(secretary, outbox):
    elsewhere, browser = Browser(), Browser()
    sign_in(elsewhere, secretary.user)
    issue_softphone(actor=actor_for(secretary), session_key=elsewhere.session.session_key or "")
    assert browser.post("/account/password/reset/", {"email": secretary.user.email}).status_code == 302
    jobs.send_password_reset(user_id=secretary.user_id)
    address = found(r"http://[^/]+(/account/password/reset/key/\S+)", outbox[-1].text)
    form = browser.get(address).headers["Location"]
    done = browser.post(form, {"password1": "un tournevis sous la pluie", "password2": "un tournevis sous la pluie"})
    assert done.status_code == 302
    assert elsewhere.get("/account/").status_code == 302
    assert not Softphone.objects.filter(revoked_at=None).exists()
    assert sign_in(browser, secretary.user, "un tournevis sous la pluie").status_code == 302
    assert "Location" not in browser.get(address).headers


def test_the_account_page_shows_only_ones_own(secretary, colleague):
    browser = Browser()
    sign_in(browser, secretary.user)
    page = browser.get("/account/").content.decode()
    assert secretary.user.email in page
    assert colleague.user.email not in page
    assert browser.post("/account/", {"name": "", "gender": "f"}).status_code == 422
    browser.post("/account/", {"name": "Nadia B.", "gender": "f"})
    assert User.objects.get(pk=secretary.user_id).name == "Nadia B."


def test_what_protects_the_account_asks_again_who_one_is_after_a_while(secretary):
    browser = Browser()
    sign_in(browser, secretary.user)
    session = browser.session
    for record in session["account_authentication_methods"]:
        record["at"] = 0
    session.save()
    asked = browser.get("/account/2fa/totp/activate/").headers["Location"]
    assert asked == "/account/reauthenticate/?next=%2Faccount%2F2fa%2Ftotp%2Factivate%2F"
    assert browser.post(asked, {"password": "wrong"}).status_code == 200
    sent = browser.post(asked, {"password": PASSWORD, "next": "/account/2fa/totp/activate/"})
    assert sent.headers["Location"] == "/account/2fa/totp/activate/"
    assert browser.get("/account/2fa/totp/activate/").status_code == 200
