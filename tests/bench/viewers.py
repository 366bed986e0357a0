"""Many viewers of one view on loopback, the client on the same cores: a tick's delivery, how late it comes, memory.

`HELIOGRAPH_BENCH_VIEWERS` (10,000) sockets follow a dashboard of ten panels of three series, refreshed every 5 s. The
latency is counted at the client: from the tick's instant to each socket's complete message. CPU is that of all roles,
less what they take with one viewer; a tick whose panels come late is more than one message. With
`HELIOGRAPH_BENCH_LINK=1` they come by one link, without a login: the figures are to be the same.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import httpx
from fixtures.crowd import (
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
from report import figure, report

VIEWERS = int(os.environ.get("HELIOGRAPH_BENCH_VIEWERS", "10000"))
BY_LINK = os.environ.get("HELIOGRAPH_BENCH_LINK", "") not in ("", "0")
# Longer than it takes until each viewer was asked for a sign of life; fewer make a quick look.
TICKS = int(os.environ.get("HELIOGRAPH_BENCH_TICKS", "22"))


async def measure(product: Product, viewers: int = VIEWERS, ticks: int = TICKS) -> dict[str, dict[str, Any]]:
    """All figures of so many viewers over so many ticks."""
    process, http = view_process(product), Http(target_of(product))
    boot = await boot_of(http, path=linked(product) if BY_LINK else "/live/open")
    await snapshot(http, boot)
    await asyncio.sleep(2 * REFRESH_S)
    crowd = Crowd(target_of(product))
    await crowd.join([boot])
    await asyncio.sleep(REFRESH_S)
    quiet = await share(product, ticks)
    rss = process.memory_info().rss
    await crowd.join([boot] * (viewers - 1))
    await asyncio.sleep(2 * REFRESH_S)
    crowd.late_ms.clear()
    crowd.messages = 0
    busy = await share(product, ticks)
    full = process.memory_info().rss
    messages = crowd.messages
    missing = max(0, viewers * (ticks - 1) - messages)
    late, lost = list(crowd.late_ms), crowd.lost
    crowd.leave()
    http.close()
    come_by = "link" if BY_LINK else "view"
    return {
        f"{viewers} viewers of one {come_by}, refresh {REFRESH_S} s: share of a core": figure(busy * 100, "%", goal=8),
        "one delivery of a tick of ten panels": figure(
            (busy - quiet) * REFRESH_S / viewers * 1e6, "µs CPU", peer=17, goal=15
        ),
        "messages of a tick": figure(messages / viewers / ticks, "messages"),
        "tick to complete message, p99": figure(p99(late), "ms", goal=300),
        "tick to complete message, median": figure(statistics.median(late), "ms"),
        "viewers dropped": figure(lost, "viewers", goal=0),
        "messages missing": figure(missing, "messages", goal=0),
        "memory per viewer": figure((full - rss) / viewers / 1000, "kB", peer=51.2, goal=25),
    }


def linked(product: Product) -> str:
    """The address by which a link's viewers open the dashboard."""
    with product.client("editor") as editor:
        made = editor.post("/api/v1/dashboards/bench/shares", json={})
    made.raise_for_status()
    return f"{httpx.URL(made.json()['url']).path}/open"


async def share(product: Product, ticks: int) -> float:
    """The share of a core over so many ticks."""
    before = tree_cpu_s(product)
    await asyncio.sleep(ticks * REFRESH_S)
    return float((tree_cpu_s(product) - before) / (ticks * REFRESH_S))


def main() -> None:
    with served([dashboard()]) as product:
        figures = asyncio.run(measure(product))
    report("viewers", figures)


if __name__ == "__main__":
    main()
