"""No act of the house is told by its code name."""

import importlib
import inspect

import pytest

from permanence.kernel.events import Event
from permanence.portal.queries.sentences import ICONS, SENTENCES

UNTOLD = {"CallEventOf", "MessageEvent", "Event"}


def acts():
    for part in ("audit", "clients", "trust", "calls", "messaging"):
        module = importlib.import_module(f"permanence.{part}.events")
        for name, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, Event) and name not in UNTOLD:
                yield name


@pytest.mark.parametrize("act", sorted(set(acts())))
def test_every_act_has_its_sentence(act):
    assert [key for key in SENTENCES if key.split(".")[0] == act]


def test_every_icon_belongs_to_a_known_act():
    assert set(ICONS) <= {key.split(".")[0] for key in SENTENCES}
