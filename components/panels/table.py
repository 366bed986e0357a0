"""The table panel: rows of a table frame, or one row for each series with its value of each target."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

import numpy as np
from bokeh.models import Model
from pydantic import Field

from ...datasources.frame import Array, Frame, told_apart
from ...datasources.frame import Field as Column
from ...datasources.reducers import reduce
from ...datasources.timerange import TimeRange
from ...declared import Groups, Spec, hint
from ..fields import FieldOptions, ResolvedField, addresses, resolve
from ..mappings import find
from ..rows import Order, RowsWanted, SortColumn, picked_rows
from ..thresholds import Threshold
from .base import Columns, Drawn, PanelType
from .series import lone_source

LOCAL_ROWS = 1000  # up to so many the page sorts and filters itself
PAGE_ROWS = 100
MAX_ROWS = 100_000
SPARK_POINTS = 60
Cell = Literal["auto", "text", "color", "background", "bar", "gauge", "sparkline"]
SERIES: Final = "Series"
ALL_KINDS: Final = frozenset({"number", "string", "boolean", "time"})


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
        "", description="A row below with this of each column of numbers, over all rows."
    )
    sort: str = Field("", max_length=200, description="The column that rows are ordered by; `-` in front: descending.")
    limit: int = Field(MAX_ROWS, ge=1, le=MAX_ROWS, description="At most so many rows, the first in that order.")


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column with its options; `points` of the series behind each value where there are any.

    `name` tells it from the others of its table; `addresses` are the names by which options may call it.
    """

    name: str
    field: ResolvedField
    points: Sequence[Array] = ()
    addresses: tuple[str, ...] = ()

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

    @property
    def exact(self) -> Array | None:
        return self.field.column.exact

    @property
    def is_plain(self) -> bool:
        """Whether its values are written as they are: with no unit and no digits asked for."""
        return self.options.decimals is None and self.field.unit in ("", "none", "string")


@dataclass(frozen=True, slots=True)
class TableData:
    """The columns that are shown, all there are, by what rows may be sorted, and the rows in the panel's own order."""

    columns: Sequence[TableColumn]
    every: Sequence[TableColumn]
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
    rows = "all"
    Options = TableOptions

    def layout(self, options: TableOptions, shape: Hashable) -> Model:
        return lone_source("rows")

    def data(self, options: TableOptions, frames: Sequence[Frame], number: int = 0) -> TableData:
        """The table of that number among those of the frames; it takes a while where there are many rows."""
        tables = tables_of(options, frames)
        frame, points = tables[number if number < len(tables) else 0]
        names = told_apart([column.name for column in frame.fields])
        columns = [
            column_of(options, frame, column, name, points.get(column.name, ()))
            for name, column in zip(names, frame.fields, strict=True)
        ]
        sortable: dict[str, SortColumn] = {}
        for one in columns:
            for name in one.addresses:
                sortable.setdefault(name, SortColumn(one.kind, one.values, one.exact))
        rows = picked_rows(sortable, frame.rows, RowsWanted(sort=options.sort))[: options.limit]
        places = {name: place for place, name in enumerate(options.order)}
        shown = sorted((one for one in columns if not one.options.hidden), key=lambda one: _place(one, places))
        return TableData(shown, columns, sortable, rows, frame.rows)

    def columns(self, options: TableOptions, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        data = self.data(options, frames)
        called = names_of(options, frames)
        paged = len(data.rows) > LOCAL_ROWS or len(called) > 1
        notice = f"{len(data.rows)} of {data.total} rows" if data.total > len(data.rows) else None
        texts = {
            "columns": [heading(one) for one in data.columns],
            "frames": called if len(called) > 1 else [],
            "sort": own_name(options.sort, data),
            "filter": options.filter,
            "footer": footer(options, data),
            "pages": {"size": PAGE_ROWS, "total": len(data.rows)} if paged else None,
            "notice": notice,
        }
        return Drawn({"rows": cells(data, data.rows[:PAGE_ROWS] if paged else data.rows)}, texts)

    def order(self, data: TableData, wanted: RowsWanted) -> Order:
        """The rows that filters leave, in the order wanted."""
        return picked_rows(data.sortable, data.total, wanted, data.rows)

    def page(self, options: TableOptions, data: TableData, order: Order, page: int) -> dict[str, Any]:
        """One page of the rows in that order with its headings, as JSON; one beyond the last is the last."""
        last = max(0, -(-len(order) // PAGE_ROWS) - 1)
        page = min(page, last)
        rows = cells(data, order[page * PAGE_ROWS : (page + 1) * PAGE_ROWS])
        return {
            "page": page,
            "pages": last + 1,
            "total": len(order),
            "rows": plain_columns(rows),
            "columns": [heading(one) for one in data.columns],
            "footer": footer(options, data),
        }


def tables_of(options: TableOptions, frames: Sequence[Frame]) -> Sequence[tuple[Frame, Mapping[str, Sequence[Array]]]]:
    """Each table, and all series as one more: in the order of frames; with the series behind the values."""
    found: list[tuple[Frame, Mapping[str, Sequence[Array]]]] = []
    series = [frame for frame in frames if frame.is_series or not frame.fields]
    for frame in frames:
        if frame.fields and not frame.is_series:
            found.append((frame, {}))
        elif series and frame is series[0]:
            found.append(series_table(options, series))
    return found or [series_table(options, series)]


def names_of(options: TableOptions, frames: Sequence[Frame]) -> list[str]:
    """What a person chooses tables by: their names, else the refs of their targets."""
    tables = tables_of(options, frames)
    return told_apart([frame.name or frame.ref or SERIES for frame, _ in tables])


def series_table(options: TableOptions, frames: Sequence[Frame]) -> tuple[Frame, Mapping[str, Sequence[Array]]]:
    """A row for each series, a column for each target, which share rows by the name and the place among equal ones."""
    refs = list(dict.fromkeys(frame.ref for frame in frames))
    by_cell: dict[tuple[str, str, int], Array] = {}
    rows: dict[tuple[str, int], None] = {}
    for frame in frames:
        for column in frame.numbers:
            name = frame.name if len(frame.numbers) == 1 else column.name
            nth = next(count for count in itertools.count() if (frame.ref, name, count) not in by_cell)
            by_cell[frame.ref, name, nth] = column.values
            rows.setdefault((name, nth))
    fields = [Column.string(options.name, [name for name, _ in rows])]
    points: dict[str, Sequence[Array]] = {}
    for ref in refs:
        series = [by_cell.get((ref, *row), np.empty(0)) for row in rows]
        reduced = [reduce(one, options.calc) for one in series]
        fields.append(Column.number(ref, [np.nan if one is None else one for one in reduced]))
        points[ref] = series
    return Frame(tuple(fields)), points


def column_of(options: TableOptions, frame: Frame, column: Column, name: str, points: Sequence[Array]) -> TableColumn:
    """A column with its options: those of the panel, its overrides, and its own under `columns`."""
    called = tuple(dict.fromkeys((name, *addresses(frame, column))))
    own = next((options.columns[one] for one in called if one in options.columns), None)
    if own is not None:
        options = options.model_copy(update=own_settings(own))
    (field,) = resolve(options, [Frame((column,), ref=frame.ref)], kinds=ALL_KINDS)
    return TableColumn(name, field, points, called)


def own_name(sort: str, data: TableData) -> str:
    """The order by the name that the column has on the page."""
    name = sort.removeprefix("-")
    found = next((one.name for one in data.every if name in one.addresses), name)
    return f"-{found}" if sort.startswith("-") else found


def _place(column: TableColumn, places: Mapping[str, int]) -> int:
    return min((places[name] for name in column.addresses if name in places), default=len(places))


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
        "unit": "" if column.kind != "time" or column.field.unit in ("", "none") else column.field.unit,
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
    """Values and words of these rows; the exact texts of values that floats cannot hold beside them."""
    found: dict[str, Any] = {}
    linked = any(one.options.links for one in data.columns)
    picked = [one.field.column.picked(rows) for one in data.every] if linked else []
    readable = [one.readable for one in picked]
    for index, column in enumerate(data.columns):
        largest = _largest(column) if column.options.cell == "bar" else 0.0
        own = column.field.column.picked(rows)
        exact = own.exact.tolist() if own.exact is not None else [None] * len(rows)
        words = []
        for at, (value, text) in enumerate(zip(own.values.tolist(), exact, strict=True)):
            row = _row(data, readable, at) if column.options.links else {}
            words.append(_words(column, value, text, largest, row, int(rows[at])))
        found[f"c{index}"] = own.values if column.kind in ("number", "time") else own.values.tolist()
        found[f"w{index}"] = words
        if own.exact is not None:
            found[f"e{index}"] = exact
    return found


def _row(data: TableData, readable: Sequence[Sequence[Any]], at: int) -> dict[str | int, Any]:
    """The values of a row by all names that links may use, of equal names the first; and by their places."""
    row: dict[str | int, Any] = {}
    for place, (one, values) in enumerate(zip(data.every, readable, strict=True)):
        row[place] = values[at]
        for name in one.addresses:
            row.setdefault(name, values[at])
    return row


def _largest(column: TableColumn) -> float:
    known = np.abs(column.values[np.isfinite(column.values)]) if column.kind == "number" else np.empty(0)
    return float(known.max()) if known.size else 0.0


def _words(  # noqa: PLR0917 - what a cell is made of
    column: TableColumn, value: Any, exact: str | None, largest: float, row: Mapping[str | int, Any], at: int
) -> Any:
    """The text of a cell, or its text, level and what else there is: colour c, share s, points p, links l.

    None for the text of a time that the page writes in its zone.
    """
    shown = column.field.show(value)
    mapped = find(None if value != value else value, column.options.mappings)  # noqa: PLR0124 - NaN is a missing value
    text: str | None = str(shown)
    if exact is not None and column.is_plain and (mapped is None or mapped.text is None):
        text = exact
    elif column.kind == "time" and value == value and (mapped is None or mapped.text is None):  # noqa: PLR0124 - not NaN
        text = None
    extras: dict[str, Any] = {}
    if shown.color and (column.kind != "time" or mapped is not None):
        extras["c"] = shown.color
    cell = column.options.cell
    if cell == "bar" and largest and isinstance(value, float) and value == value:  # noqa: PLR0124 - NaN
        extras["s"] = round(min(1.0, abs(value) / largest), 4)
    elif cell == "gauge" and shown.share is not None:
        extras["s"] = round(min(1.0, max(0.0, shown.share)), 4)
    elif cell == "sparkline" and column.points:
        extras["p"] = thumbnail(column.points[at])
    if row and (found := column.field.links(value if exact is None else exact, row=row)):
        extras["l"] = found
    level = "base" if column.kind == "time" and mapped is None else shown.level
    if not extras and level == "base":
        return text
    return [text, level, extras] if extras else [text, level]


def thumbnail(values: Array) -> list[int | None]:
    """A series as at most SPARK_POINTS heights from 0 to 100: the last of each stretch."""
    step = max(1, -(-values.size // SPARK_POINTS))
    picked = values[::-1][::step][::-1]
    known = picked[np.isfinite(picked)]
    if not known.size:
        return []
    low, span = float(known.min()), float(np.ptp(known)) or 1.0
    return [round(100 * (value - low) / span) if np.isfinite(value) else None for value in picked.tolist()]


def plain_columns(columns: Columns) -> dict[str, list[Any]]:
    """Columns as JSON has them: what is not finite has its words beside it."""
    return {
        name: [value if np.isfinite(value) else None for value in column.tolist()]
        if isinstance(column, np.ndarray)
        else column
        for name, column in columns.items()
    }
