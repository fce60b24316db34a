"""Questions that callers ask, and what to answer."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from permanence.audit.usecases import record
from permanence.clients.events import KnowledgeChanged, KnowledgeOpened
from permanence.clients.models import Client, KnowledgeEntry
from permanence.database.notices import tell
from permanence.kernel.actor import Actor, Role, require, signed_in
from permanence.kernel.events import publish
from permanence.kernel.refusals import Refused

LONGEST_ANSWER = 4_000


class KnowledgeEmpty(Refused):
    message = _("A question and its answer are both needed. Your text is kept.")


class AnswerTooLong(Refused):
    message = _(
        "The answer has %(length)s characters, %(most)s at most are read to a caller. Your text is kept. Shorten it."
    )


@transaction.atomic
def save_knowledge(
    *, actor: Actor, client: Client, question: str, answer: str, entry: KnowledgeEntry | None = None
) -> KnowledgeEntry:
    """A new entry, or new words for ``entry``."""
    require(actor, Role.OWNER)
    question, answer = question.strip(), answer.strip()
    if not question or not answer:
        raise KnowledgeEmpty
    if len(answer) > LONGEST_ANSWER:
        raise AnswerTooLong(length=len(answer), most=LONGEST_ANSWER)
    saved = entry or KnowledgeEntry(client=client)
    saved.question, saved.answer, saved.edited_by_id = question, answer, signed_in(actor)
    saved.save()
    _announce(actor, KnowledgeChanged(client_id=client.pk, entry_id=saved.pk, change="saved"), question)
    return saved


@transaction.atomic
def remove_knowledge(*, actor: Actor, entry: KnowledgeEntry) -> None:
    """No longer found by the secretaries."""
    require(actor, Role.OWNER)
    event = KnowledgeChanged(client_id=entry.client_id, entry_id=entry.pk, change="removed")
    entry.delete()
    _announce(actor, event, entry.question)


@transaction.atomic
def open_knowledge(*, actor: Actor, entry: KnowledgeEntry) -> None:
    """A secretary's reading enters the client's log."""
    require(actor, Role.SECRETARY)
    event = KnowledgeOpened(client_id=entry.client_id, entry_id=entry.pk)
    record(actor, event, personal={"question": entry.question})
    publish(event)


def _announce(actor: Actor, event: KnowledgeChanged, question: str) -> None:
    record(actor, event, personal={"question": question})
    publish(event)
    tell(f"client:{event.client_id}", "sheet", event.entry_id)
