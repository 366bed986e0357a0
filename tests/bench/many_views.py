"""Ten thousand viewers over five hundred views, every 5 s, over answers that are cached: what views themselves cost.

The views differ by a text box that no target names: all ask the same questions, and the cache answers.
`HELIOGRAPH_BENCH_VIEWERS` (10,000) and `HELIOGRAPH_BENCH_VIEWS` (500) set how many.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from fixtures.crowd import REFRESH_S, Crowd, boot_of, cpu_s, dashboard, p99, served, snapshot, target_of, view_process
from fixtures.lean import Http
from fixtures.product import Product
from report import figure, report

VIEWERS = int(os.environ.get("HELIOGRAPH_BENCH_VIEWERS", "10000"))
VIEWS = int(os.environ.get("HELIOGRAPH_BENCH_VIEWS", "500"))
TICKS = 6


async def measure(product: Product) -> dict[str, dict[str, Any]]:
    process, http = view_process(product), Http(target_of(product))
    rss = process.memory_info().rss
    boots = []
    for number in range(VIEWS):
        boots.append(await boot_of(http, f"dashboard=bench&var-team=t{number}"))
        await snapshot(http, boots[-1])
    views = process.memory_info().rss
    crowd = Crowd(target_of(product))
    await crowd.join([boots[number % VIEWS] for number in range(VIEWERS)])
    await asyncio.sleep(2 * REFRESH_S)
    crowd.late_ms.clear()
    before = cpu_s(process)
    await asyncio.sleep(TICKS * REFRESH_S)
    busy = (cpu_s(process) - before) / (TICKS * REFRESH_S)
    late, lost = list(crowd.late_ms), crowd.lost
    crowd.leave()
    http.close()
    name = f"{VIEWERS} viewers over {VIEWS} views, refresh {REFRESH_S} s"
    return {
        f"{name}: share of a core": figure(busy * 100, "%", goal=60),
        f"{name}: tick to complete message, p99": figure(p99(late), "ms", goal=1000),
        f"{name}: dropped": figure(lost, "viewers", goal=0),
        "memory per live view of 10 panels": figure((views - rss) / VIEWS / 1000, "kB", goal=250),
    }


def main() -> None:
    variables = [{"name": "team", "type": "textbox", "current": "t0"}]
    with served([dashboard(variables=variables)]) as product:
        figures = asyncio.run(measure(product))
    report("many_views", figures)


if __name__ == "__main__":
    main()
