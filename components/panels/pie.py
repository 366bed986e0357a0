"""The pie panel: shares of a whole, as a pie or a donut."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
from bokeh.models import Model
from pydantic import Field

from ...datasources.frame import Frame
from ...datasources.reducers import reduce
from ...datasources.scripttext import script_text
from ...datasources.timerange import TimeRange
from ...declared import Groups
from ..fields import FieldOptions, ResolvedField, resolve
from ..link_rows import LinkRows, rows_of
from ..links import Reads
from ..theme import series_color
from ..units import format_value
from .base import Drawn, PanelType
from .series import lone_source
from .single import Calc

MAX_SLICES = 40
REST = "var(--series-rest)"
NUMBERS = frozenset({"number"})
Label = Literal["name", "value", "percent"]


class PieOptions(FieldOptions):
    """Options of a pie or donut."""

    GROUPS: ClassVar[Groups] = {
        "Slices": (
            "kind",
            "labels",
            "sort",
            "small",
            "total",
            "hide",
        ),
        "Data": ("calc",),
        "Legend": (
            "legend",
            "legend_values",
        ),
    }

    PER_FIELD: ClassVar[frozenset[str]] = frozenset({"hide"})

    calc: Calc = Field("lastNotNull", description="Which value of a series is its slice.")
    kind: Literal["donut", "pie"] = Field("donut", description="A ring with the total in it, or a full disc.")
    labels: tuple[Label, ...] = Field(
        (), max_length=3, description="What stands on the slices: `name`, `value`, `percent`."
    )
    legend: Literal["right", "bottom", "hidden"] = Field("right", description="Where the legend stands.")
    legend_values: tuple[Literal["value", "percent"], ...] = Field(
        ("percent",), max_length=2, description="What the legend says of each slice."
    )
    sort: Literal["-value", "value", "name", ""] = Field(
        "-value", description="The order of slices, the largest first; empty: as they come."
    )
    small: float = Field(0.02, ge=0, le=0.5, description="Slices below this share are joined into one of others.")
    total: str = Field("", max_length=100, description="What stands under the total in a donut.")
    hide: bool = Field(False, description="Leave slices out: for overrides.")


class Pie(PanelType[PieOptions]):
    """Words and shares as texts; the page draws the slices."""

    name = "pie"
    title = "Pie chart"
    of_frames = True
    needs = ("number",)
    Options = PieOptions
    lone = True

    def layout(self, options: PieOptions, shape: Hashable) -> Model:
        return lone_source("main")

    def columns(self, options: PieOptions, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        slices = _slices(options, frames)
        total = sum(one["value"] for one in slices)
        for one in slices:
            one["share"] = round(one["value"] / total, 6) if total > 0 else 0.0
        joined = join_small(slices, options)
        whole = format_value(total, options.unit, options.decimals)
        texts = {
            "slices": joined,
            "kind": options.kind,
            "labels": list(options.labels),
            "legend": {"place": options.legend, "values": list(options.legend_values)},
            "total": {"text": whole.prefix + whole.text, "suffix": whole.suffix, "name": options.total},
        }
        return Drawn({"main": {}}, texts)


def _slices(options: PieOptions, frames: Sequence[Frame]) -> list[dict[str, Any]]:
    """One slice for each positive value: of series their reduced ones, of a table with texts each row's."""
    fields = resolve(options, frames, kinds=NUMBERS)
    rows = rows_of(options, fields)
    found = [one for field in fields for one in _of_field(field, options, rows.get(id(field.frame)))]
    known = [one for one in found if np.isfinite(one["value"]) and one["value"] > 0]
    for index, one in enumerate(known):
        one["color"] = one["color"] or series_color(index)
    if options.sort == "name":
        known.sort(key=lambda one: str(one["name"]))
    elif options.sort:
        known.sort(key=lambda one: one["value"], reverse=options.sort == "-value")
    return known


def _of_field(field: ResolvedField, options: PieOptions, rows: LinkRows | None) -> list[dict[str, Any]]:
    assert isinstance(field.options, PieOptions)
    if field.options.hide:
        return []
    texts = next((one for one in field.frame.fields if one.kind in ("string", "boolean")), None)
    if texts is not None:
        pairs = zip(texts.values, field.column.values, strict=True)
        missing = field.options.no_value
        return [
            _slice(
                field,
                missing if name is None else script_text(name),
                float(value),
                None if rows is None else rows.at(row),
            )
            for row, (name, value) in enumerate(pairs)
        ]
    value = reduce(field.column.values, options.calc)
    return [] if value is None else [_slice(field, field.name, value)]


def _slice(field: ResolvedField, name: str, value: float, row: Reads | None = None) -> dict[str, Any]:
    shown = field.show(value)
    links = field.links(value, row=row)
    own = field.options.color is not None and field.options.color.mode != "palette"
    color = (shown.color or field.color) if own else ""
    return {"name": name, "value": value, "text": str(shown), "color": color, **({"links": links} if links else {})}


def join_small(slices: Sequence[dict[str, Any]], options: PieOptions) -> list[dict[str, Any]]:
    """The slices with the small ones, and those beyond MAX_SLICES, joined into one, where that joins at least two."""
    by_size = sorted(slices, key=lambda one: float(one["share"]), reverse=True)
    small = [one for place, one in enumerate(by_size) if one["share"] < options.small or place >= MAX_SLICES]
    if len(small) < 2:
        return list(slices)
    names = {id(one) for one in small}
    value = sum(float(one["value"]) for one in small)
    rest = {
        "name": f"{len(small)} others",
        "value": value,
        "text": str_of(value, options),
        "color": REST,
        "share": round(sum(float(one["share"]) for one in small), 6),
    }
    return [*(one for one in slices if id(one) not in names), rest]


def str_of(value: float, options: PieOptions) -> str:
    """A value as words, with its unit."""
    shown = format_value(value, options.unit, options.decimals)
    return shown.prefix + shown.text + shown.suffix
