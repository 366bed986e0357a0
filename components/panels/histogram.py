"""The histogram panel: how often values fall into buckets of one size."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np
from bokeh.core.property.vectorization import Field as At
from bokeh.models import ColumnDataSource, GlyphRenderer, Grid, Model, Quad
from numpy.typing import NDArray
from pydantic import Field

from ...datasources.frame import Frame
from ...datasources.timerange import TimeRange
from ...declared import Groups
from ..fields import FieldOptions, ResolvedField, resolve
from ..theme import BAR_ALPHA, series_color
from .base import Drawn, PanelType
from .plots import AxisUnit, bare_plot, value_axis

MAX_SERIES = 20
MAX_BUCKETS = 500
NUMBERS = frozenset({"number"})
SEVERAL_ALPHA = 0.5
APART = 8  # numbers that a bucket holds at least
ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)


class HistogramOptions(FieldOptions):
    """Options of a histogram."""

    GROUPS: ClassVar[Groups] = {
        "Buckets": (
            "bucket_size",
            "bucket_count",
            "bucket_offset",
            "combine",
        ),
        "Legend": ("legend",),
    }

    bucket_size: float | None = Field(None, gt=0, description="The width of a bucket; empty: a round one.")
    bucket_count: int = Field(
        30, ge=2, le=MAX_BUCKETS, description="About so many buckets, where their size is not said."
    )
    bucket_offset: float = Field(0.0, description="Where a bucket begins: the others follow from it.")
    combine: bool = Field(False, description="Count the values of all series together.")
    legend: str = Field(
        "list", pattern="^(list|hidden)$", description="Whether there is a legend, where there are several series."
    )


class Shape(NamedTuple):
    """What the model graph depends on: how many series, and what the axis counts."""

    series: int
    unit: AxisUnit


class Histogram(PanelType[HistogramOptions]):
    """A source `main`: the edges of buckets, and each series' count in them."""

    name = "histogram"
    title = "Histogram"
    needs = ("number",)
    Options = HistogramOptions

    def shape(self, options: HistogramOptions, frames: Sequence[Frame]) -> Hashable:
        fields = _fields(options, frames)
        unit = fields[0].unit if fields else options.unit
        return Shape(1 if options.combine else len(fields), AxisUnit(unit, options.decimals))

    def layout(self, options: HistogramOptions, shape: Hashable) -> Model:
        assert isinstance(shape, Shape)
        source = ColumnDataSource(name="main")
        plot = bare_plot()
        counts = value_axis(AxisUnit("short", None))
        plot.add_layout(value_axis(shape.unit, major_label_standoff=5), "below")
        plot.add_layout(counts, "left")
        plot.add_layout(Grid(axis=counts, dimension=1))
        alpha = BAR_ALPHA if shape.series == 1 else SEVERAL_ALPHA
        plot.renderers = [_quads(source, index, alpha) for index in range(shape.series)]
        return plot

    def columns(self, options: HistogramOptions, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        fields = _fields(options, frames)
        values = [one.column.values[np.isfinite(one.column.values)] for one in fields]
        if options.combine and values:
            values = [np.concatenate(values)]
        edges = bucket_edges(values, options)
        main: dict[str, Any] = {"left": edges[:-1], "right": edges[1:], "zero": np.zeros(max(0, edges.size - 1))}
        for index, own in enumerate(values):
            main[f"s{index}"] = counts_in(own, edges)
        names = ["All"] if options.combine else [one.name for one in fields]
        return Drawn({"main": main}, _texts(options, fields, names[: len(values)]))


def _fields(options: HistogramOptions, frames: Sequence[Frame]) -> list[ResolvedField]:
    found = sorted(resolve(options, frames, kinds=NUMBERS), key=lambda one: (one.ref, one.name))
    return found if options.combine else found[:MAX_SERIES]


def bucket_edges(values: Sequence[NDArray[np.float64]], options: HistogramOptions) -> NDArray[np.float64]:
    """The edges of buckets that hold all values, at most MAX_BUCKETS of them; empty without values."""
    known = [one for one in values if one.size]
    if not known:
        return np.empty(0)
    low, high = min(float(one.min()) for one in known), max(float(one.max()) for one in known)
    # Each bound for itself: between the largest numbers that there are lies more than a number can be.
    size = max(options.bucket_size or bucket_size(low, high, options.bucket_count), least_size(low, high))
    while high / size - low / size > MAX_BUCKETS - 2:
        size *= 2
    first = math.floor((low - options.bucket_offset) / size)
    last = math.floor((high - options.bucket_offset) / size) + 1
    edges: NDArray[np.float64] = options.bucket_offset + size * np.arange(first, last + 1, dtype=np.float64)
    return edges


def bucket_size(low: float, high: float, count: int) -> float:
    """A round size of so many buckets between two numbers; 1 where they are one."""
    return round_size(max(high / count - low / count, least_size(low, high) if high > low else 0.0))


def least_size(low: float, high: float) -> float:
    """The least round size of buckets that have whole numbers and edges apart: numbers of 1e25 are 2e9 apart."""
    apart = APART * float(np.spacing(max(abs(low), abs(high))))
    return round_size(apart) if apart > 0 and np.isfinite(apart) else 0.0


def round_size(rough: float) -> float:
    """The next round number; 1 where all values are one."""
    if not rough > 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next((one * power for one in ROUND if one * power >= rough * (1 - 1e-9)), 10 * power)


def counts_in(values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many values each bucket has, its lower edge within it."""
    if edges.size < 2:
        return np.empty(0)
    places = np.searchsorted(edges, values, side="right") - 1
    return np.bincount(places.clip(0, edges.size - 2), minlength=edges.size - 1).astype(np.float64)


def _texts(options: HistogramOptions, fields: Sequence[ResolvedField], names: Sequence[str]) -> dict[str, Any]:
    first = fields[0] if fields else None
    several = options.legend == "list" and len(names) > 1
    return {
        "series": [{"name": name, "color": series_color(index), "unit": "short"} for index, name in enumerate(names)],
        "legend": {"mode": "list" if several else "hidden", "place": "bottom", "sort": "", "calcs": []},
        "axis": {
            "unit": first.unit if first else options.unit,
            "decimals": options.decimals,
            "min": options.min,
            "max": options.max,
        },
        "notice": f"{MAX_SERIES} series at most" if len(fields) >= MAX_SERIES and not options.combine else None,
    }


def _quads(source: ColumnDataSource, index: int, alpha: float) -> GlyphRenderer:
    color = series_color(index)
    quad = Quad(
        left=At("left"), right=At("right"), bottom=At("zero"), top=At(f"s{index}"), fill_color=color, fill_alpha=alpha
    )
    # A line of the ground between two buckets: the page gives it the colour of the panel.
    quad.line_color = color if alpha < BAR_ALPHA else None
    return GlyphRenderer(data_source=source, glyph=quad, name=f"s{index}")
