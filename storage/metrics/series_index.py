"""The series of each metric, as the store knows them, remembered for some seconds and asked for together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from itertools import islice

import pyarrow as pa

from ...gathered import Gathered
from ...kept import Kept
from ...lru import Lru
from .client import MetricClient
from .literals import quoted
from .matching import Known
from .schema import DATABASE
from .statements import READ_ONLY

LIFE_S = 5.0
WITHIN_S = 0.01  # the panels of a dashboard ask for their metrics so close to each other
METRICS_AT_ONCE = 200
MAX_USED = 5_000
ROWS_AT_ONCE = 1_000  # labels of more are taken apart off the loop


class SeriesIndex:
    """Which series a metric has, in an order that stays, which colours follow. `clock`: seconds since the epoch.

    What is in use is read anew together: with the first metric that is, all others that were asked for lately.
    """

    def __init__(self, client: MetricClient, clock: Callable[[], float]) -> None:
        self._client = client
        self._clock = clock
        self._kept: Kept[Known] = Kept(clock, LIFE_S)
        self._asked: Gathered[str, Known] = Gathered(self._read, within_s=WITHIN_S, at_most=METRICS_AT_ONCE)
        self._used: Lru[tuple[int, str], float] = Lru(MAX_USED)  # when each was asked for last

    async def of(self, org: int, metric: str) -> Known:
        """The series of a metric, as known some seconds ago at most."""
        self._used.put((org, metric), self._clock())
        return await self._kept.get((org, metric), partial(self._asked.ask, org, metric))

    async def _read(self, org: Hashable, metrics: Sequence[str]) -> Sequence[Known]:
        assert isinstance(org, int)
        others = self._others(org, metrics)
        for one in others:  # who asks for them meanwhile need not have them read a second time
            self._kept.put((org, one), self._kept.last((org, one)) or ())
        found = await self._found(org, [*dict.fromkeys(metrics), *others])
        for one in others:
            self._kept.put((org, one), found.get(one, ()))
        return [found.get(one, ()) for one in metrics]

    def _others(self, org: int, metrics: Sequence[str]) -> list[str]:
        """What else is in use: asked for within the life of what is known, and known."""
        least_s = self._clock() - LIFE_S
        lately = (name for (of, name), at_s in self._used.items() if of == org and at_s >= least_s)
        known = (one for one in lately if one not in metrics and self._kept.last((org, one)) is not None)
        return list(islice(known, max(0, METRICS_AT_ONCE - len(metrics))))

    async def _found(self, org: int, metrics: Sequence[str]) -> Mapping[str, Known]:
        names = ", ".join(map(quoted, metrics))
        table = await self._client.query(
            f"SELECT name, id, labels FROM {DATABASE}.series "
            f"WHERE org = {org} AND name IN ({names}) ORDER BY name, id LIMIT 1 BY name, id",
            settings=READ_ONLY,
        )
        return await asyncio.to_thread(by_metric, table) if table.num_rows > ROWS_AT_ONCE else by_metric(table)


def by_metric(table: pa.Table) -> dict[str, list[tuple[int, dict[str, str]]]]:
    """Rows of (name, id, labels) by their name."""
    found: dict[str, list[tuple[int, dict[str, str]]]] = {}
    columns = (table.column(index).to_pylist() for index in range(3))
    for name, identity, pairs in zip(*columns, strict=True):
        found.setdefault(str(name), []).append((identity, dict(pairs)))
    return found
