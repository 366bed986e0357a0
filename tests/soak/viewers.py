"""`make soak`: viewers who come and go for an hour; memory stays flat, no task and no socket is left behind.

`HELIOGRAPH_BENCH_VIEWERS` (2000) at a time, for `HELIOGRAPH_SOAK_S` (3600) seconds. Each stays for half a minute on
average, on one of forty views, whose ranges are full of data after a minute and a half. What the server holds with
nobody there is compared with the same after the first tenth.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))

import httpx
from fixtures.crowd import IDS, dashboard, served, target_of, view_process
from fixtures.lean import Http, Tab
from fixtures.product import Product
from report import figure, report

VIEWERS = int(os.environ.get("HELIOGRAPH_BENCH_VIEWERS", "2000"))
SOAK_S = float(os.environ.get("HELIOGRAPH_SOAK_S", "3600"))
STAY_S = 30.0
VIEWS = 40
FORGET_S = 90.0  # longer than a view is kept warm
MAX_GROWTH_MB = 40.0
MAX_TASKS_LEFT = 10


class Visitors:
    """Tabs that stay for a while and make way for others."""

    def __init__(self, product: Product) -> None:
        self._http = Http(target_of(product), connections=64)
        self.came = 0
        self.refused = 0

    async def visit(self, for_s: float) -> None:
        end = time.monotonic() + for_s
        await asyncio.gather(*(self._seat(end) for _ in range(VIEWERS)))

    async def _seat(self, end: float) -> None:
        await asyncio.sleep(random.uniform(0, min(STAY_S, end - time.monotonic())))
        while (left_s := end - time.monotonic()) > 0:
            tab = Tab(self._http, "bench", IDS, query=f"&from=now-{random.randint(61, 60 + VIEWS)}s")
            self.came += 1
            try:
                async with asyncio.timeout(min(left_s, random.expovariate(1 / STAY_S) + 0.5)):
                    await tab.follow()
            except TimeoutError:
                pass
            finally:
                self.refused += tab.refused
                if tab.socket is not None:
                    tab.socket.close()


def held(product: Product) -> dict[str, float]:
    """What the serving process holds: its own counts, and its memory in MB."""
    text = httpx.get(f"{product.url}/metrics").text
    names = ("heliograph_tasks", "heliograph_viewers", "heliograph_views", "process_open_fds")
    counts = {name: float(re.findall(rf"^{name} ([\d.e+]+)$", text, re.MULTILINE)[0]) for name in names}
    return {**counts, "memory": view_process(product).memory_info().rss / 1e6}


async def measure(product: Product) -> tuple[dict[str, float], dict[str, float], Visitors]:
    visitors = Visitors(product)
    await visitors.visit(SOAK_S / 10)
    await asyncio.sleep(FORGET_S)
    before = held(product)
    await visitors.visit(SOAK_S * 0.9)
    await asyncio.sleep(FORGET_S)
    return before, held(product), visitors


def main() -> int:
    with served([dashboard()]) as product:
        before, after, visitors = asyncio.run(measure(product))
    grown = {name: after[name] - before[name] for name in after}
    figures = {
        "viewers who came": figure(visitors.came, "viewers"),
        "snapshots refused": figure(visitors.refused, "snapshots", goal=0),
        "memory grown": figure(grown["memory"], "MB", goal=MAX_GROWTH_MB),
        "tasks left": figure(grown["heliograph_tasks"], "tasks", goal=MAX_TASKS_LEFT),
        "sockets left": figure(after["heliograph_viewers"], "sockets", goal=0),
        "open files left": figure(grown["process_open_fds"], "files", goal=MAX_TASKS_LEFT),
    }
    report("soak", figures)
    return 0 if all(row.get("met", True) for row in figures.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
