"""Fields of frames with their options: names, texts, colours and levels of values. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ..datasources.frame import Field as Column
from ..datasources.frame import Frame
from ..patterns import parse
from .bounds import Bounds
from .display import Display, Shown
from .field_options import ColorOption, FieldOptions, Match, Override
from .links import Place, Reads, filled, links_of, shown_name
from .places import PLACE
from .thresholds import Threshold

__all__ = ["ColorOption", "FieldOptions", "Override", "ResolvedField", "Shown", "addresses", "resolve"]

SHOWN_KINDS: Final = frozenset({"number", "string", "boolean"})


@dataclass(frozen=True, slots=True)
class ResolvedField:
    """A column of a frame with its options merged. `index` counts the fields of one kind, over all frames, unless its
    series has a place of its own."""

    frame: Frame
    column: Column
    display: Display

    @property
    def name(self) -> str:
        """As it is shown."""
        return self.display.name

    @property
    def index(self) -> int:
        """Its place among the fields of a panel, which its colour comes from."""
        return self.display.index

    @property
    def options(self) -> FieldOptions:
        """Its own, overrides included."""
        return self.display.options

    @property
    def unit(self) -> str:
        """The unit that was asked for, else the one that the data came with."""
        return self.display.unit

    @property
    def kind(self) -> str:
        """Of its values: `number`, `time`, `string`, `boolean`, …."""
        return self.column.kind

    @property
    def ref(self) -> str:
        """The target that it is of."""
        return self.frame.ref

    @property
    def labels(self) -> Mapping[str, str]:
        """Of its series."""
        return self.column.labels

    @property
    def low(self) -> float:
        """The least of its scale."""
        return self.display.low

    @property
    def high(self) -> float:
        """The most of its scale."""
        return self.display.high

    @property
    def color(self) -> str:
        """The colour of the whole series as CSS; empty where its mode gives none."""
        mode = self.options.color or ColorOption()
        if mode.mode.startswith(("thresholds", "continuous-")):
            return self.show(self._decisive(mode.by)).color
        color = self.display.series_color()
        return color.css if color else ""

    @property
    def is_plain(self) -> bool:
        """Whether its values are written as they are: with no unit and no digits asked for."""
        return self.options.decimals is None and self.unit in ("", "none", "string")

    def show(self, value: Any, beside: int | None = None) -> Shown:
        """A value of this field as text, with its colour and level; `beside`: the decimals of its neighbours."""
        return self.display.show(value, beside)

    def links(
        self,
        value: Any = None,
        *,
        time_ms: float | None = None,
        row: Reads | None = None,
        later: bool = False,
    ) -> list[dict[str, Any]]:
        """The links of a value, as `{href, title, tab}`. `row` reads the other values of its row.

        `later`: of a value that the page will choose, which fills it in.
        """
        if not self.options.links:
            return []
        text = "" if later else str(self.show(value))
        return links_of(
            self.options.links, Place(self.frame, self.column, self.name, value, text, time_ms, row, later=later)
        )

    def text(self, template: str, value: Any, targets: Mapping[str, str]) -> str:
        """A text about a value, with its references filled in; `targets`: what stands for `${__target.…}`."""
        place = Place(self.frame, self.column, self.name, value, str(self.show(value)), targets=targets)
        return filled(template, place)

    def share(self, value: float | None) -> float:
        """The place of a value between the bounds, 0 to 1 within them."""
        return self.display.share(value)

    def threshold(self, value: float | None) -> Threshold | None:
        """The threshold that a value has reached."""
        return self.display.threshold(value)

    def _decisive(self, by: str) -> float | None:
        known = self.column.values[np.isfinite(self.column.values)] if self.kind == "number" else np.empty(0)
        if not known.size:
            return None
        return float(known[-1] if by == "last" else known.min() if by == "min" else known.max())


def resolve(
    options: FieldOptions, frames: Sequence[Frame], *, kinds: frozenset[str] = SHOWN_KINDS
) -> Sequence[ResolvedField]:
    """Every field of these kinds, in the order of frames and columns, with its options and name."""
    bounds = Bounds(frames)
    counts: dict[str, int] = {}
    found = []
    for frame, column, name in _named(frames):
        index = counts.get(column.kind, 0)
        counts[column.kind] = index + 1
        if column.kind not in kinds:
            continue
        own = merged(_said(options, column), frame, column, name)
        display = Display(
            own,
            column.kind,
            own.unit if "unit" in own.model_fields_set or not column.unit else column.unit,
            bounds,
            column.config.get(PLACE, index),
            shown_name(own.display_name, frame, column, name) if own.display_name else name,
        )
        found.append(ResolvedField(frame, column, display))
    return found


def _said(options: FieldOptions, column: Column) -> FieldOptions:
    """The panel's options, with what the data says of itself where they are silent."""
    own = {
        name: column.config[name]
        for name in ("min", "max", "decimals")
        if name in column.config and getattr(options, name) is None
    }
    return options.model_copy(update=own) if own else options


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
        return match.name == name or match.name in addresses(frame, column)
    return match.regex is not None and parse(match.regex).matches([name])[0]


def addresses(frame: Frame, column: Column) -> tuple[str, ...]:
    """The names by which options may call a column: its own, and those that Grafana has for Prometheus' columns."""
    if column.name == "time":
        return ("time", "Time")
    if column.name == "value":
        return ("value", "Value", f"Value #{frame.ref}")
    return (column.name,)


def _named(frames: Sequence[Frame]) -> Iterator[tuple[Frame, Column, str]]:
    """Each column with what it is called where no option says otherwise."""
    for frame in frames:
        lone = len(frame.numbers) == 1 and frame.is_series
        for column in frame.fields:
            yield frame, column, frame.name if lone and column.kind == "number" and frame.name else column.name
