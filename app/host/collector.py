"""Collects this machine each second, on the second, into the metric store."""

from __future__ import annotations

import asyncio
import socket
import time

import structlog

from ...storage.errors import HeliographError
from ...storage.metrics.writer import MetricWriter
from .readings import HostReader

log = structlog.get_logger(__name__)
PERIOD_S = 1.0


async def collect_for_ever(writer: MetricWriter, period_s: float = PERIOD_S) -> None:
    """Read and write once a period. A reading that the writer cannot take is lost, and said once."""
    reader = HostReader(socket.gethostname())
    refused = False
    while True:
        await asyncio.sleep(period_s - time.time() % period_s)
        samples = await asyncio.to_thread(reader.read, int(time.time() * 1000))
        try:
            await writer.write(samples)
            refused = False
        except HeliographError as error:
            if not refused:
                log.warning("the collector's samples are lost", error=error.detail)
            refused = True
