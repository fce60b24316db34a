from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from permanence.bureau import commands, queries
from permanence.bureau.events import PersonInvited, SessionsEnded
from permanence.bureau.models import Invitation, Secretary, User
from permanence.bureau.usecases import (
    EmailTaken,
    ExtensionTaken,
    InvitationExpired,
    InvitationUnknown,
    InvitationUsed,
    NotAPicture,
    OwnAccount,
    StateIncomplete,
    StateRefused,
    accept_invitation,
    change_photo,
    deactivate_user,
    edit_secretary,
    invite,
    reactivate_user,
    renew_invitation,
    set_state,
    sign_off,
)
from permanence.database.models import Notice
from permanence.kernel import events
from permanence.kernel.actor import NotAllowed, Role, system
from permanence.kernel.clock import living_at, now
from tests.people import actor_for, make_secretary, make_user

pytestmark = pytest.mark.django_db
GOOD = "un tournevis sous la pluie"


@pytest.fixture
def published(monkeypatch):
    """What is published, beside the installation's own listeners."""
    seen: list[object] = []
    for kind in (PersonInvited, SessionsEnded):
        monkeypatch.setitem(events._listeners, kind, [*events._listeners[kind], seen.append])
    return seen


@pytest.fixture
def administrator(db):
    return make_user("Hélène Aubry", Role.ADMINISTRATOR)


def test_a_secretary_says_what_she_does_and_the_others_are_told(secretary):
    until = now() + timedelta(minutes=45)
    away = set_state(actor=actor_for(secretary), secretary_id=secretary.pk, state="away", reason="lunch", until=until)
    assert (away.state, away.away_reason, away.away_until) == ("away", "lunch", until)
    assert not away.takes_calls
    told = set(Notice.objects.values_list("channel", "kind"))
    assert {("bureau", "team"), (f"secretary:{secretary.pk}", "state")} <= told
    back = set_state(actor=actor_for(secretary), secretary_id=secretary.pk, state="ready")
    assert (back.away_reason, back.away_until) == ("", None)


def test_paperwork_is_an_absence_that_still_rings(secretary):
    away = set_state(actor=actor_for(secretary), secretary_id=secretary.pk, state="away", reason="paperwork")
    assert away.takes_calls


def test_the_clock_of_a_state_runs_on_when_nothing_changes(secretary):
    before = Secretary.objects.get(pk=secretary.pk).state_since_at
    set_state(actor=actor_for(secretary), secretary_id=secretary.pk, state="ready")
    assert Secretary.objects.get(pk=secretary.pk).state_since_at == before


def test_a_colleague_does_not_speak_for_her(secretary, colleague):
    with pytest.raises(NotAllowed):
        set_state(actor=actor_for(colleague), secretary_id=secretary.pk, state="off")


def test_a_supervisor_may_and_a_client_may_not(secretary, supervisor, owner):
    assert set_state(actor=actor_for(supervisor), secretary_id=secretary.pk, state="off").state == "off"
    with pytest.raises(NotAllowed):
        set_state(actor=actor_for(owner), secretary_id=secretary.pk, state="off")


def test_nobody_pretends_to_be_on_a_call_nor_leaves_one(secretary):
    with pytest.raises(StateRefused):
        set_state(actor=actor_for(secretary), secretary_id=secretary.pk, state="busy")
    set_state(actor=system("telephony"), secretary_id=secretary.pk, state="busy")
    with pytest.raises(StateRefused):
        set_state(actor=actor_for(secretary), secretary_id=secretary.pk, state="ready")


def test_away_without_a_reason_is_refused(secretary):
    with pytest.raises(StateIncomplete):
        set_state(actor=actor_for(secretary), secretary_id=secretary.pk, state="away")


def test_what_a_call_brings_about_too_late_changes_nothing(secretary):
    sign_off(actor=actor_for(secretary), session_key="s")
    assert set_state(actor=system("telephony"), secretary_id=secretary.pk, state="wrapping_up").state == "off"


def test_signing_off_in_the_middle_of_a_call_is_always_possible(secretary, published):
    set_state(actor=system("telephony"), secretary_id=secretary.pk, state="busy")
    sign_off(actor=actor_for(secretary), session_key="abc")
    assert Secretary.objects.get(pk=secretary.pk).state == "off"
    assert published == [SessionsEnded(user_id=secretary.user_id, secretary_id=secretary.pk, session_key="abc")]


def test_an_invited_secretary_chooses_her_password_once(supervisor, published):
    user, token = invite(
        actor=actor_for(supervisor), email=" Lea.Martin@Exemple.fr ", name="Léa Martin", role=Role.SECRETARY
    )
    assert user.email == "lea.martin@exemple.fr"
    assert user.secretary.state == "off"
    assert not user.has_usable_password()
    assert [type(event) for event in published] == [PersonInvited]
    accept_invitation(token=token, password=GOOD)
    assert User.objects.get(pk=user.pk).check_password(GOOD)
    with pytest.raises(InvitationUsed):
        accept_invitation(token=token, password="another good password")
    assert User.objects.get(pk=user.pk).check_password(GOOD)


def test_extensions_follow_one_another(supervisor):
    first, _ = invite(actor=actor_for(supervisor), email="a@exemple.fr", name="A", role=Role.SECRETARY)
    second, _ = invite(actor=actor_for(supervisor), email="b@exemple.fr", name="B", role=Role.SECRETARY)
    assert int(second.secretary.extension) == int(first.secretary.extension) + 1


def test_an_invitation_expires_and_a_new_one_replaces_it(supervisor):
    user, token = invite(actor=actor_for(supervisor), email="lea@exemple.fr", name="Léa Martin", role=Role.SECRETARY)
    with living_at(now() + timedelta(days=8)), pytest.raises(InvitationExpired):
        accept_invitation(token=token, password=GOOD)
    renewed = renew_invitation(actor=actor_for(supervisor), user=user)
    with pytest.raises(InvitationExpired):
        accept_invitation(token=token, password=GOOD)
    assert accept_invitation(token=renewed, password=GOOD) == user


def test_a_forged_link_opens_nothing(supervisor):
    _, token = invite(actor=actor_for(supervisor), email="lea@exemple.fr", name="Léa Martin", role=Role.SECRETARY)
    number, _, signature = token.partition(".")
    forged = ["", "x", number, f"{int(number) + 1}.{signature}", f"{number}.{signature[::-1]}", token + "\0"]
    for attempt in forged:
        with pytest.raises(InvitationUnknown):
            accept_invitation(token=attempt, password=GOOD)
    assert not Invitation.objects.exclude(accepted_at=None).exists()


def test_who_invites_whom(secretary, supervisor, administrator, owner):
    for inviting, role in [
        (secretary, Role.SECRETARY),
        (supervisor, Role.SUPERVISOR),
        (supervisor, Role.ADMINISTRATOR),
        (owner, Role.SECRETARY),
    ]:
        with pytest.raises(NotAllowed):
            invite(actor=actor_for(inviting), email="x@exemple.fr", name="X", role=role)
    for role in (Role.SUPERVISOR, Role.ADMINISTRATOR):
        invite(actor=actor_for(administrator), email=f"{role}@exemple.fr", name="X", role=role)


def test_one_address_signs_in_as_one_person(supervisor, secretary):
    with pytest.raises(EmailTaken):
        invite(actor=actor_for(supervisor), email=secretary.user.email.upper(), name="X", role=Role.SECRETARY)


def test_a_closed_account_is_closed_now(administrator, secretary, published):
    deactivate_user(actor=actor_for(administrator), user=secretary.user)
    assert not User.objects.get(pk=secretary.user_id).is_active
    assert Secretary.objects.get(pk=secretary.pk).state == "off"
    assert SessionsEnded(user_id=secretary.user_id, secretary_id=secretary.pk) in published
    assert Notice.objects.filter(channel=f"user:{secretary.user_id}", kind="signed_out").exists()
    assert secretary not in queries.team(actor_for(administrator))
    reactivate_user(actor=actor_for(administrator), user=secretary.user)
    assert secretary in queries.team(actor_for(administrator))


def test_a_supervisor_closes_no_account_of_the_bureau_nor_an_administrator_his_own(
    supervisor, secretary, administrator
):
    with pytest.raises(NotAllowed):
        deactivate_user(actor=actor_for(supervisor), user=secretary.user)
    with pytest.raises(OwnAccount):
        deactivate_user(actor=actor_for(administrator), user=administrator)


def test_extensions_are_unique(supervisor, secretary, colleague):
    edit_secretary(actor=actor_for(supervisor), secretary=secretary, extension="299", languages=["fr", "en"])
    with pytest.raises(ExtensionTaken):
        edit_secretary(actor=actor_for(supervisor), secretary=colleague, extension="299", languages=["fr"])
    with pytest.raises(NotAllowed):
        edit_secretary(actor=actor_for(secretary), secretary=secretary, extension="298", languages=["fr"])


def picture(kind="JPEG", size=(640, 480)):
    file = BytesIO()
    Image.new("RGB", size, "teal").save(file, kind, **({"exif": b"Exif\0\0place"} if kind == "JPEG" else {}))
    file.seek(0)
    return file


def test_a_photo_is_made_anew_small_and_square(secretary, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    kept = change_photo(actor=actor_for(secretary), file=picture())
    with Image.open(kept.photo.path) as image:
        assert image.size == (256, 256)
        assert not image.getexif()
    change_photo(actor=actor_for(secretary), file=picture("PNG"))
    assert len(list(tmp_path.rglob("*.jpg"))) == 1


@pytest.mark.parametrize(
    "content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, b"<svg onload=alert(1)>"]
)
def test_a_file_that_is_no_picture_is_refused(secretary, content):
    with pytest.raises(NotAPicture):
        change_photo(actor=actor_for(secretary), file=BytesIO(content))


def test_a_picture_too_heavy_or_too_vast_is_refused(secretary):
    for file in (BytesIO(b"\xff\xd8" + b"\0" * 5_000_001), picture("PNG", (9_000, 9_000))):
        with pytest.raises(NotAPicture):
            change_photo(actor=actor_for(secretary), file=file)


def test_the_team_is_read_in_one_query(supervisor, secretary, django_assert_num_queries):
    make_secretary("Camille Petit")
    with django_assert_num_queries(1):
        assert [one.user.name for one in queries.team(actor_for(supervisor))] == ["Camille Petit", "Nadia Benali"]


def test_the_first_administrator_comes_from_the_command_line(capsys):
    assert commands.administrator(["helene@exemple.fr", "Hélène Aubry"]) == 0
    token = capsys.readouterr().out.strip().rstrip("/").rsplit("/", 1)[-1]
    assert accept_invitation(token=token, password=GOOD).role == Role.ADMINISTRATOR
    with pytest.raises(EmailTaken):
        commands.administrator(["helene@exemple.fr", "Hélène Aubry"])
