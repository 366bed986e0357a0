"""`seriesToRows`: all series in one table of time, metric and value, the newest first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .base import NoOptions, Transformation
from .naming import Naming
from .table import Column, Table, Tables, joined_refs


def run(tables: Tables, options: NoOptions) -> Sequence[Table]:
    """One table of all series; those given, but for empty ones, where one of them is no series."""
    filled = [table for table in tables if table.rows]
    if not filled or not all(_is_series(table) for table in filled):
        return filled
    parts = [_part(table) for table in filled]
    times = np.concatenate([time.values for time, _, _ in parts])
    names = [name for time, _, name in parts for _ in range(len(time))]
    values = [value for _, column, _ in parts for value in column.listed]
    columns = (
        Column("Time", "time", times),
        Column.of("Metric", "string", names),
        Column.of("Value", parts[0][1].kind, values),
    )
    newest = np.argsort(-times, kind="stable")
    return [Table(columns, ref=joined_refs(filled, "seriesToRows"), is_table=True).take(newest)]


def _is_series(table: Table) -> bool:
    time = table.time
    rising = time is not None and time.is_float and bool(np.all(np.diff(time.values) > 0))
    return rising and any(column.kind == "number" for column in table.columns)


def _part(table: Table) -> tuple[Column, Column, str]:
    """The time, the first other column, and what the series is called."""
    assert table.time is not None
    others = [column for column in table.columns if column.kind != "time"]
    name = table.name or ", ".join(Naming().of(column, table) for column in others)
    return table.time, others[0], name


TRANSFORMATION = Transformation(
    "seriesToRows",
    "Series to rows",
    "All series in one table of time, metric and value, the newest first.",
    NoOptions,
    run,
)
