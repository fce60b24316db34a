"""A client company with a row in every table that may hold one, each row bearing the company's secret word."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.db.models import Model
from django.utils import timezone

from permanence.audit.models import LogLeaf
from permanence.audit.usecases import record
from permanence.bureau.models import Secretary
from permanence.calls.models import Call, CallEvent, Correspondent, Line, OutboundPolicy
from permanence.clients.events import SheetOpened
from permanence.clients.models import (
    Availability,
    Client,
    ExceptionalDay,
    Instruction,
    InstructionReading,
    InstructionVersion,
    KnowledgeEntry,
    Member,
    Opening,
    Pairing,
    Person,
    PersonNumber,
)
from permanence.database.context import EVERY_CLIENT, acting
from permanence.kernel.actor import system
from permanence.messaging.models import Delivery, DeliveryEvent, Draft, Message, Reply
from permanence.trust.models import Grant
from tests.people import actor_for

Ids = dict[str, int | UUID]


def furnish(client: Client, secretary: Secretary, member: Member, word: str) -> Ids:
    """Fill ``client``'s tables; every text says ``word``, which nobody else may ever read.

    Returns real ids under the names that addresses give to their parameters.
    """
    with acting(system("tests"), EVERY_CLIENT):
        found = {**_company(client, secretary, member, word), **_telephone(client, secretary, member, word)}
        record(actor_for(secretary), SheetOpened(client_id=client.pk), personal={"caller_name": word})
        assert LogLeaf.objects.filter(client_id=client.pk).exists()
    return {**found, "client_id": client.pk, "member_id": member.pk, "secretary_id": secretary.pk}


def _company(client: Client, secretary: Secretary, member: Member, word: str) -> Ids:
    author, now = member.user, timezone.now()

    def make(model: Any, **columns: Any) -> Any:
        return model.objects.create(client=client, **columns)

    Client.objects.filter(pk=client.pk).update(manners=word, street=word, pronunciation=word)
    if not Pairing.objects.filter(client=client).exists():
        make(Pairing, secretary=secretary, rank=1)
    make(Opening, weekday=0, opens="08:00", closes="12:00")
    day = make(ExceptionalDay, on=now.date() + timedelta(days=3), label=word)
    person = make(Person, name=word, role=word, email=f"{word}@example.org".lower())
    make(PersonNumber, person=person, number="+33639980001", label=word)
    availability = make(
        Availability, person=person, state="absent", message=word, starts_at=now, ends_at=now + timedelta(days=1),
        set_by=author,
    )  # fmt: skip
    instruction = make(Instruction, layer="alert", title=word)
    version = make(InstructionVersion, instruction=instruction, number=1, text=word, author=author, published_at=now)
    make(InstructionReading, version=version, secretary=secretary)
    entry = make(KnowledgeEntry, question=word, answer=word, edited_by=author)
    rows: dict[str, Model] = {
        "day_id": day, "person_id": person, "availability_id": availability, "instruction_id": instruction,
        "version_id": version, "entry_id": entry, "user_id": author,
    }  # fmt: skip
    return {name: row.pk for name, row in rows.items()}


def _telephone(client: Client, secretary: Secretary, member: Member, word: str) -> Ids:
    now = timezone.now()

    def make(model: Any, **columns: Any) -> Any:
        return model.objects.create(client=client, **columns)

    line = Line.objects.filter(client=client).first() or make(Line, number=f"+3319900{client.pk:04d}")
    call = make(
        Call, line=line, secretary=secretary, caller_number="+33639980002", state="done", outcome="answered", why=word,
        started_at=now, answered_at=now, ended_at=now, voicemail=ContentFile(b"RIFF", name=f"{word}.wav"),
    )  # fmt: skip
    make(CallEvent, call=call, at=now, kind="arrived", facts={"said": word})
    make(Correspondent, number="+33639980002", name=word, note=word, known_since_on=now.date())
    make(OutboundPolicy, prefixes=["+33"], edited_at=now)
    message = make(
        Message, call=call, caller_name=word, caller_number="+33639980002", reason=word, taken_by=secretary,
        taken_at=now, submission=uuid4(), voicemail=True,
    )  # fmt: skip
    make(Draft, call=call, secretary=secretary, typed={"reason": word}, saved_at=now)
    delivery = make(
        Delivery, message=message, channel="email", recipient_name=word, state="failed", failure=word, changed_at=now
    )
    make(DeliveryEvent, delivery=delivery, state="failed", at=now, detail=word)
    reply = make(Reply, message=message, author=member.user, text=word, written_at=now)
    grant = Grant.objects.filter(client=client).first() or make(
        Grant, secretary=secretary, source="pair", during=(now, None)
    )
    rows: dict[str, Model] = {
        "line_id": line, "call_id": call, "message_id": message, "delivery_id": delivery, "reply_id": reply,
        "grant_id": grant,
    }  # fmt: skip
    return {name: row.pk for name, row in rows.items()}
