"""Panels on their way to a view."""

from __future__ import annotations

import asyncio
import contextlib

from heliograph.components.asking.asking import Asking
from heliograph.components.asking.outcome import Outcome


async def test_what_came_for_one_who_gave_up_is_told() -> None:
    told: list[dict[int, Outcome]] = []
    came = asyncio.Event()

    async def find(panel_id: int) -> Outcome:
        if panel_id == 1:
            came.set()
            return Outcome("ready")
        await asyncio.get_running_loop().create_future()
        return Outcome("loading")

    asking = Asking(find, lambda: told.append(asking.take()), lambda _: None)
    waits = asyncio.create_task(asking.wait([1, 2], patience_s=60))
    await came.wait()
    await asyncio.sleep(0)
    assert told == [], "who waits takes it"
    waits.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waits
    await asyncio.sleep(0)
    assert told == [{1: Outcome("ready")}]
    for task in asking.stop():
        with contextlib.suppress(asyncio.CancelledError):
            await task
