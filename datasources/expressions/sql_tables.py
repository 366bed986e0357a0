"""Answers as tables for SQL, and the rows of SQL as an answer: streams of Arrow both.

The series of a target are one table: `time`, `value`, and a column for each label; a table keeps its columns. Times are
timestamps of UTC, numbers are doubles (whole ones with more digits are integers or decimals), NaN is NULL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import numpy as np
import pyarrow as pa

from ...errors import SourceError
from ..frame import Field, Frame, told_apart
from ..query.model import Query
from ..sources.arrow_columns import field_of
from ..sources.tables import frames_of_fields

INSTANT: Final = pa.timestamp("ms")
TIME, VALUE, NAME = "time", "value", "name"


def arrow_of(tables: Mapping[str, Sequence[Frame]]) -> dict[str, bytes]:
    """Each target as one table; SourceError where it has several tables, or none."""
    return {ref: _written(_table(frames, ref)) for ref, frames in tables.items()}


def frames_of_arrow(data: bytes, query: Query) -> tuple[Frame, ...]:
    """The frames that rows make: series of times and numbers, unless they are to stay rows."""
    with pa.ipc.open_stream(data) as reader:
        table = reader.read_all()
    names = told_apart(table.column_names)
    fields = tuple(field_of(name, table.column(at)) for at, name in enumerate(names))
    found = frames_of_fields(fields, legend=query.legend, options=query.options)
    return tuple(frame.with_ref(query.ref) for frame in found)


def _written(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def _table(frames: Sequence[Frame], ref: str) -> pa.Table:
    tables = [frame for frame in frames if not _has_labels(frame)]
    if len(tables) > 1 or (tables and len(frames) > 1):
        raise SourceError(f"target {ref} answers {len(frames)} tables, and a table of SQL is one")
    if tables:
        names = told_apart([one.name for one in tables[0].fields])
        columns = [_column(one) for one in tables[0].fields]
        return pa.table(columns, names=names)
    return _of_series(frames)


def _has_labels(frame: Frame) -> bool:
    """Whether it is a series, or one number of a label set."""
    return frame.is_series or (not frame.is_table and frame.rows == 1 and len(frame.numbers) == len(frame.fields))


def _of_series(frames: Sequence[Frame]) -> pa.Table:
    """One row for each point: its time, its value, and its labels; the name of its series where these say nothing."""
    series = [(frame, column) for frame in frames for column in frame.numbers]
    labels = [dict(column.labels) for _, column in series]
    keys = list(dict.fromkeys(key for own in labels for key in own))
    if not keys and len(series) > 1:
        keys, labels = [NAME], [{NAME: frame.name or column.name} for frame, column in series]
    columns: dict[str, pa.Array] = {}
    if any(frame.time is not None for frame, _ in series) or not series:
        times = [_times(frame.time, frame.rows) for frame, _ in series]
        columns[TIME] = pa.array(_joined(times), INSTANT, from_pandas=True)
    columns[VALUE] = pa.array(_joined([column.values for _, column in series]), from_pandas=True)
    counts = [frame.rows for frame, _ in series]
    for key in keys:
        texts = pa.array([own.get(key) for own in labels], pa.string())
        columns[key] = texts.take(pa.array(np.repeat(np.arange(len(series)), counts)))
    return pa.table(list(columns.values()), names=told_apart(list(columns)))


def _joined(arrays: Sequence[Any]) -> Any:
    return np.concatenate(arrays) if arrays else np.empty(0)


def _times(time: Field | None, rows: int) -> Any:
    values = np.full(rows, np.nan) if time is None else time.values
    return _instants(values)


def _instants(values: Any) -> Any:
    known = np.isfinite(values) & (np.abs(values) < 2**62)
    return np.where(known, values, 0).astype("int64").astype("datetime64[ms]") if known.all() else _gaps(values, known)


def _gaps(values: Any, known: Any) -> Any:
    made = np.where(known, values, 0).astype("int64").astype("datetime64[ms]")
    made[~known] = np.datetime64("NaT")
    return made


def _column(field: Field) -> pa.Array:
    if field.kind == "time":
        return pa.array(_instants(field.values), INSTANT, from_pandas=True)
    if field.kind == "number":
        exact = _digits(field)
        return exact if exact is not None else pa.array(field.values, from_pandas=True)
    return pa.array(field.values.tolist(), pa.bool_() if field.kind == "boolean" else pa.string())


def _digits(field: Field) -> pa.Array | None:
    """Numbers that a float does not hold, as integers or decimals; None where there are none, or no type has them."""
    if field.exact is None:
        return None
    try:
        texts = field.readable
        numbers = [None if text != text else Decimal(str(text)) for text in texts]  # noqa: PLR0124 - NaN
        whole = all(one is None or one == one.to_integral_value() for one in numbers)
        return pa.array([None if one is None else int(one) if whole else one for one in numbers])
    except (InvalidOperation, ValueError, OverflowError, pa.ArrowException):
        return None
