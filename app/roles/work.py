"""The `work` role: what need not be quick; here, the collector of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import structlog

from ...storage.metrics.client import MetricClient
from ...storage.metrics.writer import MetricWriter
from ...storage.scope import DEFAULT_ORG
from ..host.collector import collect_for_ever
from ..host.readings import HostReader
from ..lifeline import stop_event
from ..settings import Settings

log = structlog.get_logger(__name__)
SEAL_AFTER_S = 0.05  # the collector writes once a second: nothing is gained by waiting for more


async def run(settings: Settings) -> None:
    """Collect until told to stop."""
    stop = stop_event()
    client = MetricClient(settings.metrics_url.get_secret_value())
    writer = MetricWriter(client, settings.data_dir / "spool", org=DEFAULT_ORG, seal_after_s=SEAL_AFTER_S)
    await writer.start()
    collector = asyncio.create_task(collect_for_ever(writer, HostReader(socket.gethostname()).read))
    log.info("work ready")
    try:
        await stop.wait()
    finally:
        collector.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await collector
        await writer.close()
        await client.close()
