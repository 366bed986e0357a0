"""The bar panel: bars of categories, from a table's texts or from series reduced to one value each."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np
from bokeh.core.property.vectorization import Field as At
from bokeh.models import ColumnDataSource, GlyphRenderer, Grid, HBar, Model, VBar
from numpy.typing import NDArray

from ...datasources.frame import Frame
from ...datasources.timerange import TimeRange
from ..links import Reads
from ..theme import BAR_ALPHA, series_color
from .bar_options import BarOptions
from .bar_values import Bars, bars_of, floor_of, is_log
from .base import Drawn, PanelType
from .plots import AxisUnit, bare_plot, names_axis, value_axis

NAMES_GUTTER = 120  # px at the left of bars that lie


class Shape(NamedTuple):
    """The columns as colours, and the unit of the axis."""

    colors: tuple[str, ...]
    unit: AxisUnit
    log: bool = False


class Bar(PanelType[BarOptions]):
    """A source `main`: the place of each category, and for each field where its bars begin and end."""

    name = "bar"
    title = "Bar chart"
    of_frames = True
    needs = ("number",)
    rows = "wide"
    Options = BarOptions

    def shape(self, options: BarOptions, frames: Sequence[Frame]) -> Hashable:
        return _shape(options, bars_of(options, frames))

    def draw(self, options: BarOptions, frames: Sequence[Frame], window: TimeRange) -> tuple[Hashable, Drawn]:
        bars = bars_of(options, frames)
        return _shape(options, bars), _drawn(options, bars)

    def layout(self, options: BarOptions, shape: Hashable) -> Model:
        assert isinstance(shape, Shape)
        lying = options.direction == "horizontal"
        source = ColumnDataSource(name="main")
        plot = bare_plot(log=shape.log and not lying, log_x=shape.log and lying)
        if lying:
            plot.min_border_left = NAMES_GUTTER
        values, names = value_axis(shape.unit, log=shape.log), names_axis()
        plot.add_layout(names, "left" if lying else "below")
        plot.add_layout(values, "below" if lying else "left")
        plot.add_layout(Grid(axis=values, dimension=0 if lying else 1))
        width = (1 - options.gap) / (len(shape.colors) or 1 if options.stack == "none" else 1)
        plot.renderers = [_bars(source, index, width, lying=lying, color=one) for index, one in enumerate(shape.colors)]
        return plot

    def columns(self, options: BarOptions, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        return _drawn(options, bars_of(options, frames))


def _shape(options: BarOptions, bars: Bars) -> Shape:
    unit = bars.fields[0].unit if bars.fields else options.unit
    axis = AxisUnit("percentunit") if options.stack == "percent" else AxisUnit(unit, options.decimals)
    return Shape(tuple(series_color(index) for index in range(len(bars.values))), axis, is_log(options))


def _drawn(options: BarOptions, bars: Bars) -> Drawn:
    count = len(bars.values)
    main: dict[str, Any] = {}
    finite = [np.where(np.isfinite(one), one, np.nan) for one in bars.values]  # a bar without an end has no length
    rises = [np.nan_to_num(np.where(one > 0, one, 0.0)) for one in finite]
    drops = [np.nan_to_num(np.where(one < 0, -one, 0.0)) for one in finite]
    above, below = np.zeros(len(bars.names)), np.zeros(len(bars.names))  # where the next bar up and down begins
    ground = floor_of(bars.values) if is_log(options) else 0.0
    stacked = options.stack != "none"
    for index, values in enumerate(finite):
        shown = _shares(values, rises, drops) if options.stack == "percent" else values
        up = np.nan_to_num(shown) >= 0
        bottom = np.where(up, above, below) if stacked else np.full_like(above, ground)
        offset = 0.0 if stacked else (index - (count - 1) / 2) * (1 - options.gap) / count
        main[f"x{index}"] = np.arange(len(bars.names)) + offset
        ends = np.where(shown > ground, shown, ground) if ground else bottom + np.nan_to_num(shown)
        main[f"b{index}"], main[f"s{index}"] = bottom, ends
        main[f"v{index}"] = bars.values[index]
        main[f"c{index}"] = _colors(options, bars, index)
        above, below = np.where(up, ends, above), np.where(up, below, ends)
    return Drawn({"main": main}, _texts(options, bars))


def _shares(
    values: NDArray[np.float64], rises: Sequence[NDArray[np.float64]], drops: Sequence[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """The values of a column as shares of all that are on their side of zero."""
    sums = np.where(values < 0, np.sum(drops, axis=0), np.sum(rises, axis=0))
    shares: NDArray[np.float64] = np.divide(values, sums, out=np.zeros_like(values), where=sums > 0)
    return shares


def _colors(options: BarOptions, bars: Bars, index: int) -> list[str]:
    """The colour of each bar of a column, as CSS."""
    found = []
    for place, value in enumerate(bars.values[index]):
        field = bars.fields[place if bars.of_series else index]
        shown = field.show(float(value))
        if options.color_by == "value" or (field.options.color is not None and field.options.color.mode != "palette"):
            found.append(
                shown.color or (f"var(--mark-{shown.level})" if shown.level != "base" else series_color(index))
            )
        else:
            found.append(series_color(place if options.color_by == "category" else index))
    return found


def _texts(options: BarOptions, bars: Bars) -> dict[str, Any]:
    heads = bars.fields[:1] if bars.of_series else bars.fields
    series = [
        {
            "name": "" if bars.of_series else one.name,
            "color": series_color(index),
            "unit": one.unit,
            "decimals": one.options.decimals,
        }
        for index, one in enumerate(heads)
    ]
    links = _links(bars)
    several = options.legend == "list" and len(series) > 1
    return {
        "names": list(bars.names),
        "times": list(bars.times),
        "series": series,
        "legend": {"mode": "list" if several else "hidden", "place": "bottom", "sort": "", "calcs": []},
        "axis": {"unit": options.unit, "decimals": options.decimals, "min": options.min, "max": options.max},
        "log": is_log(options),
        "direction": options.direction,
        "stack": options.stack,
        "values": options.values,
        "links": links if any(any(column) for column in links) else [],
        "notice": f"{len(bars.names)} of {bars.total}" if bars.total > len(bars.names) else None,
    }


def _links(bars: Bars) -> list[list[list[dict[str, Any]]]]:
    """The links of each bar, by column."""
    rows: Sequence[Reads | None] = bars.rows or [None] * len(bars.names)
    return [
        [
            bars.fields[place if bars.of_series else column].links(float(value), row=rows[place])
            for place, value in enumerate(values)
        ]
        for column, values in enumerate(bars.values)
    ]


def _bars(source: ColumnDataSource, index: int, width: float, *, lying: bool, color: str) -> GlyphRenderer:
    ends = (At(f"b{index}"), At(f"s{index}"))
    fill: dict[str, Any] = {
        "fill_color": color,
        "fill_alpha": BAR_ALPHA,
        "line_color": None,
        "tags": ["colors", f"c{index}"],
    }
    place = At(f"x{index}")
    glyph = (
        HBar(y=place, left=ends[0], right=ends[1], height=width, **fill)
        if lying
        else VBar(x=place, bottom=ends[0], top=ends[1], width=width, **fill)
    )
    return GlyphRenderer(data_source=source, glyph=glyph, name=f"s{index}")
