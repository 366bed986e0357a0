"""Few buckets of few series, for many panels in one statement: what a tick of a dashboard asks for.

A statement costs the store some milliseconds however little it reads, and a dashboard asks for the newest buckets of
some dozen selections at the same instant. Those of one tier and step are read as series, and joined here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ...gathered import Gathered
from .client import MetricClient
from .columns import float_column, present, whole_column
from .statements import READ_ONLY, Aggregation, Grid, Over, of_many

WITHIN_S, BEHIND_S = 0.01, 0.1
CELLS_OF_ONE, BUCKETS_OF_ONE = 5_000, 60  # what may be read together with others
CELLS_AT_ONCE, BUCKETS_AT_ONCE = 50_000, 120
REDUCED: Final[Mapping[str, np.ufunc]] = {"sum": np.add, "avg": np.add, "min": np.fmin, "max": np.fmax}


@dataclass(frozen=True, slots=True)
class Part:
    """One selection: the group of each of its series, and the span of time of its samples, up to its end alone."""

    membership: Mapping[int, int]
    over: Over
    aggregate: Aggregation
    span_ms: tuple[int, int]
    deadline_s: float

    def cells(self, step_ms: int) -> int:
        """How many values it may have: buckets times series."""
        return len(self.membership) * self.buckets(step_ms)

    def buckets(self, step_ms: int) -> int:
        """How many buckets of `step_ms` its span has."""
        return (self.span_ms[1] - self.span_ms[0]) // step_ms

    def fits(self, step_ms: int) -> bool:
        """Whether it is little enough to be read with others."""
        return self.buckets(step_ms) <= BUCKETS_OF_ONE and self.cells(step_ms) <= CELLS_OF_ONE


@dataclass(frozen=True, slots=True)
class Rows:
    """Of each row the group, the end of its bucket in ms, and the value; in the order of both. All of one length."""

    groups: NDArray[Any]
    times: NDArray[np.float64]
    values: NDArray[np.float64]


class Together:
    """Reads the parts of one grid that come within some milliseconds by one statement."""

    def __init__(self, client: MetricClient) -> None:
        self._client = client
        self._gathered: Gathered[Part, Rows] = Gathered(
            self._read, within_s=WITHIN_S, behind_s=BEHIND_S, at_most=CELLS_AT_ONCE
        )

    async def read(self, grid: Grid, part: Part) -> Rows:
        """The rows of one part; errors are those of the statement that it was read with."""
        return await self._gathered.ask(grid, part, part.cells(grid.step_ms))

    async def _read(self, grid: Hashable, parts: Sequence[Part]) -> Sequence[Rows]:
        assert isinstance(grid, Grid)
        found: dict[int, Rows] = {}

        async def read(near: Sequence[int]) -> None:
            found.update(zip(near, await self._read_near(grid, [parts[index] for index in near]), strict=True))

        await asyncio.gather(*(read(near) for near in neighbours(parts, grid.step_ms)))
        return [found[index] for index in range(len(parts))]

    async def _read_near(self, grid: Grid, parts: Sequence[Part]) -> Sequence[Rows]:
        overs = list(dict.fromkeys(one.over for one in parts))
        columns = ", ".join(f"toFloat64({grid.value(over)}) AS v{index}" for index, over in enumerate(overs))
        ids = dict.fromkeys(identity for one in parts for identity in one.membership)
        span = min(one.span_ms[0] for one in parts), max(one.span_ms[1] for one in parts)
        table = await self._client.query(
            of_many(grid, ids, span, columns),
            settings={"max_execution_time": max(one.deadline_s for one in parts), **READ_ONLY},
            query_id=uuid4().hex,  # nobody's own: who leaves stops it only where nobody else waits
        )
        read = Read.of(table, overs)
        return [read.rows(one) for one in parts]


@dataclass(frozen=True, slots=True)
class Read:
    """What a statement gave: of each row the series, the end of its bucket, and by `over` a value and if it has it."""

    series: NDArray[np.uint64]
    times: NDArray[np.float64]
    values: Mapping[Over, tuple[NDArray[np.float64], NDArray[np.bool_]]]

    @classmethod
    def of(cls, table: pa.Table, overs: Sequence[Over]) -> Read:
        """Of a table of series id, end of bucket (ms) and a column for each of `overs`."""
        columns = [table.column(index + 2) for index in range(len(overs))]
        values = {over: (float_column(one), present(one)) for over, one in zip(overs, columns, strict=True)}
        return cls(whole_column(table.column(0)), float_column(table.column(1)), values)

    def rows(self, part: Part) -> Rows:
        """Those of one part, joined as it wants them."""
        values, there = self.values[part.over]
        begin, end = part.span_ms
        ids = np.fromiter(part.membership, np.uint64, len(part.membership))
        groups = np.fromiter(part.membership.values(), np.int64, len(part.membership))
        order = np.argsort(ids)
        ids, groups = ids[order], groups[order]
        place = np.minimum(np.searchsorted(ids, self.series), len(ids) - 1)
        mine = np.flatnonzero((ids[place] == self.series) & there & (self.times > begin) & (self.times <= end))
        found = Rows(groups[place[mine]], self.times[mine], values[mine])
        order = np.lexsort((found.times, found.groups))
        ordered = Rows(found.groups[order], found.times[order], found.values[order])
        return joined(ordered, part.aggregate) if part.aggregate else ordered


def joined(rows: Rows, aggregate: Aggregation) -> Rows:
    """Rows of one group and time as one: their sum, mean, least, greatest, or how many they are."""
    if not len(rows.values):
        return rows
    differs = (rows.groups[1:] != rows.groups[:-1]) | (rows.times[1:] != rows.times[:-1])
    starts = np.concatenate(([0], np.flatnonzero(differs) + 1))
    counts = np.diff(np.append(starts, len(rows.values))).astype(np.float64)
    if aggregate == "count":
        values = counts
    else:
        values = REDUCED[aggregate].reduceat(rows.values, starts)
        values = values / counts if aggregate == "avg" else values
    return Rows(rows.groups[starts], rows.times[starts], values)


def neighbours(parts: Sequence[Part], step_ms: int) -> list[list[int]]:
    """The places of parts whose spans overlap, so far as they are not many buckets together."""
    found: list[list[int]] = []
    begin = end = 0
    for index in sorted(range(len(parts)), key=lambda one: parts[one].span_ms):
        first, last = parts[index].span_ms
        if found and first < end and (max(end, last) - begin) // step_ms <= BUCKETS_AT_ONCE:
            found[-1].append(index)
            end = max(end, last)
        else:
            found.append([index])
            begin, end = first, last
    return found
