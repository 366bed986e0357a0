"""Gaps of a series: where two neighbours are much further apart than usual, so that nothing is known between them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]
GAP_AFTER: Final = 3.5  # times the usual distance between two points
NONE: Final[NDArray[np.int64]] = np.empty(0, np.int64)


def usual_step(times: Times) -> float:
    """The median distance of two points in ms; 0 of less than two."""
    return float(np.median(np.diff(times))) if times.size > 1 else 0.0


def gaps_of(times: Times) -> NDArray[np.int64]:
    """The indices of the points behind gaps, in ascending times."""
    if times.size < 3:
        return NONE
    distances = np.diff(times)
    if distances.max() <= GAP_AFTER * distances.min():  # which is what a steady series has: no median is needed
        return NONE
    return np.flatnonzero(distances > GAP_AFTER * float(np.median(distances))) + 1
