"""The gauge panels: a value within its bounds, as an arc or as a bar."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from bokeh.models import Model
from pydantic import Field

from ...datasources.frame import Frame
from ...datasources.timerange import TimeRange
from ..fields import FieldOptions
from ..reducers import reduce
from ..thresholds import level_of
from ..units import format_value
from .base import Drawn, PanelType
from .series import lone_source, series_of
from .stat import Calc

MAX_GAUGES = 60


class GaugeOptions(FieldOptions):
    """Options of a gauge."""

    calc: Calc = Field("lastNotNull", description="Which value of the series is shown.")
    min: float | None = Field(0.0, description="Where the gauge begins.")
    max: float | None = Field(100.0, description="Where the gauge ends.")


class Gauge(PanelType[GaugeOptions]):
    """No numbers; each gauge's share of its arc and its words as texts."""

    name = "gauge"
    title = "Gauge"
    Options = GaugeOptions

    def layout(self, options: GaugeOptions, shape: Hashable) -> Model:
        return lone_source("main")

    def columns(self, options: GaugeOptions, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        gauges = [self._gauge(options, one.name, reduce(one.values, options.calc)) for one in series_of(frames)]
        marks = [
            {"share": share(one.start, options), "level": one.level}
            for one in sorted(options.thresholds, key=lambda one: one.start)
        ]
        return Drawn({"main": {}}, {"gauges": gauges[:MAX_GAUGES], "marks": marks})

    def _gauge(self, options: GaugeOptions, name: str, value: float | None) -> dict[str, Any]:
        shown = format_value(value, options.unit, options.decimals)
        return {
            "name": name,
            "share": None if value is None else share(value, options),
            "text": shown.prefix + shown.text,
            "suffix": shown.suffix if value is not None else "",
            "level": level_of(value, options.thresholds),
        }


class BarGauge(Gauge):
    """The same, as bars."""

    name = "bargauge"
    title = "Bar gauge"


def share(value: float, options: GaugeOptions) -> float:
    """Where a value lies between the bounds, from 0 to 1, to four digits."""
    low = 0.0 if options.min is None else options.min
    span = (100.0 if options.max is None else options.max) - low
    return round(min(1.0, max(0.0, (value - low) / span)), 4) if span > 0 else 0.0
