"""The `files` role: brings the dashboards and rules of an operator's folders, and looks after them."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import structlog
from watchfiles import awatch

from ...components.panels.registry import default_registry
from ..basis import configured
from ..process.lifeline import stop_event
from ..process.node_file import owner_of
from ..provisioning.bringing import Bringer, bring_for_ever
from ..provisioning.places import places_of
from ..provisioning.whole import Files
from ..settings import Settings

log = structlog.get_logger(__name__)
QUIET_MS = 100  # what is written together is read together
LOOK_EVERY_MS = 5000  # what the system does not tell of, such as a folder of another machine, is seen then


async def run(settings: Settings) -> None:
    """Bring files until told to stop."""
    stop = stop_event()
    places = places_of(settings)
    async with configured(settings) as (_, config):
        bringer = Bringer(config, Files(places, default_registry()), places, owner_of(settings.data_dir), time.time)
        log.info("files ready", places=[place.path for place in places])
        woken = asyncio.Event()
        # What is written while the first look goes on is told of too.
        working = [asyncio.create_task(watch([Path(place.path) for place in places], woken))]
        working.append(asyncio.create_task(bring_for_ever(bringer, woken)))
        waiting = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([*working, waiting], return_when=asyncio.FIRST_COMPLETED)
            for done in filter(asyncio.Task.done, working):
                done.result()  # it ends only by a fault of ours, which ends this process
        finally:
            for task in working:
                task.cancel()
            waiting.cancel()
            await asyncio.gather(*working, waiting, return_exceptions=True)
            await bringer.close()


async def watch(paths: list[Path], woken: asyncio.Event) -> None:
    """Set `woken` at once, whenever something below the paths was written, and each LOOK_EVERY_MS all the same."""
    while True:
        there = [path for path in paths if path.exists()]
        try:
            if not there:
                raise FileNotFoundError("none of the folders is there")
            async for _ in awatch(*there, debounce=QUIET_MS, rust_timeout=LOOK_EVERY_MS, yield_on_timeout=True):
                woken.set()
                if [path for path in paths if path.exists()] != there:
                    break  # another folder came or went
        except OSError as error:  # it went as it was about to be watched, or there are no watches left
            log.info("folders are looked at without being told", reason=str(error))
            await asyncio.sleep(LOOK_EVERY_MS / 1000)
            woken.set()
