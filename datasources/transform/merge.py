"""`merge`: several tables as one, rows that agree in all columns that all have being one row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..scripttext import script_text
from .base import NoOptions, Transformation
from .bounds import check_size, check_work
from .table import Column, Table, Tables, joined_refs

Row = dict[str, Any]


def run(tables: Tables, options: NoOptions) -> Sequence[Table]:
    """One table; all as they are where no column is in each of them. InvalidError where it gets too large."""
    filled = [table for table in tables if table.columns]
    if len(tables) <= 1 or not filled:
        return tables[:1]
    named = [{column.name: column for column in table.columns} for table in filled]
    columns = {column.name: column for table in reversed(filled) for column in reversed(table.columns)}
    order = dict.fromkeys(column.name for table in filled for column in table.columns)
    keys = [name for name in named[-1] if all(name in one for one in named)]
    if not keys:
        return tables
    check_size(sum(table.rows for table in filled), len(order))
    rows = _merged(named, keys)
    made = (_column(columns[name], rows) for name in order)
    return [Table(tuple(made), ref=joined_refs(filled, "merge"))]


def _merged(tables: Sequence[Mapping[str, Column]], keys: Sequence[str]) -> list[Row]:
    rows: list[Row] = []
    compared = 0
    by_key: dict[tuple[str, ...], list[Row]] = {}
    for columns in tables:
        for values in zip(*(column.readable for column in columns.values()), strict=True):
            row = dict(zip(columns, values, strict=True))
            same = by_key.setdefault(tuple(script_text(row[key]) for key in keys), [])
            compared += len(same)
            check_work(compared)
            fitting = [one for one in same if _fits(one, row)]
            for one in fitting:
                one.update(row)
            if not fitting:
                same.append(row)
                rows.append(row)
    return rows


def _fits(one: Row, other: Row) -> bool:
    """Whether a row holds nothing else where the other has a value."""
    return all(one.get(name) is None or one[name] == value for name, value in other.items())


def _column(column: Column, rows: Sequence[Row]) -> Column:
    bare = column.but(labels=None).configured(displayName=None, displayNameFromDS=None)
    return bare.read([row.get(column.name) for row in rows])


TRANSFORMATION = Transformation(
    "merge",
    "Merge series/tables",
    "Several tables as one, rows that agree in all columns that all have being one row.",
    NoOptions,
    run,
)
