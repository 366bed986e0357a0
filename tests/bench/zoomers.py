"""A thousand viewers of one view, each zooming one panel once a second to a random range."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from fixtures.crowd import IDS, boot_of, cpu_s, dashboard, p99, served, snapshot, target_of, view_process
from fixtures.lean import Http
from fixtures.product import Product
from report import figure, report

VIEWERS = int(os.environ.get("HELIOGRAPH_BENCH_VIEWERS", "1000"))
WARM_S, OVER_S = 10.0, 30.0
SPANS_S = (60, 300, 600, 1200)


async def measure(product: Product) -> dict[str, dict[str, Any]]:
    process, http = view_process(product), Http(target_of(product), connections=200)
    boot = await boot_of(http)
    await snapshot(http, boot)
    took_ms: list[float] = []
    failed = 0
    end = time.monotonic() + WARM_S + OVER_S

    async def viewer() -> None:
        nonlocal failed
        await asyncio.sleep(random.random())
        while time.monotonic() < end:
            started = time.monotonic()
            span = random.choice(SPANS_S) * 1000
            to_ms = int(time.time() * 1000) - random.randrange(0, 1_200_000)
            path = f"/live/{boot['view']}/columns?panel={random.choice(IDS)}&from={to_ms - span}&to={to_ms}"
            answer = await http.get(path, {"X-Heliograph-Token": boot["token"]})
            failed += answer.status != 200
            took_ms.append((time.monotonic() - started) * 1000)
            await asyncio.sleep(max(0.0, 1 - (time.monotonic() - started)))

    viewers = [asyncio.create_task(viewer()) for _ in range(VIEWERS)]
    await asyncio.sleep(WARM_S)
    took_ms.clear()
    before, rss = cpu_s(process), process.memory_info().rss
    await asyncio.gather(*viewers)
    busy, grown = (cpu_s(process) - before) / OVER_S, process.memory_info().rss - rss
    http.close()
    return {
        f"{VIEWERS} viewers zooming once a second: share of a core": figure(busy * 100, "%", goal=100),
        "a zoom, p99": figure(p99(took_ms), "ms", goal=500),
        "zooms a second": figure(len(took_ms) / OVER_S, "zooms/s"),
        "zooms that failed": figure(failed, "zooms", goal=0),
        "memory grown meanwhile": figure(grown / 1e6, "MB", goal=50),
    }


def main() -> None:
    with served([dashboard()]) as product:
        figures = asyncio.run(measure(product))
    report("zoomers", figures)


if __name__ == "__main__":
    main()
