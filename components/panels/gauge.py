"""The gauge panels: values within their bounds, as arcs or as bars."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Sequence
from typing import Any, ClassVar, Final, Literal

from bokeh.models import Model
from pydantic import Field

from ...datasources.frame import Frame
from ...datasources.timerange import TimeRange
from ...declared import Groups
from ..colors import css
from ..fields import FieldOptions, ResolvedField
from .base import Drawn, PanelType
from .series import lone_source
from .single import Calc, Single, clamped, words_of
from .subtitle import SUBTITLE_HELP, Subtitles, with_subtitles

WHOLE: Final = re.compile(r"\.0+$")


class BoundedOptions(FieldOptions):
    """What arcs and bars share."""

    GROUPS: ClassVar[Groups] = {
        "Value": (
            "calc",
            "subtitle",
        ),
    }

    calc: Calc = Field("lastNotNull", description="Which value of the series is shown.")
    min: float | None = Field(0.0, description="Where the gauge begins; empty: at the least value.")
    max: float | None = Field(100.0, description="Where the gauge ends; empty: at the largest value.")
    subtitle: str = Field("", max_length=500, description=SUBTITLE_HELP)


class GaugeOptions(BoundedOptions):
    """Options of a gauge."""

    GROUPS: ClassVar[Groups] = {
        "Gauge": (
            "ring",
            "labels",
        ),
    }

    ring: bool = Field(True, description="Draw the thresholds as a thin ring around the arc.")
    labels: bool = Field(True, description="Write the bounds below the ends of the arc.")


class BarGaugeOptions(BoundedOptions):
    """Options of a bar gauge."""

    GROUPS: ClassVar[Groups] = {
        "Bars": (
            "orientation",
            "marks",
            "sort",
        ),
    }

    orientation: Literal["horizontal", "vertical"] = Field("horizontal", description="Which way the bars grow.")
    marks: bool = Field(True, description="Mark the thresholds on the bars.")
    sort: Literal["name", "value", "-value"] = Field("name", description="Their order; `-value`: largest first.")


class Gauge(PanelType[GaugeOptions]):
    """No numbers; each gauge's share of its arc, its marks and its words as texts."""

    name = "gauge"
    title = "Gauge"
    of_frames = True
    needs = ("number",)
    Options = GaugeOptions
    lone = True

    def layout(self, options: GaugeOptions, shape: Hashable) -> Model:
        return lone_source("main")

    def columns(self, options: GaugeOptions, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        lines = with_subtitles(options, options.subtitle, frames, options.calc)
        shown = options.model_dump(include={"ring", "labels"})
        return Drawn({"main": {}}, {"gauges": [bounded(one, lines) for one in lines.found], "options": shown})


class BarGauge(PanelType[BarGaugeOptions]):
    """The same, as bars."""

    name = "bargauge"
    title = "Bar gauge"
    of_frames = True
    needs = ("number",)
    Options = BarGaugeOptions
    lone = True

    def layout(self, options: BarGaugeOptions, shape: Hashable) -> Model:
        return lone_source("main")

    def columns(self, options: BarGaugeOptions, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        lines = with_subtitles(options, options.subtitle, frames, options.calc)
        found = list(lines.found)
        if options.sort != "name":
            sign = -1 if options.sort == "-value" else 1
            found.sort(key=lambda one: (one.value is None, sign * (one.value or 0.0)))
        shown = options.model_dump(include={"orientation", "marks"})
        return Drawn({"main": {}}, {"gauges": [bounded(one, lines) for one in found], "options": shown})


def bounded(one: Single, lines: Subtitles) -> dict[str, Any]:
    """A value with the line under it, its place between its bounds, these as words, and the marks of thresholds."""
    words = words_of(one)
    if not words["color"] and words["level"] == "base" and one.field.options.color is not None:
        words["color"] = one.field.color
    return {
        **words,
        "subtitle": lines.of(one),
        "share": one.share,
        "value": clipped(one.value, one.field),
        "low": one.field.low,
        "high": one.field.high,
        "low_text": _bound(one.field, one.field.low),
        "high_text": _bound(one.field, one.field.high),
        "marks": marks_of(one.field),
    }


def clipped(value: float | None, field: ResolvedField) -> float | None:
    """What a meter says of a value: that of the bound where it is infinite; its words say the rest."""
    if value is None or math.isfinite(value):
        return value
    return field.high if value > 0 else field.low


def _bound(field: ResolvedField, value: float) -> str:
    """A bound as text, without digits that say nothing: `100%`, not `100.0%`."""
    shown = field.show(value)
    return shown.prefix + WHOLE.sub("", shown.text) + shown.suffix


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
