"""Writes what recording rules work out to the metric store: one durable writer for each org."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path

from ...alerting.evaluation.samples import Sample
from ...storage.metrics.client import MetricClient
from ...storage.metrics.samples import Sample as Written
from ...storage.metrics.samples import Series
from ...storage.metrics.writer import MetricWriter

SEAL_AFTER_S = 0.05  # the next rule of a group may ask for it
WAIT_S = 5.0  # for the store


class StoreRecorder:
    """`Recorder` of the evaluator. Spools lie below `folder`."""

    def __init__(self, client: MetricClient, folder: Path) -> None:
        self._client = client
        self._folder = folder
        self._starting = asyncio.Lock()
        self._writers: dict[int, MetricWriter] = {}

    async def write(self, org: int, metric: str, samples: Sequence[Sample], at_ms: int) -> None:
        """Durable here once it returns, and in the store where that answers."""
        if not samples:
            return
        writer = await self._writer(org)
        await writer.write(Written(Series.of(metric, one.labels), at_ms, one.value) for one in samples)
        with contextlib.suppress(TimeoutError):  # it waits in the spool
            await asyncio.wait_for(writer.drain(), WAIT_S)

    async def close(self) -> None:
        """Write down what waits, and end."""
        for writer in self._writers.values():
            await writer.close()

    async def _writer(self, org: int) -> MetricWriter:
        async with self._starting:
            if org in self._writers:
                return self._writers[org]
            writer = self._writers[org] = MetricWriter(
                self._client, self._folder / str(org), org=org, seal_after_s=SEAL_AFTER_S
            )
            await writer.start()
            return writer
