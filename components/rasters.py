"""Density as numbers: frames as points that lines join, the bounds of their values, counts as codes. Pure functions.

Between the points of `Points` stands NaN where no line goes: between two series, and over the gaps of one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from ..datasources.frame import Frame
from .gaps import gaps_of

Values = NDArray[np.float64]
Scale = Literal["equalize", "log", "linear"]
PADDING: Final = 0.08
MAX_CODES: Final = 255  # code 0 is an empty cell
NOTHING: Final[Values] = np.empty(0)
NO_INDEX: Final[NDArray[np.int64]] = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Points:
    """Times in ms and values of one series after the other, `lengths` are theirs with the NaN between them; `lone` are
    the indices of points that no line reaches."""

    x: Values
    y: Values
    lengths: NDArray[np.int64]
    lone: NDArray[np.int64]
    series: int
    samples: int


def points_of(frames: Sequence[Frame], *, log: bool = False) -> Points:
    """All series of the frames, one after the other; of a logarithmic axis the powers of ten, where there are any."""
    pieces = [(frame, gaps_of(frame.time.values)) for frame in frames if frame.time is not None and frame.rows]
    lengths = [frame.rows + gaps.size + 1 for frame, gaps in pieces for _ in frame.numbers]
    if not lengths:
        return Points(NOTHING, NOTHING, NO_INDEX, NO_INDEX, 0, 0)
    x, y = np.full(sum(lengths), np.nan), np.full(sum(lengths), np.nan)
    start = 0
    for frame, gaps in pieces:
        assert frame.time is not None
        end = frame.rows + gaps.size
        kept: Any = slice(0, end)
        if gaps.size:  # each gap moves what is behind it by one
            rows = np.arange(frame.rows)
            kept = rows + np.searchsorted(gaps, rows, "right")
        for column in frame.numbers:
            x[start : start + end][kept] = frame.time.values
            y[start : start + end][kept] = column.values
            start += end + 1
    y[~np.isfinite(y)] = np.nan
    if log:
        with np.errstate(divide="ignore", invalid="ignore"):
            y = np.where(y > 0, np.log10(y), np.nan)
    known = np.isfinite(y)
    beside = np.zeros(known.size, dtype=bool)
    beside[1:] |= known[:-1]
    beside[:-1] |= known[1:]
    lone = np.flatnonzero(known & ~beside)
    return Points(x, y, np.array(lengths, np.int64), lone, len(lengths), int(known.sum()))


@dataclass(frozen=True, slots=True)
class Bounds:
    """From where to where an axis goes; of a logarithmic one in powers of ten."""

    low: float
    high: float


def extent_of(y: Values) -> tuple[float, float]:
    """The least and the largest of the values of `Points`; 0 and 1 where none is known."""
    low, high = float(np.fmin.reduce(y, initial=np.nan)), float(np.fmax.reduce(y, initial=np.nan))
    return (0.0, 1.0) if math.isnan(low) else (low, high)


def bounds_of(y: Values, *, least: float | None, most: float | None, log: bool) -> Bounds:
    """Round bounds that hold all values, but where `least` and `most` say otherwise, in the unit of the values."""
    low, high = extent_of(y)
    low, high = _powers(low, high) if log else _padded(low, high)
    if log:
        least, most = (math.log10(one) if one is not None and one > 0 else None for one in (least, most))
    low, high = low if least is None else least, high if most is None else most
    return Bounds(low, high if high > low else low + 1)


def _powers(low: float, high: float) -> tuple[float, float]:
    bottom, top = math.floor(low + 1e-9), math.ceil(high - 1e-9)
    return float(bottom), float(max(top, bottom + 1))


def _padded(low: float, high: float) -> tuple[float, float]:
    """As the page pads the axis of lines: some room at both ends, on a round value, and never past zero."""
    if low == high:
        low, high = (0.0, 1.0) if low == 0 else (low - abs(low) * 0.5, high + abs(high) * 0.5)
    pad = (high - low) * PADDING
    step = _nice_step((high - low) / 4)
    touches = low >= 0 and low - pad < 0
    bottom = 0.0 if touches else math.floor((low - (pad if low else 0.0)) / step) * step
    return bottom, math.ceil((high + (pad if high else 0.0)) / step) * step


def _nice_step(rough: float) -> float:
    if not rough > 0 or not math.isfinite(rough):
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return power * next((one for one in (1, 2, 5, 10) if one * power * 2 >= rough), 10)


@dataclass(frozen=True, slots=True)
class Coded:
    """Counts as bytes: `levels[code - 1]` is what a code stands for, `cells` how many cells have it.

    Exact where there are at most MAX_CODES different counts; else a code stands for the counts of a narrow band, and
    its level is the largest of them.
    """

    codes: NDArray[np.uint8]
    levels: NDArray[np.int64]
    cells: NDArray[np.int64]


def coded(counts: NDArray[np.uint32]) -> Coded:
    """The counts of a raster as codes; 0 stays 0."""
    found, cells = np.unique(counts[counts > 0], return_counts=True)
    if not found.size:
        return Coded(np.zeros(counts.shape, np.uint8), np.empty(0, np.int64), np.empty(0, np.int64))
    band = np.arange(found.size)
    if found.size > MAX_CODES:
        share = np.log(found / found[0]) / math.log(float(found[-1]) / float(found[0]))
        _, band = np.unique(np.minimum((share * MAX_CODES).astype(np.int64), MAX_CODES - 1), return_inverse=True)
    levels = np.zeros(int(band[-1]) + 1, np.int64)
    np.maximum.at(levels, band, found.astype(np.int64))
    codes = np.where(counts > 0, band[np.searchsorted(found, counts).clip(max=found.size - 1)] + 1, 0)
    return Coded(codes.astype(np.uint8), levels, np.bincount(band, weights=cells).astype(np.int64))


def places(levels: NDArray[np.int64], cells: NDArray[np.int64], scale: Scale) -> Values:
    """Where on a scale of colours each level stands, 0 to 1.

    `equalize` gives equal shares of the scale to equal numbers of cells, so that a lone line stands out as much as a
    crowd; the least count always has the first colour, and the largest the last.
    """
    if levels.size < 2:
        return np.ones(levels.size)
    at: Values = np.asarray(levels, np.float64)
    if scale == "equalize":
        at = np.cumsum(cells).astype(np.float64)
    elif scale == "log":
        at = np.log(at)
    return np.asarray((at - at[0]) / (at[-1] - at[0]))
