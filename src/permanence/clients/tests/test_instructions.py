"""Instructions: versions, temporary ones, ticks, and what the secretary is shown."""

from datetime import timedelta

import pytest

from permanence.audit.queries import leaves
from permanence.clients.models import InstructionReading, InstructionVersion
from permanence.clients.queries import card_for, instructions_now, unread_instructions
from permanence.clients.usecases import Wording, publish_instruction, tick_instruction, withdraw_instruction
from permanence.clients.usecases.instructions import EndsInThePast, InstructionEmpty, InstructionTooLong, NeedsAnEnd
from permanence.database.context import acting
from permanence.database.models import Notice
from permanence.kernel.actor import NotAllowed
from permanence.kernel.clock import now
from tests.people import actor_for


def publish(owner, plumber, text="Ne jamais donner le portable.", layer="sheet", **columns):
    actor = actor_for(owner)
    with acting(actor):
        instruction = columns.pop("instruction", None)
        wording = Wording(layer=layer, text=text, **columns)
        return publish_instruction(actor=actor, client=plumber, wording=wording, instruction=instruction)


def seen_by(secretary, plumber, at=None):
    with acting(actor_for(secretary)):
        return instructions_now(actor_for(secretary), plumber, at or now())


def test_a_change_is_a_new_version_that_the_secretary_sees_struck_and_marked(owner, plumber, secretary):
    first = publish(owner, plumber, "Rappeler avant 18 h")
    with acting(actor_for(secretary)):
        tick_instruction(actor=actor_for(secretary), version=first)
    publish(owner, plumber, "Rappeler avant 19 h", instruction=first.instruction)
    (seen,) = seen_by(secretary, plumber)
    assert (seen.changed, seen.unread, seen.old_text, seen.version.number) == (True, True, "Rappeler avant 18 h", 2)
    assert [piece.text for piece in seen.pieces if piece.kind == "new"] == ["19"]
    with acting(actor_for(owner)):
        assert [v.text for v in InstructionVersion.objects.order_by("number")] == [
            "Rappeler avant 18 h",
            "Rappeler avant 19 h",
        ]


def test_a_new_instruction_is_unread_but_not_changed(owner, plumber, secretary):
    publish(owner, plumber)
    (seen,) = seen_by(secretary, plumber)
    assert (seen.unread, seen.changed, seen.old_text) == (True, False, None)


def test_ticking_twice_is_ticking_once_and_leaves_one_leaf(owner, plumber, secretary):
    version = publish(owner, plumber)
    actor = actor_for(secretary)
    with acting(actor):
        assert list(unread_instructions(actor)) == [version]
        tick_instruction(actor=actor, version=version)
        tick_instruction(actor=actor, version=version)
        assert InstructionReading.objects.count() == 1
        assert not unread_instructions(actor, plumber).exists()
        acts = [leaf.act for leaf in leaves(actor, plumber.pk)]
    assert acts == ["InstructionTicked", "InstructionPublished"]
    assert not seen_by(secretary, plumber)[0].unread


def test_only_the_current_version_in_force_waits_to_be_read(owner, plumber, secretary):
    first = publish(owner, plumber)
    second = publish(owner, plumber, "Ne donner le portable qu’au syndic.", instruction=first.instruction)
    publish(owner, plumber, "À venir", layer="alert", starts_at=now() + timedelta(days=1))
    with acting(actor_for(secretary)):
        assert list(unread_instructions(actor_for(secretary))) == [second]


def test_layers_come_highest_first_and_what_changed_before_them(owner, plumber, secretary):
    sheet = publish(owner, plumber, "fiche")
    publish(owner, plumber, "alerte", layer="alert")
    publish(owner, plumber, "sécurité", layer="safety")
    assert [one.layer for one in seen_by(secretary, plumber)] == ["safety", "alert", "sheet"]
    with acting(actor_for(secretary)):
        tick_instruction(actor=actor_for(secretary), version=sheet)
    publish(owner, plumber, "fiche changée", instruction=sheet.instruction)
    assert [one.layer for one in seen_by(secretary, plumber)] == ["sheet", "safety", "alert"]


def test_a_temporary_one_needs_an_end_and_ceases_alone(owner, plumber, secretary):
    with pytest.raises(NeedsAnEnd):
        publish(owner, plumber, layer="temporary")
    with pytest.raises(EndsInThePast):
        publish(owner, plumber, layer="temporary", ends_at=now() - timedelta(minutes=1))
    day = now() + timedelta(days=1)
    with pytest.raises(EndsInThePast):
        publish(owner, plumber, layer="temporary", starts_at=day, ends_at=day)
    publish(owner, plumber, layer="temporary", ends_at=now() + timedelta(hours=1))
    assert len(seen_by(secretary, plumber)) == 1
    assert seen_by(secretary, plumber, now() + timedelta(hours=1)) == []


@pytest.mark.parametrize(("text", "refusal"), [("  \n ", InstructionEmpty), ("é" * 50_000, InstructionTooLong)])
def test_empty_and_endless_texts_are_refused_in_a_sentence(owner, plumber, text, refusal):
    with pytest.raises(refusal) as refused:
        publish(owner, plumber, text)
    assert len(str(refused.value)) < 200


def test_any_letters_are_kept_as_they_are(owner, plumber, secretary):
    text = "<script>alert(1)</script> 😀 שלום {secretary} %s"
    publish(owner, plumber, text)
    assert seen_by(secretary, plumber)[0].text == text


def test_withdrawn_is_no_longer_shown_and_the_client_pages_are_told(owner, plumber, secretary):
    version = publish(owner, plumber)
    with acting(actor_for(owner)):
        withdraw_instruction(actor=actor_for(owner), instruction=version.instruction)
        withdraw_instruction(actor=actor_for(owner), instruction=version.instruction)
    assert seen_by(secretary, plumber) == []
    assert Notice.objects.filter(channel=f"client:{plumber.pk}", kind="instruction").count() == 2


def test_a_member_and_a_secretary_publish_nothing_and_only_a_secretary_ticks(owner, member, plumber, secretary):
    version = publish(owner, plumber)
    for nobody in (member, secretary):
        with acting(actor_for(nobody)), pytest.raises(NotAllowed):
            publish_instruction(actor=actor_for(nobody), client=plumber, wording=Wording(layer="sheet", text="x"))
    with acting(actor_for(member)), pytest.raises(NotAllowed):
        tick_instruction(actor=actor_for(member), version=version)


def test_the_card_is_read_in_a_bounded_number_of_statements(
    owner, plumber, marc, secretary, django_assert_max_num_queries
):
    for number in range(6):
        publish(owner, plumber, f"consigne {number}")
    actor = actor_for(secretary)
    with acting(actor), django_assert_max_num_queries(10):
        card = card_for(actor, plumber, at=now())
        assert all(one.pieces for one in card.instructions)
        assert [number.number for number in card.people[0].numbers] == ["+33639984127", "+33199003118"]
        assert card.opening.is_open
