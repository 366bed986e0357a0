"""Reads series from the store: matches labels, buckets by time, groups by labels, from the tier that fits the step."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ...errors import InvalidError
from .client import MetricClient
from .columns import float_column, whole_column
from .ladder import choose
from .literals import quoted
from .matching import group, select
from .schema import DATABASE
from .series_index import SeriesIndex
from .statements import READ_ONLY, Aggregation, Grid, Over, of_one
from .together import Part, Rows, Together

MAX_SERIES = 10_000
SERIES_AT_ONCE = 200  # the labels of more are looked at off the loop
ROWS_AT_ONCE = 20_000  # more than that are taken apart off the loop
ROW_COLUMNS = (whole_column, float_column, float_column)


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
    """What the store answered: its series, the step they have, the tier they come from, and the SQL that they are.

    Few buckets are read with what others ask for at the same instant: the SQL is what they would be by themselves.
    """

    series: tuple[StoredSeries, ...]
    step_s: int
    tier: str
    sql: str


class MetricReader:
    """Reads for one process. `clock` answers seconds since the epoch."""

    def __init__(self, client: MetricClient, clock: Callable[[], float]) -> None:
        self._client = client
        self._clock = clock
        self._index = SeriesIndex(client, clock)
        self._together = Together(client)

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
        groups, membership = group(matched, selection.by if selection.aggregate else None)
        grid = Grid(org, tier, step * 1000)
        part = Part(membership, selection.over, selection.aggregate, grid.whole_buckets(from_ms, to_ms), deadline_s)
        sql = of_one(grid, membership, part.span_ms, part.over, part.aggregate)
        if part.fits(grid.step_ms):
            rows = await self._together.read(grid, part)
        else:
            rows = await self._alone(sql, query_id, deadline_s)
        if len(rows.values) > ROWS_AT_ONCE:
            series = await asyncio.to_thread(split, rows, selection.metric, groups)
        else:
            series = split(rows, selection.metric, groups)
        return Reading(series, step, tier.table, sql)

    async def _alone(self, sql: str, query_id: str, deadline_s: float) -> Rows:
        table = await self._client.query(
            sql, settings={"max_execution_time": deadline_s, **READ_ONLY}, query_id=query_id
        )
        return Rows(*(take(table.column(index)) for index, take in enumerate(ROW_COLUMNS)))

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

    async def label_names(self, org: int, metric: str = "") -> Sequence[str]:
        """The names of the labels of one metric or of all, sorted."""
        where = f"org = {int(org)}" + (f" AND name = {quoted(metric)}" if metric else "")
        table = await self._client.query(
            f"SELECT DISTINCT arrayJoin(mapKeys(labels)) AS v FROM {DATABASE}.series WHERE {where} "
            "ORDER BY v LIMIT 10000",
            settings=READ_ONLY,
        )
        return [str(name) for name in table.column(0).to_pylist()]

    async def _matching(self, org: int, selection: Selection) -> list[tuple[int, dict[str, str]]]:
        known = await self._index.of(org, selection.metric)
        if len(known) > SERIES_AT_ONCE:
            found = await asyncio.to_thread(select, known, selection.labels)
        else:
            found = select(known, selection.labels)
        if len(found) > MAX_SERIES:
            raise InvalidError(f"{len(found)} series match, at most {MAX_SERIES} may")
        return found


def split(rows: Rows, metric: str, groups: Sequence[dict[str, str]]) -> tuple[StoredSeries, ...]:
    """The rows as one series a group; groups without a value are left out."""
    members, times, values = rows.groups, rows.times, rows.values
    cuts = np.flatnonzero(members[1:] != members[:-1]) + 1
    starts, ends = [0, *cuts.tolist()], [*cuts.tolist(), len(members)]
    return tuple(
        StoredSeries(metric, groups[int(members[start])], times[start:end], values[start:end])
        for start, end in zip(starts, ends, strict=True)
        if end > start
    )
