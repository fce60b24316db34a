"""What a browser may do with our pages, and the way in by role."""

import json
import os
import re
import subprocess
import sys

import pytest

from permanence.kernel.actor import Role
from tests.people import make_client, make_member, make_secretary, make_user

SETTINGS = """
import json, django
from django.conf import settings as s
django.setup()
print(json.dumps([s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,
                  s.LANGUAGE_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0, s.ALLOWED_HOSTS[-2:]]))
"""

pytestmark = pytest.mark.django_db


@pytest.fixture
def sign_in(client):
    def signed_in(user):
        client.force_login(user)
        return client

    return signed_in


def directives(response):
    return dict(
        part.strip().partition(" ")[::2] for part in response.headers["Content-Security-Policy"].split(";") if part
    )


def test_scripts_need_this_pages_nonce(client):
    first, second = client.get("/account/login/"), client.get("/account/login/")
    policy = directives(first)
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    nonce = re.fullmatch(r"'strict-dynamic' 'nonce-(.+)'|'nonce-(.+)' 'strict-dynamic'", policy["script-src"])
    assert nonce, policy
    assert policy["script-src"] != directives(second)["script-src"]
    scripts = re.findall(r"<script[^>]*>", first.content.decode())
    assert scripts
    assert all(f'nonce="{nonce[1] or nonce[2]}"' in script for script in scripts)


def test_nothing_inline_and_nothing_from_elsewhere(client):
    page = client.get("/account/login/").content.decode()
    assert not re.search(r"\s(style|on[a-z]+)=", page)
    assert not re.search(r"(src|href)=\"(https?:)?//", page)


@pytest.mark.parametrize("path", ["/account/login/", "/health/", "/nowhere/", "/"])
def test_every_answer_is_hardened(client, path):
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "microphone=(self)" in headers["Permissions-Policy"]
    assert "camera=()" in headers["Permissions-Policy"]


def test_behind_tls_every_cookie_is_bound_to_the_host():
    environment = {**os.environ, "PERMANENCE_URL": "https://permanence.example"}
    done = subprocess.run([sys.executable, "-c", SETTINGS], env=environment, capture_output=True, text=True, check=True)
    names = ["__Host-session", "__Host-csrf"]
    assert json.loads(done.stdout) == [*names, True, True, True, True, ["permanence.example", "127.0.0.1"]]


def test_the_way_in_depends_on_the_role(client):
    assert client.get("/").url == "/account/login/"
    secretary, company = make_secretary(), make_client()
    for user, home in [
        (secretary.user, "/desk/"),
        (make_user("Karim Haddad", Role.SUPERVISOR), "/supervision/"),
        (make_user("Zoé Petit", Role.ADMINISTRATOR), "/supervision/"),
        (make_member(company).user, "/portal/"),
    ]:
        client.force_login(user)
        assert client.get("/").url == home


def test_pages_of_signed_in_people_stay_nowhere(sign_in):
    response = sign_in(make_user("Karim Haddad", Role.SUPERVISOR)).get("/")
    assert response.headers["Cache-Control"] == "no-store, private"


def test_health_tells_database_and_telephone(client):
    response = client.get("/health/")
    assert response.status_code == 200
    assert response.json() == {"database": "ok", "telephone": "down"}
    assert client.post("/health/").status_code == 405


def test_a_stranger_finds_the_houses_page_of_refusal(client):
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert b'id="work"' in response.content
