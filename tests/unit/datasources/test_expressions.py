"""Expressions: how labels meet, what is missing, and what is refused with which words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.datasources.expressions.declared import expression_of
from heliograph.datasources.expressions.evaluate import check, evaluate
from heliograph.datasources.expressions.parser import MAX_DEPTH, parse
from heliograph.datasources.frame import Field, Frame
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import HeliographError, InvalidError, SourceError

RANGE = TimeRange(0, 60_000)
NAN = math.nan


def series(values: Sequence[float], times: Sequence[float] = (), **labels: str) -> Frame:
    return Frame.series(times or [index * 15_000 for index in range(len(values))], values, name="m", labels=labels)


def number(value: float, **labels: str) -> Frame:
    return Frame((Field.number("n", [value], labels),))


def ask(query: str | Mapping[str, Any], **answers: Sequence[Frame] | HeliographError) -> Any:
    """What one expression comes to: labels → values; the error where there is one."""
    found = evaluate({"X": expression_of(query)}, answers, RANGE)["X"]
    if isinstance(found, HeliographError):
        return found
    return {tuple(sorted(one.labels.items())): one.numbers[0].values.tolist() for one in found}


A, B = (("host", "a"),), (("host", "b"),)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$N * 2 + 1", 7),
        ("1 + 2 * $N", 7),
        ("(1 + 2) * $N", 9),
        ("2 ** $N ** 0.5", 2 ** (3**0.5)),
        ("-$N ** 2", -9),
        ("2 ** -$N", 0.125),
        ("10 - $N - 2", 5),
        ("$N % 2", 1),
        ("-7 % $N", -1),
        ("$N / 0", math.inf),
        ("$N > 2 && $N < 4", 1),
        ("$N == 3 || nan() > 1", NAN),
        ("!($N > 2)", 0),
        ("!$N", 0),
        ("round(-2.5) + 0 * $N", -3),
        ("ceil($N / 2) - floor($N / 2)", 1),
        ("abs(-$N)", 3),
        ("is_nan(nan()) + 0 * $N", 1),
        ("is_inf(inf()) + is_inf(infn()) + is_number($N)", 3),
        ("0x1f + ${N} - 1.5e1", 19),
        ("log($N) - log($N)", 0),
    ],
)
def test_arithmetic_binds_and_rounds_as_people_of_grafana_know_it(text: str, value: float) -> None:
    (found,) = ask(text, N=[number(3)]).values()
    assert found == pytest.approx([value], nan_ok=True)


def test_labels_that_are_equal_or_contained_belong_together_and_others_do_not() -> None:
    requests = [series([10, 20], host="a"), series([30, 40], host="b")]
    errors = [series([1, 1], host="a"), series([3, 1], host="b"), series([9, 9], host="c")]
    assert ask("$A / $B", A=errors, B=requests) == {A: [0.1, 0.05], B: [0.1, 0.025]}
    more = [series([1, 2], host="a", code="5"), series([3, 4], host="b", code="5")]
    assert ask("$A / $B", A=more, B=requests) == {
        (("code", "5"), ("host", "a")): [0.1, 0.1],
        (("code", "5"), ("host", "b")): [0.1, 0.1],
    }
    assert ask("$A / $B", A=[series([1], zone="x"), series([1], zone="y")], B=requests) == {}
    assert ask("$A - $B", A=requests, B=[number(5)]) == {A: [5, 15], B: [25, 35]}
    assert ask("$A + $B", A=[series([1], x="1")], B=[series([2], y="1")]) == {(): [3]}, "one and one always meet"


def test_series_meet_at_the_times_that_both_have_and_what_is_missing_stays_missing() -> None:
    found = ask("$A + $B", A=[series([1, 2, 3], [0, 15, 30])], B=[series([10, NAN, 30], [15, 30, 45])])
    assert found[()] == pytest.approx([12, NAN], nan_ok=True)
    assert ask("$A > 1", A=[series([1, NAN, 2])])[()] == pytest.approx([0, NAN, 1], nan_ok=True)
    assert ask("$A + 1", A=[]) == {}


def test_a_number_for_each_series_leaves_out_what_is_no_number_if_told_so() -> None:
    values = [series([1, NAN, 5], host="a")]
    for reducer, mode, more, expected in (
        ("mean", "", {}, NAN),
        ("mean", "dropNN", {}, 3),
        ("mean", "replaceNN", {"replace_with": 0}, 2),
        ("last", "", {}, 5),
        ("count", "", {}, 3),
        ("count", "dropNN", {}, 2),
        ("max", "dropNN", {}, 5),
        ("median", "dropNN", {}, 3),
    ):
        found = ask({"type": "reduce", "of": "A", "reducer": reducer, "mode": mode, **more}, A=values)
        assert found[A] == pytest.approx([expected], nan_ok=True), (reducer, mode)


def test_resampling_takes_what_came_since_the_time_before_and_fills_as_told() -> None:
    values = [series([1, 3, 5], [0, 10_000, 50_000])]
    for down, up, expected in (
        ("mean", "fillna", [1, 3, NAN, 5]),
        ("sum", "pad", [1, 3, 3, 5]),
        ("last", "backfilling", [1, 3, 5, 5]),
    ):
        found = ask({"type": "resample", "of": "A", "window": "20s", "down": down, "up": up}, A=values)
        assert found[()] == pytest.approx(expected, nan_ok=True)
    crowded = [series([1, 2, 6], [1_000, 2_000, 19_000])]
    assert ask({"type": "resample", "of": "A", "window": "20s", "down": "mean"}, A=crowded)[()][1] == 3


def wide(count: int) -> Frame:
    """One row of so many numbers without labels: each belongs with each."""
    fields = (Field.time([0.0]), *(Field.number(f"n{number}", [float(number)]) for number in range(count)))
    return Frame(fields, name="wide")


@pytest.mark.parametrize(
    ("query", "frames", "words"),
    [
        ("$A*$A" + "+1" * 48, [wide(100)], "too much work"),
        ({"type": "resample", "of": "A", "window": "1ms", "up": "pad"}, [series([1])] * 300, "300 series"),
    ],
)
def test_few_numbers_that_would_become_very_many_are_refused(query: Any, frames: list[Frame], words: str) -> None:
    found = ask(query, A=frames)
    assert isinstance(found, InvalidError)
    assert words in found.detail


def test_a_threshold_is_one_or_nothing() -> None:
    assert ask({"type": "threshold", "of": "A", "above": 5}, A=[number(5), number(6, host="a")]) == {(): [0], A: [1]}
    assert ask({"type": "threshold", "of": "A", "outside": [1, 2]}, A=[series([0, 1, 3])])[()] == [1, 0, 1]


def test_rows_of_a_table_are_numbers_whose_texts_are_labels() -> None:
    table = Frame((Field.string("host", ["a", "b"]), Field.number("n", [1, 2])))
    assert ask("$A * 2", A=[table]) == {A: [2], B: [4]}
    twice = Frame((Field.string("host", ["a", "a"]), Field.number("n", [1, 2])))
    assert "twice" in ask("$A * 2", A=[twice]).detail
    two = Frame((Field.string("host", ["a", "b"]), Field.number("n", [1, 2]), Field.number("m", [1, 2])))
    assert "2 columns of numbers" in ask("$A * 2", A=[two]).detail


def test_expressions_of_expressions_are_worked_out_in_the_order_in_which_they_need_each_other() -> None:
    declared = {
        "C": expression_of("$B + 1"),
        "B": expression_of({"type": "reduce", "of": "A", "reducer": "max"}),
        "D": expression_of("$C > $X"),
    }
    answers: dict[str, Sequence[Frame] | HeliographError] = {"A": [series([1, 4])], "X": SourceError("gone")}
    assert check(declared, ("A", "X")) == ("B", "C", "D")
    found = evaluate(declared, answers, RANGE)
    assert [one.numbers[0].values.tolist() for one in (*found["B"], *found["C"])] == [[4], [5]]  # type: ignore[misc]
    assert isinstance(found["D"], SourceError)
    assert "target X" in found["D"].detail


@pytest.mark.parametrize(
    ("declared", "words"),
    [({"A": "$B", "B": "$A"}, "refers to itself"), ({"A": "$A"}, "refers to itself"), ({"A": "$Z"}, "no target is Z")],
)
def test_circles_and_targets_that_are_not_there_are_refused(declared: Mapping[str, str], words: str) -> None:
    with pytest.raises(InvalidError, match=words):
        check({ref: expression_of(text) for ref, text in declared.items()}, ())


@pytest.mark.parametrize(
    ("query", "path", "words"),
    [
        ("$A +", "$.query.expression", "the end"),
        ("A + 1", "$.query.expression", "targets are written [$]A"),
        ("1 + 2", "$.query.expression", "refer to a target"),
        ("$A ; drop", "$.query.expression", "character 4"),
        ("exec($A)", "$.query.expression", "exec is no function"),
        ("(" * (MAX_DEPTH + 1) + "$A" + ")" * (MAX_DEPTH + 1), "$.query.expression", "levels deep"),
        ("-" * 1000 + "$A", "$.query.expression", "levels deep"),
        ("$A" + "+1" * 1000, "$.query.expression", "characters|levels"),
        ({"type": "reduce", "of": "A", "reducer": "best"}, "$.query.reducer", "one of"),
        ({"type": "reduce", "of": "A", "mode": "replaceNN"}, "$.query", "replace_with"),
        ({"type": "resample", "of": "A", "window": "soon"}, "$.query.window", "not an interval"),
        ({"type": "threshold", "of": "A"}, "$.query", "what is tested"),
        ({"type": "eval", "code": "1"}, "$.query", "type: one of"),
    ],
)
def test_what_cannot_be_worked_out_is_refused_with_its_place(query: Any, path: str, words: str) -> None:
    with pytest.raises(InvalidError, match=words) as caught:
        expression_of(query)
    assert caught.value.path == path


@given(st.text(alphabet="$AB{}()+-*/%!<>=&|. 0123456789aelnors_,", max_size=60))
def test_any_text_is_an_expression_or_refused_and_never_anything_else(text: str) -> None:
    try:
        parsed = parse(text)
    except ValueError:
        return
    answers = {ref: [series([1, 2])] for ref in parsed.refs}
    found = evaluate({"result": expression_of(text)}, answers, RANGE)["result"]
    assert not isinstance(found, HeliographError)
    assert all(np.asarray(one.numbers[0].values).dtype == np.float64 for one in found)
