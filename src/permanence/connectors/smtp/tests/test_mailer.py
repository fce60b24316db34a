"""Letters handed to real servers, in good and bad health."""

import socket
import threading
import time
from contextlib import suppress
from email import policy
from email.parser import BytesParser

import pytest
from aiosmtpd.controller import Controller

from permanence.connectors.smtp import LetterRefused, SmtpMailer
from permanence.connectors.smtp.mailer import AddressMalformed, compose
from permanence.kernel.letters import Letter
from permanence.kernel.refusals import Unavailable
from tests.installation import free_port

SENDER = "Télésecrétariat <bureau@permanence.test>"


class Server:
    """``says`` maps a command to the answer that the server gives it instead of its own."""

    def __init__(self):
        self.says = {}
        self.port = 0
        self.received = []

    async def handle_MAIL(self, _server, _session, envelope, address, _options):  # noqa: N802 - aiosmtpd's names
        envelope.mail_from = address
        return self.says.get("MAIL", "250 OK")

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802
        envelope.rcpt_tos.append(address)
        return self.says.get("RCPT", "250 OK")

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        self.received.append(envelope)
        return self.says.get("DATA", "250 OK")

    async def handle_QUIT(self, _server, _session, _envelope):  # noqa: N802
        return self.says.get("QUIT", "221 Bye")


@pytest.fixture
def server():
    handler = Server()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    handler.port = controller.port
    yield handler
    controller.stop()


def letter(**given):
    return Letter(**{"to": "marc@roux.test", "subject": "Message pris à 14 h 30", "text": "Fuite à l’évier.", **given})


def body(mail, kind):
    return mail.get_body(kind).get_content().strip()


def send(port, *, timeout=2, **given):
    SmtpMailer(host="127.0.0.1", port=port, sender=SENDER, timeout=timeout).send(letter(**given))


def test_a_letter_arrives_whole(server):
    send(server.port, html="<p>Fuite à l’évier.</p>", message_id="<a@permanence.test>", headers={"X-Kind": "message"})
    (envelope,) = server.received
    envelope.content.decode("ascii")  # nothing that a relay would have to rewrite
    mail = BytesParser(policy=policy.default).parsebytes(envelope.content)
    assert (envelope.mail_from, envelope.rcpt_tos) == ("bureau@permanence.test", ["marc@roux.test"])
    assert mail["From"] == SENDER
    assert mail["Subject"] == "Message pris à 14 h 30"
    assert (mail["Message-ID"], mail["X-Kind"]) == ("<a@permanence.test>", "message")
    assert (mail["Auto-Submitted"], bool(mail["Date"])) == ("auto-generated", True)
    assert body(mail, "plain") == "Fuite à l’évier."
    assert body(mail, "html") == "<p>Fuite à l’évier.</p>"


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_not_now(server, command):
    server.says[command] = "451 4.3.0 Greylisted"
    with pytest.raises(Unavailable, match="451"):
        send(server.port)


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_never(server, command):
    server.says[command] = "550 5.1.1 Boîte inconnue"
    with pytest.raises(LetterRefused, match=r"550 5\.1\.1"):
        send(server.port)


def test_how_the_server_says_goodbye_changes_nothing(server):
    server.says["QUIT"] = "421 Too busy to say goodbye"
    send(server.port)
    assert len(server.received) == 1


def test_nobody_answers():
    with pytest.raises(Unavailable):
        send(free_port())


def scripted(*exchanges):
    """A server that answers each line read with the next of ``exchanges``; None waits for ever, "" hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        link, _peer = listener.accept()
        with link:
            for said in exchanges:
                if said is None:
                    time.sleep(5)
                if not said:
                    return
                link.sendall(said)
                with suppress(OSError):
                    link.recv(65536)

    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()[1]


@pytest.mark.parametrize(
    "exchanges",
    [
        (b"",), (None,), (b"554 Go away\r\n",), (b"220 hi\r\n", b""), (b"220 hi\r\n", None), (b"garbage\r\n",),
        (b"220 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n", b""),
        (b"220 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n", None),
        (b"220 " + b"x" * 20_000 + b"\r\n",),
    ],
)  # fmt: skip
def test_a_sick_server_means_not_now(exchanges):
    with pytest.raises(Unavailable):
        send(scripted(*exchanges), timeout=0.5)


def test_a_server_without_the_encryption_asked_for_gets_no_letter(server):
    mailer = SmtpMailer(host="127.0.0.1", port=server.port, sender=SENDER, security="starttls", timeout=2)
    with pytest.raises((Unavailable, LetterRefused)):
        mailer.send(letter())
    with pytest.raises(Unavailable):
        SmtpMailer(host="127.0.0.1", port=server.port, sender=SENDER, security="tls", timeout=2).send(letter())
    assert server.received == []


@pytest.mark.parametrize(
    "to",
    ["", "marc", "marc@", "@roux.test", "a@b.test, c@d.test", "marc@roux.test\r\nBcc: all@roux.test", "a b@c.test",
     "marc@roux.test\n", "<marc@roux.test> <x@y.test>", "a@" + "b" * 300 + ".test", "\ud800@roux.test"],
)  # fmt: skip
def test_what_is_not_one_address(server, to):
    with pytest.raises(AddressMalformed):
        send(server.port, to=to)
    assert server.received == []


def test_headers_cannot_be_injected(server):
    send(
        server.port,
        subject="Bonjour\r\nBcc: all@roux.test\r\n\r\nCorps",
        message_id="<a@b>\r\nX: y",
        headers={"X-Kind": "a\nBcc: b@c.test"},
    )
    (envelope,) = server.received
    mail = BytesParser(policy=policy.default).parsebytes(envelope.content)
    assert envelope.rcpt_tos == ["marc@roux.test"]
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Bonjour Bcc: all@roux.test Corps"


@pytest.mark.parametrize("words", ["🦆", "تسرب تحت الحوض", "a\0b\x1b[2J", "x" * 5000, "\ud800", "."])
def test_any_words_arrive(server, words):
    send(server.port, subject=words, text=words, html=words)
    assert len(server.received) == 1


def test_names_and_domains_beyond_ascii():
    mail = compose(letter(to="Hélène <helene@boulangerie-béranger.test>"), SENDER)
    assert "xn--boulangerie-branger-nzb.test" in str(mail["To"])
    mail.as_bytes().decode("ascii")
