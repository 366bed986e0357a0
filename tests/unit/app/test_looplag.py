from __future__ import annotations

import asyncio
import time

from heliograph.app.process.looplag import LoopWatch


async def test_a_blocked_loop_is_measured() -> None:
    lags: list[float] = []
    watch = LoopWatch(asyncio.get_running_loop(), lags.append)
    watch.start()
    await asyncio.sleep(0.4)
    time.sleep(0.6)  # the stall that the watch is for
    await asyncio.sleep(0.4)
    watch.stop()
    assert max(lags) > 0.05
    assert min(lags) < 0.05
