"""What the telephone daemon tells of a call: plain functions for tests."""

from datetime import timedelta
from uuid import uuid4

from permanence.calls import usecases
from permanence.calls.models import Line
from permanence.calls.usecases import Arrival
from permanence.database.context import acting
from permanence.kernel.actor import system
from permanence.kernel.clock import now

TELEPHONY = system("telephony")
CALLER = "+33639984127"


def arrive(client, caller=CALLER, **given):
    """A caller reaches the client's first line."""
    with acting(TELEPHONY, client.pk):
        line = Line.objects.filter(client=client).get()
        arrival = Arrival(call_id=str(uuid4()), line_id=line.pk, at=now(), caller_number=caller, **given)
        return usecases.register_call(actor=TELEPHONY, arrival=arrival)


def tell(client, verb, call, **given):
    """One more fact from the telephone."""
    with acting(TELEPHONY, client.pk):
        return getattr(usecases, verb)(actor=TELEPHONY, call_id=str(call.pk), **{"at": now(), **given})


def talk(client, secretary, **given):
    """A call that the secretary has answered."""
    call = arrive(client, **given)
    tell(client, "queue_call", call)
    tell(client, "offer_call", call, secretary_id=secretary.pk, why="Proposé à Nadia.")
    return tell(client, "answer_call", call)


def hang_up(client, call, *, after=0, outcome="abandoned"):
    return tell(client, "end_call", call, outcome=outcome, at=now() + timedelta(seconds=after))
