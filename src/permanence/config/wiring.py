"""Who listens to what: the one table of events and their listeners."""

from django.conf import settings
from django.utils.translation import gettext

from permanence.bureau.events import PersonInvited, SessionsEnded
from permanence.bureau.jobs import send_invitation
from permanence.calls.events import VoicemailLeft
from permanence.calls.ports import install_converter
from permanence.calls.usecases import end_softphones
from permanence.clients.events import PairChanged
from permanence.connectors.smtp import SmtpMailer
from permanence.kernel.events import BureauEvent, Event, Listener, listen
from permanence.kernel.letters import install_mailer
from permanence.kernel.refusals import Refused
from permanence.messaging.events import DeliveryQueued
from permanence.messaging.jobs import start_delivery
from permanence.messaging.usecases import take_voicemail
from permanence.telephony.sounds import convert
from permanence.trust.usecases import follow_pair

LISTENERS: dict[type[Event | BureauEvent], list[Listener]] = {
    PersonInvited: [lambda event: send_invitation.defer(invitation_id=event.invitation_id)],
    SessionsEnded: [end_softphones],
    PairChanged: [follow_pair],
    VoicemailLeft: [take_voicemail],
    DeliveryQueued: [start_delivery],
}


def connect() -> None:
    """Called once, when Django is ready."""
    Refused.translate = gettext
    install_mailer(post_office())
    install_converter(convert)
    for kind, listeners in LISTENERS.items():
        for listener in listeners:
            listen(kind, listener)


def post_office() -> SmtpMailer:
    """The mail server of the settings."""
    return SmtpMailer(
        host=settings.EMAIL_HOST,
        port=settings.EMAIL_PORT,
        sender=settings.DEFAULT_FROM_EMAIL,
        user=settings.EMAIL_HOST_USER,
        password=settings.EMAIL_HOST_PASSWORD,
        security="tls" if settings.EMAIL_USE_SSL else "starttls" if settings.EMAIL_USE_TLS else "",
        timeout=settings.EMAIL_TIMEOUT,
    )
