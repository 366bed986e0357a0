"""`joinByField`: tables beside each other, joined where a column of each has the same value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cmp_to_key
from typing import Any, Literal

import numpy as np
from pydantic import Field

from ...declared import Spec
from ..scripttext import to_number
from .base import Transformation
from .bounds import MAX_VALUES, check_size
from .matchers import Matches, by_names, first_of
from .naming import VALUE, Naming
from .sortby import order
from .table import Array, Column, Table, Tables, as_text, joined_refs, picked

Mode = Literal["outer", "outerTabular", "inner"]


class Options(Spec):
    """`byField`: the column that is joined by, the time where none is named.

    `outer` is for series (one row a value, in order), `outerTabular` and `inner` for tables: a row for each pair.
    """

    byField: str | None = Field(None, title="Column", description="The column that is joined by; empty: the time.")
    mode: Mode | None = Field(
        "outer",
        description="`outer`: series, a row for each value; `outerTabular` and `inner`: tables, a row for each pair.",
    )


class Part:
    """One of the tables: its column that is joined by, and the others as they are called in the result."""

    def __init__(self, table: Table, by: Column) -> None:
        self.by = by
        self.others = [_other(column, table) for column in table.columns if column is not by]


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """One table with a row for each value, or each that all have (`inner`); a lone table as it is."""
    if len(tables) < 2:
        return tables
    return [joined(tables, by_names([options.byField]) if options.byField else _best(tables), options.mode or "outer")]


def joined(tables: Tables, matches: Matches, mode: Mode) -> Table:
    """One table of several; those without the column are left out, and leave nothing of an inner join."""
    naming = Naming(tables)
    parts = []
    for table in tables:
        by = next((column for column in table.columns if matches(column, table, naming)), None)
        if by is not None:
            parts.append(Part(table, by))
    ref = joined_refs(tables, "joinByField")
    if not parts:
        return Table((), ref=ref)
    if mode == "inner" and len(parts) < len(tables):
        return Table(tuple(one.take(slice(0, 0)) for part in parts for one in _columns(part, parts)), ref=ref)
    columns = _series(parts) if mode == "outer" else _tabular(parts, outer=mode == "outerTabular")
    return Table(tuple(columns), ref=ref)


def _columns(part: Part, parts: Sequence[Part]) -> list[Column]:
    return [part.by, *part.others] if part is parts[0] else part.others


def _other(column: Column, table: Table) -> Column:
    if not table.name:
        return column.but(labels=column.labels or {})
    if column.name == VALUE:
        return column.but(name=table.name, labels=column.labels or {})
    return column.but(labels={"name": table.name} | dict(column.labels or {}))


def _best(tables: Tables) -> Matches:
    if tables[0].time is not None:
        return first_of("time")
    return lambda column, table, naming: False


def _series(parts: Sequence[Part]) -> list[Column]:
    """One row for each value, in the order of numbers."""
    if all(_same(part.by, parts[0].by) for part in parts[1:]):
        columns = [one for part in parts for one in _columns(part, parts)]
        if _ascending(parts[0].by):
            return columns
        rows = order(parts[0].by.but(kind="number")) if parts[0].by.is_float else np.arange(len(parts[0].by))
        return [column.take(rows) for column in columns]
    keys = [part.by.readable for part in parts]
    values = sorted(dict.fromkeys(key for own in keys for key in own), key=cmp_to_key(_by_number))
    check_size(len(values), 1 + sum(len(part.others) for part in parts))
    places = {value: place for place, value in enumerate(values)}
    found = [parts[0].by.read(values)]
    for part, own in zip(parts, keys, strict=True):
        rows = np.full(len(values), -1, dtype=np.int64)
        rows[[places[key] for key in own]] = np.arange(len(own))
        found += [picked(column, rows) for column in part.others]
    return found


def _same(one: Column, other: Column) -> bool:
    if one.is_float and other.is_float and one.exact is None and other.exact is None:
        return bool(np.array_equal(one.values, other.values, equal_nan=True))
    return one.readable == other.readable


def _ascending(column: Column) -> bool:
    if not column.is_float:
        return column.kind == "string"
    known = column.values[~np.isnan(column.values)]
    return bool(np.all(np.diff(known) > 0))


def _by_number(one: Any, other: Any) -> int:
    difference = to_number(one) - to_number(other)
    return 0 if math.isnan(difference) else int(np.sign(difference))


def _tabular(parts: Sequence[Part], *, outer: bool) -> list[Column]:
    """A row for each pair of rows that have the same value; of an outer join also those that have no other."""
    by, left = parts[0].by, parts[0].others
    for part in parts[1:]:
        pairs = _pairs(by, part.by, outer, columns=1 + len(left) + len(part.others))
        rows, others = pairs[:, 0], pairs[:, 1]
        own, theirs = by.readable, part.by.readable
        keys = [own[row] if row >= 0 else theirs[other] for row, other in pairs.tolist()]
        left = [*(picked(column, rows) for column in left), *(picked(column, others) for column in part.others)]
        by = by.read(keys)
    return [by, *left]


def _pairs(left: Column, right: Column, outer: bool, columns: int) -> Array:
    """The rows of both sides that belong together; InvalidError where so many rows of `columns` are too many."""
    most = MAX_VALUES // columns
    index: dict[str, list[int]] = {}
    for row, value in enumerate(right.readable):
        index.setdefault("" if value is None else as_text(value), []).append(row)
    pairs: list[tuple[int, int]] = []
    alone: list[tuple[int, int]] = []
    matched: set[str] = set()
    for row, value in enumerate(left.readable):
        key = None if value is None else as_text(value)
        if key is not None and key in index:
            pairs += [(row, other) for other in index[key]]
            if len(pairs) > most:
                check_size(len(pairs), columns)
            if isinstance(value, str):  # as in Grafana, whose outer join finds no number among the keys it has used
                matched.add(key)
        else:
            alone.append((row, -1))
    if outer:
        pairs += alone
        pairs += [(-1, row) for key in sorted(index, key=_key_order) if key not in matched for row in index[key]]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _key_order(key: str) -> tuple[int, float]:
    """Whole numbers by their size, then the others as they came."""
    return (0, float(key)) if key.isdecimal() and len(key) < 10 else (1, 0.0)


TRANSFORMATION = Transformation(
    "joinByField",
    "Join by field",
    "Tables beside each other, joined where a column of each has the same value.",
    Options,
    run,
    aliases=("seriesToColumns",),
)
