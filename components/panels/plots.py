"""Bare plots: axes without lines, a horizontal grid, no toolbar; the page moves the ranges and writes the labels."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from bokeh.models import (
    AdaptiveTicker,
    BasicTicker,
    BasicTickFormatter,
    DatetimeAxis,
    DatetimeTicker,
    DatetimeTickFormatter,
    Grid,
    LinearAxis,
    LinearScale,
    LogScale,
    LogTicker,
    Plot,
    Range1d,
    SingleIntervalTicker,
    Ticker,
    Toolbar,
)

from ..theme import GUTTERS, RIGHT_AXIS
from ..units import rule_of

QUIET: Final[dict[str, Any]] = {
    "axis_line_color": None,
    "major_tick_line_color": None,
    "minor_tick_line_color": None,
    "major_tick_out": 0,
    "minor_tick_out": 0,
    "major_tick_in": 0,
    "major_label_text_font_size": "11px",
}
# Kinds of units whose labels say a value as it is, up to a thousand.
UNSCALED: Final = frozenset({"fixed", "locale", "scaled", "count", "currency"})
BINARY: Final = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]


class AxisUnit(NamedTuple):
    """What an axis of values writes its labels in."""

    unit: str = "none"
    decimals: int | None = None


def bare_plot(*, log: bool = False, log_x: bool = False, **gutters: int) -> Plot:
    """A plot of ranges `x` and `y` with the gutters that all plots of a column share."""
    return Plot(
        x_range=Range1d(0, 1, name="x"),
        y_range=Range1d(0, 1, name="y"),
        x_scale=LogScale() if log_x else LinearScale(),
        y_scale=LogScale() if log else LinearScale(),
        sizing_mode="stretch_both",
        toolbar=Toolbar(logo=None, tools=[]),
        toolbar_location=None,
        outline_line_color=None,
        lod_threshold=None,
        **{**GUTTERS, **gutters},
    )


def time_plot(
    left: AxisUnit,
    right: AxisUnit | None = None,
    *,
    log: bool = False,
    log_base: int = 10,
    labels: tuple[str, str] = ("", ""),
) -> Plot:
    """A plot over time, with a second axis of values at its right where `right` is given; `labels` stand along both."""
    plot = bare_plot(log=log)
    plot.add_layout(time_axis(), "below")
    axis = value_axis(left, log=log, log_base=log_base, **labelled(labels[0]))
    plot.add_layout(axis, "left")
    plot.add_layout(Grid(axis=axis, dimension=1))
    if right is not None:
        plot.min_border_right = RIGHT_AXIS
        plot.extra_y_ranges = {"right": Range1d(0, 1, name="y2")}
        plot.extra_y_scales = {"right": LogScale() if log else LinearScale()}
        beside = value_axis(right, log=log, log_base=log_base, y_range_name="right", **labelled(labels[1]))
        plot.add_layout(beside, "right")
    return plot


def time_axis() -> DatetimeAxis:
    """Labels below, in the viewer's zone."""
    return DatetimeAxis(
        ticker=DatetimeTicker(desired_num_ticks=6),
        formatter=DatetimeTickFormatter(),
        major_label_standoff=5,
        **QUIET,
    )


def value_axis(unit: AxisUnit, *, log: bool = False, log_base: int = 10, **more: Any) -> LinearAxis:
    """Labels of at most seven characters, in the unit that the formatter's tags name."""
    return LinearAxis(
        ticker=_ticker(unit, log=log, log_base=log_base),
        formatter=BasicTickFormatter(tags=["unit", unit.unit, unit.decimals]),
        **{"major_label_standoff": 8, **QUIET, **more},
    )


def labelled(label: str) -> dict[str, Any]:
    """How the words along an axis are written; nothing where there are none."""
    if not label:
        return {}
    return {
        "axis_label": label,
        "axis_label_text_font_size": "11px",
        "axis_label_text_font_style": "normal",
        "axis_label_standoff": 4,
    }


def names_axis(**more: Any) -> LinearAxis:
    """Places 0, 1, 2, … whose names the page writes."""
    return LinearAxis(
        ticker=SingleIntervalTicker(interval=1, num_minor_ticks=0),
        formatter=BasicTickFormatter(tags=["names"]),
        **{"major_label_standoff": 6, **QUIET, **more},
    )


def is_binary(unit: str) -> bool:
    """Whether round values of the unit are powers of two."""
    kind: str = rule_of(unit)[0]
    return kind == "binary"


def _ticker(unit: AxisUnit, *, log: bool, log_base: int) -> Ticker:
    if log and is_binary(unit.unit):
        return LogTicker(base=2, mantissas=[1.0], desired_num_ticks=4, num_minor_ticks=0)
    if log:
        return LogTicker(base=log_base, mantissas=[1.0, 2.0, 5.0], desired_num_ticks=4, num_minor_ticks=0)
    if is_binary(unit.unit):
        return AdaptiveTicker(base=1024, mantissas=BINARY, desired_num_ticks=4)
    return BasicTicker(desired_num_ticks=4, min_interval=least_interval(unit))


def least_interval(unit: AxisUnit) -> float:
    """The least distance of two labels at which they differ, as far as decimals say so; 0 where any will do."""
    kind, *rest = rule_of(unit.unit)
    if unit.decimals is None or (kind != "percent" and kind not in UNSCALED):
        return 0.0
    return 10.0 ** -max(0, unit.decimals) / (rest[0] if kind == "percent" else 1)
