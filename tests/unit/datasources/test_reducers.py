"""One value out of a column, against what Grafana reduces to."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heliograph.datasources.reducers import FAST, Nulls, is_reducer, reduce, reduced

ROWS = json.loads((Path(__file__).parents[2] / "data/reducers.json").read_text("utf-8"))["rows"]
WORDS = {"@NaN": math.nan, "@Infinity": math.inf, "@-Infinity": -math.inf, "@-0": -0.0, "@undefined": None}


def read(value: Any) -> Any:
    if isinstance(value, list):
        return [read(one) for one in value]
    return WORDS.get(value, value) if isinstance(value, str) else value


def same(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and math.isnan(one):
        return isinstance(other, float) and math.isnan(other)
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def test_every_row_is_as_in_grafana() -> None:
    wrong = []
    for how, nulls, kind, values, expected in ROWS:
        got = reduced(read(values), how, kind, nulls)
        if not same(got, read(expected)):
            wrong.append((how, nulls, kind, values, got, expected))
    assert wrong == []
    assert len(ROWS) > 3000


@pytest.mark.parametrize("how", FAST)
def test_columns_of_numbers_are_reduced_alike(how: str) -> None:
    values = [3.5, math.nan, 1.25, 9.0, -2.0, math.nan]
    slow = reduced([None if math.isnan(one) else one for one in values], how)
    assert reduce(np.array(values), how) == pytest.approx(slow)
    assert reduce(np.array([math.nan]), how) is None


def test_a_reducer_is_known_by_its_name() -> None:
    assert is_reducer("p95")
    assert is_reducer("stdDev")
    assert not is_reducer("p100")
    assert not is_reducer("mode")


def test_nulls_that_count_as_zero_are_among_the_values_of_a_percentile() -> None:
    values = [None, 4, None, 8, 6]
    assert [reduced(values, how) for how in ("p1", "p50", "p90", "median")] == [4, 6, 8, 6]
    zeros: Nulls = "null as zero"
    assert [reduced(values, how, nulls=zeros) for how in ("p1", "p50", "p90", "median")] == [0, 4, 8, 4]


def test_the_median_of_texts_and_of_nulls_that_are_zero_is_that_of_grafana() -> None:
    assert reduced(["b", "10", None, "a"], "median", "other", "null as zero") == 5
    assert math.isnan(reduced(["b", "a"], "median", "string"))
