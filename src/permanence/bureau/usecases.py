"""The only writers of the bureau's people: their accounts, their state, their sessions."""

from datetime import datetime
from io import BytesIO
from typing import BinaryIO

from allauth.usersessions.models import UserSession
from django.core.files.base import ContentFile
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import IntegerField, Max
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from permanence.bureau.events import PersonInvited, SessionsEnded
from permanence.bureau.models import Invitation, Secretary, User
from permanence.bureau.rules import INVITATION_LASTS, MAY_INVITE, is_complete, may_deactivate, may_follow
from permanence.database.notices import tell
from permanence.database.refusing import refusing
from permanence.kernel.actor import BUREAU, COMPANY, OVERSEERS, Actor, NotAllowed, Role, require
from permanence.kernel.clock import now
from permanence.kernel.events import publish
from permanence.kernel.refusals import Refused

PHOTO_SIDE = 256
PHOTO_BYTES = 5_000_000
PHOTO_PIXELS = 50_000_000
FIRST_EXTENSION = 201
NOBODY = 0
_links = Signer(salt="bureau.invitation", sep=".")


class StateRefused(Refused):
    message = _("This state cannot follow the present one. Finish the call first.")


class StateIncomplete(Refused):
    message = _("Away needs a reason, and an end that is still to come.")


class EmailTaken(Refused):
    message = _("Somebody already signs in with this e-mail address.")


class ExtensionTaken(Refused):
    message = _("This extension already belongs to somebody.")


class InvitationUnknown(Refused):
    message = _("This link is not one of ours. Ask the person who invited you for a new one.")


class InvitationExpired(Refused):
    message = _("This link has expired. Ask the person who invited you for a new one.")


class InvitationUsed(Refused):
    message = _("This link has already been used. Sign in with the password that you chose.")


class NotAPicture(Refused):
    message = _("This file is not a picture that we can read. Choose a JPEG, PNG or WebP file of at most 5 MB.")


class OwnAccount(Refused):
    message = _("Nobody closes his own account. Ask another administrator.")


@transaction.atomic
def set_state(
    *, actor: Actor, secretary_id: int, state: str, reason: str = "", until: datetime | None = None
) -> Secretary:
    """Say what a secretary is doing now.

    She chooses ready, away or off herself (an overseer may, for her); busy and wrapping up follow from calls. What a
    call brings about too late (she has left meanwhile) changes nothing and is no error.
    """
    require(actor, *BUREAU)
    if actor.role is Role.SECRETARY and actor.secretary_id != secretary_id:
        raise NotAllowed
    by_the_system = actor.role is Role.SYSTEM
    secretary = Secretary.objects.select_for_update(of=("self",)).select_related("user").get(pk=secretary_id)
    if not is_complete(state, reason, until, now()):
        raise StateIncomplete
    if not may_follow(secretary.state, state, by_the_system=by_the_system):
        if by_the_system:
            return secretary
        raise StateRefused
    if (secretary.state, secretary.away_reason, secretary.away_until) == (state, reason, until):
        return secretary
    secretary.state, secretary.away_reason, secretary.away_until = state, reason, until
    secretary.state_since_at = now()
    secretary.save(update_fields=["state", "away_reason", "away_until", "state_since_at"])
    tell("bureau", "team", secretary_id)
    tell(f"secretary:{secretary_id}", "state")
    return secretary


@transaction.atomic
def sign_off(*, actor: Actor, session_key: str) -> None:
    """Somebody leaves this session: a secretary is then off, and the telephone of this session falls silent."""
    if actor.secretary_id:
        set_state(actor=_itself(), secretary_id=actor.secretary_id, state="off")
    if actor.user_id:
        UserSession.objects.filter(session_key=session_key).delete()
        tell(f"user:{actor.user_id}", "signed_out")
        publish(SessionsEnded(user_id=actor.user_id, secretary_id=actor.secretary_id, session_key=session_key))


@transaction.atomic
def end_sessions(*, actor: Actor, session_id: int | None = None) -> int:
    """End one of the actor's other sessions, or all of them; the present one goes on. Returns how many ended."""
    others = UserSession.objects.filter(user_id=actor.user_id).exclude(session_key=actor.session)
    ended = list(others if session_id is None else others.filter(pk=session_id))
    for session in ended:
        key = session.session_key
        session.end()
        publish(SessionsEnded(user_id=session.user_id, secretary_id=actor.secretary_id, session_key=key))
    if ended:
        tell(f"user:{actor.user_id}", "signed_out")
    return len(ended)


@transaction.atomic
def invite(*, actor: Actor, email: str, name: str, role: Role) -> tuple[User, str]:
    """Open an account without a password, and send its owner the link that lets him choose one.

    A secretary gets the next free extension. Returns the user and the link's token.
    """
    require(actor, *MAY_INVITE.get(role, ()))
    address = email.strip().lower()
    if User.objects.filter(email__iexact=address).exists():
        raise EmailTaken
    user = User(email=address, name=name.strip(), role=role.value)
    user.set_unusable_password()
    with refusing("bureau_user_email_key", EmailTaken), refusing("bureau_user_email_once", EmailTaken):
        user.save(force_insert=True)
    if role is Role.SECRETARY:
        Secretary.objects.create(user=user, extension=_free_extension(), languages=["fr"], state_since_at=now())
        tell("bureau", "team")
    return user, _send_link(actor, user)


@transaction.atomic
def renew_invitation(*, actor: Actor, user: User) -> str:
    """Send a new link; the former ones stop working. Returns the new token."""
    require(actor, *MAY_INVITE.get(Role(user.role), ()))
    if user.has_usable_password():
        raise InvitationUsed
    user.invitations.filter(expires_at__gt=now()).update(expires_at=now())
    return _send_link(actor, user)


def invitation_for(token: str) -> Invitation:
    """The invitation that a link opens. Raises ``InvitationUnknown``, ``InvitationExpired`` or ``InvitationUsed``."""
    try:
        number = int(_links.unsign(token))
    except (BadSignature, ValueError) as error:
        raise InvitationUnknown from error
    found = Invitation.objects.select_related("user", "invited_by").filter(pk=number, user__is_active=True).first()
    if found is None:
        raise InvitationUnknown
    if found.accepted_at or found.user.has_usable_password():
        raise InvitationUsed
    if found.expires_at <= now():
        raise InvitationExpired
    return found


@transaction.atomic
def accept_invitation(*, token: str, password: str) -> User:
    """Whoever holds the link chooses his password, once. The form has checked the password's strength."""
    found = invitation_for(token)
    user = User.objects.select_for_update().get(pk=found.user_id)
    if user.has_usable_password():
        raise InvitationUsed
    user.set_password(password)
    user.save(update_fields=["password"])
    Invitation.objects.filter(pk=found.pk).update(accepted_at=now())
    return user


def link_token(invitation: Invitation) -> str:
    """What the invitation's address ends with."""
    return _links.sign(str(invitation.pk))


@transaction.atomic
def edit_secretary(*, actor: Actor, secretary: Secretary, extension: str, languages: list[str]) -> Secretary:
    """``languages`` are ISO 639-1 codes, best first; at least one."""
    require(actor, *OVERSEERS)
    secretary.extension, secretary.languages = extension, languages
    with refusing("bureau_secretary_extension_key", ExtensionTaken):
        secretary.save(update_fields=["extension", "languages"])
    tell("bureau", "team", secretary.pk)
    return secretary


@transaction.atomic
def deactivate_user(*, actor: Actor, user: User) -> None:
    """Close an account now: no further page, stream or call.

    ``clients`` has checked that a member is of the actor's own company.
    """
    if actor.user_id == user.pk:
        raise OwnAccount
    if actor.role is not Role.SYSTEM and not may_deactivate(actor.role, Role(user.role)):
        raise NotAllowed
    user.is_active = False
    user.save(update_fields=["is_active"])
    secretary = getattr(user, "secretary", None)
    if secretary:
        set_state(actor=_itself(), secretary_id=secretary.pk, state="off")
    for session in UserSession.objects.filter(user_id=user.pk):
        session.end()
    tell(f"user:{user.pk}", "signed_out")
    tell("bureau", "team")
    publish(SessionsEnded(user_id=user.pk, secretary_id=secretary.pk if secretary else None))


@transaction.atomic
def reactivate_user(*, actor: Actor, user: User) -> None:
    """Open a closed account again, with its former password and second factors."""
    if actor.role is not Role.SYSTEM and not may_deactivate(actor.role, Role(user.role)):
        raise NotAllowed
    user.is_active = True
    user.save(update_fields=["is_active"])
    tell("bureau", "team")


@transaction.atomic
def change_role(*, actor: Actor, user: User, role: Role) -> None:
    """Owner or member: ``clients`` has checked that both are of the same company. Nobody crosses into the bureau."""
    require(actor, *OVERSEERS, Role.OWNER)
    if role not in COMPANY or user.role not in COMPANY:
        raise NotAllowed
    user.role = role.value
    user.save(update_fields=["role"])


@transaction.atomic
def edit_account(*, actor: Actor, name: str, gender: str) -> User:
    """One's own name as others read it, and whether one is spoken of in the feminine or the masculine."""
    user = _own(actor)
    user.name, user.gender = name.strip(), gender
    user.save(update_fields=["name", "gender"])
    if actor.secretary_id:
        tell("bureau", "team", actor.secretary_id)
    return user


@transaction.atomic
def change_language(*, actor: Actor, language: str) -> None:
    User.objects.filter(pk=actor.user_id or NOBODY).update(language=language)


@transaction.atomic
def change_theme(*, actor: Actor, theme: str) -> None:
    User.objects.filter(pk=actor.user_id or NOBODY).update(theme=theme)


@transaction.atomic
def change_photo(*, actor: Actor, file: BinaryIO) -> Secretary:
    """Keep a small square picture, made anew from the pixels: what else the file carried (place, device) is dropped."""
    require(actor, Role.SECRETARY)
    secretary = Secretary.objects.select_for_update(of=("self",)).get(pk=actor.secretary_id or NOBODY)
    jpeg = _square(file)
    if secretary.photo:
        secretary.photo.delete(save=False)
    secretary.photo.save(f"{secretary.pk}.jpg", ContentFile(jpeg), save=False)
    secretary.save(update_fields=["photo"])
    tell("bureau", "team", secretary.pk)
    return secretary


@transaction.atomic
def remove_photo(*, actor: Actor) -> None:
    require(actor, Role.SECRETARY)
    secretary = Secretary.objects.get(pk=actor.secretary_id or NOBODY)
    if secretary.photo:
        secretary.photo.delete(save=True)
    tell("bureau", "team", secretary.pk)


def _square(file: BinaryIO) -> bytes:
    start = file.read(PHOTO_BYTES + 1)
    if len(start) > PHOTO_BYTES:
        raise NotAPicture
    try:
        with Image.open(BytesIO(start), formats=["JPEG", "PNG", "WEBP"]) as picture:
            if picture.width * picture.height > PHOTO_PIXELS:
                raise NotAPicture
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise NotAPicture from error
    written = BytesIO()
    ImageOps.fit(upright, (PHOTO_SIDE, PHOTO_SIDE)).save(written, "JPEG", quality=85)
    return written.getvalue()


def _send_link(actor: Actor, user: User) -> str:
    """The actor of the system invites in the invited person's own name: a demonstration has no other."""
    inviting = actor.user_id or user.pk
    invitation = Invitation.objects.create(
        user=user, invited_by_id=inviting, sent_at=now(), expires_at=now() + INVITATION_LASTS
    )
    publish(PersonInvited(invitation_id=invitation.pk))
    return link_token(invitation)


def _free_extension() -> str:
    numbers = Secretary.objects.filter(extension__regex=r"^\d+$").annotate(number=Cast("extension", IntegerField()))
    return str(max(FIRST_EXTENSION, (numbers.aggregate(last=Max("number"))["last"] or 0) + 1))


def _own(actor: Actor) -> User:
    return User.objects.select_for_update().get(pk=actor.user_id or NOBODY)


def _itself() -> Actor:
    return Actor(role=Role.SYSTEM, name="bureau")
