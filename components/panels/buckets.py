"""Cells of a heatmap: from series that are buckets, or by counting values. Pure functions."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...datasources.frame import Field as Column
from ...datasources.frame import Frame
from ...datasources.steps import round_interval
from ...datasources.timerange import TimeRange
from ..gaps import usual_step
from .histogram import bucket_size, least_size

Values = NDArray[np.float64]
MAX_TIMES = 240
COLUMNS = 60  # of values that are counted
MAX_BUCKETS = 100
NO_VALUES: Final[Values] = np.empty(0)


@dataclass(frozen=True, slots=True)
class Cells:
    """`values[time, bucket]` between ascending `edges`; each time stands for `step_ms` after it."""

    times: Values
    edges: Sequence[float]
    values: Values
    step_ms: float
    notice: str | None = None


def cells_of(frames: Sequence[Frame], window: TimeRange, *, kind: str = "auto", buckets: int = 20) -> Cells:
    """The cells of frames, as buckets where the series have bounds and nothing else was asked for."""
    series = timed_columns(frames)
    if are_buckets([column for _, column in series], kind):
        known = [(bound, *one) for one in series if (bound := bound_of(one[1])) is not None]
        counted_up = any("le" in column.labels for _, _, column in known)
        return from_buckets([(bound, times, column.values) for bound, times, column in known], cumulative=counted_up)
    return from_values([(times, column.values) for times, column in series], window, buckets)


def timed_columns(frames: Sequence[Frame]) -> list[tuple[Values, Column]]:
    """The columns of numbers that have times, with these."""
    return [(frame.time.values, column) for frame in frames if frame.time is not None for column in frame.numbers]


def are_buckets(columns: Sequence[Column], kind: str) -> bool:
    """Whether series are buckets: because it was said, or as all of them have a bound."""
    return kind == "buckets" or (
        kind == "auto" and bool(columns) and all(bound_of(column) is not None for column in columns)
    )


def bound_of(column: Column) -> float | None:
    """The upper bound of a bucket, by its label `le` or else its name; None where it has none."""
    text = column.labels.get("le", column.name)
    try:
        bound = float(text.replace("+Inf", "inf"))
    except ValueError:
        return None
    return None if math.isnan(bound) else bound


def from_buckets(series: Sequence[tuple[float, Values, Values]], *, cumulative: bool) -> Cells:
    """Cells of buckets by their upper bound; of cumulative ones what a bucket has beyond the one below it."""
    if not series:
        return Cells(NO_VALUES, [], NO_VALUES, 0.0)
    bounds = sorted({bound for bound, _, _ in series})[:MAX_BUCKETS]
    times = np.unique(np.concatenate([own for _, own, _ in series]))
    sums = np.zeros((times.size, len(bounds)))
    for bound, own, values in series:
        if bound in bounds:
            sums[np.searchsorted(times, own), bisect_left(bounds, bound)] += np.nan_to_num(values)
    own_values = np.diff(sums, axis=1, prepend=0.0).clip(0) if cumulative else sums
    edges = [lower_edge(bounds), *bounds]
    return _thinned(Cells(times, edges, own_values, usual_step(times)))


def lower_edge(bounds: Sequence[float]) -> float:
    """Where the first bucket begins: at zero, or nowhere where it holds what is below."""
    return 0.0 if bounds[0] > 0 else -math.inf


def from_values(series: Sequence[tuple[Values, Values]], window: TimeRange, buckets: int) -> Cells:
    """Cells by counting values, in round buckets and round times."""
    known = [(times[np.isfinite(values)], values[np.isfinite(values)]) for times, values in series]
    known = [one for one in known if one[0].size]
    if not known:
        return Cells(NO_VALUES, [], NO_VALUES, 0.0)
    times, values = (np.concatenate([one[which] for one in known]) for which in (0, 1))
    step = max(float(round_interval((window.to_ms - window.from_ms) / COLUMNS)), usual_step(known[0][0]))
    low, high = float(values.min()), float(values.max())
    size = max(bucket_size(low, high, buckets), least_size(low, high))
    first, row = math.floor(low / size), np.floor(values / size).astype(np.int64)
    rows = int(row.max()) - first + 1
    column = np.floor(times / step).astype(np.int64)
    start, columns = int(column.min()), int(np.ptp(column)) + 1
    flat = np.bincount((column - start) * rows + (row - first), minlength=columns * rows)
    edges = [(first + index) * size for index in range(rows + 1)]
    return Cells(
        (start + np.arange(columns)).astype(np.float64) * step,
        edges,
        flat.reshape(columns, rows).astype(np.float64),
        step,
    )


def _thinned(cells: Cells) -> Cells:
    """At most MAX_TIMES columns, each the mean of those that it joins."""
    if cells.times.size <= MAX_TIMES or not cells.step_ms:
        return cells
    step = cells.step_ms * math.ceil(cells.times.size / MAX_TIMES)
    group = np.floor(cells.times / step).astype(np.int64)
    found, place, counts = np.unique(group, return_inverse=True, return_counts=True)
    sums = np.zeros((found.size, cells.values.shape[1]))
    np.add.at(sums, place, cells.values)
    return Cells(found.astype(np.float64) * step, cells.edges, sums / counts[:, None], step)
