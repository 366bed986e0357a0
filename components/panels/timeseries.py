"""The time series panel: lines, areas, bars, points and steps over time."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Literal

from bokeh.core.property.vectorization import Expr, Value
from bokeh.core.property.vectorization import Field as At
from bokeh.models import (
    AdaptiveTicker,
    BasicTicker,
    BasicTickFormatter,
    ColumnDataSource,
    DatetimeAxis,
    DatetimeTicker,
    DatetimeTickFormatter,
    GlyphRenderer,
    Grid,
    Line,
    LinearAxis,
    LinearScale,
    LogScale,
    Model,
    Plot,
    Range1d,
    Scatter,
    Stack,
    Step,
    Toolbar,
    VArea,
    VBar,
)
from pydantic import Field

from ...datasources.frame import Frame
from ...datasources.timerange import TimeRange
from ..fields import FieldOptions
from ..theme import (
    BAR_ALPHA,
    GUTTERS,
    LINE_WIDTH,
    LONE_FILL_ALPHA,
    STACK_FILL_ALPHA,
    series_color,
    series_dash,
)
from ..units import rule_of
from .base import Drawn, PanelType
from .series import aligned, notice_of, series_of, with_gaps

MARKERS_BELOW = 60
Calc = Literal["last", "min", "max", "mean", "total"]


class TimeSeriesOptions(FieldOptions):
    """Options of a time series panel."""

    style: Literal["line", "steps", "bars", "points"] = Field("line", description="How values are drawn.")
    stack: bool = Field(False, description="Stack the series on each other.")
    fill: float | None = Field(None, ge=0, le=1, description="Opacity under a line; empty: under a lone line only.")
    line_width: float = Field(LINE_WIDTH, ge=0, le=10, description="Width of lines in pixels.")
    log: bool = Field(False, description="Logarithmic axis.")
    legend: Literal["list", "table", "hidden"] = Field("list", description="How the legend stands below the chart.")
    calcs: tuple[Calc, ...] = Field(("last",), max_length=5, description="Columns of a legend that is a table.")


class TimeSeries(PanelType[TimeSeriesOptions]):
    """One source `main` with `t` and a column for each series: s0, s1, …"""

    name = "timeseries"
    title = "Time series"
    Options = TimeSeriesOptions

    def shape(self, options: TimeSeriesOptions, frames: Sequence[Frame]) -> Hashable:
        return len(series_of(frames))

    def layout(self, options: TimeSeriesOptions, shape: Hashable) -> Model:
        assert isinstance(shape, int)
        source = ColumnDataSource(name="main")
        plot = time_plot(options.unit, options.decimals, log=options.log)
        plot.renderers = [renderer for index in range(shape) for renderer in _renderers(options, source, index, shape)]
        return plot

    def columns(self, options: TimeSeriesOptions, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        series = series_of(frames)
        times, values = with_gaps(*aligned(series))
        main = {"t": times, **{f"s{index}": column for index, column in enumerate(values)}}
        texts: dict[str, Any] = {
            "series": [{"name": one.name, "color": series_color(index)} for index, one in enumerate(series)],
            "legend": {"mode": options.legend, "calcs": list(options.calcs)},
            "axis": {
                "unit": options.unit,
                "decimals": options.decimals,
                "min": options.min,
                "max": options.max,
                "zero": options.stack or options.style == "bars",
                "stack": options.stack,
                "log": options.log,
            },
            "thresholds": [one.model_dump() for one in options.thresholds if one.value is not None],
            "notice": notice_of(frames),
        }
        return Drawn({"main": main}, texts)


def time_plot(unit: str, decimals: int | None, *, log: bool = False) -> Plot:
    """A bare plot over time: axes, a horizontal grid, no toolbar; the page moves both ranges."""
    plot = Plot(
        x_range=Range1d(0, 1, name="x"),
        y_range=Range1d(0, 1, name="y"),
        x_scale=LinearScale(),
        y_scale=LogScale() if log else LinearScale(),
        sizing_mode="stretch_both",
        toolbar=Toolbar(logo=None, tools=[]),
        toolbar_location=None,
        outline_line_color=None,
        lod_threshold=None,
        **GUTTERS,
    )
    x_axis = DatetimeAxis(
        ticker=DatetimeTicker(desired_num_ticks=6),
        formatter=DatetimeTickFormatter(),
        axis_line_color=None,
        major_tick_line_color=None,
        minor_tick_line_color=None,
        major_label_standoff=5,
        major_label_text_font_size="11px",
    )
    binary = rule_of(unit)[0] == "binary"
    y_axis = LinearAxis(
        ticker=AdaptiveTicker(base=1024, mantissas=[1, 2, 4, 8, 16, 32, 64, 128, 256, 512], desired_num_ticks=4)
        if binary
        else BasicTicker(desired_num_ticks=4),
        # The page writes labels in the unit that the tags name.
        formatter=BasicTickFormatter(tags=["unit", unit, decimals]),
        axis_line_color=None,
        major_tick_line_color=None,
        minor_tick_line_color=None,
        major_label_standoff=8,
        major_label_text_font_size="11px",
    )
    plot.add_layout(x_axis, "below")
    plot.add_layout(y_axis, "left")
    plot.add_layout(Grid(axis=y_axis, dimension=1))
    return plot


def _renderers(options: TimeSeriesOptions, source: ColumnDataSource, index: int, count: int) -> list[GlyphRenderer]:
    column, color = f"s{index}", series_color(index)
    top: Any = At(column)
    bottom: Any = Value(0.0)
    if options.stack:
        below = [f"s{k}" for k in range(index)]
        top = Expr(Stack(fields=[*below, column]))
        bottom = Expr(Stack(fields=below)) if below else Value(0.0)
    glyphs: list[Any] = []
    if options.style == "bars":
        glyphs = [VBar(x=At("t"), top=top, bottom=bottom, width=1, fill_color=color, line_color=None, tags=["bar"])]
        glyphs[0].fill_alpha = BAR_ALPHA
    elif options.style == "points":
        glyphs = [Scatter(x=At("t"), y=top, size=4, fill_color=color, line_color=None)]
    else:
        alpha = _fill_alpha(options, count)
        if alpha > 0 and options.style == "line":
            glyphs.append(VArea(x=At("t"), y1=bottom, y2=top, fill_color=color, fill_alpha=alpha))
        stroke = {"line_color": color, "line_width": options.line_width, "line_dash": series_dash(index)}
        if options.style == "steps":
            glyphs.append(Step(x=At("t"), y=top, mode="after", **stroke))
        else:
            glyphs.append(Line(x=At("t"), y=top, line_join="round", **stroke))
    return [GlyphRenderer(data_source=source, glyph=glyph, name=column) for glyph in glyphs]


def _fill_alpha(options: TimeSeriesOptions, count: int) -> float:
    if options.fill is not None:
        return options.fill
    if options.stack:
        return STACK_FILL_ALPHA
    return LONE_FILL_ALPHA if count == 1 else 0.0
