"""Who signs in to a client's space."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from permanence.audit.usecases import record
from permanence.bureau import usecases as bureau
from permanence.clients.events import MemberChanged, MemberInvited
from permanence.clients.models import Client, Member, Person
from permanence.kernel.actor import COMPANY, OVERSEERS, Actor, Role, require
from permanence.kernel.events import publish
from permanence.kernel.refusals import Refused


class NotACompanyRole(Refused):
    message = _("A member of a company is its owner or a member, nothing else.")


class LastOwner(Refused):
    message = _("The company needs one owner who can sign in. Nothing was changed. Name another owner first.")


@transaction.atomic
def invite_member(
    *, actor: Actor, client: Client, email: str, name: str, role: Role = Role.MEMBER, person: Person | None = None
) -> Member:
    """An invitation leaves by e-mail; the member may sign in once a password is chosen. ``person`` is who that is."""
    require(actor, Role.OWNER, *OVERSEERS)
    if role not in COMPANY:
        raise NotACompanyRole
    user, _token = bureau.invite(actor=actor, email=email, name=name, role=role)
    member = Member.objects.create(client=client, user=user, person=person)
    event = MemberInvited(client_id=client.pk, user_id=user.pk, role=role.value)
    record(actor, event, personal={"name": name, "email": email})
    publish(event)
    return member


@transaction.atomic
def change_member(*, actor: Actor, member: Member, role: Role, person: Person | None) -> None:
    """Another role, or another person of the company whom this member is."""
    require(actor, Role.OWNER)
    if role not in COMPANY:
        raise NotACompanyRole
    if role is not Role.OWNER:
        _require_another_owner(member)
    member.person = person
    member.save(update_fields=["person"])
    bureau.change_role(actor=actor, user=member.user, role=role)
    _announce(actor, member, role.value)


@transaction.atomic
def close_membership(*, actor: Actor, member: Member) -> None:
    """The member can no longer sign in; what he did stays under his name."""
    require(actor, Role.OWNER)
    _require_another_owner(member)
    bureau.deactivate_user(actor=actor, user=member.user)
    _announce(actor, member, "")


def _require_another_owner(member: Member) -> None:
    others = Member.objects.filter(client_id=member.client_id).exclude(pk=member.pk)
    if not others.filter(user__role=Role.OWNER.value, user__is_active=True).exists():
        raise LastOwner


def _announce(actor: Actor, member: Member, role: str) -> None:
    event = MemberChanged(client_id=member.client_id, user_id=member.user_id, role=role)
    record(actor, event, personal={"name": member.user.name})
    publish(event)
