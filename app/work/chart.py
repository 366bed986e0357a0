"""The chart of explore: one line for each series, in the colours of all charts; its legend as a list."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
from bokeh.models import (
    BasicTicker,
    BoxZoomTool,
    ColumnDataSource,
    DatetimeTicker,
    HoverTool,
    PanTool,
    Range1d,
)
from bokeh.plotting import figure

from ...components.theme import series_color, series_dash
from .results import Line

HEIGHT_PX = 320
LINE_PX, POINT_PX = 1.5, 5


def chart(lines: Sequence[Line], range_ms: tuple[int, int]) -> figure:
    """A figure over a range of time; dragging zooms into a part of it, a double click shows all again."""
    plot = figure(
        height=HEIGHT_PX,
        sizing_mode="stretch_width",
        x_axis_type="datetime",
        x_range=Range1d(*range_ms),
        tools=[],
        toolbar_location=None,
        min_border_right=18,
        min_border_left=58,
    )
    source = ColumnDataSource(
        {
            "xs": [line.times for line in lines],
            "ys": [line.values for line in lines],
            "name": [line.name for line in lines],
            "color": colors(len(lines)),
            "dash": [series_dash(index) for index in range(len(lines))],
        }
    )
    style = {"line_color": "color", "line_dash": "dash", "line_width": LINE_PX, "line_join": "round"}
    plot.multi_line("xs", "ys", source=source, name="lines", **style)
    plot.scatter("x", "y", fill_color="color", line_color=None, size=POINT_PX, source=lone_points(lines), name="points")
    zoom = BoxZoomTool(dimensions="width")
    hover = HoverTool(
        tooltips=[("", "@name"), ("", "$snap_y{%.6g}")],
        formatters={"$snap_y": "printf"},
        line_policy="nearest",
        show_arrow=False,
    )
    plot.add_tools(zoom, PanTool(dimensions="width"), hover)
    plot.toolbar.active_drag = zoom
    plot.xaxis.ticker = DatetimeTicker(desired_num_ticks=8)
    plot.yaxis.ticker = BasicTicker(desired_num_ticks=5, num_minor_ticks=0)
    plot.xgrid.visible = False
    plot.yaxis.formatter.tags = ["unit", "short", None]
    return plot


def lone_points(lines: Sequence[Line]) -> ColumnDataSource:
    """The values that no line reaches."""
    at = [line.lone for line in lines]
    return ColumnDataSource(
        {
            "x": np.concatenate([line.times[lone] for line, lone in zip(lines, at, strict=True)]),
            "y": np.concatenate([line.values[lone] for line, lone in zip(lines, at, strict=True)]),
            "color": np.repeat(colors(len(lines)), [lone.sum() for lone in at]).tolist(),
            "name": np.repeat([line.name for line in lines], [lone.sum() for lone in at]).tolist(),
        }
    )


def colors(count: int) -> list[str]:
    """Of so many series, by their place."""
    return [series_color(index) for index in range(count)]


def legend(lines: Sequence[Line]) -> str:
    """Names beside their colours, as HTML in which they are texts."""
    shown = zip(lines, colors(len(lines)), strict=True)
    items = (
        f'<li title="{escape(line.name)}"><i style="background:{color}"></i><span>{escape(line.name)}</span></li>'
        for line, color in shown
    )
    return f"<ul>{''.join(items)}</ul>"
