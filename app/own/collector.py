"""Writes this process's own metrics into the metric store, every few seconds."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ...scope import DEFAULT_ORG
from ...storage.metrics.client import MetricClient
from ...storage.metrics.writer import MetricWriter
from ...tasks import ended
from ..host.collector import collect_for_ever
from ..process.telemetry import Telemetry
from ..settings import Settings
from .readings import OwnReader

PERIOD_S = 5.0
SEAL_AFTER_S = 0.05
SPOOL = "spool-own"


@asynccontextmanager
async def collecting(settings: Settings, telemetry: Telemetry) -> AsyncIterator[None]:
    """Collect for as long as the block runs, where the settings ask for it."""
    if not settings.collect_self:
        yield
        return
    client = MetricClient(settings.metrics_url.get_secret_value())
    writer = MetricWriter(client, settings.data_dir / SPOOL, org=DEFAULT_ORG, seal_after_s=SEAL_AFTER_S)
    await writer.start()
    reader = OwnReader(telemetry.registry, f"{socket.gethostname()}:{settings.port}")
    task = asyncio.create_task(collect_for_ever(writer, reader.read, PERIOD_S))
    try:
        yield
    finally:
        await ended(task)
        await writer.close()
        await client.close()
