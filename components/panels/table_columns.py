"""The tables of a panel's frames: their columns with the options of each, and the rows in the panel's own order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ...datasources.frame import Array, Frame, told_apart
from ...datasources.frame import Field as Column
from ...datasources.reducers import reduce
from ..fields import ResolvedField, addresses, resolve
from ..rows import Order, SortColumn
from .table_options import ColumnOptions, TableOptions

SERIES: Final = "Series"
ALL_KINDS: Final = frozenset({"number", "string", "boolean", "time"})


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
        """Its own, overrides included."""
        assert isinstance(self.field.options, TableOptions)
        return self.field.options

    @property
    def kind(self) -> str:
        """Of its values: `number`, `time`, `string`, `boolean`, …."""
        return self.field.kind

    @property
    def values(self) -> Array:
        """One a row."""
        return self.field.column.values

    @property
    def exact(self) -> Array | None:
        """The digits of its numbers, where a float does not hold them all."""
        return self.field.column.exact

    @property
    def is_plain(self) -> bool:
        """Whether its values are written as they are: with no unit and no digits asked for."""
        return self.field.is_plain


@dataclass(frozen=True, slots=True)
class TableData:
    """The columns that are shown, all there are, by what rows may be sorted, and the rows in the panel's own order."""

    columns: Sequence[TableColumn]
    every: Sequence[TableColumn]
    sortable: Mapping[str, SortColumn]
    rows: Order
    total: int


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
    counts: Counter[tuple[str, str]] = Counter()
    for frame in frames:
        for column in frame.numbers:
            name = frame.name if len(frame.numbers) == 1 else column.name
            nth = counts[frame.ref, name]
            counts[frame.ref, name] += 1
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


def own_settings(own: ColumnOptions) -> dict[str, Any]:
    """What a column's own options set, by the names that fields have for it."""
    settings = {name: getattr(own, name) for name in own.model_fields_set - {"title", "bar"}}
    if own.title:
        settings["display_name"] = own.title
    if own.bar:
        settings["cell"] = "bar"
    return settings
