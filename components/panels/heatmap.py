"""The heatmap panel: how much there is in each bucket of values over time."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import Any, ClassVar, Literal

import numpy as np
from bokeh.core.property.vectorization import Field as At
from bokeh.models import ColumnDataSource, GlyphRenderer, LinearColorMapper, Model, Plot, Rect
from bokeh.transform import transform
from pydantic import Field

from ...datasources.frame import Field as Column
from ...datasources.frame import Frame
from ...datasources.timerange import TimeRange
from ...declared import Groups, hint
from ..fields import FieldOptions
from ..links import Place, links_of
from ..units import format_value
from .base import Drawn, PanelType
from .buckets import Cells, are_buckets, bound_of, cells_of, timed_columns
from .plots import bare_plot, names_axis, time_axis

__all__ = ["Heatmap", "HeatmapOptions"]
LARGE, SMALL, HUGE = 1e5, 1e-3, 1e27  # without a unit: beyond them labels have a prefix of the SI, or a power of ten
LEAST_DECIMALS, MOST_DECIMALS = 3, 13


class HeatmapOptions(FieldOptions):
    """Options of a heatmap."""

    GROUPS: ClassVar[Groups] = {
        "Cells": (
            "data",
            "buckets",
            "cell_unit",
        ),
        "Colours": (
            "palette",
            "scale",
            "scale_min",
            "scale_max",
            "scale_legend",
        ),
    }

    data: Literal["auto", "buckets", "values"] = Field(
        "auto",
        description="What the series are: buckets by their label `le`, or values to be counted; auto: as they look.",
    )
    buckets: int = Field(20, ge=2, le=100, description="About so many buckets for values that are counted.")
    scale: Literal["linear", "sqrt", "log"] = Field("linear", description="How numbers become colours.")
    palette: Literal["blues", "diverging"] = Field("blues", description="The colours, from the ground to the loudest.")
    scale_min: float | None = Field(None, description="The number of the first colour; empty: 0.")
    scale_max: float | None = Field(None, description="The number of the last colour; empty: the largest.")
    cell_unit: str = Field(
        "short", max_length=64, description="Unit of the numbers in the cells.", json_schema_extra=hint("unit")
    )
    scale_legend: bool = Field(True, description="Show what the colours mean.")


class Heatmap(PanelType[HeatmapOptions]):
    """A source `cells`, time by time: `t`, the place of the bucket, the number in it; unknown where it is empty."""

    name = "heatmap"
    shows_marks = True
    title = "Heatmap"
    needs = ("time", "number")
    Options = HeatmapOptions

    def layout(self, options: HeatmapOptions, shape: Hashable) -> Model:
        source = ColumnDataSource(name="cells")
        plot: Plot = bare_plot()
        plot.add_layout(time_axis(), "below")
        plot.add_layout(names_axis(), "left")
        # The page sets the colours by the theme, and the bounds by the data.
        mapper = LinearColorMapper(
            palette=["#808080", "#404040"], low=0, high=1, nan_color="rgba(0, 0, 0, 0)", name="colors"
        )
        rect = Rect(x=At("x"), y=At("y"), width=1, height=1, line_color=None, fill_color=transform("c", mapper))
        plot.renderers = [GlyphRenderer(data_source=source, glyph=rect, name="s0")]
        return plot

    def columns(self, options: HeatmapOptions, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        cells = cells_of(frames, window, kind=options.data, buckets=options.buckets)
        texts = {**_texts(cells, options), "links": _links(cells, options, frames)}
        return Drawn({"cells": _columns(cells, options)}, texts)


def _columns(cells: Cells, options: HeatmapOptions) -> dict[str, Any]:
    rows = len(cells.edges) - 1
    if not cells.times.size or rows < 1:
        return {}
    values = cells.values.reshape(-1)
    shown = np.where(values > 0, values, np.nan)
    times = np.repeat(cells.times, rows)
    return {
        "t": times,
        "x": times + cells.step_ms / 2,
        "y": np.tile(np.arange(rows) + 0.5, cells.times.size),
        "v": shown,
        "c": _scaled(shown, options.scale),
    }


def _scaled(values: Any, scale: str) -> Any:
    if scale == "linear":
        return values
    return np.sqrt(values) if scale == "sqrt" else np.log10(values + 1)


def _texts(cells: Cells, options: HeatmapOptions) -> dict[str, Any]:
    return {
        "edges": _edges(cells, options),
        "step": cells.step_ms,
        "scale": {
            "how": options.scale,
            "min": options.scale_min,
            "max": options.scale_max,
            "unit": options.cell_unit,
            "palette": options.palette,
            "legend": options.scale_legend,
        },
        "tooltip": "nearest",
        "series": [],
        "notice": cells.notice,
    }


def _links(cells: Cells, options: HeatmapOptions, frames: Sequence[Frame]) -> list[list[dict[str, Any]]]:
    """The links of each bucket, for a number that the page will choose; empty where there is none.

    A bucket has the labels that all series share which count into it.
    """
    if not options.links:
        return []
    columns = [column for _, column in timed_columns(frames)]
    by_bound = are_buckets(columns, options.data)
    found = []
    for (_, upper), (below, above) in zip(pairwise(cells.edges), pairwise(_edges(cells, options)), strict=True):
        own = [column for column in columns if bound_of(column) == upper] if by_bound else columns
        name = f"{below or 'below'} – {above}"
        bucket = Column.number(name, [], _shared(own))
        found.append(links_of(options.links, Place(Frame((bucket,), name=name), bucket, name, later=True)))
    return found


def _shared(columns: Sequence[Column]) -> dict[str, str]:
    """The labels that all columns have with the same values."""
    first = columns[0].labels if columns else {}
    return {key: value for key, value in first.items() if all(one.labels.get(key) == value for one in columns)}


def _edges(cells: Cells, options: HeatmapOptions) -> list[str]:
    """What the edges of buckets are called: short, and as many decimals as tell them apart."""
    largest = max((abs(edge) for edge in cells.edges if np.isfinite(edge)), default=0.0)
    unit = options.unit
    if unit in ("", "none") and (largest >= LARGE or 0 < largest < SMALL):
        unit = "sishort" if largest < HUGE else "sci"
    first = LEAST_DECIMALS if unit == "sci" and options.decimals is None else options.decimals
    for decimals in (first, *range(LEAST_DECIMALS, MOST_DECIMALS)):
        names = [_edge(edge, unit, decimals) for edge in cells.edges]
        if len(set(names)) == len(set(cells.edges)):
            return names
    return [_edge(edge, unit, first) for edge in cells.edges]


def _edge(edge: float, unit: str, decimals: int | None) -> str:
    if np.isinf(edge):
        return "∞" if edge > 0 else ""
    shown = format_value(edge, unit, decimals)
    text = shown.text.rstrip("0").rstrip(".") if "." in shown.text and "e" not in shown.text else shown.text
    return f"{shown.prefix}{text}{shown.suffix}".strip()
