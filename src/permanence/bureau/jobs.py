"""Letters about accounts. Arguments are ids: no link that opens an account lies in the queue."""

from allauth.account.forms import EmailAwarePasswordResetTokenGenerator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from permanence.bureau.models import Invitation, User
from permanence.bureau.usecases import link_token
from permanence.kernel.letters import Letter, mailer
from permanence.kernel.refusals import Unavailable

RETRY = RetryStrategy(max_attempts=8, exponential_wait=4, retry_exceptions=[Unavailable])


@app.task(name="bureau.send_invitation", queue="mail", retry=RETRY)
def send_invitation(*, invitation_id: int) -> None:
    """Safe to run twice: the same link goes out again."""
    invitation = Invitation.objects.select_related("user", "invited_by").get(pk=invitation_id)
    path = reverse("bureau:invitation", args=[link_token(invitation)])
    write_to(invitation.user, "bureau/mail/invitation", path=path, act=_("Choose my password"), invitation=invitation)


@app.task(name="bureau.send_password_reset", queue="mail", retry=RETRY)
def send_password_reset(*, user_id: int) -> None:
    """The link works until the password changes, three days at most."""
    user = User.objects.get(pk=user_id)
    key = EmailAwarePasswordResetTokenGenerator().make_token(user)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
    write_to(user, "bureau/mail/password_reset", path=path, act=_("Choose my password"))


@app.task(name="bureau.send_notice", queue="mail", retry=RETRY)
def send_notice(*, user_id: int, change: str, browser: str, address: str) -> None:
    """Tell somebody that his way to sign in has changed; ``change`` names the template of the sentence."""
    user = User.objects.get(pk=user_id)
    write_to(
        user,
        "bureau/mail/changed",
        path=reverse("account_reset_password"),
        act=_("Choose a new password"),
        change=change,
        browser=browser,
        address=address,
    )


def write_to(user: User, template: str, *, path: str, **words: object) -> None:
    """One letter in the person's own language; the address comes from the settings, never from a request's header."""
    with translation.override(user.language):
        context = {"user": user, "href": settings.PUBLIC_URL + path, **words}
        text = render_to_string(f"{template}.txt", context)
        subject, _, body = text.strip().partition("\n")
        html = render_to_string(f"{template}.html", context)
    mailer().send(Letter(to=user.email, subject=subject.strip(), text=body.strip(), html=html))
