"""The lines of a chart: series in the order of targets and answers, with the options, colour and source of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...datasources.buckets import unfinished_from
from ...datasources.comparing import COMPARED
from ...datasources.frame import Frame
from ...datasources.reducers import reduce
from ..colors import MARKS
from ..fields import ResolvedField, resolve
from ..theme import LONE_FILL_ALPHA, STACK_FILL_ALPHA, series_color, series_dash
from .grids import groups_of
from .timeseries_options import TimeSeriesOptions, reach_ms

NUMBERS = frozenset({"number"})
PAST_DASH = "dashed"


class Style(NamedTuple):
    """All of a line that its models depend on."""

    source: str
    column: str
    kind: str
    color: str
    width: float
    fill: float
    gradient: bool
    dash: str
    axis: str
    reach_ms: float
    points: str


@dataclass(frozen=True, slots=True)
class Line:
    """One series as a chart has it. `source` and `column` are where its values go."""

    name: str
    ref: str
    times: NDArray[np.float64]
    values: NDArray[np.float64]
    field: ResolvedField
    options: TimeSeriesOptions
    index: int = 0
    source: str = "main"
    shade: int = 0  # the number of its colour: of a series as it was, that of the series now

    @property
    def compared_with(self) -> str:
        """The series that it is shown beside as it was; empty for any other."""
        return str(self.field.column.config.get(COMPARED) or "")

    @property
    def unfinished_from(self) -> float | None:
        """The time (ms) of its first point that more may come to; None where there is none, or it is not to be seen."""
        return unfinished_from(self.field.column.config) if self.options.unfinished == "dashed" else None

    @property
    def column(self) -> str:
        """The name of its column in the source."""
        return f"s{self.index}"

    @property
    def color(self) -> str:
        """The colour as CSS; one that depends on values changes with them."""
        mode = self.options.color
        if mode is None or mode.mode == "palette":
            return series_color(self.shade)
        return self.field.color or MARKS.get(self._level, series_color(self.shade))

    @property
    def still_color(self) -> str:
        """The colour as far as it is known without values, for layouts: the page sets the other."""
        mode = self.options.color
        if mode is None or mode.mode not in ("fixed", "shades") or not mode.value:
            return series_color(self.shade)
        color = self.field.display.series_color()
        return color.dark if color is not None else series_color(self.shade)

    @property
    def _level(self) -> str:
        known = self.values[np.isfinite(self.values)]
        threshold = self.field.threshold(float(known[-1])) if known.size else None
        return threshold.level if threshold else ""


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines that are shown, and how many there would have been."""

    lines: Sequence[Line]
    total: int
    by: str = "mean"

    @property
    def notice(self) -> str | None:
        """What is said where more series were found than are drawn."""
        if self.total <= len(self.lines):
            return None
        return f"top {len(self.lines)} of {self.total:,} series by {self.by}"


def lines_of(options: TimeSeriesOptions, frames: Sequence[Frame]) -> Lines:
    """All series in the order of targets and answers, at most `limit`: those that a reducer makes the largest."""
    series = [frame for frame in frames if frame.time is not None]
    found = [_line(field) for field in resolve(options, series, kinds=NUMBERS)]
    shown = [line for line in found if not line.options.hide]
    kept = shown
    if len(shown) > options.limit:
        weights = [_weight(line, options.many_by) for line in shown]
        largest = sorted(range(len(shown)), key=weights.__getitem__, reverse=True)[: options.limit]
        kept = [shown[index] for index in sorted(largest)]
    groups = [0] * len(kept) if options.stack != "none" else groups_of([one.times for one in kept])
    names = {line.name: index for index, line in reversed([*enumerate(kept)])}
    shades = [names.get(line.compared_with, index) for index, line in enumerate(kept)]
    placed = [_placed(one, index, groups[index], shades[index]) for index, one in enumerate(kept)]
    return Lines(placed, len(shown), options.many_by)


def _line(field: ResolvedField) -> Line:
    time = field.frame.time
    assert time is not None
    assert isinstance(field.options, TimeSeriesOptions)
    return Line(field.name, field.ref, time.values, field.column.values, field, field.options)


def _placed(line: Line, index: int, group: int, shade: int) -> Line:
    source = f"g{group}" if group else "main"
    return Line(line.name, line.ref, line.times, line.values, line.field, line.options, index, source, shade)


def _weight(line: Line, how: str) -> float:
    """How large a reducer makes a line, whatever its sign; of the mean that of its values without their signs."""
    known = line.values[np.isfinite(line.values)]
    if not known.size:
        return -1.0
    if how == "mean":
        return float(np.abs(known).mean())
    found = reduce(known, how)
    return abs(float(found)) if isinstance(found, int | float) and math.isfinite(found) else -1.0


def style_of(line: Line, stack: str, count: int) -> Style:
    """What the models of a line are made of."""
    own = line.options
    return Style(
        line.source,
        line.column,
        own.style,
        line.still_color,
        own.line_width,
        _fill(own, stack, count),
        own.gradient,
        own.dash or (PAST_DASH if line.compared_with else series_dash(line.index)),
        own.axis,
        reach_ms(own.nulls),
        own.points,
    )


def _fill(options: TimeSeriesOptions, stack: str, count: int) -> float:
    if options.fill is not None:
        return options.fill
    if stack != "none":
        return STACK_FILL_ALPHA
    return LONE_FILL_ALPHA if count == 1 else 0.0
