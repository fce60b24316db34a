"""The sheet, the hours, the information entries, the members, and how a company is taken on."""

from datetime import date, datetime, time

import pytest
from django.http import Http404
from django.utils.translation import override

from permanence.audit.queries import leaves
from permanence.clients.models import Client, KnowledgeEntry, Member, Opening
from permanence.clients.queries import client_for, clients_for, greeting_by, opening_at, pair_of, search_knowledge
from permanence.clients.rules.hours import Span
from permanence.clients.usecases import (
    NewClient,
    Sheet,
    change_member,
    change_sheet,
    close_membership,
    create_client,
    invite_member,
    open_sheet,
    remove_exceptional_day,
    remove_knowledge,
    save_knowledge,
    set_exceptional_day,
    set_hours,
    set_pair,
)
from permanence.clients.usecases.companies import MonogramTaken, SecretaryTwice
from permanence.clients.usecases.hours import SpanBackwards, SpansOverlap
from permanence.clients.usecases.knowledge import AnswerTooLong, KnowledgeEmpty
from permanence.clients.usecases.members import LastOwner, NotACompanyRole
from permanence.clients.usecases.sheet import NameMissing
from permanence.database.context import acting
from permanence.kernel.actor import NotAllowed, Role
from permanence.kernel.clock import PARIS
from tests.people import actor_for, make_secretary

MORNING, AFTERNOON = Span(time(8), time(12)), Span(time(14), time(18))


def at(*given: int) -> datetime:
    return datetime(*given, tzinfo=PARIS)  # type: ignore[arg-type, misc]


def test_the_owner_changes_his_sheet_and_the_log_says_which_fields(plumber, owner):
    actor = actor_for(owner)
    with acting(actor):
        sheet = Sheet(name="Plomberie Roux", greeting="Roux, {secretary} bonjour.", hue=plumber.hue, town="Nantes")
        change_sheet(actor=actor, client=plumber, sheet=sheet)
        change_sheet(actor=actor, client=plumber, sheet=sheet)
        (leaf,) = leaves(actor, plumber.pk)
        kept = client_for(actor, plumber.pk)
    assert leaf.facts["fields"] == ["greeting", "town"]
    assert (kept.town, kept.edited_by) == ("Nantes", owner.user)
    assert greeting_by(kept, "Nadia Benali") == "Roux, Nadia bonjour."


def test_nobody_else_changes_it_and_a_nameless_company_is_refused(plumber, owner, secretary, supervisor):
    sheet = Sheet(name="Autre", greeting="x")
    for nobody in (secretary, supervisor):
        with acting(actor_for(nobody)), pytest.raises(NotAllowed):
            change_sheet(actor=actor_for(nobody), client=plumber, sheet=sheet)
    with acting(actor_for(owner)), pytest.raises(NameMissing):
        change_sheet(actor=actor_for(owner), client=plumber, sheet=Sheet(name=" ", greeting="x"))


def test_another_company_is_not_found(plumber, stranger, colleague):
    for outsider in (stranger, colleague):
        with acting(actor_for(outsider)):
            assert plumber not in clients_for(actor_for(outsider))
            with pytest.raises(Http404):
                client_for(actor_for(outsider), plumber.pk)


def test_a_reading_of_the_sheet_is_a_leaf(plumber, secretary, owner):
    with acting(actor_for(secretary)):
        open_sheet(actor=actor_for(secretary), client=plumber)
    with acting(actor_for(owner)):
        (leaf,) = leaves(actor_for(owner), plumber.pk)
    assert (leaf.act, leaf.actor_name) == ("SheetOpened", "Nadia Benali")


def test_hours_of_the_week_and_an_exceptional_day(plumber, owner):
    actor = actor_for(owner)
    with acting(actor), override("fr"):
        set_hours(actor=actor, client=plumber, week={day: [AFTERNOON, MORNING] for day in range(5)}, holidays="FR")
        assert opening_at(plumber.pk, at(2026, 11, 24, 13, 0)).until == at(2026, 11, 24, 14, 0)
        day = set_exceptional_day(actor=actor, client=plumber, on=date(2026, 11, 24), label="Inventaire")
        assert not opening_at(plumber.pk, at(2026, 11, 24, 9, 0)).is_open
        set_exceptional_day(actor=actor, client=plumber, on=date(2026, 11, 24), spans=[MORNING])
        assert opening_at(plumber.pk, at(2026, 11, 24, 9, 0)).is_open
        remove_exceptional_day(actor=actor, day=day)
        assert opening_at(plumber.pk, at(2026, 11, 24, 15, 0)).is_open
        assert [leaf.act for leaf in leaves(actor, plumber.pk)] == ["HoursChanged"] * 4
    assert plumber.hours_edited_by == owner.user


@pytest.mark.parametrize(
    ("spans", "refusal"),
    [
        ([Span(time(12), time(8))], SpanBackwards),
        ([Span(time(8), time(8))], SpanBackwards),
        ([MORNING, Span(time(11), time(13))], SpansOverlap),
        ([Span(time(8), time(0)), AFTERNOON], SpansOverlap),
    ],
)
def test_openings_go_forward_and_do_not_overlap(plumber, owner, spans, refusal):
    actor = actor_for(owner)
    with acting(actor):
        set_hours(actor=actor, client=plumber, week={0: [MORNING]}, holidays="FR")
        with pytest.raises(refusal):
            set_hours(actor=actor, client=plumber, week={0: spans}, holidays="FR")
        assert Opening.objects.get().opens == time(8)


def test_information_is_found_without_accents_by_beginnings_of_words(plumber, lawyer, owner, secretary, stranger):
    actor = actor_for(owner)
    with acting(actor):
        for question, answer in [
            ("Combien coûte un déplacement ?", "Quarante euros, œuvre comprise."),
            ("Réparez-vous les chaudières ?", "Oui, toutes marques."),
        ]:
            save_knowledge(actor=actor, client=plumber, question=question, answer=answer)
    with acting(actor_for(stranger)):
        save_knowledge(
            actor=actor_for(stranger), client=lawyer, question="Réparez-vous les chaudières ?", answer="Non."
        )
    reader = actor_for(secretary)
    with acting(reader):

        def found(words):
            return [entry.answer for entry in search_knowledge(reader, plumber, words)]

        assert found("chaudiere") == found("CHAUDI") == found("les chaudières") == ["Oui, toutes marques."]
        assert found("oeuvre") == found("deplacements coute") == ["Quarante euros, œuvre comprise."]
        assert found("jardin") == []
        assert len(found(" ?! ")) == 2
        assert found("a & | ! ( : * 'x") == []
        assert found("x" * 50_000) == []


def test_information_has_both_halves_and_an_end(plumber, owner, secretary):
    actor = actor_for(owner)
    with acting(actor):
        for question, answer, refusal in [("Q", " ", KnowledgeEmpty), ("Q", "é" * 4_001, AnswerTooLong)]:
            with pytest.raises(refusal):
                save_knowledge(actor=actor, client=plumber, question=question, answer=answer)
        entry = save_knowledge(actor=actor, client=plumber, question="Q", answer="R")
        save_knowledge(actor=actor, client=plumber, question="Q", answer="S", entry=entry)
        assert KnowledgeEntry.objects.get().answer == "S"
        remove_knowledge(actor=actor, entry=entry)
        assert not KnowledgeEntry.objects.exists()
    with acting(actor_for(secretary)), pytest.raises(NotAllowed):
        save_knowledge(actor=actor_for(secretary), client=plumber, question="Q", answer="R")


def test_a_supervisor_takes_on_a_company_and_names_its_pair(plumber, supervisor, secretary, colleague):
    actor = actor_for(supervisor)
    with acting(actor):
        new = NewClient(name="Étude Morel", trade="notary", greeting="Étude Morel, bonjour.")
        client = create_client(actor=actor, new=new)
        assert (client.monogram, client.hue) == ("EM", next(h for h in ["petrole", "azur"] if h != plumber.hue))
        with pytest.raises(MonogramTaken):
            create_client(actor=actor, new=NewClient(name="Autre", trade="other", greeting="x", monogram="em"))
        set_pair(actor=actor, client=client, secretaries=[secretary, colleague])
        set_pair(actor=actor, client=client, secretaries=[colleague, secretary])
        assert [pairing.secretary for pairing in pair_of(actor, client)] == [colleague, secretary]
        with pytest.raises(SecretaryTwice):
            set_pair(actor=actor, client=client, secretaries=[colleague, colleague])
    with acting(actor_for(secretary)), pytest.raises(NotAllowed):
        create_client(actor=actor_for(secretary), new=new)


def test_the_owner_invites_and_the_last_owner_stays(plumber, owner, marc):
    actor = actor_for(owner)
    with acting(actor):
        lea = invite_member(actor=actor, client=plumber, email="lea@permanence.test", name="Léa", person=marc)
        assert (lea.user.role, lea.user.has_usable_password()) == ("member", False)
        with pytest.raises(NotACompanyRole):
            invite_member(actor=actor, client=plumber, email="x@x.test", name="X", role=Role.SECRETARY)
        with pytest.raises(LastOwner):
            change_member(actor=actor, member=owner, role=Role.MEMBER, person=None)
        with pytest.raises(LastOwner):
            close_membership(actor=actor, member=owner)
        change_member(actor=actor, member=lea, role=Role.OWNER, person=None)
        close_membership(actor=actor, member=lea)
        assert not Member.objects.get(pk=lea.pk).user.is_active


def test_a_member_invites_nobody(plumber, member):
    with acting(actor_for(member)), pytest.raises(NotAllowed):
        invite_member(actor=actor_for(member), client=plumber, email="x@x.test", name="X")


def test_the_sentence_of_a_closed_company(plumber, owner, settings):
    actor = actor_for(owner)
    with acting(actor), override("en"):
        set_hours(actor=actor, client=plumber, week={0: [MORNING]}, holidays="FR")
        assert opening_at(plumber.pk, at(2026, 11, 23, 9, 0)).sentence == "open until 12:00"
        assert opening_at(plumber.pk, at(2026, 11, 24, 9, 0)).sentence == "closed, reopens Monday at 8:00"
        assert opening_at(plumber.pk, at(2026, 11, 22, 9, 0)).sentence == "closed, reopens tomorrow at 8:00"
        assert "Christmas" not in opening_at(plumber.pk, at(2026, 12, 25, 9, 0)).sentence
        assert "(Noël)" in opening_at(plumber.pk, at(2026, 12, 25, 9, 0)).sentence
        set_hours(actor=actor, client=plumber, week={}, holidays="FR")
        assert opening_at(plumber.pk, at(2026, 11, 24, 9, 0)).sentence == "always open"


def test_a_secretary_of_no_company_finds_none(plumber):
    zoe = actor_for(make_secretary("Zoé"))
    with acting(zoe):
        assert not Client.objects.exists()
