"""A thousand viewers of one view, each zooming once a second to a random range, as their pages do.

Each has a socket on which ticks come and keeps a connection of its own; a zoom asks for all ten panels, packed, over a
minute to a quarter of an hour of the last 40 minutes. CPU is that of all roles, less what they take without zooms.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from fixtures.crowd import (
    IDS,
    REFRESH_S,
    Crowd,
    boot_of,
    dashboard,
    p99,
    served,
    snapshot,
    target_of,
    tree_cpu_s,
    view_process,
)
from fixtures.lean import Http
from fixtures.product import Product
from fixtures.prometheus import source_of, started
from report import figure, report

VIEWERS = int(os.environ.get("HELIOGRAPH_BENCH_VIEWERS", "1000"))
SETTLED_S, WARM_S, OVER_S = 30.0, 5.0, 30.0
LATEST_MS, LEAST_MS, MOST_MS = 1_500_000, 60_000, 900_000
# Three series of any time: what is measured is not the source.
WAVE = 'label_replace(sin(vector(time() / 300 + {k})) + 0 * {panel}, "host", "{k}", "", "")'


async def viewer(product: Product, boot: dict[str, Any], until: float, took_ms: list[float]) -> int:
    """Zooms until then; how many failed."""
    http, failed = Http(target_of(product), connections=1), 0
    headers = {"X-Heliograph-Token": str(boot["token"]), "Accept-Encoding": "gzip"}
    await asyncio.sleep(random.random())
    while (started_s := time.monotonic()) < until:
        to_ms = int(time.time() * 1000) - random.randrange(LATEST_MS)
        range_ = f"from={to_ms - random.randrange(LEAST_MS, MOST_MS)}&to={to_ms}"
        answer = await http.get(f"/live/{boot['view']}/columns?panels={','.join(map(str, IDS))}&{range_}", headers)
        failed += answer.status != 200
        took_ms.append((time.monotonic() - started_s) * 1000)
        await asyncio.sleep(max(0.0, 1 - (time.monotonic() - started_s)))
    http.close()
    return failed


async def measure(product: Product) -> dict[str, dict[str, Any]]:
    process, http = view_process(product), Http(target_of(product), connections=200)
    boot = await boot_of(http)
    await snapshot(http, boot)
    crowd = Crowd(target_of(product))
    await crowd.join([boot] * VIEWERS)
    await asyncio.sleep(SETTLED_S)
    before = tree_cpu_s(product)
    await asyncio.sleep(4 * REFRESH_S)
    idle = (tree_cpu_s(product) - before) / (4 * REFRESH_S)
    took_ms: list[float] = []

    async def zooms(seconds: float) -> int:
        took_ms.clear()
        until = time.monotonic() + seconds
        return sum(await asyncio.gather(*(viewer(product, boot, until, took_ms) for _ in range(VIEWERS))))

    await zooms(WARM_S)
    spent, rss = tree_cpu_s(product), process.memory_info().rss
    started_s = time.monotonic()
    failed = await zooms(OVER_S)
    over_s = time.monotonic() - started_s
    spent, grown = tree_cpu_s(product) - spent, process.memory_info().rss - rss
    crowd.leave()
    http.close()
    return {
        "a zoom of ten panels to a random range": figure(
            (spent - idle * over_s) / len(took_ms) * 1000, "ms CPU", goal=1
        ),
        f"{VIEWERS} viewers zooming once a second: share of a core": figure(spent / over_s * 100, "%", goal=100),
        "the same viewers without zooms": figure(idle * 100, "%"),
        "a zoom, p99": figure(p99(took_ms), "ms", goal=500),
        "zooms a second": figure(len(took_ms) / over_s, "zooms/s"),
        "zooms that failed": figure(failed, "zooms", goal=0),
        "memory grown meanwhile": figure(grown / 1e6, "MB", goal=50),
    }


def main() -> None:
    queries = [" or ".join(WAVE.format(k=k, panel=panel) for k in range(3)) for panel in IDS]
    own = {"type": "timeseries", "datasource": "prometheus", "interval": "5s"}
    panels = [
        {"panel_id": n, "title": f"Panel {n}", "query": query, **own} for n, query in zip(IDS, queries, strict=True)
    ]
    with tempfile.TemporaryDirectory() as folder:
        prometheus = started(Path(folder))
        try:
            config = source_of(prometheus, Path(folder), scrape_interval="5s")
            with served([dashboard(panels=0) | {"panels": panels}], HELIOGRAPH_CONFIG=str(config)) as product:
                figures = asyncio.run(measure(product))
        finally:
            prometheus.stop()
    report("zoomers", figures)


if __name__ == "__main__":
    main()
