"""Rows of SQL as series and tables."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from heliograph.datasources.sources.legend import rename
from heliograph.datasources.sources.tables import frames_of

TIMES = pa.array([2000, 1000, 1000], pa.timestamp("ms", tz="UTC"))


def test_long_rows_become_a_series_for_each_combination_of_texts() -> None:
    table = pa.table({"time": TIMES, "host": ["a", "a", "b"], "v": [2.0, 1.0, 5.0]})
    frames = frames_of(table)
    assert [(frame.name, dict(frame.labels), frame.numbers[0].values.tolist()) for frame in frames] == [
        ("a", {"host": "a"}, [1.0, 2.0]),
        ("b", {"host": "b"}, [5.0]),
    ]


def test_series_of_several_numbers_say_which_they_are_of() -> None:
    rows = {"time": TIMES, "host": ["a", "a", "b"], "paid": [2.0, 1.0, 5.0], "units": [1, 2, 3]}
    frames = frames_of(pa.table(rows))
    called = ["paid a", "paid b", "units a", "units b"]
    assert [frame.name for frame in frames] == called
    assert [frame.name for frame in rename(frames)] == called
    assert [frame.name for frame in frames_of(pa.table({**rows, "host": ["a"] * 3}))] == ["paid", "units"]
    two = frames_of(pa.table({**rows, "zone": ["x", "x", "y"]}))
    assert [frame.name for frame in two][:2] == ["paid host=a, zone=x", "paid host=b, zone=y"]
    assert [frame.name for frame in frames_of(pa.table(rows), legend="{{host}}")] == ["a", "b", "a", "b"]


def test_wide_rows_become_a_series_for_each_number() -> None:
    frames = frames_of(pa.table({"t": [1_700_000_002, 1_700_000_001], "x": [1, 2], "y": [None, 4.0]}))
    assert (frames[0].name, frames[0].numbers[0].values.tolist()) == ("x", [2.0, 1.0])
    assert np.isnan(frames[1].numbers[0].values[1])
    assert frames[0].time is not None
    assert frames[0].time.values.tolist() == [1_700_000_001_000.0, 1_700_000_002_000.0]


def test_a_row_whose_time_is_missing_is_in_no_series() -> None:
    times = pa.array([2000, None, 1000], pa.timestamp("ms"))
    for more in ({}, {"host": ["a", "a", "a"]}):
        (frame,) = frames_of(pa.table({"time": times, **more, "v": [2.0, 9.0, 1.0]}))
        assert frame.time is not None
        assert (frame.time.values.tolist(), frame.numbers[0].values.tolist()) == ([1000.0, 2000.0], [1.0, 2.0])


def test_rows_that_all_miss_their_time_are_a_table() -> None:
    times = pa.array([None, None], pa.timestamp("ms"))
    (frame,) = frames_of(pa.table({"time": times, "name": ["a", "b"], "v": [2.0, 9.0]}))
    assert (frame.rows, frame.is_series) == (2, False)
    (empty,) = frames_of(pa.table({"time": times, "v": [2.0, 9.0]}))
    assert (empty.rows, empty.is_series) == (0, True)


def test_rows_without_a_time_are_a_table() -> None:
    (frame,) = frames_of(pa.table({"name": ["a", None], "n": [1, 2]}))
    assert [column.kind for column in frame.fields] == ["string", "number"]
    assert not frame.is_series
