"""Points as counts by pixel, by datashader: nothing is left out, however many there are.

Importing this module loads datashader and numba, which takes seconds, and the first call compiles: `warm` does both.
"""

from __future__ import annotations

from typing import Any

import datashader as ds
import numba
import numpy as np
import pandas as pd
from datashader import datashape
from datashader.datashape import coretypes
from numpy.typing import NDArray

from .canvas import Canvas

Values = NDArray[np.float64]
COUNT_BITS = 32
COUNT_MASK = (1 << COUNT_BITS) - 1


class distinct(ds.count):  # type: ignore[misc]  # noqa: N801 - named as datashader's own reductions are
    """How many different values of a column of whole numbers come into each cell, where equal ones come in a row.

    So a line counts once in a cell, however many of its vertices lie there. A cell holds the last value that came and
    the count: the upper and the lower half of 64 bits; it is negative until one comes.
    """

    def out_dshape(self, in_dshape: Any, antialias: bool, cuda: bool, partitioned: bool) -> Any:
        return datashape.dshape(coretypes.int64)

    @staticmethod
    @numba.jit(nopython=True, nogil=True)
    def _append(x: int, y: int, agg: Any, field: int) -> int:
        cell = agg[y, x]
        if cell < 0:
            agg[y, x] = (field << COUNT_BITS) | 1
        elif (cell >> COUNT_BITS) != field:
            agg[y, x] = (field << COUNT_BITS) | ((cell & COUNT_MASK) + 1)
        return 0


def rasterised(
    canvas: Canvas, x: Values, y: Values, lengths: NDArray[np.int64], lone: NDArray[np.int64]
) -> NDArray[np.uint32]:
    """How many series, or points, come into each cell: `[height, width]`, the first row is the lowest.

    `lengths` are those of the series, which lie one after the other; a line joins neighbours that are both known, NaN
    breaks it. `lone` are the indices of points that no line reaches, which are cells by themselves.
    """
    if not x.size:
        return np.zeros((canvas.height, canvas.width), np.uint32)
    plane = ds.Canvas(canvas.width, canvas.height, x_range=canvas.x, y_range=canvas.y)
    if canvas.draw == "points":
        return _points(plane, x, y)
    series = np.repeat(np.arange(lengths.size), lengths)
    lines = pd.DataFrame({"x": x, "y": y, "series": series}, copy=False)
    cells = np.asarray(plane.line(lines, "x", "y", agg=distinct("series")))
    counts = np.where(cells < 0, 0, cells & COUNT_MASK).astype(np.uint32)
    return counts + _points(plane, x[lone], y[lone]) if lone.size else counts


def _points(plane: Any, x: Values, y: Values) -> NDArray[np.uint32]:
    found = plane.points(pd.DataFrame({"x": x, "y": y}, copy=False), "x", "y", agg=ds.count())
    return np.ascontiguousarray(np.asarray(found), dtype=np.uint32)


def warm() -> None:
    """Compile what `rasterised` needs."""
    x, y = np.array([0.0, 1.0, np.nan, 0.5]), np.array([0.0, 1.0, np.nan, 0.5])
    rasterised(Canvas(8, 8, (0.0, 1.0), (0.0, 1.0)), x, y, np.array([4]), np.array([3]))
