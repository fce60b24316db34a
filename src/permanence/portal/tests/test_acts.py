"""What members do in their space: forms keep what was typed, acts are named and told at once."""

import io
import wave
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from permanence.audit.queries import leaves
from permanence.calls.models import Line
from permanence.clients.models import (
    Availability,
    ExceptionalDay,
    Instruction,
    InstructionVersion,
    KnowledgeEntry,
    Member,
    Opening,
    Person,
)
from permanence.clients.queries import client_for
from permanence.database.context import acting
from permanence.database.models import Notice
from permanence.kernel.clock import PARIS
from permanence.messaging.models import Message, Reply
from permanence.portal.tests.conftest import SPEECH, window
from permanence.portal.views.home import until_choices
from tests.people import actor_for

LONG = "é" * 50_000


def rows(member):
    return acting(actor_for(member))


def test_opening_is_a_reading_and_a_refreshed_fragment_is_not(message, owner, plumber):
    browser = window(owner.user)
    address = reverse("portal:message", args=[message.pk])
    browser.get(address)
    browser.get(address, headers={"hx-request": "true"})
    with rows(owner):
        acts = [leaf.act for leaf in leaves(actor_for(owner), plumber.pk)]
        assert acts.count("MessageOpened") == 1
        assert Message.objects.get().opened_at


def test_taking_charge_names_the_person_and_tells_the_desk(message, member, secretary):
    browser = window(member.user)
    answer = browser.post(
        reverse("portal:acknowledgement", args=[message.pk]), {"back": "home"}, headers={"hx-request": "true"}
    )
    assert answer.status_code == 200
    assert 'id="waiting"' in answer.text
    assert "<html" not in answer.text
    with rows(member):
        assert Message.objects.get().acknowledged_by == member.user
    told = Notice.objects.filter(channel=f"secretary:{secretary.pk}", kind="message", subject=str(message.pk))
    assert told.exists()


def test_handling_without_script_comes_back_to_the_message(message, owner):
    answer = window(owner.user).post(reverse("portal:handling", args=[message.pk]))
    assert answer["Location"] == reverse("portal:message", args=[message.pk])
    with rows(owner):
        kept = Message.objects.get()
    assert kept.handled_by == kept.acknowledged_by == owner.user


def test_a_reply_reaches_the_bureau_and_a_refused_one_is_kept(message, owner):
    browser = window(owner.user)
    address = reverse("portal:reply", args=[message.pk])
    assert browser.post(address, {"text": f"Je passe à 17 h {SPEECH}"}).status_code == 302
    page = browser.get(reverse("portal:message", args=[message.pk])).text
    assert "Je passe à 17 h &lt;script&gt;" in page
    for typed in ("", LONG):
        answer = browser.post(address, {"text": typed})
        assert answer.status_code == 422
        assert typed[:3_000] in answer.text
    with rows(owner):
        assert Reply.objects.count() == 1


def test_unavailable_until_then_back(owner, marc, plumber):
    browser = window(owner.user)
    _kind, until = until_choices(timezone.now())[-1]
    browser.post(reverse("portal:presence"), {"until": until.isoformat()})
    with rows(owner):
        assert (Availability.objects.get().state, Availability.objects.get().ends_at) == ("absent", until)
    page = browser.post(reverse("portal:presence"), {"until": ""}, headers={"hx-request": "true"})
    assert 'aria-checked="false"' in page.text
    with rows(owner):
        assert not Availability.objects.exists()


@pytest.mark.parametrize("until", ["2020-01-01T10:00:00+01:00", "2020-01-01T10:00:00", "hier"])
def test_an_end_that_is_past_or_made_up_changes_nothing(owner, marc, until):
    answer = window(owner.user).post(reverse("portal:presence"), {"until": until})
    assert answer.status_code in (302, 422)
    with rows(owner):
        assert not Availability.objects.exists()


def test_who_is_nobody_for_callers_has_no_switch(member):
    window(member.user).post(reverse("portal:presence"), {"until": "2999-01-01T10:00:00+01:00"})
    with rows(member):
        assert not Availability.objects.exists()


def test_an_instruction_is_published_changed_and_withdrawn(owner, plumber):
    browser = window(owner.user)
    assert browser.post(reverse("portal:instruction_new"), {"layer": "alert", "text": SPEECH}).status_code == 302
    with rows(owner):
        one = Instruction.objects.get()
    address = reverse("portal:instruction", args=[one.pk])
    assert browser.post(address, {"layer": "alert", "text": "Autre"}).status_code == 302
    assert "<ins>Autre</ins>" in browser.get(address).text
    assert browser.get(reverse("portal:withdrawal", args=[one.pk])).status_code == 200
    browser.post(reverse("portal:withdrawal", args=[one.pk]))
    assert browser.get(address).status_code == 404
    with rows(owner):
        assert InstructionVersion.objects.count() == 2


@pytest.mark.parametrize(
    "typed",
    [
        {"layer": "temporary", "text": "Sans fin"},
        {"layer": "temporary", "text": "Finie", "ends_at": "2020-01-01T10:00"},
        {"layer": "sheet", "text": LONG},
        {"layer": "sheet", "text": ""},
        {"layer": "inventée", "text": "Couche"},
        {"layer": "sheet", "text": "Date", "ends_at": "jeudi"},
    ],
)
def test_a_refused_instruction_keeps_its_words_and_says_why(owner, typed):
    answer = window(owner.user).post(reverse("portal:instruction_new"), typed)
    assert answer.status_code == 422
    assert typed["text"] in answer.text
    assert 'class="form-error"' in answer.text or "banner-danger" in answer.text
    with rows(owner):
        assert not Instruction.objects.exists()


def test_a_person_is_added_with_numbers_in_order(owner):
    browser = window(owner.user)
    typed = {"name": f"Zoé {SPEECH}", "number_0": "06 39 98 00 12", "label_0": "portable", "number_1": "0199003118"}
    assert browser.post(reverse("portal:person_new"), typed).status_code == 302
    with rows(owner):
        zoe = Person.objects.get()
        assert [number.number for number in zoe.numbers.all()] == ["+33639980012", "+33199003118"]
    page = browser.get(reverse("portal:people")).text
    assert "<script>alert" not in page
    answer = browser.post(reverse("portal:person_edit", args=[zoe.pk]), {**typed, "number_1": "12"})
    assert answer.status_code == 422
    assert 'value="12"' in answer.text
    assert browser.post(reverse("portal:departure", args=[zoe.pk])).status_code == 302
    with rows(owner):
        assert Person.objects.get().left_at


def test_an_availability_is_set_once_or_every_week_and_lifted(owner, marc):
    browser = window(owner.user)
    address = reverse("portal:availability", args=[marc.pk])
    weekly = {
        "state": "text_only",
        "rhythm": "weekly",
        "weekdays": ["0", "2"],
        "from_time": "08:00",
        "to_time": "12:00",
    }
    assert browser.post(address, weekly).status_code == 302
    later = (timezone.localtime() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    assert browser.post(address, {"state": "absent", "rhythm": "dated", "ends_at": later}).status_code == 302
    refused = browser.post(address, {"state": "absent", "rhythm": "weekly", "message": "Mercredi"})
    assert refused.status_code == 422
    assert "Mercredi" in refused.text
    with rows(owner):
        first = Availability.objects.earliest("pk")
        assert first.weekdays == [0, 2]
    page = browser.get(reverse("portal:person", args=[marc.pk])).text
    assert page.count(f"/availability/{first.pk}/") == 1
    browser.post(reverse("portal:availability_end", args=[marc.pk, first.pk]))
    with rows(owner):
        assert Availability.objects.get().state == "absent"


def test_a_member_sets_nobody_elses_availability(member, marc):
    address = reverse("portal:availability", args=[marc.pk])
    answer = window(member.user).post(address, {"state": "absent", "rhythm": "dated"})
    assert answer.status_code == 422


def test_the_week_has_several_openings_and_an_error_keeps_them(owner, plumber):
    browser = window(owner.user)
    week = {"d0_0_opens": "08:00", "d0_0_closes": "12:00", "d0_1_opens": "14:00", "d0_1_closes": "00:00"}
    assert browser.post(reverse("portal:hours"), {**week, "holidays": "FR-57"}).status_code == 302
    for wrong in ({"d0_1_closes": "09:00"}, {"d1_0_opens": "08:00"}, {"d0_0_opens": "25:00"}, {"holidays": "XX"}):
        answer = browser.post(reverse("portal:hours"), {**week, "holidays": "FR", **wrong})
        assert answer.status_code == 422, wrong
        assert 'value="14:00"' in answer.text
    with rows(owner):
        assert Opening.objects.count() == 2
        assert client_for(actor_for(owner), plumber.pk).holidays == "FR-57"


def test_an_exceptional_day_is_added_and_taken_back(owner):
    browser = window(owner.user)
    on = (timezone.localdate() + timedelta(days=3)).isoformat()
    assert browser.post(reverse("portal:exceptional_days"), {"on": on, "label": SPEECH}).status_code == 302
    refused = browser.post(reverse("portal:exceptional_days"), {"on": "demain", "label": "Inventaire"})
    assert refused.status_code == 422
    assert "Inventaire" in refused.text
    with rows(owner):
        day = ExceptionalDay.objects.get()
        assert day.on == date.fromisoformat(on)
    assert "<script>alert" not in browser.get(reverse("portal:hours")).text
    browser.post(reverse("portal:exceptional_day_end", args=[day.pk]))
    with rows(owner):
        assert not ExceptionalDay.objects.exists()


def test_the_sheet_is_changed_and_a_nameless_one_refused_with_what_was_typed(owner, plumber):
    browser = window(owner.user)
    typed = {"name": "Roux & fils", "greeting": "Roux, {secretary}, bonjour.", "hue": "azur", "town": SPEECH}
    assert browser.post(reverse("portal:company"), typed).status_code == 302
    assert "<script>alert" not in browser.get(reverse("portal:company")).text
    answer = browser.post(reverse("portal:company"), {**typed, "name": " ", "town": "Nantes"})
    assert answer.status_code == 422
    assert 'value="Nantes"' in answer.text
    assert browser.post(reverse("portal:company"), {**typed, "greeting": LONG}).status_code == 422
    with rows(owner):
        assert client_for(actor_for(owner), plumber.pk).name == "Roux & fils"


def test_what_callers_hear_on_a_line_is_changed(owner, plumber):
    browser = window(owner.user)
    with rows(owner):
        line = Line.objects.get(client=plumber)
    address, prefix = reverse("portal:line", args=[line.pk]), f"line{line.pk}"
    assert browser.post(address, {f"{prefix}-closed_text": "Nous sommes fermés."}).status_code == 302
    answer = browser.post(address, {f"{prefix}-closed_text": LONG})
    assert answer.status_code == 422
    assert LONG in answer.text
    with rows(owner):
        assert Line.objects.get(client=plumber).closed_text == "Nous sommes fermés."


def test_a_recording_is_converted_heard_and_removed_and_a_file_that_is_no_sound_refused(
    owner, member, plumber, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    browser = window(owner.user)
    with rows(owner):
        line = Line.objects.get(client=plumber)
    address, field = reverse("portal:welcome", args=[line.pk]), f"welcome{line.pk}-recording"
    assert browser.get(address).status_code == 404
    for wrong in (b"", b"<script>", b"RIFF0000WAVE" + b"x" * 500):
        assert browser.post(address, {field: SimpleUploadedFile("bonjour.wav", wrong)}).status_code == 422
    with rows(owner):
        assert not Line.objects.get(client=plumber).welcome_audio
    assert browser.post(address, {field: SimpleUploadedFile("bonjour.wav", a_second_of_sound())}).status_code == 302
    assert window(member.user).get(address).content[:4] == b"RIFF"
    assert window(member.user).post(address, {"remove": "1"}).status_code == 404
    assert address in browser.get(reverse("portal:company")).text
    assert browser.post(address, {"remove": "1"}).status_code == 302
    assert browser.get(address).status_code == 404


def a_second_of_sound():
    made = io.BytesIO()
    with wave.open(made, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes(b"\x10\x20" * 16_000)
    return made.getvalue()


def test_information_is_saved_found_and_removed(owner, entry):
    browser = window(owner.user)
    address = reverse("portal:knowledge")
    assert "Oui, toujours." in browser.get(address, {"words": "GRATUITS"}, headers={"hx-request": "true"}).text
    assert "Oui, toujours." not in browser.get(address, {"words": "urgence"}).text
    assert browser.post(reverse("portal:knowledge_new"), {"question": "Q", "answer": SPEECH}).status_code == 302
    refused = browser.post(reverse("portal:knowledge_new"), {"question": "Long", "answer": LONG})
    assert refused.status_code == 422
    assert LONG in refused.text
    browser.post(reverse("portal:knowledge_removal", args=[entry.pk]))
    with rows(owner):
        assert KnowledgeEntry.objects.get().answer == SPEECH


def test_a_member_is_invited_given_a_role_and_closed(owner, plumber):
    browser = window(owner.user)
    typed = {"name": "Paul Petit", "email": "paul@roux.test", "role": "member"}
    assert browser.post(reverse("portal:members"), typed).status_code == 302
    twice = browser.post(reverse("portal:members"), typed)
    assert twice.status_code == 422
    assert 'value="Paul Petit"' in twice.text
    with rows(owner):
        paul = Member.objects.exclude(pk=owner.pk).get()
    assert browser.post(reverse("portal:member", args=[paul.pk]), {"role": "owner"}).status_code == 302
    assert browser.post(reverse("portal:member_closing", args=[paul.pk])).status_code == 302
    assert browser.post(reverse("portal:member_closing", args=[owner.pk])).status_code == 422
    assert browser.post(reverse("portal:member", args=[owner.pk]), {"role": "member"}).status_code == 422


def test_the_buttons_propose_round_hours_to_come():
    morning = datetime(2026, 11, 24, 9, 40, tzinfo=PARIS)
    assert [(kind, at.hour) for kind, at in until_choices(morning)] == [
        ("today", 12),
        ("today", 14),
        ("today", 16),
        ("tomorrow", 8),
    ]
    assert [kind for kind, _at in until_choices(morning.replace(hour=22))] == ["tomorrow"]


def test_a_message_of_unknown_id_is_not_found(owner):
    assert window(owner.user).post(reverse("portal:acknowledgement", args=[uuid4().int % 10**9])).status_code == 404
