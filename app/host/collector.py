"""Collects readings once a period, on its beat, into the metric store."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from ...errors import HeliographError
from ...storage.metrics.samples import Sample
from ...storage.metrics.writer import MetricWriter

log = structlog.get_logger(__name__)
PERIOD_S = 1.0


async def collect_for_ever(
    writer: MetricWriter, read: Callable[[int], list[Sample]], period_s: float = PERIOD_S
) -> None:
    """Read, in a thread, and write: at once, then once a period on its beat.

    A reading that the writer cannot take is lost, and said once.
    """
    refused = False
    while True:
        samples = await asyncio.to_thread(read, int(time.time() * 1000))
        try:
            await writer.write(samples)
            refused = False
        except HeliographError as error:
            if not refused:
                log.warning("the collector's samples are lost", error=error.detail)
            refused = True
        await asyncio.sleep(period_s - time.time() % period_s)
