"""Which series share times: each group is one source, so that no series is padded with the times of another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..gaps import GAP_AFTER, usual_step

Times = NDArray[np.float64]
# Of series on no common grid, as many times may be those of one alone.
MAX_PADDING = 1.25
SAME_STEP = 0.01


def groups_of(all_times: Sequence[Times]) -> list[int]:
    """The group of each series, numbered in the order of first sight.

    Series are in one group where their times are equal, or lie on one grid of one step: a time that one of them lacks
    is then a gap. Others, such as series thinned to their own extremes, have times of their own.
    """
    found: list[Times] = []
    groups = []
    for times in all_times:
        for number, known in enumerate(found):
            joined = _joined(known, times)
            if joined is not None:
                found[number] = joined
                groups.append(number)
                break
        else:
            groups.append(len(found))
            found.append(times)
    return groups


def _joined(known: Times, times: Times) -> Times | None:
    """All times of both where they may be one group."""
    if known.shape == times.shape and np.array_equal(known, times):
        return known
    if times.size == 0 or known.size == 0:
        return known if times.size == 0 else times
    both: Times = np.union1d(known, times)
    if times.size < 3 or known.size < 3:
        return both if both.size <= max(known.size, times.size) + 1 else None
    steps = usual_step(known), usual_step(times)
    if abs(steps[0] - steps[1]) > SAME_STEP * steps[0]:
        return None
    on_grid = not np.any((both - both[0]) % steps[0])
    return both if on_grid or both.size <= MAX_PADDING * max(known.size, times.size) else None


def stacked(times: Sequence[Times], values: Sequence[Times]) -> tuple[Times, list[Times]]:
    """Series at all times of all of them, as stacks need it: between its own points a series lies on their line."""
    if not times:
        return np.empty(0), []
    every: Times = np.unique(np.concatenate(times))
    return every, [_between(every, own, column) for own, column in zip(times, values, strict=True)]


def _between(every: Times, times: Times, values: Times) -> Times:
    if times.size == every.size:
        return values
    result = np.full(every.shape, np.nan)
    known = np.isfinite(values)
    if known.sum() > 1:
        own, reach = times[known], GAP_AFTER * usual_step(times)
        after = np.searchsorted(own, every).clip(1, own.size - 1)
        inside = (every >= own[0]) & (every <= own[-1]) & (own[after] - own[after - 1] <= reach)
        result[inside] = np.interp(every[inside], own, values[known])
    result[np.searchsorted(every, times)] = values
    return result
