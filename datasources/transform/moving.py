"""Sums and means up to a row, and over a window of rows around it."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from pydantic import Field

from ...declared import Spec
from ..reducers import reduced
from .bounds import check_work
from .table import Array, Column


class CumulativeOptions(Spec):
    """Over all rows up to each."""

    field: str | None = Field(None, title="Column", description="The column.")
    reducer: Literal["mean", "sum"] = Field("sum", description="The calculation.")


class WindowOptions(Spec):
    """Over a window of rows: as many, or a share of all."""

    field: str | None = Field(None, title="Column", description="The column.")
    reducer: Literal["mean", "stdDev", "variance"] = Field("mean", description="The calculation.")
    windowAlignment: Literal["trailing", "centered"] | None = Field(
        "trailing", title="Alignment", description="Whether the window ends at a row, or lies around it."
    )
    windowSizeMode: Literal["percentage", "fixed"] | None = Field(
        "percentage", title="Size is", description="Whether its size is a share of all rows, or a number of them."
    )
    windowSize: float = Field(0.1, title="Size", description="The share (0.1 is a tenth), or the number.")

    def check(self) -> None:
        """ValueError where there is no window."""
        if self.windowSize <= 0:
            raise ValueError("the size of the window has to be larger than 0")


def cumulated(column: Column, options: CumulativeOptions) -> Array:
    """For each row the sum of the values up to it, or their mean; NaN counts as zero."""
    totals = np.cumsum(np.nan_to_num(column.values.astype(np.float64), nan=0.0))
    return np.asarray(totals / np.arange(1, len(column) + 1)) if options.reducer == "mean" else totals


def windowed(column: Column, options: WindowOptions) -> Array:
    """For each row the calculation over the rows before it or around it; InvalidError where that is too much work."""
    share = options.windowSizeMode == "percentage"
    window = math.ceil(options.windowSize * (len(column) if share else 1))
    values = column.listed
    if options.windowAlignment != "centered":
        if options.reducer == "mean":
            return _trailing_mean(values, window)
        before, after = window - 1, 0
    else:
        before, after = window // 2, math.ceil(window / 2) - 1
    check_work(len(values) * min(before + after + 1, len(values)))
    parts = (values[max(0, row - before) : row + after + 1] for row in range(len(values)))
    if options.reducer == "mean":
        return np.array([_mean(part) for part in parts], dtype=np.float64)
    return np.array([reduced(part, options.reducer, "number") or 0.0 for part in parts], dtype=np.float64)


def _mean(values: list[Any]) -> float:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else 0.0


def _trailing_mean(values: list[Any], window: int) -> Array:
    """As in Grafana, where a row without a value drops none out of the window."""
    means, total, count = [], 0.0, 0
    for row, value in enumerate(values):
        if value is not None:
            total, count = total + value, count + 1
            gone = values[row - window] if row > window - 1 else None
            if gone is not None:
                total, count = total - gone, count - 1
        means.append(total / count if count else 0.0)
    return np.array(means, dtype=np.float64)
