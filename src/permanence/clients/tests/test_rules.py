"""Hours, availability, instructions and identity, against slow and independent readings."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permanence.clients.rules.availability import AvailabilitySpan, availability_now
from permanence.clients.rules.hours import Hours, Span, holidays_of, opening_at
from permanence.clients.rules.identity import hue_for, monogram_for
from permanence.clients.rules.instructions import LAYERS, holds_at, rank, word_difference
from permanence.kernel.clock import PARIS

NINE_TO_NOON, TWO_TO_SIX = Span(time(9), time(12)), Span(time(14), time(18))
OFFICE = Hours(dict.fromkeys(range(5), (NINE_TO_NOON, TWO_TO_SIX)))
SPRING, AUTUMN = date(2027, 3, 28), date(2026, 10, 25)

quarter_hours = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))
spans = st.builds(Span, quarter_hours, quarter_hours)
weeks = st.dictionaries(st.integers(0, 6), st.lists(spans, max_size=3).map(tuple), max_size=7)
around = st.sampled_from([SPRING, AUTUMN, date(2026, 11, 1), date(2026, 12, 25), date(2027, 3, 26), date(2027, 1, 4)])


def paris(*given: int) -> datetime:
    return datetime(*given, tzinfo=PARIS)  # type: ignore[arg-type, misc]


def open_by_the_wall_clock(hours: Hours, at: datetime) -> bool:
    """The oracle: what somebody reads on the wall at this very minute."""
    here = at.astimezone(PARIS)
    if here.date() in hours.exceptional:
        day = hours.exceptional[here.date()]
    elif here.date() in holidays_of(hours.holidays, here.year):
        day = ()
    else:
        day = hours.week.get(here.weekday(), ())
    now = here.time().replace(tzinfo=None, fold=0)
    return any(span.opens <= now and (now < span.closes or span.closes == time(0)) for span in day)


@settings(deadline=None)  # the first reading of a year's holidays takes its time
@given(weeks, around, st.integers(-2, 2), st.sampled_from(["", "FR", "FR-57"]), st.data())
def test_opening_agrees_with_the_wall_clock_through_holidays_and_changes_of_hour(week, day, shift, calendar, data):
    exceptional = data.draw(
        st.dictionaries(st.just(day + timedelta(days=shift)), st.lists(spans, max_size=2).map(tuple))
    )
    hours = Hours(week, exceptional, calendar)
    if hours.are_unsaid:
        return
    first = datetime.combine(day - timedelta(days=1), time(0), PARIS).astimezone(UTC)
    for at in (first + timedelta(minutes=minute) for minute in range(0, 3 * 1440, 7)):
        here = at.astimezone(PARIS)
        if here.date() in (SPRING, AUTUMN) and here.hour < 4:
            continue  # the hour that does not exist, or comes twice, has its own examples below
        assert opening_at(hours, at).is_open == open_by_the_wall_clock(hours, at), here


@settings(deadline=None)
@given(weeks, around, st.integers(0, 2880))
def test_the_next_change_is_a_change_and_nothing_changes_before_it(week, day, minute):
    hours = Hours(week)
    at = datetime.combine(day, time(4), PARIS).astimezone(UTC) + timedelta(minutes=minute)
    state = opening_at(hours, at)
    if state.until is None:
        return
    assert state.until > at
    assert opening_at(hours, state.until).is_open is not state.is_open
    assert opening_at(hours, state.until - timedelta(seconds=1)).is_open is state.is_open
    assert opening_at(hours, at + (state.until - at) / 2).until == state.until


def test_saturday_evening_waits_for_monday_morning():
    assert opening_at(OFFICE, paris(2026, 11, 21, 19, 0)) == opening_at(OFFICE, paris(2026, 11, 22, 3, 0))
    assert opening_at(OFFICE, paris(2026, 11, 21, 19, 0)).until == paris(2026, 11, 23, 9, 0)


@pytest.mark.parametrize(
    ("calendar", "day", "is_open"),
    [
        ("FR", date(2027, 3, 26), True),  # Good Friday is a holiday in Alsace and Moselle only
        ("FR-57", date(2027, 3, 26), False),
        ("FR-57", date(2028, 12, 26), False),
        ("FR-974", date(2027, 12, 20), False),  # abolition of slavery at La Réunion
        ("FR", date(2027, 12, 20), True),
        ("FR", date(2027, 7, 14), False),
        ("", date(2027, 7, 14), True),
    ],
)
def test_public_holidays_follow_the_place(calendar, day, is_open):
    hours = Hours(dict.fromkeys(range(7), (NINE_TO_NOON,)), holidays=calendar)
    assert opening_at(hours, datetime.combine(day, time(10), PARIS)).is_open is is_open


def test_an_exceptional_day_beats_the_holiday_and_the_weekday():
    hours = Hours(OFFICE.week, {date(2027, 7, 14): (NINE_TO_NOON,), date(2027, 7, 15): ()})
    assert opening_at(hours, paris(2027, 7, 14, 9, 0)).is_open
    assert opening_at(hours, paris(2027, 7, 14, 12, 0)).until == paris(2027, 7, 16, 9, 0)


def test_round_the_clock_has_no_end_and_no_hours_at_all_means_always_open():
    always = Hours({day: (Span(time(0), time(0)),) for day in range(7)}, holidays="")
    assert opening_at(always, paris(2026, 11, 24, 3, 0)) == opening_at(Hours(), paris(2026, 11, 24, 3, 0))
    assert opening_at(always, paris(2026, 11, 24, 3, 0)).until is None
    never = Hours({}, {date(2020, 1, 1): ()})
    assert opening_at(never, paris(2026, 11, 24, 3, 0)).until is None


def test_in_the_spring_gap_the_opening_is_shifted_and_in_the_autumn_fold_the_first_reading_counts():
    night = Hours({6: (Span(time(2, 30), time(5)),)}, holidays="")
    assert opening_at(night, datetime(2027, 3, 28, 1, 29, tzinfo=UTC)).until == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert opening_at(night, datetime(2026, 10, 25, 0, 29, tzinfo=UTC)).until == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


SET = datetime(2026, 11, 24, 8, tzinfo=UTC)


def test_a_dated_availability_beats_a_weekly_one_and_the_latest_set_wins():
    weekly = AvailabilitySpan("text_only", SET + timedelta(hours=5), weekdays=[1], from_time=time(8), to_time=time(18))
    morning = AvailabilitySpan("absent", SET, starts_at=SET, ends_at=SET + timedelta(hours=4))
    later = AvailabilitySpan("busy", SET + timedelta(hours=1), "chantier", SET, SET + timedelta(hours=2))
    now = availability_now([morning, weekly, later], SET + timedelta(minutes=90))
    assert (now.state, now.message, now.until) == ("busy", "chantier", SET + timedelta(hours=2))
    assert availability_now([morning, weekly, later], SET + timedelta(hours=3)).state == "absent"
    evening = availability_now([morning, weekly, later], SET + timedelta(hours=4))
    assert (evening.state, evening.until) == ("text_only", paris(2026, 11, 24, 18, 0))
    assert availability_now([morning, weekly, later], SET + timedelta(days=1)).state == "reachable"


def test_what_is_still_to_come_is_listed_soonest_first():
    far = AvailabilitySpan("absent", SET, starts_at=SET + timedelta(days=9))
    near = AvailabilitySpan("absent", SET, starts_at=SET + timedelta(days=2), ends_at=SET + timedelta(days=3))
    assert availability_now([far, near], SET).upcoming == (near, far)


def span_set_at(state: str, start: int, length: int, minutes: int) -> AvailabilitySpan:
    begins = SET + timedelta(minutes=start)
    return AvailabilitySpan(state, SET + timedelta(minutes=minutes), "", begins, begins + timedelta(minutes=length))


dated = st.builds(
    span_set_at,
    st.sampled_from(["text_only", "busy", "absent"]),
    st.integers(-500, 500),
    st.integers(1, 500),
    st.integers(0, 900),
)


@given(st.lists(dated, max_size=6), st.integers(-600, 900))
def test_the_state_is_that_of_the_latest_span_that_holds(given_spans, minute):
    at = SET + timedelta(minutes=minute)
    holding = sorted((s for s in given_spans if s.starts_at <= at < s.ends_at), key=lambda s: s.set_at)
    now = availability_now(given_spans, at)
    assert (
        now.state in {s.state for s in holding if s.set_at == holding[-1].set_at}
        if holding
        else now.state == "reachable"
    )


words = st.text(alphabet=st.sampled_from(list("abcé ’,.\n😀א")), max_size=60)


@given(words, words)
def test_a_difference_holds_both_texts(old, new):
    pieces = word_difference(old, new)
    assert "".join(p.text for p in pieces if p.kind != "new") == old
    assert "".join(p.text for p in pieces if p.kind != "old") == new


def test_a_difference_is_told_in_words():
    pieces = word_difference("Rappeler avant 18 h", "Rappeler avant 19 h")
    assert [(p.kind, p.text) for p in pieces] == [
        ("same", "Rappeler avant "),
        ("old", "18"),
        ("new", "19"),
        ("same", " h"),
    ]


def test_layers_go_from_safety_down_to_the_sheet_and_a_temporary_one_ceases_alone():
    assert sorted(LAYERS, key=rank) == ["safety", "alert", "temporary", "person", "hours", "trade", "sheet"]
    assert holds_at(None, SET, None, SET - timedelta(seconds=1))
    assert not holds_at(None, SET, None, SET)
    assert not holds_at(SET, None, None, SET - timedelta(seconds=1))
    assert not holds_at(None, None, SET, SET)


@pytest.mark.parametrize(
    ("name", "taken", "two"),
    [
        ("Plomberie Roux", set(), "PR"),
        ("Plomberie Roux", {"PR"}, "PL"),
        ("Boulangerie de la Gare", set(), "BG"),
        ("Étude Morel", set(), "EM"),
        ("Œuvre", set(), "OE"),
        ("😀", set(), "XA"),
        ("", {"XA"}, "XB"),
    ],
)
def test_a_monogram_is_the_initials_nobody_has(name, taken, two):
    assert monogram_for(name, taken) == two


@given(st.text(max_size=30), st.sets(st.text("ABXP", min_size=2, max_size=2)))
def test_a_monogram_is_two_letters_of_its_own(name, taken):
    two = monogram_for(name, taken)
    assert len(two) == 2
    assert two not in taken


def test_a_new_client_gets_the_hue_least_used():
    assert hue_for({"petrole": 2, "azur": 1}, ["petrole", "azur", "outremer"]) == "outremer"
    assert hue_for({}, ["petrole", "brique"]) == "petrole"
