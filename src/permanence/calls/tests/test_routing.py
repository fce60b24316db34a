"""Who takes whom: the rule's promises on any floor, and the field's examples."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.calls.rules.routing import LONGEST_HOLD, Candidate, Decision, Waiting, decide

NINE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
CLIENTS = ["durand", "roux", "diallo", "morel"]
LANGUAGES = ["fr", "en", "de"]


def ago(seconds):
    return NINE - timedelta(seconds=seconds)


instants = st.integers(-5, 400).map(ago)
some_clients = st.frozensets(st.sampled_from(CLIENTS))


@st.composite
def floors(draw):
    """Waiting callers and secretaries, in any state of the floor."""
    calls = draw(st.integers(0, 7))
    people = draw(st.integers(0, 7))
    waiting = [
        Waiting(
            call=f"c{n}",
            client=draw(st.sampled_from(CLIENTS)),
            since=draw(instants),
            language=draw(st.sampled_from(LANGUAGES)),
            priority=draw(st.booleans()),
        )
        for n in range(calls)
    ]
    secretaries = [
        Candidate(
            id=f"s{n}",
            state=draw(st.sampled_from(["idle", "busy", "away"])),
            since=draw(instants),
            languages=draw(st.frozensets(st.sampled_from(LANGUAGES))),
            knows=draw(some_clients),
            grants=draw(some_clients),
            pair_of=draw(st.dictionaries(st.sampled_from(CLIENTS), st.integers(0, 3), max_size=2)),
        )
        for n in range(people)
    ]
    rates = draw(st.dictionaries(st.sampled_from(CLIENTS), st.floats(0, 100)))
    return waiting, secretaries, rates


def able(call, secretaries):
    return [s for s in secretaries if s.state != "away" and s.may_take(call)]


def whys(decision):
    return [one.why for one in decision.assign] + [one.why for one in decision.hold]


@given(floors())
def test_each_call_once_and_nobody_whom_she_may_not_take(floor):
    waiting, secretaries, rates = floor
    decision = decide(NINE, waiting, secretaries, rates)
    calls = {call.call: call for call in waiting}
    people = {one.id: one for one in secretaries}
    decided = [one.call for one in decision.assign] + [one.call for one in decision.hold]
    assert sorted(decided) == sorted(call.call for call in waiting if able(call, secretaries))
    chosen = [one.secretary for one in decision.assign]
    assert len(set(chosen)) == len(chosen)
    for one in decision.assign:
        assert people[one.secretary].state == "idle"
        assert people[one.secretary].may_take(calls[one.call])
    assert all(one.until is None or NINE < one.until <= NINE + LONGEST_HOLD for one in decision.hold)
    assert all(0 < len(why) <= 200 for why in whys(decision))


@given(floors(), st.randoms())
def test_the_order_of_the_input_changes_nothing(floor, chance):
    waiting, secretaries, rates = floor
    expected = decide(NINE, waiting, secretaries, rates)
    calls, people = (chance.sample(each, len(each)) for each in (waiting, secretaries))
    items = list(rates.items())
    assert decide(NINE, calls, people, dict(chance.sample(items, len(items)))) == expected


@given(floors())
def test_an_idle_secretary_is_left_only_for_a_hold_of_seconds(floor):
    """After ten seconds, or with priority, whoever is free and able takes the call: nobody starves beside her."""
    waiting, secretaries, rates = floor
    decision = decide(NINE, waiting, secretaries, rates)
    left = {one.id for one in secretaries if one.state == "idle"} - {one.secretary for one in decision.assign}
    for held in decision.hold:
        call = next(call for call in waiting if call.call == held.call)
        free = [one for one in able(call, secretaries) if one.id in left]
        if free:
            assert held.until is not None
            assert not call.priority
            assert NINE - call.since < LONGEST_HOLD


@given(floors())
def test_the_one_who_has_waited_longer_is_not_passed_over(floor):
    """For the same client and language, an earlier turn is never held while a later one is given a secretary."""
    waiting, secretaries, rates = floor
    decision = decide(NINE, waiting, secretaries, rates)
    calls = {call.call: call for call in waiting}
    held = [calls[one.call] for one in decision.hold]
    for one in decision.assign:
        later = calls[one.call]
        for call in held:
            alike = (call.client, call.language, call.priority) == (later.client, later.language, later.priority)
            assert not (alike and call.since < later.since)


@given(floors())
def test_a_free_knower_takes_the_call(floor):
    waiting, secretaries, rates = floor
    people = {one.id: one for one in secretaries}
    decision = decide(NINE, waiting, secretaries, rates)
    left = {one.id for one in secretaries if one.state == "idle"} - {one.secretary for one in decision.assign}
    for one in decision.assign:
        call = next(call for call in waiting if call.call == one.call)
        if not people[one.secretary].is_knower(call.client):
            assert not [s for s in able(call, secretaries) if s.id in left and s.is_knower(call.client)]


@given(floors(), st.integers(1, 4))
def test_asked_again_until_everybody_is_served(floor, hands):
    """The floor empties: each assigned secretary comes back, and every caller whom somebody may take is taken."""
    waiting, secretaries, rates = floor
    team = [replace(one, state="idle") if n < hands else one for n, one in enumerate(secretaries)]
    at, left = NINE, list(waiting)
    for _round in range(len(waiting) + 2):
        decision = decide(at, left, team, rates)
        left = [call for call in left if call.call not in {one.call for one in decision.assign}]
        at += timedelta(seconds=20)
    idle = [one for one in team if one.state == "idle"]
    assert not [call for call in left if any(one.may_take(call) for one in idle)]


def lea(**given):
    return make("lea", name="Léa", **given)


def make(label, *, since=300, state="idle", knows=(), pair=None, grants=("durand", "roux"), **given):
    return Candidate(
        id=label, state=state, since=ago(since), languages=frozenset({"fr"}), knows=frozenset(knows),
        grants=frozenset(grants), pair_of=pair or {}, **given,
    )  # fmt: skip


def durand(seconds=6, **given):
    return Waiting(call="c1", client="durand", since=ago(seconds), client_name="Durand", **given)


def taken_by(decision: Decision):
    return {one.call: one.secretary for one in decision.assign}


def test_the_fields_own_sentence():
    ines = make("ines", name="Inès", state="busy", since=120, pair={"durand": 1})
    decision = decide(NINE, [durand()], [lea(pair={"durand": 2}), ines], {})
    assert decision.assign[0].why == (
        "Proposé à Léa\u00a0: elle connaît Durand (2e\u00a0du binôme), Inès est en ligne depuis 2\u00a0min\u202f; "
        "attente 6\u00a0s."
    )


def test_a_call_waits_ten_seconds_for_the_one_who_knows():
    floor = [lea(), make("ines", name="Inès", state="busy", since=120, knows=["durand"])]
    (held,) = decide(NINE, [durand(6)], floor, {}).hold
    assert held.until == NINE + timedelta(seconds=4)
    assert held.why.startswith("Réservé à Inès\u00a0: elle connaît Durand et est en ligne depuis 2\u00a0min")
    assert taken_by(decide(NINE, [durand(10)], floor, {})) == {"c1": "lea"}
    assert taken_by(decide(NINE, [durand(0, priority=True)], floor, {})) == {"c1": "lea"}
    assert decide(NINE, [durand(6)], floor[1:], {}).hold[0].until is None


def test_nobody_waits_for_one_who_is_away():
    floor = [lea(), make("ines", state="away", knows=["durand"])]
    assert taken_by(decide(NINE, [durand(0)], floor, {})) == {"c1": "lea"}


def test_nobody_waits_for_one_who_may_not():
    unable = make("ines", state="busy", knows=["durand"], grants=["roux"])
    assert taken_by(decide(NINE, [durand(0)], [lea(), unable], {})) == {"c1": "lea"}
    assert decide(NINE, [durand(0)], [unable], {}) == Decision((), ())


def test_the_least_missed_of_the_knowers_goes():
    rates = {"durand": 1.0, "roux": 9.0}
    both, one = make("a", knows=["durand", "roux"], since=900), make("b", knows=["durand"], since=1)
    assert taken_by(decide(NINE, [durand()], [both, one], rates)) == {"c1": "b"}
    third = make("c", knows=["roux"])
    same = [make("a", knows=["durand"], since=5), make("b", knows=["durand"], since=500), third]
    assert taken_by(decide(NINE, [durand()], same, rates)) == {"c1": "b"}


def test_a_priority_counts_for_thirty_seconds_and_no_more():
    first, second = durand(31), replace(durand(0, priority=True), call="c2")
    assert taken_by(decide(NINE, [first, second], [lea(knows=["durand"])], {})) == {"c1": "lea"}
    assert taken_by(decide(NINE, [replace(first, since=ago(29)), second], [lea(knows=["durand"])], {})) == {"c2": "lea"}


@pytest.mark.parametrize("name", ["x" * 5000, "«»" * 90, "\ud800", "\n", ""])
def test_any_name_fits_in_a_sentence(name):
    call = Waiting(call=name, client=name, since=ago(3))
    floor = [
        replace(make("a"), id=name, grants=frozenset({name})),
        make(name + "b", state="busy", grants=[name], pair={name: 9}),
    ]
    decision = decide(NINE, [call], floor, {name: 1})
    assert all(len(why) <= 200 for why in whys(decision))
