"""The demonstration loads once, through the product's own rules."""

import pytest

from permanence.audit.models import LogLeaf
from permanence.calls.models import Call
from permanence.clients.models import Client, InstructionReading
from permanence.config.demo import accounts, load
from permanence.database.context import EVERY_CLIENT, acting
from permanence.kernel.actor import system
from permanence.messaging.models import Message

pytestmark = pytest.mark.django_db


def test_the_demonstration_has_six_clients_and_a_week_of_calls():
    load()
    with acting(system("tests"), EVERY_CLIENT):
        assert Client.objects.count() == 6
        assert Call.objects.exclude(state="done").count() == 0
        assert Call.objects.filter(outcome="answered").count() > 60
        assert Message.objects.filter(acknowledged_at=None).exists()
        assert LogLeaf.objects.count() > 500
        assert InstructionReading.objects.exists()
        before = Call.objects.count()
    load()
    with acting(system("tests"), EVERY_CLIENT):
        assert Call.objects.count() == before


def test_everybody_may_sign_in():
    load()
    from permanence.bureau.models import User

    for email, password, _who in accounts():
        assert User.objects.get(email=email).check_password(password)
