"""Hands letters to a mail server, and tells apart what may pass later from what never will."""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, getaddresses, make_msgid, parseaddr

from django.utils.translation import gettext_lazy as _

from permanence.kernel.clock import now
from permanence.kernel.letters import Letter
from permanence.kernel.refusals import Refused, Unavailable

LONGEST_REASON = 160
PERMANENT = 500


class LetterRefused(Refused):
    message = _("The mail server refuses this letter: %(reason)s")


class AddressMalformed(LetterRefused):
    message = _("“%(address)s” is not one e-mail address.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpMailer:
    """``sender`` as ``Permanence <permanence@example.org>``; ``timeout`` in seconds bounds each exchange.

    ``security`` is ``starttls``, ``tls`` (from the first byte) or empty for a server on this machine.
    """

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    security: str = ""
    timeout: float = 20

    def send(self, letter: Letter) -> None:
        """Hand ``letter`` over: the server has accepted it when this returns.

        Raises ``Unavailable`` (no answer, cut, 4xx, or a server that refuses us rather than the letter), and
        ``LetterRefused`` when the server refuses this letter for good.
        """
        mail = compose(letter, self.sender)
        try:
            self._hand_over(mail)
        except smtplib.SMTPNotSupportedError as fault:
            raise LetterRefused(reason=_said(str(fault))) from fault
        except smtplib.SMTPRecipientsRefused as fault:
            code, said = next(iter(fault.recipients.values()))
            raise _judged(code, said) from fault
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as fault:
            raise _judged(fault.smtp_code, fault.smtp_error) from fault
        except (smtplib.SMTPException, OSError) as fault:
            raise Unavailable(_said(str(fault)) or type(fault).__name__) from fault

    def _hand_over(self, mail: EmailMessage) -> None:
        server = self._connect()
        try:
            if self.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if self.user:
                server.login(self.user, self.password)
            server.send_message(mail)
            with suppress(smtplib.SMTPException, OSError):  # it has the letter: how it says goodbye changes nothing
                server.quit()
        finally:
            server.close()

    def _connect(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=ssl.create_default_context())
        return smtplib.SMTP(self.host, self.port, timeout=self.timeout)


def compose(letter: Letter, sender: str) -> EmailMessage:
    """The letter on the wire: seven-bit, so that no relay rewrites it and breaks its signature.

    Raises ``AddressMalformed`` unless ``letter.to`` is exactly one address.
    """
    mail = EmailMessage(policy=SMTP)
    name, address = parseaddr(sender)
    mail["From"] = Address(name, addr_spec=address)
    mail["To"] = _address(letter.to)
    mail["Subject"] = _one_line(letter.subject)
    mail["Date"] = format_datetime(now())
    mail["Message-ID"] = _one_line(letter.message_id) or make_msgid(domain=address.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    for field, value in letter.headers.items():
        mail[_one_line(field)] = _one_line(value)
    mail.set_content(_sound(letter.text), cte="quoted-printable")
    if letter.html:
        mail.add_alternative(_sound(letter.html), subtype="html", cte="quoted-printable")
    return mail


def _address(text: str) -> Address:
    found = getaddresses([text])
    if len(found) != 1 or "\n" in text or "\r" in text:
        raise AddressMalformed(address=_said(text))
    name, spec = found[0]
    local, at, domain = spec.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode()
        address = Address(name, addr_spec=f"{local}@{ascii_domain}")
    except (HeaderParseError, ValueError, IndexError) as fault:
        raise AddressMalformed(address=_said(text)) from fault
    if not (local and at and domain):
        raise AddressMalformed(address=_said(text))
    return address


def _judged(code: int, said: bytes | str) -> Exception:
    reason = _said(said.decode("utf-8", "replace") if isinstance(said, bytes) else said)
    return LetterRefused(reason=f"{code} {reason}") if code >= PERMANENT else Unavailable(f"{code} {reason}")


def _said(text: str) -> str:
    return _one_line(text)[:LONGEST_REASON]


def _one_line(text: str) -> str:
    return " ".join(_sound(text).split())


def _sound(text: str) -> str:
    """Without control characters and broken surrogates, which no header and no server wants."""
    sound = text.encode("utf-8", "replace").decode()
    return "".join(one for one in sound if one in "\n\t" or one.isprintable() or ord(one) >= 0xA0)
