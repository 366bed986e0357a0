"""Rows of SQL as frames: a time column with numbers is series, long or wide; all else is a table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from ...storage.metrics.columns import float_column
from ..frame import Field, Frame
from .legend import names

TIME_NAMES = frozenset({"time", "t", "ts", "timestamp"})
EPOCH_MS_ABOVE = 1e11  # an integer time column with larger values is ms, else seconds


def frames_of(table: pa.Table, *, legend: str = "", as_table: bool = False) -> tuple[Frame, ...]:
    """The frames of an Arrow table."""
    fields = tuple(_field(table.column_names[index], table.column(index)) for index in range(table.num_columns))
    return frames_of_fields(fields, legend=legend, as_table=as_table)


def frames_of_fields(fields: tuple[Field, ...], *, legend: str = "", as_table: bool = False) -> tuple[Frame, ...]:
    """The frames of typed columns: series where there is a time and numbers, else the table."""
    frame = Frame(fields)
    if frame.time is None or not frame.numbers or as_table or not frame.rows:
        return (frame,) if fields else ()
    keys = [field for field in fields if field.kind in ("string", "boolean")]
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
    rows: dict[tuple[str, ...], list[int]] = {}
    for index, key in enumerate(zip(*(key.values for key in keys), strict=True)):
        rows.setdefault(tuple("" if part is None else str(part) for part in key), []).append(index)
    rows = dict(sorted(rows.items()))
    labels = [dict(zip((key.name for key in keys), group, strict=True)) for group in rows]
    result = []
    for column in frame.numbers:
        family = column.name if len(frame.numbers) > 1 else ""
        called = names(family, labels, legend)
        for picked, own, name in zip(rows.values(), labels, called, strict=True):
            order = sorted(picked, key=lambda index: float(time.values[index]))
            series = Frame.series(time.values[order], column.values[order], name=name, labels=own, family=family)
            result.append(series)
    return tuple(result)


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
    return Field.string(name, [_text(value) for value in column.to_pylist()])


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
