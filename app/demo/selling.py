"""Keeps the demo's shop open: orders into its database, visitors into the metric store, its API on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

import structlog

from ...scope import DEFAULT_ORG
from ...storage.metrics.client import MetricClient
from ...storage.metrics.samples import Sample, Series
from ...storage.metrics.writer import MetricWriter
from ...tasks import ended
from ..host.collector import collect_for_ever
from ..settings import Settings
from .sales import sell
from .shop import BRANCHES, HOUR_MS, visitors
from .shop_api import shop_api
from .sources import Shop

PERIOD_S: Final = 5.0
SPOOL: Final = "spool-demo"
Clock = Callable[[], float]
log = structlog.get_logger(__name__)


@asynccontextmanager
async def selling(shop: Shop | None, settings: Settings, clock: Clock) -> AsyncIterator[None]:
    """Sells for as long as the block runs, where there is a shop; nobody waits for it to open."""
    if shop is None:
        yield
        return
    task = asyncio.create_task(_open(shop, settings, clock))
    try:
        yield
    finally:
        await ended(task)


async def _open(shop: Shop, settings: Settings, clock: Clock) -> None:
    is_new = not shop.file.exists()
    async with AsyncExitStack() as stack:
        try:
            shop.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            api = shop_api()
            api.listen(shop.port, "127.0.0.1")
        except OSError as error:
            log.warning("the demo's shop stays closed", error=str(error))
            return
        stack.callback(api.stop)
        client = MetricClient(settings.metrics_url.get_secret_value())
        stack.push_async_callback(client.close)
        writer = MetricWriter(client, settings.data_dir / SPOOL, org=DEFAULT_ORG)
        await writer.start()
        stack.push_async_callback(writer.close)
        await asyncio.gather(_sell_for_ever(shop.file, clock), _count_for_ever(writer, clock, is_new=is_new))


async def _sell_for_ever(file: Path, clock: Clock) -> None:
    while True:
        await asyncio.to_thread(sell, file, int(clock() * 1000))
        await asyncio.sleep(PERIOD_S - clock() % PERIOD_S)


async def _count_for_ever(writer: MetricWriter, clock: Clock, *, is_new: bool) -> None:
    """Count visitors from now on; of a new shop also those of the hour before."""
    if is_new:
        await writer.write(await asyncio.to_thread(past_visits, int(clock() * 1000)))
    await collect_for_ever(writer, visits, PERIOD_S)


def past_visits(now_ms: int) -> list[Sample]:
    """The visitors of the hour before a moment."""
    times = range(now_ms - HOUR_MS, now_ms, int(PERIOD_S * 1000))
    return [sample for at_ms in times for sample in visits(at_ms)]


def visits(at_ms: int) -> list[Sample]:
    """The visitors of each branch at a moment."""
    return [
        Sample(Series.of("shop_visitors", {"branch": branch.name}), at_ms, float(visitors(branch, at_ms)))
        for branch in BRANCHES
    ]
