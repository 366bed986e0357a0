"""A rule replayed over answers of the past sees at each instant what it would have seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heliograph.alerting.evaluation.replay import Answered, Replayed, Series, replayed
from heliograph.alerting.rules.compiled import compile_rule
from heliograph.alerting.rules.declared import Rule
from heliograph.datasources.expressions.declared import expression_of
from heliograph.datasources.timerange import TimeRange

STEP = 60_000


def series(values: list[float], **labels: str) -> Series:
    known = [(index * STEP, value) for index, value in enumerate(values) if not np.isnan(value)]
    return Series(labels, np.array([at for at, _ in known], float), np.array([value for _, value in known], float))


def run(answers: dict[str, Answered], expressions: dict[str, Any], minutes: int, **changes: Any) -> Replayed:
    document: dict[str, Any] = {"title": "T", "targets": [{"ref": ref} for ref in [*answers, *expressions]], **changes}
    rule = compile_rule(Rule.model_validate(document), 1)
    return replayed(
        rule,
        answers,
        {ref: expression_of(query) for ref, query in expressions.items()},
        TimeRange(0, minutes * STEP),
    )


def states(found: Replayed) -> list[tuple[int, str]]:
    return [(event.at_ms // STEP, event.to_state) for event in found.events]


def test_a_rule_over_one_target_fires_and_is_resolved_at_its_thresholds() -> None:
    answer = {"A": Answered([series([1, 6, 4, 4, 2, 2], host="a")])}
    condition = {"fires": {"above": 5}, "resolves": {"below": 3}}
    found = run(answer, {}, 5, condition=condition)
    assert states(found) == [(1, "Pending"), (1, "Firing"), (4, "Normal")]
    (line,) = found.lines
    assert (list(line.values), line.breaches) == ([1, 6, 4, 4, 2, 2], 1)
    assert (found.errors, found.evaluations) == (0, 6)


@pytest.mark.parametrize(
    ("expressions", "condition"),
    [
        ({"C": "$A / $B * 100"}, {"of": "C", "fires": {"above": 50}}),
        ({"C": "$A / $B", "D": {"type": "threshold", "of": "C", "above": 0.5}}, {"of": "D", "fires": {"above": 0}}),
        ({"C": "$A / $B", "D": {"type": "reduce", "of": "C", "reducer": "last"}}, {"of": "D", "fires": {"above": 0.5}}),
    ],
)
def test_expressions_over_several_targets_are_worked_out_at_each_instant(
    expressions: dict[str, Any], condition: dict[str, Any]
) -> None:
    answers = {
        "A": Answered([series([1, 6, 6, 1], host="a"), series([1, 1, 1, 1], host="b")]),
        "B": Answered([series([10, 10, 10, 10], host="a"), series([10, 10, 10, 10], host="b")]),
    }
    found = run(answers, expressions, 3, condition=condition, **{"for": "1m"})
    assert states(found) == [(1, "Pending"), (2, "Firing"), (3, "Normal")]
    assert {event.labels["host"] for event in found.events} == {"a"}
    assert (len(found.lines), found.errors) == (2, 0)


def test_a_window_is_reduced_as_the_rule_would_have_it() -> None:
    answer = {"A": Answered([series([0, 0, 9, 0, 0, 0])], window_ms=2 * STEP)}
    found = run(
        answer, {"B": {"type": "reduce", "of": "A", "reducer": "max"}}, 5, condition={"of": "B", "fires": {"above": 5}}
    )
    plain = run(answer, {}, 5, condition={"of": "A", "reducer": "max", "fires": {"above": 5}})
    assert states(found) == states(plain) == [(2, "Pending"), (2, "Firing"), (5, "Normal")]


def test_a_series_that_goes_is_resolved_and_an_evaluation_that_fails_is_counted() -> None:
    gone = float("nan")
    found = run(
        {"A": Answered([series([6, gone, gone, gone])])}, {}, 3, condition={"fires": {"above": 5}}, no_data="Normal"
    )
    assert states(found) == [(0, "Pending"), (0, "Firing"), (2, "Normal")]
    none = {"B": {"type": "resample", "of": "A", "window": "1m", "down": "mean", "up": "pad"}}
    failed = run({"A": Answered([series([1, 1])])}, none, 1, condition={"of": "B", "fires": {"above": 5}})
    assert ([state for _, state in states(failed)], failed.errors) == (["Pending", "Error"], 2)
