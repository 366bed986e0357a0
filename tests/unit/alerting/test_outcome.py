"""What an evaluation makes of a rule's instances."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.alerting.evaluation.held import Known
from heliograph.alerting.evaluation.outcome import MAX_INSTANCES, Outcome, ended, evaluate
from heliograph.alerting.evaluation.samples import Sample, Taken
from heliograph.alerting.rules.compiled import Compiled, compile_rule
from heliograph.alerting.rules.declared import Rule
from heliograph.alerting.templates.run import Data, expanded
from heliograph.errors import HeliographError, SourceUnavailableError

MINUTE = 60_000
DOWN = SourceUnavailableError("down")
Answer = Sequence[Sample] | Taken | HeliographError


def rule(**changes: Any) -> Compiled:
    document = {
        "rule_id": "r",
        "title": "Errors",
        "targets": [{"ref": "A", "query": "x"}],
        "condition": {"fires": {"above": 5}},
        "for": "2m",
        "missing_after": 1,
        "no_data": "Normal",
        "error": "KeepLast",
        "labels": {"severity": "page"},
        "annotations": {"summary": "{{ labels }}"},
        **changes,
    }
    return compile_rule(Rule.model_validate(document), 1)


def expand(text: str, labels: Mapping[str, str], value: float) -> str:
    return text.replace("{{ labels }}", f"{labels.get('service', '')} {value:g}")


def at(**values: float) -> list[Sample]:
    return [Sample({"__name__": "x", "service": name}, value) for name, value in values.items()]


def run(one: Compiled, answers: Sequence[Answer]) -> tuple[list[tuple[int, str, str, str]], Outcome]:
    """The events of an evaluation a minute: minute, service, from, to."""
    known: Known = {}
    found: list[tuple[int, str, str, str]] = []
    outcome = Outcome(known)
    for minute, answer in enumerate(answers):
        taken = answer if isinstance(answer, (HeliographError, Taken)) else Taken(answer)
        outcome = evaluate(one, known, taken, minute * MINUTE + 1, expand)
        known = outcome.known
        for event in outcome.events:
            name = event.labels.get("service", event.labels.get("alert_reason", ""))
            found.append((minute, name, event.from_state, event.to_state))
    return found, outcome


def test_each_series_is_an_instance_of_its_own() -> None:
    events, outcome = run(rule(), [at(a=9, b=1), at(a=9, b=9), at(a=9, b=9), at(a=1, b=9), at(b=9)])
    assert events == [
        (0, "a", "Normal", "Pending"),
        (1, "b", "Normal", "Pending"),
        (2, "a", "Pending", "Firing"),
        (3, "a", "Firing", "Normal"),
        (3, "b", "Pending", "Firing"),
    ]
    (held,) = outcome.known.values()
    assert held.labels == {"service": "b", "severity": "page", "alertname": "Errors"}
    assert held.annotations == {"summary": "b 9"}


def test_between_the_thresholds_nothing_changes() -> None:
    both = rule(condition={"fires": {"above": 5}, "resolves": {"below": 3}}, **{"for": "0s"})
    events, _ = run(both, [at(a=4), at(a=6), at(a=4), at(a=3), at(a=2)])
    assert [(minute, to) for minute, _, _, to in events] == [(1, "Pending"), (1, "Firing"), (4, "Normal")]


def test_an_evaluation_that_changes_nothing_writes_nothing() -> None:
    _, outcome = run(rule(), [at(a=9, b=1), at(a=9, b=1)])
    assert not outcome.writes
    _, outcome = run(rule(**{"for": "0s"}), [at(a=9), at(a=8), at(a=7)])
    assert not outcome.writes
    assert next(iter(outcome.known.values())).instance.value == 7


def test_that_a_firing_instance_recovers_while_it_is_kept_is_written() -> None:
    kept = rule(keep_firing_for="5m", **{"for": "0s"})
    events, outcome = run(kept, [at(a=9), at(a=1)])
    assert len(events) == 2
    assert [one.recovered_ms for one in outcome.kept] == [MINUTE + 1]
    _, outcome = run(kept, [at(a=9), at(a=1), at(a=1)])
    assert not outcome.writes


def test_a_series_that_is_gone_is_resolved_after_so_many_evaluations() -> None:
    events, _ = run(rule(missing_after=2, **{"for": "0s"}), [at(a=9, b=1), at(b=1), at(b=1)])
    assert events[-1] == (2, "a", "Firing", "Normal")


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("NoData", [("NoData", "NoData")]),
        ("Alerting", [("NoData", "Firing")]),
        ("Normal", []),
        ("KeepLast", []),
    ],
)
def test_no_data_is_an_instance_of_its_own_or_none(policy: str, expected: list[tuple[str, str]]) -> None:
    one = rule(no_data=policy, **{"for": "0s"})
    events, _ = run(one, [at(a=1), [], [], at(a=1)])
    assert [(name, to) for _, name, _, to in events if to not in ("Pending", "Normal")] == expected
    assert [minute for minute, _, _, to in events if to == "Normal"] == ([3] if expected else [])


def test_texts_of_no_data_and_of_errors_say_that_there_is_no_value() -> None:
    def templated(text: str, labels: Mapping[str, str], value: float) -> str:
        return expanded(text, Data(labels, value))

    one = rule(
        no_data="NoData", error="Alerting", annotations={"summary": "at {{ $value | humanize }}"}, **{"for": "0s"}
    )
    for answer in (Taken([]), DOWN):
        (event,) = {change.annotations["summary"] for change in evaluate(one, {}, answer, 1, templated).events}
        assert event == "at [no value]"


def test_what_fired_is_kept_without_data_where_the_rule_says_so() -> None:
    events, _ = run(rule(no_data="KeepLast", **{"for": "0s"}), [at(a=9), [], [], at(a=1)])
    assert [(minute, to) for minute, _, _, to in events][-1] == (3, "Normal")


def test_an_error_leaves_everything_as_it_is_and_may_be_an_instance() -> None:
    events, _ = run(rule(error="Error"), [at(a=9), DOWN, DOWN, DOWN, at(a=9), at(a=1)])
    assert events == [
        (0, "a", "Normal", "Pending"),
        (1, "Error", "Normal", "Pending"),
        (3, "Error", "Pending", "Error"),
        (4, "a", "Pending", "Firing"),
        (4, "Error", "Error", "Normal"),
        (5, "a", "Firing", "Normal"),
    ]


def test_an_error_is_recovery_where_the_rule_says_so() -> None:
    events, _ = run(rule(error="Normal", **{"for": "0s"}), [at(a=9), DOWN])
    assert events[-1] == (1, "a", "Firing", "Normal")


def test_a_value_that_is_no_number_is_as_if_the_series_were_gone() -> None:
    events, _ = run(rule(**{"for": "0s"}), [at(a=9), at(a=math.nan)])
    assert events[-1] == (1, "a", "Firing", "Normal")
    fires_always = rule(condition={}, **{"for": "0s"})
    assert len(run(fires_always, [at(a=math.nan)])[0]) == 2


def test_what_a_partial_answer_lacks_need_not_be_gone() -> None:
    one = rule(no_data="NoData", **{"for": "0s"})
    events, _ = run(one, [at(a=9), Taken([], partial=True), Taken(at(b=1), partial=True), at(b=1)])
    assert [(minute, name, to) for minute, name, _, to in events][1:] == [(0, "a", "Firing"), (3, "a", "Normal")]


def test_a_rule_has_so_many_instances_and_no_more() -> None:
    many = [Sample({"n": str(n)}, 9) for n in range(MAX_INSTANCES + 1)]
    events, _ = run(rule(error="Error", **{"for": "0s"}), [many])
    assert [(name, to) for _, name, _, to in events] == [("Error", "Pending"), ("Error", "Error")]


def test_two_series_of_the_same_labels_are_an_error_of_the_rule() -> None:
    twice = [Sample({"service": "a"}, 9), Sample({"service": "a", "__name__": "y"}, 9)]
    assert run(rule(), [twice])[0] == []
    assert run(rule(error="Error"), [twice])[0] == [(0, "Error", "Normal", "Pending")]


def test_labels_of_the_rule_are_templates_and_replace_those_of_the_series() -> None:
    one = rule(labels={"service": "all", "what": "{{ labels }}"}, **{"for": "0s"})
    _, outcome = run(one, [at(a=9)])
    (held,) = outcome.known.values()
    assert held.labels == {"service": "all", "what": "a 9", "alertname": "Errors"}


def test_who_was_told_is_told_that_a_paused_rule_is_over() -> None:
    one = rule(**{"for": "0s"})
    _, outcome = run(one, [at(a=9)])
    over = ended(one, outcome.known, 5 * MINUTE)
    assert [(event.to_state, event.reason) for event in over.events] == [("Normal", "the rule ended")]
    assert (len(over.gone), over.known) == (1, {})


@given(
    st.lists(
        st.one_of(
            st.just(DOWN),
            st.dictionaries(st.sampled_from("abcd"), st.sampled_from([1.0, 4.0, 6.0, 9.0, math.nan]), max_size=4),
        ),
        max_size=12,
    ),
    st.sampled_from([{}, {"labels": {"severity": "page", "service": "all"}}, {"labels": {"level": "{{ labels }}"}}]),
    st.integers(0, 12),
)
def test_instances_that_are_known_by_their_series_are_those_that_their_names_find(
    answers: list[dict[str, float] | HeliographError], changes: dict[str, Any], edited: int
) -> None:
    """As they are found after a start, where nothing but their names is known; and whatever the rule was before."""
    common: dict[str, Any] = {"condition": {"fires": {"above": 5}, "resolves": {"below": 3}}, "no_data": "NoData"}
    one, other = rule(**common, **changes), rule(**common, error="Error", labels={"severity": "warn"})
    known: Known = {}
    for minute, answer in enumerate(answers):
        now = one if minute < edited else other
        taken = answer if isinstance(answer, HeliographError) else Taken(at(**answer))
        nameless = {key: replace(held, key=None, own=None) for key, held in known.items()}
        found, plain = (evaluate(now, each, taken, minute * MINUTE + 1, expand) for each in (known, nameless))
        assert (found.events, found.kept, found.gone) == (plain.events, plain.kept, plain.gone)
        known = found.known
