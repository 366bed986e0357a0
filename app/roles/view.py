"""The `view` role: pages, API, sockets and the query path."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import structlog

from ..assembly import assembled
from ..demo.provision import bring_all, provision
from ..demo.selling import selling
from ..demo.sources import Shop, with_demo
from ..own.collector import collecting
from ..process.alert_role import AlertRole
from ..process.filelimit import raise_file_limit
from ..process.garbage import keep_what_is_loaded
from ..process.lifeline import stop_event
from ..process.looplag import LoopWatch
from ..process.node_file import owner_of
from ..process.process_metrics import Seldom
from ..process.work_address import WorkAddress
from ..provisioning.bringing import let_go
from ..server import drain, listen
from ..settings import Settings

OWN_DASHBOARDS = Path(__file__).parents[1] / "own" / "dashboards"
log = structlog.get_logger(__name__)


async def run(settings: Settings) -> None:
    """Serve until told to stop, then drain."""
    stop = stop_event()
    raise_file_limit()
    settings = with_demo(settings, os.environ)
    work, alerts = WorkAddress.of_environment(os.environ), AlertRole.of_environment(os.environ)
    async with assembled(settings, work, alerts) as graph:
        watch = LoopWatch(asyncio.get_running_loop(), graph.site.telemetry.loop_lag.observe)
        watch.start()
        loop = asyncio.get_running_loop()
        graph.site.telemetry.tasks.set_function(Seldom(lambda: len(asyncio.all_tasks(loop))))
        if not settings.provisioning:
            await let_go(graph.config, owner_of(settings.data_dir), int(graph.site.clock() * 1000))
        if settings.collect_self:
            await bring_all(graph, OWN_DASHBOARDS)
        demo = os.environ.get("HELIOGRAPH_ROLE_DEMO", "")
        greeting = await provision(graph) if demo else ""
        shop = Shop.of_environment(settings, os.environ)
        async with collecting(settings, graph.site.telemetry), selling(shop, settings, graph.site.clock):
            keep_what_is_loaded()
            server = listen(graph)
            log.info("view ready", host=settings.host, port=settings.port)
            if demo == "1":
                print(greeting, flush=True)
            try:
                await stop.wait()
                await drain(server, graph)
            finally:
                watch.stop()
