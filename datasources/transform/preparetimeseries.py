"""`prepareTimeSeries`: series as one wide table, as many tables of one series, or as long ones with their labels."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from pydantic import Field

from ...declared import Spec
from .base import Transformation
from .groupby import grouped
from .joinbyfield import joined
from .matchers import first_of
from .sortby import order
from .table import Column, Table, Tables, as_text, gaps, is_gap


class Options(Spec):
    """`wide`: a column a series; `many`: a table a series; `long`: a row a point, labels as columns."""

    format: Literal["wide", "many", "multi", "long"] | None = Field(
        "wide",
        description="`wide`: a column a series; `many`: a table a series; `long`: a row a point, labels as columns.",
    )


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """The series in the format asked for: `wide`, `multi` or `long`."""
    if options.format == "long":
        return _long(tables)
    if options.format in ("many", "multi"):
        return [series for table in _long(tables) for series in _many(table)]
    return _wide(tables)


def _wide(tables: Tables) -> list[Table]:
    """Joined by their times; one alone is put in order, its time first."""
    timed = [table for table in tables if table.time is not None]
    if len(tables) > 1:
        return [joined(tables, first_of("time"), "outer").but(ref="")] if timed else []
    return [_ordered(table) if table in timed else table for table in tables]


def _ordered(table: Table) -> Table:
    time = table.time
    assert time is not None
    first = table.with_columns((time, *(column for column in table.columns if column is not time)))
    ascending = not time.is_float or bool(np.all(np.diff(time.values) >= 0))
    return first if ascending else first.take(order(time))


def _long(tables: Tables) -> list[Table]:
    return [_lengthened(table, table.time) for table in tables if table.time is not None]


def _lengthened(table: Table, time: Column) -> Table:
    """A row for each time and label set: numbers by their names, labels and texts as columns."""
    factors = {one.name: one for one in reversed(table.columns) if one.kind in ("string", "boolean")}
    others = [one for one in table.columns if one is not time and one.kind not in ("string", "boolean")]
    kinds = {one.name: one.kind for one in reversed(others)}
    sets: dict[str, list[Column]] = {}
    for column in others:
        if column.kind == kinds[column.name]:
            sets.setdefault(_key(column), []).append(column)
    keys, rows = sorted(sets), order(time)
    labels = {key: dict(sets[key][0].labels or {}) for key in keys}
    times = Column(time.name, "time", np.repeat(time.values[rows], len(keys)))
    columns = [times, *(_values(name, kinds[name], [sets[key] for key in keys], rows) for name in sorted(kinds))]
    names = sorted({*factors, *(label for own in labels.values() for label in own)})
    told = [_factor(name, factors.get(name), [labels[key] for key in keys], rows) for name in names]
    return Table((*columns, *told), table.name, table.ref, is_table=True)


def _key(column: Column) -> str:
    """Labels as a text that orders them as JavaScript's JSON would."""
    if column.labels is None:
        return "undefined"
    return json.dumps(dict(column.labels), ensure_ascii=False, separators=(",", ":"))


def _values(name: str, kind: Any, sets: Sequence[Sequence[Column]], rows: Any) -> Column:
    found = [next((one for one in reversed(own) if one.name == name), None) for own in sets]
    dtype = np.float64 if all(one is None or one.is_float for one in found) else np.dtype(object)
    parts = [gaps(len(rows), dtype) if one is None else one.values[rows].astype(dtype) for one in found]
    return Column(name, kind, np.stack(parts, axis=1).reshape(-1))


def _factor(name: str, column: Column | None, labels: Sequence[dict[str, str]], rows: Any) -> Column:
    """A label, or where a set has none of it the texts of a column."""
    texts = [None] * len(rows) if column is None else [column.listed[row] for row in rows.tolist()]
    made = [[own[name]] * len(rows) if name in own else texts for own in labels]
    return Column.of(name, "string", [one for row in zip(*made, strict=True) for one in row])


def _many(table: Table) -> list[Table]:
    time = table.columns[0]
    labels = [column for column in table.columns if column.kind == "string"]
    found = []
    for column in table.columns:
        if column.kind not in ("number", "boolean"):
            continue
        groups = grouped(labels) if labels else [np.arange(table.rows)]
        for rows in groups:
            known = rows[~is_gap(column.values[rows])] if column.is_float else rows
            if not known.size:
                continue
            own = {one.name: as_text(one.take(known[:1]).listed[0]) for one in labels}
            value = column.take(known).but(labels=own) if labels else column
            found.append(Table((time.take(known), value), table.name, table.ref))
    return found


TRANSFORMATION = Transformation(
    "prepareTimeSeries",
    "Prepare time series",
    "Series as one wide table, as many tables of one series, or as long ones with their labels.",
    Options,
    run,
)
