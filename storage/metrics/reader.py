"""Reads series from the store: matches labels, buckets by time, groups by labels, from the tier that fits the step."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ...errors import InvalidError
from ...patterns import whole
from .client import MetricClient
from .columns import float_column, whole_column
from .ladder import choose
from .literals import quoted
from .schema import DATABASE, Tier

Over = Literal["avg", "min", "max", "sum", "count", "first", "last", "rate", "increase"]
Aggregation = Literal["", "avg", "min", "max", "sum", "count"]
MAX_SERIES = 10_000
INDEX_LIFE_S = 5.0
SERIES_AT_ONCE = 200  # the labels of more are looked at off the loop
ROWS_AT_ONCE = 20_000  # more than that are taken apart off the loop
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
class Selection:
    """Which series, and how they become the series of an answer.

    `labels`: a value, or one of several values; a value that begins with `~` is a regular expression for the whole
    label, `!` in front of either turns it round. `over` is the value of a bucket, `aggregate` joins series that have
    equal labels `by`; empty keeps them apart.
    """

    metric: str
    labels: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    over: Over = "avg"
    aggregate: Aggregation = ""
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredSeries:
    """One series of an answer: times in ms UTC, ascending, each the end of its bucket; values of the same length."""

    name: str
    labels: Mapping[str, str]
    times: NDArray[np.float64]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the store answered: its series, the step they have, the tier they come from and the SQL that ran."""

    series: tuple[StoredSeries, ...]
    step_s: int
    tier: str
    sql: str


class MetricReader:
    """Reads for one process. `clock` answers seconds since the epoch."""

    def __init__(self, client: MetricClient, clock: Callable[[], float]) -> None:
        self._client = client
        self._clock = clock
        self._index: dict[tuple[int, str], tuple[float, list[tuple[int, dict[str, str]]]]] = {}

    def now_ms(self) -> int:
        """The time by which tiers are chosen."""
        return int(self._clock() * 1000)

    async def read(
        self,
        org: int,
        selection: Selection,
        from_ms: int,
        to_ms: int,
        step_s: float,
        *,
        query_id: str = "",
        deadline_s: float = 30.0,
    ) -> Reading:
        """The buckets that end within [from_ms, to_ms], on the grid of the ladder's step.

        A bucket that ends at t holds the samples of [t − step, t): its value depends on nothing that comes later.
        """
        tier, step = choose(step_s, from_ms, self.now_ms())
        matched = await self._matching(org, selection)
        if not matched:
            return Reading((), step, tier.table, "")
        groups, membership = group(matched, selection)
        sql = statement(org, selection, tier, membership, range_ms=(from_ms, to_ms), step_ms=step * 1000)
        table = await self._client.query(
            sql, settings={"max_execution_time": deadline_s, **READ_ONLY}, query_id=query_id
        )
        if table.num_rows > ROWS_AT_ONCE:
            series = await asyncio.to_thread(split, table, selection.metric, groups)
        else:
            series = split(table, selection.metric, groups)
        return Reading(series, step, tier.table, sql)

    async def metrics(self, org: int) -> Sequence[str]:
        """The names of all metrics, sorted."""
        table = await self._client.query(
            f"SELECT DISTINCT name FROM {DATABASE}.series WHERE org = {int(org)} ORDER BY name LIMIT 10000",
            settings=READ_ONLY,
        )
        return [str(name) for name in table.column(0).to_pylist()]

    async def label_values(self, org: int, label: str, metric: str = "") -> Sequence[str]:
        """The values of a label, of one metric or of all, sorted."""
        where = f"org = {int(org)} AND mapContains(labels, {quoted(label)})"
        if metric:
            where += f" AND name = {quoted(metric)}"
        table = await self._client.query(
            f"SELECT DISTINCT labels[{quoted(label)}] AS v FROM {DATABASE}.series WHERE {where} ORDER BY v LIMIT 10000",
            settings=READ_ONLY,
        )
        return [str(value) for value in table.column(0).to_pylist()]

    async def _matching(self, org: int, selection: Selection) -> list[tuple[int, dict[str, str]]]:
        known = await self._series(org, selection.metric)
        if len(known) > SERIES_AT_ONCE:
            found = await asyncio.to_thread(select, known, selection.labels)
        else:
            found = select(known, selection.labels)
        if len(found) > MAX_SERIES:
            raise InvalidError(f"{len(found)} series match, at most {MAX_SERIES} may")
        return found

    async def _series(self, org: int, metric: str) -> list[tuple[int, dict[str, str]]]:
        now = self._clock()
        kept = self._index.get((org, metric))
        if kept is not None and now - kept[0] < INDEX_LIFE_S:
            return kept[1]
        table = await self._client.query(
            f"SELECT id, labels FROM {DATABASE}.series "
            f"WHERE org = {int(org)} AND name = {quoted(metric)} LIMIT 1 BY id",
            settings=READ_ONLY,
        )
        ids, labels = table.column(0).to_pylist(), table.column(1).to_pylist()
        series = [(identity, dict(pairs)) for identity, pairs in zip(ids, labels, strict=True)]
        if len(self._index) > 10_000:
            self._index.clear()
        self._index[(org, metric)] = (now, series)
        return series


def select(
    known: Sequence[tuple[int, dict[str, str]]], labels: Mapping[str, str | Sequence[str]]
) -> list[tuple[int, dict[str, str]]]:
    """The series whose labels are wanted; InvalidError for a regular expression that cannot be run."""
    found = list(known)
    for label, wanted in labels.items():
        kept = wanted_values(label, wanted, {one[1].get(label, "") for one in found})
        found = [one for one in found if one[1].get(label, "") in kept]
    return found


def wanted_values(label: str, wanted: str | Sequence[str], values: AbstractSet[str]) -> AbstractSet[str]:
    """Those of a label's values that are wanted: `api`, `!api`, `~api|web`, `!~api|web`, or a list of them."""
    if not isinstance(wanted, str):
        return values & frozenset(wanted)
    turned, text = wanted.startswith("!"), wanted.removeprefix("!")
    if not text.startswith("~"):
        return values - {text} if turned else values & {text}
    try:
        pattern = whole(text[1:])
    except ValueError as error:
        raise InvalidError(f"the expression for {label}: {error}", path=f"$.labels.{label}") from None
    tried = tuple(values)
    return {value for value, matches in zip(tried, pattern.matches(tried), strict=True) if matches is not turned}


def group(
    matched: Sequence[tuple[int, dict[str, str]]], selection: Selection
) -> tuple[list[dict[str, str]], dict[int, int]]:
    """The labels of each group, and the group of each series id."""
    if not selection.aggregate:
        return [labels for _, labels in matched], {identity: index for index, (identity, _) in enumerate(matched)}
    groups: dict[tuple[tuple[str, str], ...], int] = {}
    membership = {}
    for identity, labels in matched:
        key = tuple((name, labels[name]) for name in selection.by if name in labels)
        membership[identity] = groups.setdefault(key, len(groups))
    return [dict(key) for key in groups], membership


def statement(
    org: int,
    selection: Selection,
    tier: Tier,
    membership: Mapping[int, int],
    *,
    range_ms: tuple[int, int],
    step_ms: int,
) -> str:
    """One SELECT of (g, t, v): group, end of bucket in ms, value; in the order of both."""
    time, value = ("ts", OVER_RAW) if tier.bucket_s == 0 else ("bucket", OVER_ROLLUP)
    millis = "toUnixTimestamp64Milli(ts)" if tier.bucket_s == 0 else "toInt64(toUnixTimestamp(bucket)) * 1000"
    first, last = range_ms[0] // step_ms * step_ms - step_ms, range_ms[1] // step_ms * step_ms
    ids = ", ".join(str(int(identity)) for identity in membership)
    inner = (
        f"SELECT series, intDiv({millis}, {step_ms}) * {step_ms} + {step_ms} AS t, {value[selection.over]} AS v "
        f"FROM {DATABASE}.{tier.table} WHERE org = {int(org)} AND series IN ({ids}) "
        f"AND {time} >= fromUnixTimestamp64Milli({first}) AND {time} < fromUnixTimestamp64Milli({last}) "
        f"GROUP BY series, t"
    )
    groups = ", ".join(str(index) for index in membership.values())
    mapped = f"transform(series, [{ids}], [{groups}], toUInt32(0))"
    joined = f"{selection.aggregate}(v)" if selection.aggregate else "v"
    grouped = "GROUP BY g, t " if selection.aggregate else ""  # else each group is one series
    return (
        f"SELECT toUInt32({mapped}) AS g, t, toFloat64({joined}) AS joined FROM ({inner}) "
        f"WHERE v IS NOT NULL {grouped}ORDER BY g, t"
    )


def split(table: pa.Table, metric: str, groups: Sequence[dict[str, str]]) -> tuple[StoredSeries, ...]:
    """The rows of (g, t, v) as one series a group; groups without a value are left out."""
    members, times, values = whole_column(table.column(0)), float_column(table.column(1)), float_column(table.column(2))
    cuts = np.flatnonzero(members[1:] != members[:-1]) + 1
    starts, ends = [0, *cuts.tolist()], [*cuts.tolist(), len(members)]
    return tuple(
        StoredSeries(metric, groups[int(members[start])], times[start:end], values[start:end])
        for start, end in zip(starts, ends, strict=True)
        if end > start
    )
