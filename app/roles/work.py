"""The `work` role: what need not be quick: pictures of density, private sessions, the collector of this machine."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import structlog

from ...scope import DEFAULT_ORG
from ...storage.metrics.client import MetricClient
from ...storage.metrics.writer import MetricWriter
from ...tasks import ended
from ..host.collector import collect_for_ever
from ..host.readings import HostReader
from ..process.lifeline import stop_event
from ..process.work_address import WorkAddress
from ..settings import Settings
from ..work.answering import answering
from ..work.applications import Applications, own_url
from ..work.drawing import Drawer

log = structlog.get_logger(__name__)
SEAL_AFTER_S = 0.05  # the collector writes once a second: nothing is gained by waiting for more


async def run(settings: Settings) -> None:
    """Work until told to stop."""
    stop = stop_event()
    address = WorkAddress.of_environment(os.environ)
    drawer: Drawer | None = None
    async with AsyncExitStack() as stack:
        if address is not None:
            drawer = await stack.enter_async_context(
                answering(address, Applications(address, own_url(settings.host, settings.port)))
            )
        if settings.collect_host:
            await stack.enter_async_context(collecting_host(settings))
        log.info("work ready")
        await stop.wait()
    if drawer is not None and drawer.busy:
        os._exit(0)  # all else is closed; the thread that compiles or draws would hold the process up for seconds


@asynccontextmanager
async def collecting_host(settings: Settings) -> AsyncIterator[None]:
    """Collect this machine's metrics while the context lasts; what was collected is in the store after it."""
    client = MetricClient(settings.metrics_url.get_secret_value())
    writer = MetricWriter(client, settings.data_dir / "spool", org=DEFAULT_ORG, seal_after_s=SEAL_AFTER_S)
    await writer.start()
    collector = asyncio.create_task(collect_for_ever(writer, HostReader(socket.gethostname()).read))
    try:
        yield
    finally:
        await ended(collector)
        await writer.close()
        await client.close()
