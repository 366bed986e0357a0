"""The series of each metric, as the store knows them, remembered for some seconds and asked for together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Sequence
from functools import partial

import pyarrow as pa

from ...gathered import Gathered
from ...kept import Kept
from .client import MetricClient
from .literals import quoted
from .matching import Known
from .schema import DATABASE
from .statements import READ_ONLY

LIFE_S = 5.0
WITHIN_S = 0.01  # the panels of a dashboard ask for their metrics so close to each other
METRICS_AT_ONCE = 200
ROWS_AT_ONCE = 1_000  # labels of more are taken apart off the loop


class SeriesIndex:
    """Which series a metric has, in an order that stays, which colours follow. `clock`: seconds since the epoch."""

    def __init__(self, client: MetricClient, clock: Callable[[], float]) -> None:
        self._client = client
        self._kept: Kept[Known] = Kept(clock, LIFE_S)
        self._asked: Gathered[str, Known] = Gathered(self._read, within_s=WITHIN_S, at_most=METRICS_AT_ONCE)

    async def of(self, org: int, metric: str) -> Known:
        """The series of a metric, as known some seconds ago at most."""
        return await self._kept.get((org, metric), partial(self._asked.ask, org, metric))

    async def _read(self, org: Hashable, metrics: Sequence[str]) -> Sequence[Known]:
        assert isinstance(org, int)
        names = ", ".join(quoted(one) for one in dict.fromkeys(metrics))
        table = await self._client.query(
            f"SELECT name, id, labels FROM {DATABASE}.series "
            f"WHERE org = {org} AND name IN ({names}) ORDER BY name, id LIMIT 1 BY name, id",
            settings=READ_ONLY,
        )
        found = await asyncio.to_thread(by_metric, table) if table.num_rows > ROWS_AT_ONCE else by_metric(table)
        return [found.get(one, ()) for one in metrics]


def by_metric(table: pa.Table) -> dict[str, list[tuple[int, dict[str, str]]]]:
    """Rows of (name, id, labels) by their name."""
    found: dict[str, list[tuple[int, dict[str, str]]]] = {}
    columns = (table.column(index).to_pylist() for index in range(3))
    for name, identity, pairs in zip(*columns, strict=True):
        found.setdefault(str(name), []).append((identity, dict(pairs)))
    return found
