"""Every address of the product, walked by five people: nobody gets another client's content, and nothing breaks.

The addresses are read from the resolver, so a new one is walked without a word being written here.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.regex_helper import normalize

from permanence.bureau.models import User
from tests.people import make_secretary
from tests.world import furnish

pytestmark = pytest.mark.django_db
WORD, OTHER_WORD = "Quetzalcoatl", "Huitzilopochtli"
# What a passer-by may open: signing in, what leads there, and the state of the installation.
PUBLIC = {
    "home", "health", "account_login", "account_inactive", "account_logout", "account_reset_password",
    "account_reset_password_done", "account_reset_password_from_key", "account_reset_password_from_key_done",
    "mfa_authenticate", "mfa_login_webauthn", "bureau:language", "bureau:theme", "bureau:invitation",
}  # fmt: skip
INVENTED = {"token": "not-a-token", "key": "not-a-key", "uidb36": "1", "pk": "1"}
JUNK = dict.fromkeys(("name", "text", "reason", "until", "state", "email", "number"), "« \u202ejunk 🦆 \x00'; --")


@dataclass(frozen=True, slots=True)
class Address:
    """One address, its parameters filled with the plumber's rows."""

    name: str
    path: str
    of_client: bool


def walk(patterns: list[Any], prefix: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """Every (name, regular expression) under ``patterns``."""
    for pattern in patterns:
        whole = prefix + pattern.pattern.regex.pattern.removeprefix("^")
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from walk(pattern.url_patterns, whole, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name or pattern.pattern}", whole


def addresses(ids: dict[str, Any]) -> list[Address]:
    """All of them, as the browser would write them."""
    found = []
    for name, expression in walk(get_resolver().url_patterns):
        template, parameters = normalize(expression)[0]
        unknown = set(parameters) - set(ids) - set(INVENTED)
        assert not unknown, f"{name}: give tests/world.py (or INVENTED) a real value for {sorted(unknown)}"
        path = "/" + template % {**INVENTED, **ids}
        found.append(Address(name, path, of_client=bool(set(parameters) & (set(ids) - {"secretary_id", "user_id"}))))
    return found


def of_client(ids: dict[str, Any]) -> list[Address]:
    return [address for address in addresses(ids) if address.of_client]


@pytest.fixture
def worlds(settings, plumber, lawyer, secretary, owner, stranger):
    """Two furnished companies: the plumber with Nadia and Marc, the lawyer with a secretary whom we do not meet."""
    settings.STAFF_MFA = False
    ids = {
        "plumber": furnish(plumber, secretary, owner, WORD),
        "lawyer": furnish(lawyer, make_secretary("Zoé Martin"), stranger, OTHER_WORD),
    }
    yield ids
    cache.clear()  # what the limits on sign-in have counted


@pytest.fixture
def enter():
    """A browser in which this person is signed in (nobody: a passer-by)."""

    def entered(user: User | None) -> Browser:
        browser = Browser()
        if user is not None:
            browser.force_login(user)
        return browser

    return entered


def said(answer: Any) -> str:
    """All that the answer lets its reader read."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode(errors="replace") + repr(dict(answer.headers))


def visit(browser: Browser, address: Address) -> Iterator[tuple[str, Any]]:
    """GET, as a page and as a fragment, then POST, empty and with junk: the second one where the first found somebody.

    Whatever a visit changed is undone.
    """
    cookies = deepcopy(browser.cookies)
    absent: set[str] = set()
    for asked in ("GET", "GET a fragment", "POST nothing", "POST junk"):
        if asked.split()[0] in absent:
            continue
        browser.cookies = deepcopy(cookies)
        with transaction.atomic():
            try:
                if asked.startswith("GET"):
                    answer = browser.get(address.path, headers={"HX-Request": "true"} if "fragment" in asked else {})
                else:
                    answer = browser.post(address.path, JUNK if "junk" in asked else {})
            except Exception as error:
                raise AssertionError(f"{asked} {address.path} ({address.name}) broke: {error!r}") from error
            assert answer.status_code < 500, (asked, address)
            if answer.status_code in (404, 405):
                absent.add(asked.split()[0])
            yield asked, answer
            transaction.set_rollback(True)
    browser.cookies = cookies


def walk_all(browser: Browser, every: list[Address], *, never: set[str], closed: bool) -> set[str]:
    """Visit them all; returns the names of those that answered with a company's content.

    ``never`` are the words that this person may not read; ``closed`` says that the company whose ids the addresses
    bear is not open to him.
    """
    open_names = set()
    for address in every:
        for asked, answer in visit(browser, address):
            text = said(answer)
            leaks = [line.strip() for line in text.splitlines() for word in never if word.lower() in line.lower()]
            assert not leaks, f"{asked} {address.path} leaks {leaks[:3]}"
            if closed and address.of_client:
                assert answer.status_code in (404, 405), f"{asked} {address.path} answers {answer.status_code}"
            if asked == "GET" and answer.status_code == 200 and (WORD in text or OTHER_WORD in text):
                open_names.add(address.name)
    return open_names


def test_a_passer_by_is_asked_to_sign_in(worlds, enter):
    for address in addresses(worlds["plumber"]):
        for asked, answer in visit(enter(None), address):
            text = said(answer)
            assert WORD not in text
            if address.name not in PUBLIC and answer.status_code not in (404, 405):
                target = answer.headers.get("Location") or answer.headers.get("HX-Redirect") or ""
                assert answer.status_code in (302, 200), f"{asked} {address.path} answers {answer.status_code}"
                assert target.startswith("/account/"), f"{asked} {address.path} is open to all: say so in PUBLIC"


def test_the_other_client_finds_nothing(worlds, enter, stranger):
    opened = walk_all(enter(stranger.user), addresses(worlds["plumber"]), never={WORD}, closed=True)
    assert opened >= {"portal:messages", "portal:people"}, "he does read his own"


def test_a_secretary_without_a_grant_finds_nothing(worlds, enter, colleague):
    assert walk_all(enter(colleague.user), addresses(worlds["plumber"]), never={WORD, OTHER_WORD}, closed=True) == set()


def test_a_secretary_with_a_grant_finds_this_client_and_no_other(worlds, enter, secretary):
    browser = enter(secretary.user)
    opened = walk_all(browser, addresses(worlds["plumber"]), never={OTHER_WORD}, closed=False)
    assert opened >= {"desk:call", "desk:client", "desk:thread", "desk:entry"}
    assert {name.split(":")[0] for name in opened} == {"desk"}
    walk_all(browser, of_client(worlds["lawyer"]), never={OTHER_WORD}, closed=True)


def test_a_member_finds_his_own_company(worlds, enter, owner):
    browser = enter(owner.user)
    opened = walk_all(browser, addresses(worlds["plumber"]), never={OTHER_WORD}, closed=False)
    assert opened >= {"portal:messages", "portal:message", "portal:people", "portal:person"}
    assert {name.split(":")[0] for name in opened} == {"portal"}
    walk_all(browser, of_client(worlds["lawyer"]), never={OTHER_WORD}, closed=True)


def test_a_supervisor_lists_and_grants_but_reads_no_content(worlds, enter, supervisor):
    assert walk_all(enter(supervisor), addresses(worlds["plumber"]), never={WORD, OTHER_WORD}, closed=False) == set()
