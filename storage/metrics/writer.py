"""The batching writer: samples are acknowledged when they are on disk, and reach the store exactly once."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Iterable
from pathlib import Path

import structlog

from ...errors import HeliographError, OverloadedError, SourceError, SourceUnavailableError
from ...tasks import ended
from .client import MetricClient
from .samples import Row, Sample, Series, load_arrow, sample_table, series_table
from .schema import DATABASE
from .spool import Batch, Spool

log = structlog.get_logger(__name__)
SEAL_AFTER_S = 1.0
SEAL_AT_SAMPLES = 50_000
MAX_UNSENT_BATCHES = 3600
MAX_ELAPSED_MS = 3_600_000  # a series that was silent for longer begins anew
RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0)


class MetricWriter:
    """Gathers samples of one org, seals them into the spool and hands them on to the store.

    `write` returns when its samples are durable on this machine; `drain` when the store has them all.
    """

    def __init__(self, client: MetricClient, spool_dir: Path, *, org: int, seal_after_s: float = SEAL_AFTER_S) -> None:
        self._client = client
        self._spool_dir = spool_dir
        self._org = org
        self._seal_after_s = seal_after_s
        self._rows: list[Row] = []
        self._new_series: dict[int, Series] = {}
        self._ids: dict[Series, int] = {}
        self._last: dict[int, tuple[int, float]] = {}
        self._sealed = asyncio.Event()
        self._acknowledge: asyncio.Future[None] | None = None
        self._unsent: list[Batch] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._wake = asyncio.Event()
        self._full = asyncio.Event()
        self._drained = asyncio.Event()

    async def start(self) -> None:
        """Take up what the last process left in the spool, then serve."""
        await asyncio.to_thread(load_arrow)
        self._spool = await asyncio.to_thread(Spool, self._spool_dir)
        self._unsent = await asyncio.to_thread(lambda: list(self._spool.pending()))
        self._wake.set()
        self._tasks = [asyncio.create_task(self._seal_for_ever()), asyncio.create_task(self._send_for_ever())]

    async def write(self, samples: Iterable[Sample]) -> int:
        """Take samples; how many, once they are durable. Values that are not finite are left out.

        OverloadedError where the store has not taken anything for so long that the spool is full.
        """
        if len(self._unsent) >= MAX_UNSENT_BATCHES:
            raise OverloadedError("the metric store takes no samples and the spool is full", retry_after_s=10)
        taken = self._add(samples)
        if self._acknowledge is None:
            self._acknowledge = asyncio.get_running_loop().create_future()
        if len(self._rows) >= SEAL_AT_SAMPLES:
            self._full.set()
        await asyncio.shield(self._acknowledge)
        return taken

    async def drain(self) -> None:
        """Wait until the store has all that was acknowledged."""
        await self._drained.wait()

    async def close(self) -> None:
        """Seal what was taken; what the store does not have yet waits in the spool for the next process."""
        await ended(*self._tasks)
        await self._seal()

    def _add(self, samples: Iterable[Sample]) -> int:
        taken = 0
        for sample in samples:
            if not math.isfinite(sample.value):
                continue
            identity = self._identity(sample.series)
            self._rows.append((identity, sample.ts_ms, sample.value, *self._increase(identity, sample)))
            taken += 1
        return taken

    def _identity(self, series: Series) -> int:
        identity = self._ids.get(series)
        if identity is None:
            identity = self._ids[series] = series.identity()
            self._new_series[identity] = series
        return identity

    def _increase(self, identity: int, sample: Sample) -> tuple[float, int]:
        """How much a counter rose since its last sample, and in how many ms; nothing for a first or a late one."""
        before = self._last.get(identity)
        if before is None or sample.ts_ms - before[0] > 0:
            self._last[identity] = (sample.ts_ms, sample.value)
        if before is None or not 0 < sample.ts_ms - before[0] <= MAX_ELAPSED_MS:
            return 0.0, 0
        rise = sample.value - before[1] if sample.value >= before[1] else sample.value
        return rise, sample.ts_ms - before[0]

    async def _seal_for_ever(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._full.wait(), self._seal_after_s)
            self._full.clear()
            await self._seal()

    async def _seal(self) -> None:
        if self._acknowledge is None:
            return
        rows, self._rows = self._rows, []
        new, self._new_series = self._new_series, {}
        acknowledge, self._acknowledge = self._acknowledge, None
        samples, series = sample_table(self._org, rows), series_table(self._org, new.items())
        try:
            batch = await asyncio.to_thread(self._spool.seal, series, samples)
        except OSError as error:
            self._new_series = {**new, **self._new_series}
            log.error("samples cannot be spooled", error=str(error), samples=len(rows))
            acknowledge.set_exception(OverloadedError(f"samples cannot be kept: {error.strerror}"))
            acknowledge.exception()  # nobody may be waiting
            return
        self._unsent.append(batch)
        self._drained.clear()
        self._wake.set()
        acknowledge.set_result(None)

    async def _send_for_ever(self) -> None:
        failures = 0
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._unsent:
                try:
                    await self._send(self._unsent[0])
                    failures = 0
                except SourceUnavailableError:
                    failures += 1
                    if failures == 1:
                        log.warning("the metric store does not answer; samples wait in the spool")
                    await asyncio.sleep(RETRY_S[min(failures, len(RETRY_S)) - 1])
                    continue
                except HeliographError as error:
                    await self._set_aside(self._unsent[0], error)
                self._unsent.pop(0)
            self._drained.set()

    async def _send(self, batch: Batch) -> None:
        if batch.series.num_rows:
            await self._client.insert(f"{DATABASE}.series", batch.series, token=f"{batch.token}-series")
        if batch.samples.num_rows:
            await self._client.insert(f"{DATABASE}.samples", batch.samples, token=batch.token)
        await asyncio.to_thread(self._spool.remove, batch)

    async def _set_aside(self, batch: Batch, error: HeliographError) -> None:
        """A batch that the store refuses is kept under another name: nothing is lost, and the others go on."""
        if isinstance(error, SourceError):
            log.error("the store refused a batch", batch=batch.token, error=error.detail)
        await asyncio.to_thread(batch.path.rename, batch.path.with_suffix(".refused"))
