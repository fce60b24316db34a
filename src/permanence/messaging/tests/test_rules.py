"""What a message must hold, who is told, and what a delivery may claim."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.messaging.rules.delivery import PATHS, NotOnThisPath, Reachable, advance, is_link_only, recipients
from permanence.messaging.rules.taking import Taken, lines, missing, one_line, tidied, too_long

STATES = ["queued", "handed_over", "delivered", "opened", "acknowledged", "handled", "failed"]
texts = st.text(max_size=30)


@given(st.sampled_from(sorted(PATHS)), st.lists(st.sampled_from(STATES), max_size=20))
def test_a_delivery_only_moves_forward_and_claims_only_what_its_channel_knows(channel, told):
    path, state, reached = PATHS[channel], "queued", 0
    for wanted in told:
        try:
            after = advance(channel, state, wanted)
        except NotOnThisPath:
            assert wanted not in path
            assert wanted != "failed"
            continue
        if after is None:
            continue
        assert after == wanted
        if after == "failed":
            assert state == "queued"
        elif state != "failed":
            assert path.index(after) > reached
        state, reached = after, path.index(after) if after in path else 0


@given(st.sampled_from(sorted(PATHS)), st.sampled_from(STATES), st.sampled_from(STATES))
def test_a_fact_told_twice_changes_nothing(channel, state, wanted):
    if state not in (*PATHS[channel], "failed") or wanted not in (*PATHS[channel], "failed"):
        return
    after = advance(channel, state, wanted)
    assert advance(channel, after or state, wanted) is None


def test_an_email_is_never_acknowledged_and_the_portal_never_handed_over():
    for wanted in ("delivered", "opened", "acknowledged", "handled"):
        with pytest.raises(NotOnThisPath):
            advance("email", "handed_over", wanted)
    with pytest.raises(NotOnThisPath):
        advance("portal", "queued", "handed_over")
    assert advance("email", "handed_over", "failed") is None
    assert advance("email", "failed", "queued") == "queued"


people = st.lists(
    st.builds(Reachable, st.integers(1, 9), texts, st.sampled_from(["", "a@b.fr"]), st.booleans(), st.integers(0, 3)),
    max_size=6,
)


@given(people, st.none() | st.integers(1, 9))
def test_nobody_who_cannot_or_will_not_receive_is_written_to(known, asked_for):
    found = recipients(known, asked_for)
    ready = [one for one in known if one.email and one.receives_messages]
    assert all(one in ready for one in found)
    assert bool(found) == bool(ready)
    if any(one.person_id == asked_for for one in ready):
        assert {one.person_id for one in found} == {asked_for}
    else:
        assert len({one.position for one in found}) <= 1


@pytest.mark.parametrize(
    ("trade", "asked", "expected"),
    [("plumber", False, False), ("plumber", True, True), ("lawyer", False, True), ("medical_expert", False, True)],
)
def test_secrets_leave_as_a_link(trade, asked, expected):
    assert is_link_only(trade, link_only=asked) is expected


written = st.builds(
    Taken, submission=st.just(uuid4()), caller_name=texts, caller_company=texts, caller_number=texts, reason=texts,
    promise=texts, partial=st.booleans(),
)  # fmt: skip


@given(written)
def test_tidying_twice_is_tidying_once_and_leaves_storable_text(message):
    clean = tidied(message)
    assert tidied(clean) == clean
    for text in (clean.caller_name, clean.caller_number, clean.reason):
        text.encode()
        assert "\0" not in text
    assert "\n" not in clean.caller_name


@given(written)
def test_a_whole_message_lacks_nothing_that_a_partial_one_needs(message):
    clean = tidied(message)
    if not clean.partial and not missing(clean):
        assert clean.reason
        assert clean.caller_name
    if clean.partial and not missing(clean):
        assert clean.reason or clean.caller_number
    assert too_long(clean) is None


@given(st.text())
def test_lines_and_one_line(text):
    assert lines(lines(text)) == lines(text)
    assert one_line(text) == one_line(lines(text))
