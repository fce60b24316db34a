from datetime import UTC, datetime

from hypothesis import given
from hypothesis.strategies import datetimes as naive
from hypothesis.strategies import integers, lists, none, sampled_from, sets

from permanence.trust.rules import adds_nothing, following, may_last

datetimes = naive(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda instant: instant.replace(tzinfo=UTC))  # noqa: DTZ001
ids = integers(1, 12)


@given(sampled_from(["pair", "supervisor", "task"]), datetimes, none() | datetimes)
def test_only_a_pair_has_no_end_and_no_grant_ends_before_it_begins(source, start, end):
    assert may_last(source, start=start, end=end) == (
        (end is None and source == "pair") or (end is not None and end > start)
    )


@given(none() | datetimes, lists(none() | datetimes), datetimes)
def test_a_grant_that_adds_nothing_covers_no_new_instant(end, held, at):
    if adds_nothing(end, held=held) and (end is None or at < end):
        assert any(other is None or at < other for other in held)


@given(lists(ids, unique=True), sets(ids))
def test_the_grants_end_up_as_the_pair(pair, held):
    joining, leaving = following(pair, held=held)
    assert (held | set(joining)) - set(leaving) == set(pair)
    assert not set(joining) & held
    assert joining == [one for one in pair if one in joining], "in the pair's order"
    assert following(pair, held=set(pair)) == ([], [])
