"""A value as people see it: text, colour and level, after the options of its field. As Grafana's display processor."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Final

from ..datasources.scripttext import number_text, script_text, to_number
from . import palettes
from .bounds import PERCENT, Bounds
from .colors import Level, Pair, pair
from .field_options import ColorOption, FieldOptions
from .mappings import Mapping, find, text_of
from .thresholds import Threshold, reached
from .units import format_value, is_time, rule_of

BY_THRESHOLDS: Final = ColorOption(mode="thresholds")
YES_NO: Final = {True: "green", False: "red"}
# Their texts are not trimmed to the decimals of neighbours.
KEEP_DECIMALS: Final = frozenset({"date", "fromnow", "currency", "financial", "bool", "locale"})


@dataclass(frozen=True, slots=True)
class Shown:
    """Prefix, text and suffix joined are what is read. `color` is CSS that is safe, empty for none.

    `share` is the value's place between min and max, which bars and gauges draw; None without one. `at` is the
    instant (ms) where the unit is one of dates: the page writes it again in the viewer's zone.
    """

    text: str
    prefix: str = ""
    suffix: str = ""
    color: str = ""
    level: Level = "base"
    icon: str = ""
    share: float | None = None
    at: float | None = None

    def __str__(self) -> str:
        return self.prefix + self.text + self.suffix


@dataclass(frozen=True, slots=True)
class Display:
    """How the values of one field are shown. `kind` is that of its column; `bounds` hold where options have none."""

    options: FieldOptions
    kind: str = "number"
    unit: str = "none"
    bounds: Bounds = PERCENT
    index: int = 0
    name: str = ""

    @property
    def low(self) -> float:
        """The least of its scale: that of the options, or of the data."""
        return self.bounds.low if self.options.min is None else self.options.min

    @property
    def high(self) -> float:
        """The most of its scale: that of the options, or of the data."""
        return self.bounds.high if self.options.max is None else self.options.max

    def show(self, value: Any, beside: int | None = None) -> Shown:
        """A value where NaN is a missing one, as in frames. `beside`: the decimals of its neighbours in a column."""
        given = None if isinstance(value, float) and math.isnan(value) else value
        mapping = find(given, self.options.mappings)
        if mapping is None and given is not value:
            mapping = find(value, self.options.mappings)
        shown = self.exactly(given, beside, mapping)
        return replace(shown, share=None) if math.isnan(self._number(given)) else shown

    def exactly(self, value: Any, beside: int | None, mapping: Mapping | None) -> Shown:
        """A value with the mapping that fits it; NaN is shown as such."""
        number = self._number(value)
        shown = self._texts(value, number, mapping, beside)
        if not shown.text and (mapping is None or mapping.text is None):
            shown = replace(shown, text=_words(value) or self.options.no_value, prefix="", suffix="")
        if mapping is not None and mapping.icon:
            shown = replace(shown, icon=mapping.icon)
        if mapping is not None and (mapping.color or mapping.level):
            color = _css(pair(mapping.color)) if mapping.color and not mapping.level else ""
            return replace(shown, color=color, level=mapping.level or "base")
        return self._coloured(shown, -math.inf if math.isnan(number) else number)

    def share(self, value: float | None) -> float:
        """The place between the bounds, 0 to 1 within them."""
        if value is None or math.isnan(value) or value == -math.inf:
            return 0.0
        if self.high == self.low:
            return 0.0 if value == self.low else math.copysign(math.inf, value - self.low)
        return (value - self.low) / (self.high - self.low)

    def threshold(self, value: float | None) -> Threshold | None:
        """The threshold that the value has reached."""
        percentage = self.options.thresholds_mode == "percentage"
        return reached(100 * self.share(value) if percentage else value, self.options.thresholds)

    def series_color(self) -> Pair | None:
        """The colour that does not depend on values; None where the mode has none."""
        mode = self.options.color or ColorOption()
        if mode.mode == "shades" and mode.value:
            return palettes.shade(pair(mode.value), self.index)
        if mode.mode in ("fixed", "shades"):
            return pair(mode.value) if mode.value else None
        if mode.mode == "palette-classic-by-name":
            return palettes.classic_by_name(self.name)
        return palettes.classic(self.index) if mode.mode == "palette-classic" else palettes.by_index(self.index)

    def value_color(self, value: float) -> Pair | None:
        """The colour of a value, where its mode gives it one."""
        mode = self.options.color or BY_THRESHOLDS
        if mode.mode.startswith("continuous-"):
            return palettes.continuous(mode.mode, self._place(value))
        if mode.mode != "thresholds":
            return self.series_color()
        if self.kind == "boolean":  # whatever the thresholds are
            return pair(YES_NO[bool(value)])
        threshold = self.threshold(value)
        return pair(threshold.color) if threshold is not None and threshold.color else None

    def _coloured(self, shown: Shown, number: float) -> Shown:
        threshold = self.threshold(number) if self.kind != "boolean" else None
        level = threshold.level if threshold is not None else "base"
        return replace(shown, color=_css(self.value_color(number)), level=level, share=self._place(number))

    def _place(self, number: float) -> float:
        return float(bool(number)) if self.kind == "boolean" else self.share(number)

    def _number(self, value: Any) -> float:
        """The value as a number, NaN where it is none; texts of columns of texts are none."""
        if value is None or value == "" or isinstance(value, (list, tuple, dict)):
            return math.nan
        if self.kind == "string" and self.unit in ("", "none", "string"):
            return math.nan
        if self.kind == "boolean" and isinstance(value, str):
            return math.nan
        return to_number(value)

    def _texts(self, value: Any, number: float, mapping: Mapping | None, beside: int | None) -> Shown:
        mapped = text_of(value, mapping) if mapping is not None else None
        if mapped is not None:
            return Shown(mapped)
        if math.isnan(number) or isinstance(value, bool):
            return Shown("")
        unit = self._unit
        trimmed = beside is not None and self.options.decimals is None and rule_of(unit)[0] not in KEEP_DECIMALS
        made = format_value(number, unit, beside if trimmed else self.options.decimals)
        text = number_text(to_number(made.text)) if trimmed and math.isfinite(number) else made.text
        return Shown(text, made.prefix, made.suffix, at=number if is_time(unit) else None)

    @property
    def _unit(self) -> str:
        if self.kind == "boolean" and not self.unit.startswith("bool"):
            return "bool"
        if self.kind == "time" and not is_time(self.unit):
            return "dateTimeAsSystem"
        return self.unit or "none"


def _words(value: Any) -> str:
    return "" if value is None else script_text(value)


def _css(color: Pair | None) -> str:
    return color.css if color else ""
