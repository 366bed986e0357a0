"""`histogram`: how many values of each column of numbers lie in buckets of one size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from pydantic import Field, field_validator

from ...declared import Spec
from ...errors import InvalidError
from .base import Transformation
from .table import Array, Column, Table, Tables

SIZES: Final = [
    float(f"{factor}e{power}")
    for power in range(-9, 10)
    for factor in ("1", "2", "2.5", "4", "5")
    if not (power == 0 and factor == "2.5")
]
BUCKETS: Final = 30  # about as many where no size is given
MAX_BUCKETS: Final = 100_000


class Options(Spec):
    """`bucketSize`: found where it is none or 0; `combine`: all columns as one. `bucketCount` Grafana does not read."""

    bucketSize: float | None = Field(
        None, allow_inf_nan=False, description="The width of a bucket; empty: a round one."
    )
    bucketOffset: float | None = Field(
        None, allow_inf_nan=False, description="Where a bucket begins: the others follow from it."
    )
    bucketCount: float | None = Field(None, description="Kept as Grafana wrote it; not read.")
    combine: bool | None = Field(None, description="Count the values of all columns together.")
    fields: dict[str, Any] | None = Field(None, description="Kept as Grafana wrote it; not read.")

    @field_validator("bucketSize", "bucketOffset", "bucketCount", mode="before")
    @classmethod
    def empty_is_none(cls, value: Any) -> Any:
        return None if value == "" else value


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """One table of buckets and counts; nothing without values. InvalidError past MAX_BUCKETS."""
    columns = [column for table in tables for column in table.columns if column.kind == "number" and column.is_float]
    if not columns:
        return [] if tables else tables
    known = [column.values[np.isfinite(column.values)] for column in columns]
    size = options.bucketSize if options.bucketSize and options.bucketSize > 0 else _size(np.concatenate(known))
    if size is None:
        return []
    offset, decimals = options.bucketOffset or 0.0, _decimals(size)
    found = [np.unique(_starts(values, size, offset, decimals), return_counts=True) for values in known]
    starts = np.unique(np.concatenate([own for own, _ in found]))
    if starts.size > MAX_BUCKETS:
        raise InvalidError(f"{starts.size} buckets are more than {MAX_BUCKETS}: give a larger bucketSize")
    counts = [_counts(starts, *one) for one in found]
    return [_table(columns, starts, counts, size, bool(options.combine))]


def _size(values: Array) -> float | None:
    """The smallest size that makes fewer than BUCKETS of the range, and is no finer than the values are."""
    if not values.size:
        return None
    ordered = np.unique(values)
    delta = 1.0 if values.size == 1 else float(np.diff(ordered).min(initial=np.inf))
    target = float(ordered[-1] - ordered[0]) / BUCKETS
    if not np.isfinite(delta):  # all are the same
        delta = 0.0
    return next((size for size in SIZES if target < size and size >= delta), None)


def _decimals(size: float) -> int:
    text = f"{size:.12f}".rstrip("0")
    return len(text.partition(".")[2])


def _starts(values: Array, size: float, offset: float, decimals: int) -> Array:
    return np.round(np.floor((values - offset) / size) * size + offset, decimals + 9) + 0.0


def _counts(starts: Array, own: Array, counts: Array) -> Array:
    filled = np.zeros(starts.size)
    filled[np.searchsorted(starts, own)] = counts
    return filled


def _table(columns: Sequence[Column], starts: Array, counts: Sequence[Array], size: float, combine: bool) -> Table:
    unit = next((column.config["unit"] for column in columns if column.config.get("unit")), None)
    config = {"unit": unit} if unit else {}
    ends = np.round(starts + size, _decimals(size) + 9)
    bounds = (Column("xMin", "number", starts, config=config), Column("xMax", "number", ends, config=config))
    bare = [column.configured(unit=None, displayNameFromDS=None) for column in columns]
    if combine:
        total = bare[0].but(name="count", values=np.sum(counts, axis=0)).configured(displayNameFromDS="Count")
        return Table((*bounds, total), ref="histogram", is_table=True)
    made = [column.but(values=own) for column, own in zip(bare, counts, strict=True)]
    return Table((*bounds, *made), ref="histogram", is_table=True)


TRANSFORMATION = Transformation(
    "histogram", "Histogram", "How many values of each column of numbers lie in buckets of one size.", Options, run
)
