"""The time series panel: lines, areas, bars, points and steps over time."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Final, NamedTuple

from bokeh.models import ColumnDataSource, Model

from ...datasources.frame import Frame
from ...datasources.timerange import TimeRange
from ..thresholds import at_values
from .base import Column, Drawn, PanelType
from .density import NO_PICTURE, density_layout, density_texts, of_time_series
from .glyphs import renderers
from .grids import stacked
from .lines import Line, Lines, Style, lines_of, style_of
from .plots import AxisUnit, time_plot
from .series import Series, aligned, count_of, rows_within, with_gaps
from .timeseries_options import TimeSeriesOptions, reach_ms

__all__ = ["TimeSeries", "TimeSeriesOptions"]


DENSE: Final = "density"
GIVEN: Final = frozenset({"fixed", "shades"})
BY_NAME_OR_PLACE: Final = frozenset({"palette", "palette-classic", "palette-classic-by-name"})
MOST_PARTS: Final = 24  # that a panel is split into by the values of a label


class Shape(NamedTuple):
    """The styles of the lines, and the units and labels of both axes."""

    styles: tuple[Style, ...]
    left: AxisUnit
    right: AxisUnit | None
    labels: tuple[str, str]


class TimeSeries(PanelType[TimeSeriesOptions]):
    """Sources `main`, `g1`, … for series of common times, each with `t` and the columns of its series: s0, s1, …"""

    name = "timeseries"
    shows_marks = True
    title = "Time series"
    of_frames = True
    needs = ("time", "number")
    Options = TimeSeriesOptions

    def shape(self, options: TimeSeriesOptions, frames: Sequence[Frame]) -> Hashable:
        if _dense_count(options, frames):
            return DENSE
        return _shape(options, lines_of(options, frames).lines)

    def draw(self, options: TimeSeriesOptions, frames: Sequence[Frame], window: TimeRange) -> tuple[Hashable, Drawn]:
        if count := _dense_count(options, frames):
            return DENSE, _dense(options, count)
        found = lines_of(options, frames)
        return _shape(options, found.lines), _drawn(options, found)

    def layout(self, options: TimeSeriesOptions, shape: Hashable) -> Model:
        if shape == DENSE:
            return density_layout(of_time_series(options))
        assert isinstance(shape, Shape)
        names = sorted({style.source for style in shape.styles} | {"main"})
        sources = {name: ColumnDataSource(name=name) for name in names}
        plot = time_plot(shape.left, shape.right, log=options.log, log_base=options.log_base, labels=shape.labels)
        plot.renderers = list(renderers(shape.styles, sources, options.stack))
        return plot

    def cut(self, options: TimeSeriesOptions, drawn: Drawn, range_: TimeRange) -> Drawn | None:
        if options.stack != "none" or drawn.texts.get("notice") or _looks_at_values(options):
            return None
        sources = {name: rows_within(columns, range_) for name, columns in drawn.sources.items()}
        found = {name: columns for name, columns in sources.items() if columns is not None}
        return Drawn(found, drawn.texts) if len(found) == len(sources) else None

    def columns(self, options: TimeSeriesOptions, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        if count := _dense_count(options, frames):
            return _dense(options, count)
        return _drawn(options, lines_of(options, frames))


def _looks_at_values(options: TimeSeriesOptions) -> bool:
    """Whether how a line looks depends on what its values are."""
    colors = [options.color, *(options.parsed(one.set).get("color") for one in options.overrides)]
    said = [one for one in colors if one is not None and one.mode not in BY_NAME_OR_PLACE]
    if any(one.mode not in GIVEN or not one.value for one in said):
        return True
    return options.thresholds_mode == "percentage" and bool(options.thresholds)


def _shape(options: TimeSeriesOptions, lines: Sequence[Line]) -> Shape:
    styles = tuple(style_of(line, options.stack, len(lines)) for line in lines)
    right = _unit(options, lines, "right") if any(style.axis == "right" for style in styles) else None
    return Shape(styles, _unit(options, lines, "left"), right, (_label(lines, "left"), _label(lines, "right")))


def _drawn(options: TimeSeriesOptions, found: Lines) -> Drawn:
    return Drawn(_sources(options, found.lines), _texts(options, found))


def _dense_count(options: TimeSeriesOptions, frames: Sequence[Frame]) -> int:
    """How many series are to be drawn as density, since they are too many for lines; 0 where lines are drawn."""
    if options.many != "density":
        return 0
    hides = options.hide or any("hide" in override.set for override in options.overrides)
    count = lines_of(options, frames).total if hides else count_of(frames)
    return count if count > options.limit else 0


def _dense(options: TimeSeriesOptions, count: int) -> Drawn:
    texts = density_texts(of_time_series(options)) | {"notice": f"density of {count:,} series"}
    return Drawn({"picture": NO_PICTURE}, texts)


def _unit(options: TimeSeriesOptions, lines: Sequence[Line], axis: str) -> AxisUnit:
    """The unit of an axis: that of its first series."""
    if options.stack == "percent":
        return AxisUnit("percentunit", None)
    first = next((line for line in lines if line.options.axis == axis), None)
    return AxisUnit(first.field.unit, first.options.decimals) if first else AxisUnit(options.unit, options.decimals)


def _label(lines: Sequence[Line], axis: str) -> str:
    """The words along an axis: those of its first series that has some."""
    return next((one.options.axis_label for one in lines if one.options.axis == axis and one.options.axis_label), "")


def _sources(options: TimeSeriesOptions, lines: Sequence[Line]) -> dict[str, dict[str, Column]]:
    """The columns of each source; an empty `main` where there is no series."""
    sources: dict[str, dict[str, Column]] = {"main": {}}
    for name in dict.fromkeys(line.source for line in lines):
        own = [line for line in lines if line.source == name]
        if options.stack == "none":
            times, columns = aligned([Series(line.name, line.times, line.values) for line in own])
        else:
            times, columns = stacked([line.times for line in own], [line.values for line in own])
        times, shown = with_gaps(times, columns)
        sources[name] = {"t": times, **{line.column: column for line, column in zip(own, shown, strict=True)}}
    return sources


def _texts(options: TimeSeriesOptions, found: Lines) -> dict[str, Any]:
    parting = _parting_labels(found.lines)
    return {
        "series": [_series(line, parting) for line in found.lines],
        "unfinished": _unfinished(found.lines),
        "legend": {
            "mode": options.legend,
            "place": options.legend_place,
            "sort": options.legend_sort,
            "calcs": list(options.calcs),
        },
        "axis": {
            "unit": options.unit,
            "decimals": options.decimals,
            "min": options.min,
            "max": options.max,
            "zero": options.stack != "none" or any(line.options.style == "bars" for line in found.lines),
            "stack": options.stack,
            "log": options.log_base if options.log else 0,
        },
        "tooltip": options.tooltip,
        "thresholds": _thresholds(options, found.lines),
        "threshold_style": options.threshold_style,
        "notice": found.notice,
    }


def _unfinished(lines: Sequence[Line]) -> dict[str, float]:
    """From which time on (ms) the points of a series are unfinished, by its column; without those that have none."""
    return {line.column: line.unfinished_from for line in lines if line.unfinished_from is not None}


def _parting_labels(lines: Sequence[Line]) -> Sequence[str]:
    """The labels by whose values a viewer may split the panel: they part the series, into not too many."""
    names = sorted({name for line in lines for name in line.field.column.labels})
    counts = {name: len({line.field.column.labels.get(name, "") for line in lines}) for name in names}
    return [name for name in names if 1 < counts[name] <= MOST_PARTS]


def _series(line: Line, parting: Sequence[str]) -> dict[str, Any]:
    own = line.options
    labels = line.field.column.labels
    return {
        "name": line.name,
        "color": line.color,
        "source": line.source,
        "unit": line.field.unit,
        "decimals": own.decimals,
        "axis": own.axis,
        "style": own.style,
        "reach": reach_ms(own.nulls),
        "min": own.min,
        "max": own.max,
        **({"labels": {name: labels.get(name, "") for name in parting}} if parting else {}),
        **({"links": links} if (links := line.field.links(later=True)) else {}),
    }


def _thresholds(options: TimeSeriesOptions, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Thresholds at values of the axis, ascending; percentages lie between the bounds of the first series."""
    share = options.thresholds_mode == "percentage"
    low, high = (lines[0].field.low, lines[0].field.high) if share and lines else (0.0, 100.0)
    return at_values(options.thresholds, low, high, percentage=share)
