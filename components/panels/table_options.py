"""What the table panel may be told: of the whole, and of each column."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ...declared import Groups, Spec, hint
from ..fields import FieldOptions
from ..thresholds import Threshold

MAX_ROWS = 100_000
Cell = Literal["auto", "text", "color", "background", "bar", "gauge", "sparkline"]


class ColumnOptions(Spec, frozen=True):
    """What one column of a table looks like."""

    title: str = Field("", max_length=200, description="Its heading; empty: the name of the column.")
    unit: str = Field(
        "none", max_length=64, description="Unit of its values, by Grafana's id.", json_schema_extra=hint("unit")
    )
    decimals: int | None = Field(None, ge=0, le=10, description="Digits after the point.")
    bar: bool = Field(False, description="Draw a bar behind each value, from zero to the largest of the column.")
    cell: Cell = Field("auto", description="How its cells are drawn, as the option `cell`.")
    width: int | None = Field(None, ge=20, le=2000, description="Its width in pixels.")
    align: Literal["auto", "left", "right", "center"] = Field("auto", description="Where its values stand.")
    hidden: bool = Field(False, description="Leave the column out.")
    thresholds: tuple[Threshold, ...] = Field(
        (), max_length=20, description="From which value on it is how bad.", json_schema_extra=hint("thresholds")
    )


class TableOptions(FieldOptions):
    """Options of a table panel."""

    GROUPS: ClassVar[Groups] = {
        "Table": (
            "filter",
            "footer",
            "sort",
            "limit",
            "order",
        ),
        "Cells": (
            "cell",
            "align",
            "width",
            "hidden",
        ),
        "Columns": ("columns",),
        "Series": (
            "calc",
            "name",
        ),
    }

    PER_FIELD: ClassVar[frozenset[str]] = frozenset({"cell", "width", "align", "hidden"})

    calc: Literal["lastNotNull", "mean", "min", "max", "sum"] = Field(
        "lastNotNull", description="Which value of a series is shown."
    )
    name: str = Field("Name", max_length=200, description="Heading of the column of series names.")
    columns: dict[str, ColumnOptions] = Field(
        default_factory=dict, description="By the name of a column, or the ref of a target where rows are series."
    )
    order: tuple[str, ...] = Field((), max_length=200, description="Columns that stand first, in this order.")
    cell: Cell = Field(
        "auto",
        description="How cells are drawn: `auto` marks values that crossed a threshold; `text`, `color`, `background`, "
        "`bar` (from zero), `gauge` (from `min` to `max`), `sparkline` (of series).",
    )
    width: int | None = Field(None, ge=20, le=2000, description="Width of columns in pixels; empty: as they need.")
    align: Literal["auto", "left", "right", "center"] = Field(
        "auto", description="Where values stand; `auto`: numbers right, all else left."
    )
    hidden: bool = Field(False, description="Leave columns out; of use in overrides.")
    filter: bool = Field(False, description="Offer a filter for each column: a text within, or `>5` for numbers.")
    footer: Literal["", "sum", "mean", "min", "max", "count"] = Field(
        "", description="A row below with this of each column of numbers, over the rows that filters leave."
    )
    sort: str = Field("", max_length=200, description="The column that rows are ordered by; `-` in front: descending.")
    limit: int = Field(MAX_ROWS, ge=1, le=MAX_ROWS, description="At most so many rows, the first in that order.")
