"""The stat panel: a value large, its name, a sparkline, coloured once a threshold is crossed."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Literal

from bokeh.core.property.vectorization import Field as At
from bokeh.core.property.vectorization import Value
from bokeh.models import (
    ColumnDataSource,
    GlyphRenderer,
    Line,
    LinearScale,
    Model,
    Plot,
    Range1d,
    Toolbar,
    VArea,
)
from pydantic import Field

from ...datasources.frame import Frame
from ...datasources.timerange import TimeRange
from ..fields import FieldOptions
from ..reducers import reduce
from ..theme import LONE_FILL_ALPHA, series_color
from ..thresholds import level_of
from ..units import format_value
from .base import Drawn, PanelType
from .series import aligned, lone_source, series_of, with_gaps

MAX_STATS = 60
Calc = Literal["lastNotNull", "last", "firstNotNull", "mean", "min", "max", "sum", "median", "range", "count", "diff"]


class StatOptions(FieldOptions):
    """Options of a stat panel."""

    calc: Calc = Field("lastNotNull", description="Which value of the series is shown.")
    graph: bool = Field(True, description="Draw the series as a small line below a single value.")


class Stat(PanelType[StatOptions]):
    """Values as texts; the sparkline of a single series in the source `main`."""

    name = "stat"
    title = "Stat"
    Options = StatOptions

    def shape(self, options: StatOptions, frames: Sequence[Frame]) -> Hashable:
        return options.graph and len(series_of(frames)) == 1

    def layout(self, options: StatOptions, shape: Hashable) -> Model:
        return sparkline() if shape else lone_source("main")

    def columns(self, options: StatOptions, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        series = series_of(frames)
        stats = [self._stat(options, one.name, reduce(one.values, options.calc)) for one in series[:MAX_STATS]]
        if not series:
            numbers = [column for frame in frames for column in frame.numbers][:MAX_STATS]
            stats = [self._stat(options, column.name, reduce(column.values, options.calc)) for column in numbers]
        main = {}
        if self.shape(options, frames):
            times, (values,) = with_gaps(*aligned(series))
            main = {"t": times, "s0": values}
        return Drawn({"main": main}, {"stats": stats, "graph": bool(main)})

    def _stat(self, options: StatOptions, name: str, value: float | None) -> dict[str, Any]:
        shown = format_value(value, options.unit, options.decimals)
        text = shown.text if value is not None else options.no_value
        return {
            "name": name,
            "prefix": shown.prefix,
            "text": text,
            "suffix": shown.suffix if value is not None else "",
            "level": level_of(value, options.thresholds),
        }


def sparkline() -> Plot:
    """A line and its ground without axes; the page moves both ranges."""
    source = ColumnDataSource(name="main")
    plot = Plot(
        x_range=Range1d(0, 1, name="x"),
        y_range=Range1d(0, 1, name="y"),
        x_scale=LinearScale(),
        y_scale=LinearScale(),
        sizing_mode="stretch_both",
        toolbar=Toolbar(logo=None, tools=[]),
        toolbar_location=None,
        outline_line_color=None,
        min_border=0,
        lod_threshold=None,
    )
    color = series_color(0)
    area = VArea(x=At("t"), y1=Value(0.0), y2=At("s0"), fill_color=color, fill_alpha=LONE_FILL_ALPHA)
    line = Line(x=At("t"), y=At("s0"), line_color=color, line_width=1.5, line_join="round")
    plot.renderers = [
        GlyphRenderer(data_source=source, glyph=area, name="s0"),
        GlyphRenderer(data_source=source, glyph=line, name="s0"),
    ]
    return plot
