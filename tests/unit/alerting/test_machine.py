"""The state machine: what may never happen, whatever is observed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from heliograph.alerting.machine import GONE, Instance, Observation, Seen, State, Terms, Transition, end, set_back, step

BREACH, BETWEEN, RECOVERED, MISSING, HOLD = (
    Observation(seen) for seen in (Seen.BREACH, Seen.BETWEEN, Seen.RECOVERED, Seen.MISSING, Seen.HOLD)
)
INTERVAL = 15_000
observations = st.lists(st.sampled_from(list(Seen)).map(Observation), max_size=60)
terms = st.builds(
    Terms,
    for_ms=st.sampled_from([0, 1, 15_000, 40_000, 300_000]),
    keep_firing_ms=st.sampled_from([0, 15_000, 60_000]),
    missing_after=st.integers(1, 4),
    interval_ms=st.just(INTERVAL),
)


def run(
    seen: Sequence[Observation], given_terms: Terms, start_ms: int = INTERVAL
) -> tuple[list[Instance], list[Transition]]:
    """The instance after each evaluation, and all transitions."""
    instance = Instance()
    after: list[Instance] = []
    transitions: list[Transition] = []
    for index, one in enumerate(seen):
        instance, changed = step(instance, one, start_ms + index * INTERVAL, given_terms)
        after.append(instance)
        transitions += changed
    return after, transitions


@given(observations, terms)
def test_nothing_fires_before_it_has_breached_for_as_long_as_the_rule_says(
    seen: list[Observation], given_terms: Terms
) -> None:
    _, transitions = run(seen, given_terms)
    for one in transitions:
        if one.to_state is State.FIRING:
            last = (one.at_ms - INTERVAL) // INTERVAL
            first = last - -(-given_terms.for_ms // INTERVAL)
            # What is unknown neither breaks a breach nor is one: it may stand in between, never at the ends.
            assert first >= 0
            assert all(seen[index].seen in (Seen.BREACH, Seen.HOLD) for index in range(first, last + 1))
            assert seen[last].seen is Seen.BREACH


@given(observations, terms)
def test_what_fires_is_never_resolved_between_the_thresholds(seen: list[Observation], given_terms: Terms) -> None:
    _, transitions = run(seen, given_terms)
    for one in transitions:
        if one.from_state is State.FIRING:
            index = (one.at_ms - INTERVAL) // INTERVAL
            assert seen[index].seen in (Seen.RECOVERED, Seen.MISSING)


@given(observations, terms)
def test_time_is_monotone_and_each_transition_goes_on_from_the_one_before(
    seen: list[Observation], given_terms: Terms
) -> None:
    after, transitions = run(seen, given_terms)
    assert all(one.at_ms <= other.at_ms and one.to_state is other.from_state for one, other in pairwise(transitions))
    if transitions:
        assert transitions[0].from_state is State.NORMAL
        assert transitions[-1].to_state is after[-1].state
    for one in after:
        assert one.since_ms <= (one.seen_ms or 0)
        assert (one.active_ms is None) == (one.state is State.NORMAL)


@given(observations, terms, st.data())
def test_an_evaluation_done_twice_changes_nothing(
    seen: list[Observation], given_terms: Terms, data: st.DataObject
) -> None:
    once, transitions = run(seen, given_terms)
    instance = Instance()
    twice: list[Transition] = []
    for index, one in enumerate(seen):
        for _ in range(data.draw(st.integers(1, 2))):
            instance, changed = step(instance, one, INTERVAL + index * INTERVAL, given_terms)
            twice += changed
    assert twice == transitions
    if once:
        assert instance == once[-1]


@given(observations, terms)
def test_what_ends_is_told_to_be_over_if_it_was_told_at_all(seen: list[Observation], given_terms: Terms) -> None:
    after, transitions = run(seen, given_terms)
    instance, last = end(after[-1] if after else Instance(), 10**9)
    assert instance.state is State.NORMAL
    told = [one for one in (*transitions, *last) if one.to_state is State.FIRING or one.from_state is State.FIRING]
    assert len(told) % 2 == 0


def states(seen: Sequence[Observation], given_terms: Terms) -> str:
    """The first letters of the states after each evaluation."""
    return "".join(instance.state[0] for instance in run(seen, given_terms)[0])


def test_for_and_both_thresholds_make_the_states_that_people_expect() -> None:
    minute = Terms(for_ms=30_000, interval_ms=INTERVAL)
    assert states([BREACH] * 3, minute) == "PPF"
    assert states([BREACH, BETWEEN, BREACH, BREACH, BREACH], minute) == "PNPPF", "between is no breach"
    assert states([BREACH] * 3 + [BETWEEN] * 3 + [RECOVERED], minute) == "PPFFFFN"
    assert states([BREACH], Terms()) == "F", "without `for` at once, by way of Pending"
    assert [one.to_state for one in run([BREACH], Terms())[1]] == [State.PENDING, State.FIRING]


def test_what_fires_is_kept_firing_and_a_breach_meanwhile_begins_the_wait_anew() -> None:
    kept = Terms(keep_firing_ms=30_000, interval_ms=INTERVAL)
    assert states([BREACH, RECOVERED, RECOVERED, RECOVERED], kept) == "FFFN"
    assert states([BREACH, RECOVERED, BREACH, RECOVERED, RECOVERED, RECOVERED], kept) == "FFFFFN"
    assert states([BREACH, MISSING, MISSING, MISSING], kept) == "FFFN", "as in Prometheus, where gone is recovered"


def test_a_series_that_is_gone_is_resolved_after_some_evaluations_and_says_so() -> None:
    patient = Terms(missing_after=3, interval_ms=INTERVAL)
    assert states([BREACH, MISSING, MISSING, MISSING], patient) == "FFFN"
    assert states([BREACH, MISSING, BREACH, MISSING, MISSING], patient) == "FFFFF", "counted in a row"
    assert run([BREACH, MISSING, MISSING, MISSING], patient)[1][-1].reason == GONE
    assert run([BREACH, RECOVERED], patient)[1][-1].reason == ""
    assert states([BREACH, MISSING], Terms(for_ms=60_000, missing_after=3)) == "PN", "what is pending does not wait"


def test_what_is_unknown_changes_nothing() -> None:
    assert states([BREACH, HOLD, HOLD, RECOVERED], Terms()) == "FFFN"
    assert states([BREACH, HOLD, BREACH], Terms(for_ms=30_000)) == "PPF"


def test_a_gap_in_the_evaluations_keeps_what_is_pending_unless_the_rule_is_strict() -> None:
    for strict, expected in ((False, State.FIRING), (True, State.PENDING)):
        given_terms = Terms(for_ms=60_000, strict_for=strict, interval_ms=INTERVAL)
        instance, _ = step(Instance(), BREACH, INTERVAL, given_terms)
        instance, _ = step(instance, BREACH, 10 * INTERVAL, given_terms)
        assert instance.state is expected


def test_the_alarm_of_no_data_and_errors_has_its_own_name() -> None:
    _, transitions = run([BREACH, BREACH], Terms(for_ms=15_000, alarm=State.NO_DATA))
    assert [one.to_state for one in transitions] == [State.PENDING, State.NO_DATA]


@given(observations, observations, terms)
def test_what_was_known_before_the_clock_was_set_back_goes_on_from_now(
    before: list[Observation], after: list[Observation], given_terms: Terms
) -> None:
    known = run(before, given_terms, 100 * INTERVAL)[0]
    now_ms = 10 * INTERVAL
    instance = set_back(known[-1] if known else Instance(), now_ms)
    assert set_back(instance, now_ms) is instance
    changed_at = now_ms
    for index, one in enumerate(after, 1):
        instance, transitions = step(instance, one, now_ms + index * INTERVAL, given_terms)
        assert instance.seen_ms == now_ms + index * INTERVAL, "each evaluation counts"
        for change in transitions:
            assert change.at_ms >= changed_at
            changed_at = change.at_ms
            if change.to_state is State.FIRING:
                assert change.at_ms - (instance.active_ms or 0) >= given_terms.for_ms
