"""The table panel: rows of a table frame, or one row for each series with its value of each target."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

import numpy as np
from bokeh.models import Model
from pydantic import BaseModel, ConfigDict, Field

from ...datasources.frame import Array, Frame
from ...datasources.frame import Field as Column
from ...datasources.reducers import reduce
from ...datasources.timerange import TimeRange
from ..fields import FieldOptions, ResolvedField, resolve
from ..rows import Order, RowsWanted, SortColumn, picked_rows
from ..thresholds import Threshold
from .base import Columns, Drawn, PanelType
from .series import lone_source

LOCAL_ROWS = 1000  # up to so many the page sorts and filters itself
PAGE_ROWS = 100
MAX_ROWS = 100_000
SPARK_POINTS = 60
Cell = Literal["auto", "text", "color", "background", "bar", "gauge", "sparkline"]
ALL_KINDS: Final = frozenset({"number", "string", "boolean", "time"})


class ColumnOptions(BaseModel):
    """What one column of a table looks like."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field("", max_length=200, description="Its heading; empty: the name of the column.")
    unit: str = Field("none", max_length=64, description="Unit of its values, by Grafana's id.")
    decimals: int | None = Field(None, ge=0, le=10, description="Digits after the point.")
    bar: bool = Field(False, description="Draw a bar behind each value, from zero to the largest of the column.")
    cell: Cell = Field("auto", description="How its cells are drawn, as the option `cell`.")
    width: int | None = Field(None, ge=20, le=2000, description="Its width in pixels.")
    align: Literal["auto", "left", "right", "center"] = Field("auto", description="Where its values stand.")
    hidden: bool = Field(False, description="Leave the column out.")
    thresholds: tuple[Threshold, ...] = Field((), max_length=20, description="From which value on it is how bad.")


class TableOptions(FieldOptions):
    """Options of a table panel."""

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
        "", description="A row below with this of each column of numbers, over all rows."
    )
    sort: str = Field("", max_length=200, description="The column that rows are ordered by; `-` in front: descending.")
    limit: int = Field(MAX_ROWS, ge=1, le=MAX_ROWS, description="At most so many rows, the first in that order.")


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column with its options; `points` of the series behind each value where there are any."""

    name: str
    field: ResolvedField
    points: Sequence[Array] = ()

    @property
    def options(self) -> TableOptions:
        assert isinstance(self.field.options, TableOptions)
        return self.field.options

    @property
    def kind(self) -> str:
        return self.field.kind

    @property
    def values(self) -> Array:
        return self.field.column.values


@dataclass(frozen=True, slots=True)
class TableData:
    """The columns that are shown, those that may be sorted by, and the rows in the panel's own order."""

    columns: Sequence[TableColumn]
    sortable: Mapping[str, SortColumn]
    rows: Order
    total: int


class Table(PanelType[TableOptions]):
    """The source `rows` with values c0, c1, … and words w0, w1, … of each column; headings as texts.

    Words are the text of a cell, or `[text, level, extras]`; times are null, since the page knows the zone. Of more
    than LOCAL_ROWS rows these are the first page; the others are asked for over HTTP.
    """

    name = "table"
    title = "Table"
    Options = TableOptions

    def layout(self, options: TableOptions, shape: Hashable) -> Model:
        return lone_source("rows")

    def data(self, options: TableOptions, frames: Sequence[Frame]) -> TableData:
        """The table of these frames; it takes a while where there are many rows."""
        frame, points = table_frame(options, frames)
        columns = [column_of(options, frame, column, points.get(column.name, ())) for column in frame.fields]
        sortable = {one.name: SortColumn(one.kind, one.values) for one in columns}
        rows = picked_rows(sortable, frame.rows, RowsWanted(sort=options.sort))[: options.limit]
        places = {name: place for place, name in enumerate(options.order)}
        shown = sorted(
            (one for one in columns if not one.options.hidden), key=lambda one: places.get(one.name, len(places))
        )
        return TableData(shown, sortable, rows, frame.rows)

    def columns(self, options: TableOptions, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        data = self.data(options, frames)
        paged = len(data.rows) > LOCAL_ROWS
        notice = f"{len(data.rows)} of {data.total} rows" if data.total > len(data.rows) else None
        texts = {
            "columns": [heading(one) for one in data.columns],
            "sort": options.sort,
            "filter": options.filter,
            "footer": footer(options, data),
            "pages": {"size": PAGE_ROWS, "total": len(data.rows)} if paged else None,
            "notice": notice,
        }
        return Drawn({"rows": cells(data, data.rows[:PAGE_ROWS] if paged else data.rows)}, texts)

    def order(self, data: TableData, wanted: RowsWanted) -> Order:
        """The rows that filters leave, in the order wanted."""
        return picked_rows(data.sortable, data.total, wanted, data.rows)

    def page(self, data: TableData, order: Order, page: int) -> dict[str, Any]:
        """One page of the rows in that order, as JSON; one beyond the last is the last."""
        last = max(0, -(-len(order) // PAGE_ROWS) - 1)
        page = min(page, last)
        rows = cells(data, order[page * PAGE_ROWS : (page + 1) * PAGE_ROWS])
        return {"page": page, "pages": last + 1, "total": len(order), "rows": plain_columns(rows)}


def table_frame(options: TableOptions, frames: Sequence[Frame]) -> tuple[Frame, Mapping[str, Sequence[Array]]]:
    """The first table, else the series as one: a row for each name, a column for each target; and series behind it."""
    table = next((frame for frame in frames if not frame.is_series and frame.fields), None)
    if table is not None:
        return table, {}
    refs = list(dict.fromkeys(frame.ref for frame in frames))
    names = list(dict.fromkeys(frame.name for frame in frames))
    by_cell = {(frame.ref, frame.name): frame.numbers[0].values for frame in frames}
    fields = [Column.string(options.name, names)]
    points: dict[str, Sequence[Array]] = {}
    for ref in refs:
        series = [by_cell.get((ref, name), np.empty(0)) for name in names]
        reduced = [reduce(one, options.calc) for one in series]
        fields.append(Column.number(ref, [np.nan if one is None else one for one in reduced]))
        points[ref] = series
    return Frame(tuple(fields)), points


def column_of(options: TableOptions, frame: Frame, column: Column, points: Sequence[Array]) -> TableColumn:
    """A column with its options: those of the panel, its overrides, and its own under `columns`."""
    own = options.columns.get(column.name)
    if own is not None:
        options = options.model_copy(update=own_settings(own))
    (field,) = resolve(options, [Frame((column,), ref=frame.ref)], kinds=ALL_KINDS)
    return TableColumn(column.name, field, points)


def own_settings(own: ColumnOptions) -> dict[str, Any]:
    settings = {name: getattr(own, name) for name in own.model_fields_set - {"title", "bar"}}
    if own.title:
        settings["display_name"] = own.title
    if own.bar:
        settings["cell"] = "bar"
    return settings


def heading(column: TableColumn) -> dict[str, Any]:
    options = column.options
    return {
        "name": column.name,
        "title": column.field.name,
        "kind": column.kind,
        "cell": options.cell,
        "align": ("right" if column.kind == "number" else "left") if options.align == "auto" else options.align,
        "width": options.width,
    }


def footer(options: TableOptions, data: TableData) -> Sequence[str] | None:
    """The texts of the row below: a reducer over all rows of each column of numbers."""
    if not options.footer:
        return None
    return [
        str(one.field.show(reduce(one.values[data.rows], options.footer))) if one.kind == "number" else ""
        for one in data.columns
    ]


def cells(data: TableData, rows: Order) -> Columns:
    """Values and words of these rows."""
    found: dict[str, Any] = {}
    names = [one.name for one in data.columns]
    picked = [one.values[rows].tolist() for one in data.columns]
    links = [bool(one.options.links) for one in data.columns]
    for index, (column, values) in enumerate(zip(data.columns, picked, strict=True)):
        largest = _largest(column) if column.options.cell == "bar" else 0.0
        words = []
        for at, value in enumerate(values):
            row = {name: values_[at] for name, values_ in zip(names, picked, strict=True)} if links[index] else {}
            words.append(_words(column, value, largest, row, int(rows[at])))
        found[f"c{index}"] = [plain(value) for value in values]
        found[f"w{index}"] = words
    return found


def _largest(column: TableColumn) -> float:
    known = np.abs(column.values[np.isfinite(column.values)]) if column.kind == "number" else np.empty(0)
    return float(known.max()) if known.size else 0.0


def _words(column: TableColumn, value: Any, largest: float, row: Mapping[str, Any], at: int) -> Any:
    """The text of a cell, or its text, level and what else there is: colour c, share s, points p, links l."""
    if column.kind == "time":
        return None
    shown = column.field.show(value)
    extras: dict[str, Any] = {}
    if shown.color:
        extras["c"] = shown.color
    cell = column.options.cell
    if cell == "bar" and largest and isinstance(value, float) and value == value:  # noqa: PLR0124 - NaN
        extras["s"] = round(abs(value) / largest, 4)
    elif cell == "gauge" and shown.share is not None:
        extras["s"] = round(min(1.0, max(0.0, shown.share)), 4)
    elif cell == "sparkline" and column.points:
        extras["p"] = thumbnail(column.points[at])
    if row and (found := column.field.links(value, row=row)):
        extras["l"] = found
    if not extras and shown.level == "base":
        return str(shown)
    return [str(shown), shown.level, extras] if extras else [str(shown), shown.level]


def thumbnail(values: Array) -> list[int | None]:
    """A series as at most SPARK_POINTS heights from 0 to 100: the last of each stretch."""
    step = max(1, -(-values.size // SPARK_POINTS))
    picked = values[::-1][::step][::-1]
    known = picked[np.isfinite(picked)]
    if not known.size:
        return []
    low, span = float(known.min()), float(np.ptp(known)) or 1.0
    return [round(100 * (value - low) / span) if np.isfinite(value) else None for value in picked.tolist()]


def plain(value: Any) -> Any:
    """A cell as JSON has it; NaN is no value."""
    return None if isinstance(value, float) and not np.isfinite(value) else value


def plain_columns(columns: Columns) -> dict[str, list[Any]]:
    return {name: list(column) for name, column in columns.items()}
