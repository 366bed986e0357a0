"""The `alert` role: evaluates rules on time, whatever people do, and serves none of them."""

from __future__ import annotations

import os
from contextlib import AsyncExitStack

import structlog

from ..alerts.answering import answering
from ..alerts.assembly import evaluating
from ..demo.sources import with_demo
from ..process.alert_role import AlertRole
from ..process.garbage import keep_what_is_loaded
from ..process.lifeline import stop_event
from ..settings import Settings

log = structlog.get_logger(__name__)


async def run(settings: Settings) -> None:
    """Evaluate until told to stop."""
    stop = stop_event()
    settings = with_demo(settings, os.environ)
    address = AlertRole.of_environment(os.environ)
    async with AsyncExitStack() as stack:
        graph = await stack.enter_async_context(evaluating(settings))
        if address is not None:
            await stack.enter_async_context(answering(graph, address.port))
        keep_what_is_loaded()
        log.info("alert ready")
        await stop.wait()
