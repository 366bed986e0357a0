"""One value out of a column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def _finite(function: Callable[[Values], float]) -> Callable[[Values], float | None]:
    def reduced(values: Values) -> float | None:
        known = values[np.isfinite(values)]
        return float(function(known)) if known.size else None

    return reduced


def _last(values: Values) -> float | None:
    return float(values[-1]) if values.size and np.isfinite(values[-1]) else None


REDUCERS: Final[Mapping[str, Callable[[Values], float | None]]] = {
    "lastNotNull": _finite(lambda known: known[-1]),
    "last": _last,
    "firstNotNull": _finite(lambda known: known[0]),
    "mean": _finite(np.mean),
    "min": _finite(np.min),
    "max": _finite(np.max),
    "sum": _finite(np.sum),
    "median": _finite(np.median),
    "range": _finite(np.ptp),
    "count": lambda values: float(values.size),
    "diff": _finite(lambda known: known[-1] - known[0]),
}


def reduce(values: Values, how: str) -> float | None:
    """The value of a column, None where nothing in it is known."""
    return REDUCERS[how](values)
