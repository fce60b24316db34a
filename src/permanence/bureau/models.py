"""The bureau's people: sign-in, roles, secretaries and their present state."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from permanence.kernel.actor import COMPANY, Role


class People(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """Whoever signs in: a secretary, a supervisor, an administrator of the bureau, or a client's member."""

    LANGUAGES = [("fr", "Français"), ("en", "English")]
    GENDERS = [("f", _("feminine")), ("m", _("masculine"))]
    THEMES = [("", _("as the machine")), ("light", _("light")), ("dark", _("dark"))]
    ROLES = [
        (Role.SECRETARY.value, _("secretary")),
        (Role.SUPERVISOR.value, _("supervisor")),
        (Role.ADMINISTRATOR.value, _("administrator")),
        (Role.OWNER.value, _("client owner")),
        (Role.MEMBER.value, _("client member")),
    ]
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=20, choices=ROLES)
    language = models.CharField(max_length=5, choices=LANGUAGES, default="fr")
    gender = models.CharField(max_length=1, choices=GENDERS, default="f")
    theme = models.CharField(max_length=5, choices=THEMES, blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[People] = People()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="bureau_user_email_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=[r.value for r in Role][:5]), name="bureau_user_role_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        """« NB » for Nadia Benali."""
        words = [word for word in self.name.split() if word[0].isalpha()]
        return "".join(word[0] for word in words[:1] + words[1:][-1:]).upper()

    @property
    def is_company(self) -> bool:
        """A client's person, who lives in the portal."""
        return self.role in COMPANY


class Secretary(models.Model):
    """Who answers. ``state`` is what the bureau and the routing believe of her now; ``off`` = not at her desk."""

    STATES = [
        ("ready", _("ready")),
        ("busy", _("on a call")),
        ("wrapping_up", _("wrapping up")),
        ("away", _("away")),
        ("off", _("off")),
    ]
    AWAY_REASONS = [
        ("pause", _("break")),
        ("lunch", _("lunch")),
        ("meeting", _("meeting")),
        ("training", _("training")),
        ("paperwork", _("paperwork, still answering")),
    ]
    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="secretary")
    extension = models.CharField(max_length=6, unique=True)
    languages = ArrayField(models.CharField(max_length=5), default=list, help_text="ISO 639-1 codes, best first")
    photo = models.ImageField(upload_to="secretaries", blank=True)
    state = models.CharField(max_length=12, choices=STATES, default="off")
    away_reason = models.CharField(max_length=12, choices=AWAY_REASONS, blank=True)
    away_until = models.DateTimeField(null=True, blank=True)
    state_since_at = models.DateTimeField()

    class Meta:
        ordering = ["user__name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="away") | models.Q(away_reason="", away_until=None),
                name="bureau_secretary_reason_only_when_away",
            ),
        ]

    def __str__(self) -> str:
        return self.user.name

    @property
    def takes_calls(self) -> bool:
        """Ready, or away for paperwork only."""
        return self.state == "ready" or (self.state == "away" and self.away_reason == "paperwork")


class Invitation(models.Model):
    """A link, sent by e-mail, with which a person chooses a password.

    The link is this row's number signed with the installation's key: nothing here lets anybody rebuild it.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
