"""The stat panel: values large, their names, small lines, coloured once a threshold is crossed."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
from bokeh.models import Model
from pydantic import Field

from ...datasources.frame import Frame
from ...datasources.timerange import TimeRange
from ...declared import Groups
from ..fields import FieldOptions
from ..units import format_value
from .base import Columns, Drawn, PanelType
from .series import Series, in_common, lone_source, with_gaps
from .single import Calc, Single, words_of
from .subtitle import SUBTITLE_HELP, with_subtitles

MAX_GRAPHS = 24  # with more values than that there is no room for lines


class StatOptions(FieldOptions):
    """Options of a stat panel."""

    GROUPS: ClassVar[Groups] = {
        "Value": (
            "calc",
            "text",
            "color_mode",
            "change",
            "subtitle",
        ),
        "Shape": (
            "graph",
            "orientation",
        ),
    }

    calc: Calc = Field("lastNotNull", description="Which value of the series is shown.")
    graph: bool = Field(True, description="Draw each series as a small line beside or below its value, where it fits.")
    color_mode: Literal["value", "background", "none"] = Field(
        "value", description="What a threshold, a mapping or `color` colours."
    )
    text: Literal["auto", "value", "name", "value_and_name"] = Field(
        "auto", description="What is written; `auto`: names where there are several values."
    )
    orientation: Literal["auto", "horizontal", "vertical"] = Field(
        "auto", description="How several values stand: in a grid, beside each other, below each other."
    )
    subtitle: str = Field("", max_length=500, description=SUBTITLE_HELP)
    change: bool = Field(False, description="Write by how many per cent the series changed over the range.")


class Stat(PanelType[StatOptions]):
    """Values as texts; the series behind them in the source `main`: t, s0, s1, …"""

    name = "stat"
    title = "Stat"
    of_frames = True
    needs = ("number",)
    Options = StatOptions
    lone = True

    def layout(self, options: StatOptions, shape: Hashable) -> Model:
        return lone_source("main")

    def columns(self, options: StatOptions, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        lines = with_subtitles(options, options.subtitle, frames, options.calc)
        found = lines.found
        main = graphs(found) if options.graph and len(found) <= MAX_GRAPHS else {}
        stats = [{**self._stat(options, one), "subtitle": lines.of(one)} for one in found]
        shown = options.model_dump(include={"color_mode", "text", "orientation"})
        return Drawn({"main": main}, {"stats": stats, "graph": bool(main), "options": shown})

    def _stat(self, options: StatOptions, one: Single) -> dict[str, Any]:
        words = words_of(one)
        if options.color_mode == "none":
            words |= {"level": "base", "color": ""}
        elif options.color is not None and not words["color"] and words["level"] == "base":
            words["color"] = one.field.color
        return {**words, "change": change_of(one) if options.change else ""}


def graphs(found: Sequence[Single]) -> Columns:
    """The series behind the values, on common times; nothing where one of them has none."""
    if not found or not all(one.times.size for one in found):
        return {}
    series = [Series(one.name, one.times, one.values) for one in found]
    times, columns = with_gaps(*in_common(series))
    return {"t": times, **{f"s{index}": column for index, column in enumerate(columns)}}


def change_of(one: Single) -> str:
    """`+4.1%` from the first to the last known value; empty where that says nothing."""
    known = one.values[np.isfinite(one.values)]
    if known.size < 2 or not known[0]:
        return ""
    shown = format_value(100 * float((known[-1] - known[0]) / abs(known[0])), "percent", 1)
    return f"{'' if shown.text.startswith('-') else '+'}{shown.text}%"
