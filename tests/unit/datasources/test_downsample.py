"""Which samples are kept when a series has more than were asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.datasources.downsample import select, thin
from heliograph.datasources.frame import Field, Frame
from heliograph.datasources.query.admission import downsampled
from heliograph.datasources.query.model import Answer, Query
from heliograph.datasources.timerange import TimeRange
from heliograph.scope import Role, Scope

ORACLE = json.loads((Path(__file__).parents[2] / "data" / "downsample.json").read_text("utf-8"))


def column(name: str) -> Any:
    return np.array([np.nan if value is None else value for value in ORACLE["series"][name]], dtype=np.float64)


@pytest.mark.parametrize("row", ORACLE["rows"], ids=lambda row: f"{row[0]}-{row[1]}-{row[2]}-{row[3]}")
def test_the_samples_are_those_of_the_algorithm(row: list[Any]) -> None:
    algorithm, name, times, points, kept = row
    x = None if times is None else np.array(ORACLE["x"][times], dtype=np.float64)
    assert select(column(name), points, x, algorithm.lower()).tolist() == sorted(set(kept))


VALUES = st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))), min_size=1, max_size=300)


@given(VALUES, st.integers(4, 64), st.randoms(use_true_random=False))
def test_no_extreme_is_lost_or_invented(values: list[float], points: int, random: Any) -> None:
    times = np.cumsum([random.randint(1, 1000) for _ in values]).astype(np.float64)
    frame = Frame.series(times, values, name="a", labels={"host": "b"})
    thinned = thin(frame, points)
    assert thinned.time is not None
    assert thinned.rows <= max(points, 4) or thinned is frame
    samples = set(zip(times.tolist(), map(str, values), strict=True))
    assert samples >= set(zip(thinned.time.values.tolist(), map(str, thinned.numbers[0].values.tolist()), strict=True))
    assert (thinned.time.values[0], thinned.time.values[-1]) == (times[0], times[-1])
    if not all(np.isnan(values)):
        kept = thinned.numbers[0].values
        assert (np.nanmin(kept), np.nanmax(kept)) == (np.nanmin(values), np.nanmax(values))
    assert thinned.downsampled == ("" if thinned is frame else "m4")


def long(labels: dict[str, str] | None = None, rows: int = 5000) -> Frame:
    return Frame.series(np.arange(rows) * 1000.0, np.sin(np.arange(rows)), name="a", labels=labels)


TIMES = long().fields[0]
HISTOGRAM = Frame((TIMES, Field.number("1", TIMES.values), Field.number("2", TIMES.values)))
TABLE = Frame((TIMES, Field.string("host", ["a"] * 5000)))


@pytest.mark.parametrize("frame", [HISTOGRAM, TABLE, long({"le": "0.5"}), long(rows=4)])
def test_what_is_no_long_series_stays_whole(frame: Frame) -> None:
    assert thin(frame, 100) is frame


def asked(**changes: Any) -> Query:
    fields: dict[str, Any] = {"max_points": 1000, "step_s": 15.0, **changes}
    return Query("q", TimeRange(0, 5_000_000), Scope(1, Role.EDITOR), **fields)


def test_only_series_with_more_points_than_asked_and_than_the_step_gives_are_thinned() -> None:
    answer = Answer((long(), long({"host": "b"}, rows=1000)))
    thinned = downsampled(asked(), answer)
    assert [frame.downsampled for frame in thinned.frames] == ["m4", ""]
    assert thinned.frames[0].rows <= 1000
    assert thinned.inspect.points_returned == thinned.frames[0].rows + 1000
    assert downsampled(asked(step_s=1.0), answer) is answer  # as many as the step gives
    assert downsampled(asked(instant=True), answer) is answer
