"""`heatmap`: how many values lie in each cell of time and value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
from pydantic import Field, field_validator

from ...declared import Spec
from ...errors import InvalidError
from ..steps import interval_ms
from .base import Transformation
from .naming import Naming
from .table import Array, Column, Table, Tables

MAX_CELLS: Final = 1_000_000
S, M, H, D, Y = 1000, 60_000, 3_600_000, 86_400_000, 31_536_000_000
TIME_SIZES: Final = (
    *(1, 2, 4, 5, 10, 20, 25, 40, 50, 100, 200, 250, 400, 500),
    *(S * n for n in (1, 2, 4, 5, 10, 15, 20, 30)),
    *(M * n for n in (1, 2, 4, 5, 10, 15, 20, 30)),
    *(H * n for n in (1, 2, 4, 6, 8, 12, 18)),
    *(D * n for n in (1, 2, 3, 4, 5, 6, 7, 10, 15, 30, 45, 60, 90, 180)),
    *(Y * n for n in range(1, 11)),
)
FACTORS: Final = tuple(n / 2 for n in range(2, 20))
SIZES: Final = (
    *(float(f"{factor}e{power}") for power in range(-16, 0) for factor in FACTORS),
    *(factor * 10.0**power for power in range(16) for factor in FACTORS if (factor * 10**power) % 1 == 0),
)
X_COUNT, Y_COUNT = 20, 10


class Scale(Spec):
    """`log` 2 or 10 where the type is `log`: powers as bounds."""

    type: Literal["linear", "log", "ordinal", "symlog"] = Field("linear", description="The scale of the bounds.")
    log: float | None = Field(None, title="Base", description="The base of a logarithmic scale: 2 or 10.")
    linearThreshold: float | None = Field(None, description="Below it a symmetric logarithm is linear.")


class Buckets(Spec):
    """Buckets of an axis: a `size`, or about a `count` of them."""

    mode: Literal["size", "count"] | None = Field(None, description="Buckets of a size, or a number of them.")
    value: str | None = Field(None, max_length=30, description="The size, such as `1m` or `0.5`; or the number.")
    scale: Scale | None = Field(None, description="The scale of their bounds.")

    @field_validator("value", mode="before")
    @classmethod
    def a_text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, (int, float)) else value


class Options(Spec):
    """`keepOriginalData`: the tables stay beside the cells."""

    xBuckets: Buckets | None = Field(None, title="Buckets of time", description="Buckets of time.")
    yBuckets: Buckets | None = Field(None, title="Buckets of values", description="Buckets of values.")
    keepOriginalData: bool | None = Field(None, description="The tables stay beside the cells.")


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """One table of cells, before the others where these are kept; InvalidError without numbers over time."""
    pairs = [
        (time, column, table)
        for table in tables
        if (time := table.time) is not None and time.is_float
        for column in table.columns
        if column.kind == "number" and column.is_float
    ]
    if not pairs:
        raise InvalidError("there are no columns of times and numbers")
    x = np.concatenate([time.values for time, _, _ in pairs])
    y = np.concatenate([column.values for _, column, _ in pairs])
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        raise InvalidError("there are no values")
    made = _cells(x[known], y[known], pairs[0][0], pairs[0][1], options)
    named = made.but(name=Naming().of(pairs[0][1], pairs[0][2]))
    return [named, *tables] if options.keepOriginalData else [named]


def _cells(x: Array, y: Array, time: Column, value: Column, options: Options) -> Table:
    across, up = options.xBuckets or Buckets(), options.yBuckets or Buckets()
    columns, starts = _bins(x, _size(x, across, X_COUNT, TIME_SIZES))
    base = _log_base(up, y)
    scaled = np.log(y) / math.log(base) if base else y
    size = 1 / (_given(up) or 1) if base else _size(y, up, Y_COUNT, SIZES)
    rows, bottoms = _bins(scaled, size)
    if len(starts) * len(bottoms) > MAX_CELLS:
        raise InvalidError(f"{len(starts)} by {len(bottoms)} cells are more than {MAX_CELLS}: give larger buckets")
    counts = np.bincount(columns * len(bottoms) + rows, minlength=len(starts) * len(bottoms))
    levels = base**bottoms if base else bottoms
    unnamed = value.configured(displayNameFromDS=None)
    return Table(
        (
            Column("xMin", "time", np.repeat(starts, len(bottoms)), config=time.config),
            Column("yMin", "number", np.tile(levels, len(starts)), config=unnamed.config),
            Column("Count", "number", counts.astype(np.float64), config={"unit": "short"}),
        ),
        is_table=True,
    )


def _log_base(buckets: Buckets, y: Array) -> float:
    """The base of a logarithmic axis; 0 where it is none."""
    if buckets.scale is None or buckets.scale.type != "log":
        return 0.0
    if y.min() <= 0:
        raise InvalidError("a logarithmic axis has no values of 0 or below")
    return buckets.scale.log or 10.0


def _bins(values: Array, size: float) -> tuple[Array, Array]:
    """The number of each value's bucket, and where all of them begin."""
    least, most = math.floor(float(values.min()) / size), math.floor(float(values.max()) / size)
    if most - least >= MAX_CELLS:
        raise InvalidError(f"more than {MAX_CELLS} buckets: give larger ones")
    places = (np.floor(values / size) - least).astype(np.int64)
    return places, (np.arange(least, most + 1) * size).astype(np.float64)


def _given(buckets: Buckets) -> float:
    """The number that was given; a duration in ms; 0 where none was, or none can be read."""
    if not buckets.value:
        return 0.0
    try:
        number = float(buckets.value)
    except ValueError:
        number = interval_ms(buckets.value)
    return number if math.isfinite(number) and number > 0 else 0.0


def _size(values: Array, buckets: Buckets, usual: int, sizes: Sequence[float]) -> float:
    given = _given(buckets)
    if given and buckets.mode != "count":
        return given
    target = float(values.max() - values.min()) / max((given or usual) - 1, 1)
    above = next((index for index, size in enumerate(sizes) if size > target), len(sizes))
    return float(sizes[max(above - 1, 0)])


TRANSFORMATION = Transformation(
    "heatmap", "Create heatmap", "How many values lie in each cell of time and value.", Options, run
)
