"""Columns of Arrow as columns of frames; digits that floats cannot hold, days and broken texts keep their text."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...storage.metrics.columns import float_column
from ..frame import Array, Field
from .epochs import epoch_ms

EXACT_BELOW: Final = 2**53  # whole numbers up to here are floats without loss
DAY_MS: Final = 86_400_000


def field_of(name: str, column: pa.ChunkedArray) -> Field:
    """A column by its own type."""
    kind = column.type
    if pa.types.is_date(kind):
        return day_field(name, column)
    if pa.types.is_timestamp(kind):
        return Field.time(instants(column), name)
    if pa.types.is_boolean(kind):
        return Field.boolean(name, column.to_pylist())
    if pa.types.is_integer(kind):
        return whole_field(name, column)
    if pa.types.is_floating(kind):
        return number_field(name, float_column(column))
    if pa.types.is_decimal(kind):
        return decimal_field(name, column.to_pylist())
    return Field.string(name, texts(column))


def number_field(name: str, values: Array, exact: Sequence[str | None] = ()) -> Field:
    """Numbers, or the times that they are by their name and size."""
    times = epoch_ms(name, values)
    return Field.number(name, values, exact=exact) if times is None else Field.time(times, name)


def whole_field(name: str, column: pa.ChunkedArray) -> Field:
    """Whole numbers as a field of floats; those that floats cannot hold keep their digits beside them."""
    values = float_column(column)
    large = np.abs(values) >= EXACT_BELOW
    if not large.any():
        return number_field(name, values)
    exact = [str(one) if big else None for one, big in zip(column.to_pylist(), large.tolist(), strict=True)]
    return number_field(name, values, exact)


def decimal_field(name: str, values: Sequence[Decimal | int | None]) -> Field:
    """Numbers of any length."""
    floats = np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)
    return number_field(name, floats, [exact_text(value) for value in values])


def exact_text(value: Decimal | int | None) -> str | None:
    """The digits of a number, where its float reads as another number."""
    if value is None:
        return None
    if isinstance(value, int):
        return str(value) if abs(value) >= EXACT_BELOW else None
    if not value.is_finite() or Decimal(repr(float(value))) == value:
        return None
    return f"{value:f}"


def day_field(name: str, column: pa.ChunkedArray) -> Field:
    """Days: midnight UTC for drawing, the day itself for reading."""
    days = column.cast(pa.date32())
    values = float_column(days.cast(pa.int32())) * DAY_MS
    return Field.time(values, name, [day_text(one) for one in days.cast(pa.int32()).to_pylist()])


def day_text(days: int | None) -> str | None:
    """A day after the epoch as ISO 8601 has it."""
    return None if days is None else str(np.datetime64(days, "D"))


def instants(column: pa.ChunkedArray) -> Array:
    """Timestamps of any unit as ms, what is finer cut off."""
    per_ms = {"s": 0.001, "ms": 1.0, "us": 1e3, "ns": 1e6}[column.type.unit]
    return np.asarray(np.floor(float_column(column.cast(pa.int64())) / per_ms))


def texts(column: pa.ChunkedArray) -> list[str | None]:
    """Texts; bytes that are none with replacement characters, as JSON has them."""
    kind = column.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or _is_binary(kind)):
        return [None if value is None else str(value) for value in column.to_pylist()]
    if not _is_binary(kind):
        try:
            return list(column.to_pylist())
        except UnicodeDecodeError:
            column = pa.chunked_array([pc.cast(one, pa.large_binary()) for one in column.chunks], pa.large_binary())
    return [None if value is None else value.decode("utf-8", "replace") for value in column.to_pylist()]


def _is_binary(kind: Any) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))
