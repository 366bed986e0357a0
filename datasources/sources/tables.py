"""Rows of SQL as frames: a time column with numbers is series, long or wide; all else is a table."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from ...storage.metrics.columns import float_column
from ..frame import Array, Field, Frame
from .legend import names

TIME_NAMES = frozenset({"time", "t", "ts", "timestamp"})
ROWS_AT_ONCE = 5000
EPOCH_MS_ABOVE = 1e11  # an integer time column with larger values is ms, else seconds


def frames_of(table: pa.Table, *, legend: str = "", as_table: bool = False) -> tuple[Frame, ...]:
    """The frames of an Arrow table."""
    fields = tuple(_field(table.column_names[index], table.column(index)) for index in range(table.num_columns))
    return frames_of_fields(fields, legend=legend, as_table=as_table)


async def frames_off_loop(table: pa.Table, *, legend: str = "", as_table: bool = False) -> tuple[Frame, ...]:
    """The same; what is long in a thread, so that the loop is not held up."""
    if table.num_rows <= ROWS_AT_ONCE:
        return frames_of(table, legend=legend, as_table=as_table)
    return await asyncio.to_thread(frames_of, table, legend=legend, as_table=as_table)


def frames_of_fields(fields: tuple[Field, ...], *, legend: str = "", as_table: bool = False) -> tuple[Frame, ...]:
    """The frames of typed columns: series of the rows that have a time, where there are times and numbers, else the
    table."""
    frame = Frame(fields)
    if frame.time is None or not frame.numbers or as_table or not frame.rows:
        return (frame,) if fields else ()
    known = np.isfinite(frame.time.values)
    if not known.any() and not frame.is_series:
        return (frame,)
    if not known.all():  # a row without a time has no place on an axis
        frame = Frame(tuple(replace(field, values=field.values[known]) for field in fields))
    keys = [field for field in frame.fields if field.kind in ("string", "boolean")]
    return long_to_series(frame, keys, legend) if keys else wide_to_series(frame, legend)


def wide_to_series(frame: Frame, legend: str) -> tuple[Frame, ...]:
    """One series for each number column."""
    time = frame.time
    assert time is not None
    order = np.argsort(time.values, kind="stable")
    return tuple(
        Frame.series(time.values[order], column.values[order], name=legend or column.name) for column in frame.numbers
    )


def long_to_series(frame: Frame, keys: list[Field], legend: str) -> tuple[Frame, ...]:
    """One series for each combination of the text columns' values, which are its labels."""
    time = frame.time
    assert time is not None
    groups, rows = grouped(keys, time.values)
    labels = [dict(zip((key.name for key in keys), group, strict=True)) for group in groups]
    result = []
    for column in frame.numbers:
        family = column.name if len(frame.numbers) > 1 else ""
        called = names(family, labels, legend)
        for order, own, name in zip(rows, labels, called, strict=True):
            series = Frame.series(time.values[order], column.values[order], name=name, labels=own, family=family)
            result.append(series)
    return tuple(result)


def grouped(keys: Sequence[Field], times: Array) -> tuple[list[tuple[str, ...]], list[Array]]:
    """The combinations of the columns' texts, in their order, and the rows of each by time."""
    numbers: dict[tuple[Any, ...], int] = {}
    columns = zip(*(key.values.tolist() for key in keys), strict=True)
    place = np.fromiter((numbers.setdefault(key, len(numbers)) for key in columns), np.int64, len(times))
    texts = [tuple("" if part is None else str(part) for part in key) for key in numbers]
    groups = sorted(set(texts))
    rank = {text: index for index, text in enumerate(groups)}
    group = np.array([rank[text] for text in texts], np.int64)[place]
    order = np.lexsort((times, group))
    return groups, np.split(order, np.flatnonzero(np.diff(group[order])) + 1)


def _field(name: str, column: pa.ChunkedArray) -> Field:
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        zone = kind.tz if pa.types.is_timestamp(kind) else None
        return Field.time(float_column(column.cast(pa.timestamp("ms", zone)).cast(pa.int64())), name)
    if pa.types.is_boolean(kind):
        return Field.boolean(name, column.to_pylist())
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        values = float_column(column)
        if name.lower() in TIME_NAMES and pa.types.is_integer(kind):
            return Field.time(values if values.size and values[0] > EPOCH_MS_ABOVE else values * 1000, name)
        return Field.number(name, values)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return Field.string(name, column.to_pylist())
    return Field.string(name, [_text(value) for value in column.to_pylist()])


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
