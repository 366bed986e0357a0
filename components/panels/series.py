"""Series side by side: common times where they have them, and the gaps between their points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource
from numpy.typing import NDArray

from ...datasources.frame import Frame
from ...datasources.timerange import TimeRange
from ..gaps import gaps_of, usual_step
from .base import Columns

MAX_LINES = 50


@dataclass(frozen=True, slots=True)
class Series:
    """One line: times in ms, values of the same length."""

    name: str
    times: NDArray[np.float64]
    values: NDArray[np.float64]
    ref: str = "A"


def count_of(frames: Sequence[Frame]) -> int:
    """How many series the frames hold before the limit."""
    return sum(len(frame.numbers) for frame in frames if frame.time is not None)


def aligned(series: Sequence[Series]) -> tuple[NDArray[np.float64], list[NDArray[np.float64]]]:
    """All times of the series and each one's values at them; NaN where it has none."""
    if not series:
        return np.empty(0), []
    first = series[0].times
    if all(one.times.shape == first.shape and np.array_equal(one.times, first) for one in series[1:]):
        return first, [one.values for one in series]
    times = np.unique(np.concatenate([one.times for one in series]))
    columns = []
    for one in series:
        values = np.full(times.shape, np.nan)
        values[np.searchsorted(times, one.times)] = one.values
        columns.append(values)
    return times, columns


def in_common(series: Sequence[Series]) -> tuple[NDArray[np.float64], list[NDArray[np.float64]]]:
    """As `aligned`, but where others have a point, and a series has none, it goes on straight: long series are thinned
    each by itself. NaN in its own gaps, before it begins and after it ends."""
    times, columns = aligned(series)
    if all(one.times.size == times.size for one in series):
        return times, columns
    lines = [with_gaps(one.times, [one.values]) for one in series]
    return times, [np.interp(times, own, values, left=np.nan, right=np.nan) for own, (values,) in lines]


def with_gaps(
    times: NDArray[np.float64], columns: list[NDArray[np.float64]]
) -> tuple[NDArray[np.float64], Sequence[Any]]:
    """The same with a row of NaN in each gap, so that no line is drawn over a time of which nothing is known."""
    at = gaps_of(times)
    if not at.size:
        return times, columns
    instants = times[at - 1] + usual_step(times)
    return np.insert(times, at, instants), [np.insert(column, at, np.nan) for column in columns]


def rows_within(columns: Columns, range_: TimeRange) -> Columns | None:
    """The rows of a time source in a range, as views of its columns; None where a series has no value there, since
    of an answer for that range it would be missing."""
    if not columns:
        return columns
    start, end = np.searchsorted(columns["t"], (range_.from_ms, range_.to_ms + 1)).tolist()
    found = {name: column[start:end] for name, column in columns.items()}
    return found if all(np.isfinite(column).any() for column in found.values()) else None


def lone_source(name: str) -> ColumnDataSource:
    """The root of a panel that the page draws as HTML: a source to be filled."""
    return ColumnDataSource(name=name)
