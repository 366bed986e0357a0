"""Fields of frames with their options: names, texts, colours and levels of values. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from ..datasources.frame import Field as Column
from ..datasources.frame import Frame
from . import palettes
from .colors import Level, Pair, pair
from .field_options import ColorOption, FieldOptions, Match, Override
from .mappings import find, text_of
from .patterns import parse
from .scripttext import script_text
from .thresholds import Threshold, reached
from .units import format_value

__all__ = ["ColorOption", "FieldOptions", "Override", "ResolvedField", "Shown", "resolve"]

SHOWN_KINDS: Final = frozenset({"number", "string", "boolean"})
BY_THRESHOLDS: Final = ColorOption(mode="thresholds")


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as people see it: prefix, text and suffix joined. `color` is CSS that is safe, empty for none.

    `share` is the value's place between min and max, which bars and gauges draw; None without a number.
    """

    text: str
    prefix: str = ""
    suffix: str = ""
    color: str = ""
    level: Level = "base"
    icon: str = ""
    share: float | None = None

    def __str__(self) -> str:
        return self.prefix + self.text + self.suffix


@dataclass(frozen=True, slots=True)
class ResolvedField:
    """A column of a frame with its options merged. `index` counts the fields of one kind, over all frames."""

    frame: Frame
    column: Column
    index: int
    name: str
    options: FieldOptions
    low: float
    high: float

    @property
    def kind(self) -> str:
        return self.column.kind

    @property
    def ref(self) -> str:
        return self.frame.ref

    @property
    def labels(self) -> Mapping[str, str]:
        return self.column.labels

    @property
    def unit(self) -> str:
        """The unit that was asked for, else the one that the data came with."""
        own = self.options.unit
        return own if "unit" in self.options.model_fields_set or not self.column.unit else self.column.unit

    @property
    def color(self) -> str:
        """The colour of the whole series as CSS; empty where its mode gives none."""
        mode = self.options.color or ColorOption()
        if mode.mode.startswith(("thresholds", "continuous-")):
            return self.show(self._decisive(mode.by)).color
        return _css(self._series_pair(mode))

    def show(self, value: Any) -> Shown:
        """A value of this field as text, with its colour and level."""
        mapping = find(value, self.options.mappings)
        plain = self._plain(value)
        if mapping is None:
            return plain
        text = text_of(value, mapping)
        shown = plain if text is None else replace(plain, prefix="", text=text, suffix="")
        color = _css(pair(mapping.color)) if mapping.color else shown.color
        level = mapping.level or ("base" if mapping.color else shown.level)
        return replace(shown, color="" if mapping.level else color, level=level, icon=mapping.icon)

    def share(self, value: float | None) -> float:
        """The place between the bounds, 0 to 1 within them."""
        if value is None or math.isnan(value):
            return 0.0
        if self.high == self.low:
            return 0.0 if value == self.low else math.copysign(math.inf, value - self.low)
        return (value - self.low) / (self.high - self.low)

    def threshold(self, value: float | None) -> Threshold | None:
        """The threshold that the value has reached."""
        number = value
        if self.options.thresholds_mode == "percentage":
            number = 100 * self.share(value)
        return reached(number, self.options.thresholds)

    def _plain(self, value: Any) -> Shown:
        if isinstance(value, (int, float, np.floating)) and not isinstance(value, bool):
            number = float(value)
            if math.isnan(number):
                return Shown(self.options.no_value)
            formatted = format_value(number, self.unit, self.options.decimals)
            threshold = self.threshold(number)
            return Shown(
                formatted.text,
                formatted.prefix,
                formatted.suffix,
                _css(self._value_pair(number, threshold)),
                threshold.level if threshold else "base",
                share=self.share(number),
            )
        return Shown(self.options.no_value if value in (None, "") else script_text(value))

    def _value_pair(self, value: float, threshold: Threshold | None) -> Pair | None:
        mode = self.options.color or BY_THRESHOLDS
        if mode.mode.startswith("continuous-"):
            return palettes.continuous(mode.mode, self.share(value))
        if mode.mode == "thresholds":
            return pair(threshold.color) if threshold and threshold.color else None
        return self._series_pair(mode)

    def _series_pair(self, mode: ColorOption) -> Pair | None:
        if mode.mode in ("fixed", "shades"):
            return pair(mode.value) if mode.value else None
        return palettes.classic(self.index) if mode.mode.startswith("palette-") else palettes.by_index(self.index)

    def _decisive(self, by: str) -> float | None:
        known = self.column.values[np.isfinite(self.column.values)] if self.kind == "number" else np.empty(0)
        if not known.size:
            return None
        return float(known[-1] if by == "last" else known.min() if by == "min" else known.max())


def resolve(
    options: FieldOptions, frames: Sequence[Frame], *, kinds: frozenset[str] = SHOWN_KINDS
) -> Sequence[ResolvedField]:
    """Every field of these kinds, in the order of frames and columns, with its options and name."""
    low, high = _bounds(frames)
    counts: dict[str, int] = {}
    found = []
    for frame, column, name in _named(frames):
        index = counts.get(column.kind, 0)
        counts[column.kind] = index + 1
        if column.kind not in kinds:
            continue
        own = merged(options, frame, column, name)
        found.append(
            ResolvedField(
                frame,
                column,
                index,
                own.display_name or name,
                own,
                low if own.min is None else own.min,
                high if own.max is None else own.max,
            )
        )
    return found


def merged(options: FieldOptions, frame: Frame, column: Column, name: str) -> FieldOptions:
    """The options of one field: the panel's, with those of each override that matches."""
    settings: dict[str, Any] = {}
    for override in options.overrides:
        if _matches(override.match, frame, column, name):
            settings |= options.parsed(override.set)
    return options.model_copy(update=settings) if settings else options


def _matches(match: Match, frame: Frame, column: Column, name: str) -> bool:
    if match.type is not None:
        return column.kind == match.type
    if match.target is not None:
        return frame.ref == match.target
    if match.name is not None:
        return match.name in (name, column.name)
    return match.regex is not None and parse(match.regex).matches([name])[0]


def _named(frames: Sequence[Frame]) -> Iterator[tuple[Frame, Column, str]]:
    """Each column with what it is called where no option says otherwise."""
    for frame in frames:
        lone = len(frame.numbers) == 1 and frame.is_series
        for column in frame.fields:
            yield frame, column, frame.name if lone and column.kind == "number" and frame.name else column.name


def _bounds(frames: Sequence[Frame]) -> tuple[float, float]:
    """The least and largest number of all frames; 0 and 100 where there is none."""
    low, high = math.inf, -math.inf
    for frame in frames:
        for column in frame.numbers:
            known = column.values[np.isfinite(column.values)]
            if known.size:
                low, high = min(low, float(known.min())), max(high, float(known.max()))
    return (low, high) if low <= high else (0.0, 100.0)


def _css(color: Pair | None) -> str:
    return color.css if color else ""
