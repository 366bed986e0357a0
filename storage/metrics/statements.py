"""The SELECTs of buckets: from raw samples and from rollups, of one selection or of many together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from .schema import DATABASE, Tier

Over = Literal["avg", "min", "max", "sum", "count", "first", "last", "rate", "increase"]
Aggregation = Literal["", "avg", "min", "max", "sum", "count"]

READ_ONLY = {"max_result_bytes": 200_000_000, "max_memory_usage": 4_000_000_000, "readonly": 1}
# How the samples of one series in one bucket become one value: from raw samples, and from rollups.
OVER_RAW: Mapping[Over, str] = {
    "avg": "avg(value)",
    "min": "min(value)",
    "max": "max(value)",
    "sum": "sum(value)",
    "count": "toFloat64(count())",
    "first": "argMin(value, ts)",
    "last": "argMax(value, ts)",
    "rate": "sum(increase) * 1000 / nullIf(sum(elapsed), 0)",
    "increase": "sum(increase)",
}
OVER_ROLLUP: Mapping[Over, str] = {
    "avg": "sum(sum) / sum(count)",
    "min": "min(min)",
    "max": "max(max)",
    "sum": "sum(sum)",
    "count": "toFloat64(sum(count))",
    "first": "argMinMerge(first)",
    "last": "argMaxMerge(last)",
    "rate": "sum(increase) * 1000 / nullIf(sum(elapsed), 0)",
    "increase": "sum(increase)",
}


@dataclass(frozen=True, slots=True)
class Grid:
    """Whose samples, of which tier, and the step of their buckets in ms."""

    org: int
    tier: Tier
    step_ms: int

    def whole_buckets(self, from_ms: int, to_ms: int) -> tuple[int, int]:
        """The samples of all buckets that end within a range: from the first instant on, up to the second."""
        return from_ms // self.step_ms * self.step_ms - self.step_ms, to_ms // self.step_ms * self.step_ms

    def value(self, over: Over) -> str:
        """The expression of a bucket's value; NULL where it has none."""
        return (OVER_RAW if self.tier.bucket_s == 0 else OVER_ROLLUP)[over]


def of_many(grid: Grid, ids: Iterable[int], span_ms: tuple[int, int], columns: str) -> str:
    """One SELECT of (series, t, columns…): t is the end of a bucket in ms; in no order."""
    is_raw = grid.tier.bucket_s == 0
    time, millis = (
        ("ts", "toUnixTimestamp64Milli(ts)") if is_raw else ("bucket", "toInt64(toUnixTimestamp(bucket)) * 1000")
    )
    first, last = span_ms
    return (
        f"SELECT series, intDiv({millis}, {grid.step_ms}) * {grid.step_ms} + {grid.step_ms} AS t, {columns} "
        f"FROM {DATABASE}.{grid.tier.table} WHERE org = {int(grid.org)} AND series IN ({listed(ids)}) "
        f"AND {time} >= fromUnixTimestamp64Milli({first}) AND {time} < fromUnixTimestamp64Milli({last}) "
        f"GROUP BY series, t"
    )


def of_one(
    grid: Grid, membership: Mapping[int, int], span_ms: tuple[int, int], over: Over, aggregate: Aggregation
) -> str:
    """One SELECT of (g, t, v): group, end of bucket in ms, value; in the order of both."""
    inner = of_many(grid, membership, span_ms, f"{grid.value(over)} AS v")
    mapped = f"transform(series, [{listed(membership)}], [{listed(membership.values())}], toUInt32(0))"
    joined = f"{aggregate}(v)" if aggregate else "v"
    grouped = "GROUP BY g, t " if aggregate else ""  # else each group is one series
    return (
        f"SELECT toUInt32({mapped}) AS g, t, toFloat64({joined}) AS joined FROM ({inner}) "
        f"WHERE v IS NOT NULL {grouped}ORDER BY g, t"
    )


def listed(numbers: Iterable[int]) -> str:
    """Numbers for an IN of SQL: whole ones, whatever was given."""
    return ", ".join(str(int(one)) for one in numbers)
