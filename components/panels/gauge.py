"""The gauge panels: values within their bounds, as arcs or as bars."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Literal

from bokeh.models import Model
from pydantic import Field

from ...datasources.frame import Frame
from ...datasources.timerange import TimeRange
from ..colors import css
from ..fields import FieldOptions, ResolvedField
from .base import Drawn, PanelType
from .series import lone_source
from .single import Calc, Single, clamped, singles, words_of


class BoundedOptions(FieldOptions):
    """What arcs and bars share."""

    calc: Calc = Field("lastNotNull", description="Which value of the series is shown.")
    min: float | None = Field(0.0, description="Where the gauge begins; empty: at the least value.")
    max: float | None = Field(100.0, description="Where the gauge ends; empty: at the largest value.")


class GaugeOptions(BoundedOptions):
    """Options of a gauge."""

    ring: bool = Field(True, description="Draw the thresholds as a thin ring around the arc.")
    labels: bool = Field(True, description="Write the bounds below the ends of the arc.")


class BarGaugeOptions(BoundedOptions):
    """Options of a bar gauge."""

    orientation: Literal["horizontal", "vertical"] = Field("horizontal", description="Which way the bars grow.")
    marks: bool = Field(True, description="Mark the thresholds on the bars.")
    sort: Literal["name", "value", "-value"] = Field("name", description="Their order; `-value`: largest first.")


class Gauge(PanelType[GaugeOptions]):
    """No numbers; each gauge's share of its arc, its marks and its words as texts."""

    name = "gauge"
    title = "Gauge"
    Options = GaugeOptions

    def layout(self, options: GaugeOptions, shape: Hashable) -> Model:
        return lone_source("main")

    def columns(self, options: GaugeOptions, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        gauges = [bounded(one) for one in singles(options, frames, options.calc)]
        return Drawn({"main": {}}, {"gauges": gauges, "options": options.model_dump(include={"ring", "labels"})})


class BarGauge(PanelType[BarGaugeOptions]):
    """The same, as bars."""

    name = "bargauge"
    title = "Bar gauge"
    Options = BarGaugeOptions

    def layout(self, options: BarGaugeOptions, shape: Hashable) -> Model:
        return lone_source("main")

    def columns(self, options: BarGaugeOptions, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        found = singles(options, frames, options.calc)
        if options.sort != "name":
            sign = -1 if options.sort == "-value" else 1
            found.sort(key=lambda one: (one.value is None, sign * (one.value or 0.0)))
        shown = options.model_dump(include={"orientation", "marks"})
        return Drawn({"main": {}}, {"gauges": [bounded(one) for one in found], "options": shown})


def bounded(one: Single) -> dict[str, Any]:
    """A value with its place between its bounds, the bounds as words, and the marks of its thresholds."""
    words = words_of(one)
    if not words["color"] and words["level"] == "base" and one.field.options.color is not None:
        words["color"] = one.field.color
    return {
        **words,
        "share": one.share,
        "value": one.value,
        "low": one.field.low,
        "high": one.field.high,
        "low_text": str(one.field.show(one.field.low)),
        "high_text": str(one.field.show(one.field.high)),
        "marks": marks_of(one.field),
    }


def marks_of(field: ResolvedField) -> list[dict[str, Any]]:
    """From which share on which level or colour holds, in their order."""
    marks = []
    for threshold in field.options.thresholds:
        if threshold.value is None:
            share = 0.0
        elif field.options.thresholds_mode == "percentage":
            share = clamped(threshold.value / 100)
        else:
            share = clamped(field.share(threshold.value))
        marks.append({"share": share, "level": threshold.level, "color": css(threshold.color)})
    return sorted(marks, key=lambda mark: mark["share"])
