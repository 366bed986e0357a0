"""The table panel: rows of a table frame, or one row for each series with its value of each target."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from bokeh.models import Model
from pydantic import BaseModel, ConfigDict, Field

from ...datasources.frame import Frame
from ...datasources.timerange import TimeRange
from ..fields import FieldOptions
from ..reducers import reduce
from ..thresholds import Threshold, level_of
from ..units import format_value
from .base import Drawn, PanelType
from .series import lone_source

MAX_ROWS = 1000


class ColumnOptions(BaseModel):
    """What one column of a table looks like."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field("", max_length=200, description="Its heading; empty: the name of the column.")
    unit: str = Field("none", max_length=64, description="Unit of its values, by Grafana's id.")
    decimals: int | None = Field(None, ge=0, le=10, description="Digits after the point.")
    bar: bool = Field(False, description="Draw a bar behind each value, from zero to the largest of the column.")
    hidden: bool = Field(False, description="Leave the column out.")
    thresholds: tuple[Threshold, ...] = Field((), max_length=20, description="From which value on it is how bad.")


class TableOptions(FieldOptions):
    """Options of a table panel."""

    calc: Literal["lastNotNull", "mean", "min", "max", "sum"] = Field(
        "lastNotNull", description="Which value of a series is shown."
    )
    name: str = Field("Name", max_length=200, description="Heading of the column of series names.")
    columns: dict[str, ColumnOptions] = Field(
        default_factory=dict, description="By the name of a column, or the ref of a target where rows are series."
    )
    sort: str = Field("", max_length=200, description="The column that rows are ordered by; `-` in front: descending.")
    limit: int = Field(MAX_ROWS, ge=1, le=MAX_ROWS, description="At most so many rows.")


Row = dict[str, Any]


class Table(PanelType[TableOptions]):
    """The source `rows` with a column c0, c1, … for each; their headings, units and kinds as texts."""

    name = "table"
    title = "Table"
    Options = TableOptions

    def layout(self, options: TableOptions, shape: Hashable) -> Model:
        return lone_source("rows")

    def columns(self, options: TableOptions, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        kinds, rows = rows_of(options, frames)
        rows = ordered(rows, options.sort)
        shown = [name for name in kinds if not options.columns.get(name, ColumnOptions()).hidden]
        notice = f"{options.limit} of {len(rows)} rows" if len(rows) > options.limit else None
        rows = rows[: options.limit]
        heads = [self._head(options, name, kinds[name]) for name in shown]
        cells = {f"c{index}": [row.get(name) for row in rows] for index, name in enumerate(shown)}
        words = [[self._words(options, name, kinds[name], row.get(name)) for name in shown] for row in rows]
        return Drawn({"rows": cells}, {"columns": heads, "cells": words, "notice": notice})

    def _head(self, options: TableOptions, name: str, kind: str) -> dict[str, Any]:
        column = options.columns.get(name, ColumnOptions())
        return {"title": column.title or name, "kind": kind, "bar": column.bar}

    def _words(self, options: TableOptions, name: str, kind: str, value: Any) -> list[str]:
        """What a cell shows, and its level: times are left to the page, which knows the zone."""
        column = options.columns.get(name, ColumnOptions())
        if kind != "number":
            return ["" if value is None else str(value), "base"]
        return [str(format_value(value, column.unit, column.decimals)), level_of(value, column.thresholds)]


def rows_of(options: TableOptions, frames: Sequence[Frame]) -> tuple[Mapping[str, str], list[Row]]:
    """The kind of each column, and the rows: those of the first table frame, else one for each series' name."""
    table = next((frame for frame in frames if not frame.is_series), None)
    if table is not None:
        kinds = {column.name: column.kind for column in table.fields}
        columns = {column.name: [plain(value) for value in column.values.tolist()] for column in table.fields}
        return kinds, [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    by_name: dict[str, Row] = {}
    kinds = {options.name: "string"}
    for frame in frames:
        kinds[frame.ref] = "number"
        row = by_name.setdefault(frame.name, {options.name: frame.name})
        row[frame.ref] = reduce(frame.numbers[0].values, options.calc)
    return kinds, list(by_name.values())


def ordered(rows: list[Row], sort: str) -> list[Row]:
    """The rows in the order of a column, those without a value last."""
    name = sort.removeprefix("-")
    if not name:
        return rows
    known = [row for row in rows if row.get(name) is not None]
    known.sort(key=lambda row: (isinstance(row[name], str), row[name]), reverse=sort.startswith("-"))
    return known + [row for row in rows if row.get(name) is None]


def plain(value: Any) -> Any:
    """A cell as JSON has it; NaN is no value."""
    return None if isinstance(value, float) and not np.isfinite(value) else value
