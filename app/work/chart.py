"""The chart of explore: the lines of a time series panel, over a range that one may zoom into; its legend as a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from bokeh.models import BoxZoomTool, DataRange1d, HoverTool, PanTool, Plot, Range1d

from ...components.panels.timeseries import TimeSeries, TimeSeriesOptions
from ...datasources.frame import Frame
from ...datasources.timerange import TimeRange
from .results import MAX_LINES, Line

HEIGHT_PX = 320
PANEL, OPTIONS = TimeSeries(), TimeSeriesOptions(unit="short", fill=0, limit=MAX_LINES)


def chart(lines: Sequence[Line], range_ms: tuple[int, int]) -> tuple[Plot, str]:
    """The lines over a range, and their legend as HTML. Dragging zooms into a part, a double click shows all again."""
    frames = [Frame.series(line.times, line.values, name=line.name) for line in lines]
    shape, drawn = PANEL.draw(OPTIONS, frames, TimeRange(*range_ms))
    plot = PANEL.layout(OPTIONS, shape)
    assert isinstance(plot, Plot)
    for renderer, one in zip(plot.renderers, drawn.texts["series"], strict=True):
        renderer.data_source.data = drawn.sources[one["source"]]
        renderer.name = one["name"]  # as the tooltip calls it
    plot.update(x_range=Range1d(*range_ms), y_range=DataRange1d(), height=HEIGHT_PX, sizing_mode="stretch_width")
    zoom = BoxZoomTool(dimensions="width")
    hover = HoverTool(
        tooltips=[("", "$name"), ("", "$snap_y{%.6g}")],
        formatters={"$snap_y": "printf"},
        line_policy="nearest",
        show_arrow=False,
    )
    plot.add_tools(zoom, PanTool(dimensions="width"), hover)
    plot.toolbar.active_drag = zoom
    return plot, legend(drawn.texts["series"])


def legend(series: Sequence[Mapping[str, Any]]) -> str:
    """Names beside their colours, as HTML in which they are texts."""
    items = []
    for one in series:
        name = escape(one["name"])
        items.append(f'<li title="{name}"><i style="background:{one["color"]}"></i><span>{name}</span></li>')
    return f"<ul>{''.join(items)}</ul>"
