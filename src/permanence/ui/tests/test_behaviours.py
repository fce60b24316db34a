"""The behaviours in a real browser, on a page of the real base template, before a server that can be cut and mute."""

import json
import queue
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.template import engines
from django.test import RequestFactory
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = pytest.mark.e2e
STATIC = Path(__file__).parents[1] / "static"
PAGE = """{% extends "ui/base.html" %}{% block body %}<main id="work">
<form id="form" method="post" hx-post="/send/" hx-swap="none" data-controller="autosave"
  data-autosave-url-value="/draft/" data-autosave-time-value="{h} h {mm} min {ss} s"
  data-autosave-kept-value="Gardé à {time}." data-autosave-local-value="Gardé ici à {time}.">
<label>Motif <textarea name="reason" data-key="F2"></textarea></label>
<label><input type="checkbox" name="read" value="yes" data-key="Alt+l"> Relu</label>
<button data-key="Control+Enter">Envoyer <kbd>Ctrl</kbd></button><p id="said" data-autosave-target="said"></p></form>
{% icon "phone" %}
<button id="one" data-key="1" type="button">Oui</button><output id="heard"></output>
<p id="clock" role="timer" data-controller="clock" data-clock-since-value="{{ since }}"></p>
<section id="part" hx-get="/part/" hx-trigger="live:queue from:body, live:back from:body">0</section>
</main>{% endblock %}"""
POLICY = (
    "default-src 'none'; script-src 'nonce-n' 'strict-dynamic'; style-src 'self' 'nonce-n'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'"
)
KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


class Server(ThreadingHTTPServer):
    """Serves the page; streams what ``tell`` gives it; ``down`` refuses drafts."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.page = b""
        self.down = False
        self.streams: list[queue.Queue[str | None]] = []
        self.asked: list[str] = []
        self.drafts: list[dict[str, list[str]]] = []
        self.sent: list[dict[str, list[str]]] = []
        self.parts = 0
        self.signed_in = True

    def tell(self, number: int, kind: str, subject: str = "") -> None:
        words = json.dumps({"channel": "bureau", "kind": kind, "subject": subject})
        for stream in self.streams:
            stream.put(f"event: {kind}\nid: {number}\ndata: {words}\n\n")

    def cut(self) -> None:
        for stream in self.streams:
            stream.put(None)
        self.streams.clear()


class Answers(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/":
            self.answer(self.server.page, "text/html; charset=utf-8")
        elif path == "/part/":
            self.server.parts += 1
            self.answer(str(self.server.parts).encode(), "text/html")
        elif path == "/stream/":
            self.stream()
        elif path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            self.answer(file.read_bytes(), KINDS[file.suffix])
        else:
            self.send_error(404)

    def do_HEAD(self) -> None:
        if self.server.signed_in or self.path != "/account/":
            self.answer(b"", "text/html")
        else:
            self.send_response(302)
            self.send_header("Location", "/account/login/")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def do_POST(self) -> None:
        typed = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if self.server.down:
            self.send_error(503)
            return
        kept = self.server.drafts if self.path == "/draft/" else self.server.sent
        kept.append({**typed, "token": [self.headers.get("X-CSRFToken", "")]})
        self.answer(b"", "text/html")

    def stream(self) -> None:
        self.server.asked.append(self.path)
        if self.server.down:
            self.send_error(503)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        told: queue.Queue[str | None] = queue.Queue()
        self.wfile.write(b"retry: 200\n\n")
        self.server.streams.append(told)
        with suppress(OSError):
            while (words := told.get()) is not None:
                self.wfile.write(words.encode())

    def answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    request = RequestFactory().get("/")
    request.user = SimpleNamespace(is_authenticated=True, pk=7, theme="light")  # type: ignore[assignment]
    page = engines["django"].from_string(PAGE)
    running.page = page.render({"since": "2026-11-23T09:00:00+01:00", "CSP_NONCE": "n"}, request).encode()
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield running
    running.cut()
    running.shutdown()


@pytest.fixture
def context(browser: Any, server: Server) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=server.url)
    opened.set_default_timeout(10_000)
    yield opened
    opened.close()


def open_page(context: BrowserContext) -> Page:
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda said: faults.append(said.text) if "Security Policy" in said.text else None)
    page.goto("/")
    page.evaluate(
        """() => ['live:queue', 'live:call:abc', 'live:back'].forEach((name) => document.body.addEventListener(
             name, () => document.querySelector('#heard').append(name + ' ')))"""
    )
    assert not faults
    return page


def heard(page: Page, words: str) -> None:
    expect(page.locator("#heard")).to_have_text(words)


def test_all_the_tabs_share_one_stream_and_each_hears_each_notice_once(context, server):
    first, second = open_page(context), open_page(context)
    second.wait_for_timeout(300)
    assert len(server.streams) == 1
    assert "since=2" in server.asked[0]
    server.tell(1, "queue")
    server.tell(1, "queue")
    server.tell(2, "call", "abc")
    heard(first, "live:queue live:call:abc")
    heard(second, "live:queue live:call:abc")
    expect(second.locator("#part")).not_to_have_text("0")

    first.close()  # the tab that listened: the other one takes over
    second.wait_for_timeout(500)
    server.tell(3, "queue")
    heard(second, "live:queue live:call:abc live:queue")


def test_a_lost_connection_is_said_and_its_return_refreshes_the_page(context, server):
    page = open_page(context)
    page.evaluate("document.body.dataset.liveGraceValue = 300")
    banner = page.locator(".connection")
    expect(banner).to_be_hidden()
    server.down = True
    page.wait_for_timeout(300)
    server.cut()
    expect(banner).to_be_visible()
    server.down = False
    expect(banner).to_be_hidden()
    heard(page, "live:back")
    assert server.parts >= 1


def test_a_blink_of_the_connection_is_not_worth_a_word(context, server):
    page = open_page(context)
    page.wait_for_timeout(300)
    server.cut()
    page.wait_for_timeout(800)
    expect(page.locator(".connection")).to_be_hidden()
    assert len(server.streams) == 1
    server.tell(9, "queue")
    heard(page, "live:queue")


def test_a_line_that_falls_silent_is_dead_and_is_opened_again(context, server):
    page = context.new_page()
    page.clock.install()
    page.goto("/")
    page.wait_for_function("document.readyState === 'complete'")
    page.clock.run_for(1000)
    assert len(server.asked) == 1
    page.clock.run_for(30_000)
    server.tell(1, "beat")
    expect(page.locator(".connection")).to_be_hidden()
    page.clock.run_for(30_000)
    assert len(server.asked) == 1
    page.clock.run_for(11_000)
    page.wait_for_timeout(300)
    assert len(server.asked) == 2


def test_a_page_leaves_only_when_its_own_session_has_ended(context, server):
    page = open_page(context)
    page.wait_for_timeout(300)
    page.evaluate("window.stayed = true")
    server.tell(1, "signed_out")
    page.wait_for_timeout(500)
    assert page.evaluate("window.stayed")
    server.signed_in = False
    with page.expect_navigation():
        server.tell(2, "signed_out")
    assert not page.evaluate("window.stayed")


def test_what_is_typed_is_kept_by_the_server_and_said_with_the_second(context, server):
    page = open_page(context)
    page.locator("textarea").press_sequentially("Fuite", delay=30)
    expect(page.locator("#said")).to_have_text(re.compile(r"Gardé à \d+ h \d\d min \d\d s\."))
    assert server.drafts[-1]["reason"] == ["Fuite"]
    assert server.drafts[-1]["token"] != [""]
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_typing_without_a_pause_is_kept_every_two_seconds(context, server):
    page = open_page(context)
    page.locator("textarea").press_sequentially("x" * 60, delay=100)
    page.wait_for_timeout(2500)
    assert 3 <= len(server.drafts) <= 6
    assert server.drafts[-1]["reason"] == ["x" * 60]


def test_a_dead_server_and_a_closed_tab_lose_nothing(context, server):
    page = open_page(context)
    server.down = True
    page.locator("textarea").fill("Rappeler Mme Roux")
    page.locator("input[name=read]").check()
    expect(page.locator("#said")).to_contain_text("Gardé ici")
    page.close()
    assert server.drafts == []
    server.down = False
    again = open_page(context)
    expect(again.locator("textarea")).to_have_value("Rappeler Mme Roux")
    expect(again.locator("input[name=read]")).to_be_checked()
    expect(again.locator("#said")).to_contain_text("Gardé à")
    assert server.drafts[-1]["reason"] == ["Rappeler Mme Roux"]


def test_a_double_click_sends_once_and_the_draft_is_forgotten(context, server):
    page = open_page(context)
    page.locator("textarea").fill("Bonjour")
    page.locator("form button").dblclick()
    page.wait_for_timeout(3000)
    assert [sent["reason"] for sent in server.sent] == [["Bonjour"]]
    assert server.drafts == []
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_keys_press_what_names_them_and_never_steal_a_typed_letter(context, server):
    page = open_page(context)
    page.evaluate(
        "document.querySelector('#one').addEventListener('click', (e) => { e.target.dataset.pressed = 'yes' })"
    )
    page.keyboard.press("F2")
    expect(page.locator("textarea")).to_be_focused()
    page.keyboard.type("1?")
    expect(page.locator("textarea")).to_have_value("1?")
    page.keyboard.press("Alt+l")
    expect(page.locator("input[name=read]")).to_be_checked()
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(300)
    assert server.sent[-1]["read"] == ["yes"]
    page.locator("textarea").blur()
    page.evaluate(  # the digit row of a French keyboard, without Shift
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: '&', code: 'Digit1', bubbles: true}))"
    )
    expect(page.locator("#one")).to_have_attribute("data-pressed", "yes")


def test_the_question_mark_lists_the_keys_of_the_page(context, server):
    page = open_page(context)
    page.keyboard.press("?")
    dialog = page.locator("dialog#keys")
    expect(dialog).to_be_visible()
    assert [row.split("\n") for row in dialog.locator("dl > div").all_inner_texts()]
    expect(dialog).to_contain_text("Envoyer")
    expect(dialog.locator("kbd").first).to_have_text("F2")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_a_clock_runs(context, server):
    page = open_page(context)
    clock = page.locator("#clock")
    before = clock.inner_text()
    assert before.count(":") == 2
    expect(clock).not_to_have_text(before)
