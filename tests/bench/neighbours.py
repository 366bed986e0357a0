"""What opening cold dashboards of thirty panels does to the pushes of another view, by p99 of its lateness."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from fixtures.crowd import Crowd, boot_of, dashboard, p99, served, snapshot, target_of
from fixtures.lean import Http
from fixtures.product import Product
from report import figure, report

VIEWERS = int(os.environ.get("HELIOGRAPH_BENCH_VIEWERS", "200"))
OVER_S = 30
COLD = 15


async def measure(product: Product) -> dict[str, dict[str, Any]]:
    http, crowd = Http(target_of(product)), Crowd(target_of(product))
    boot = await boot_of(http, "dashboard=bench&refresh=1s")
    await snapshot(http, boot)
    await crowd.join([boot] * VIEWERS)
    await asyncio.sleep(5)
    crowd.late_ms.clear()
    await asyncio.sleep(OVER_S)
    alone = p99(crowd.late_ms)
    crowd.late_ms.clear()
    for number in range(COLD):
        cold = await boot_of(http, f"dashboard=thirty{number}")
        await snapshot(http, cold, range(1, 31))
        await asyncio.sleep(OVER_S / COLD)
    beside = p99(crowd.late_ms)
    crowd.leave()
    http.close()
    return {
        "pushes delayed by a cold dashboard of 30 panels, p99": figure(max(0.0, beside - alone), "ms", goal=100),
        "tick to complete message, p99, undisturbed": figure(alone, "ms"),
        "tick to complete message, p99, beside it": figure(beside, "ms"),
    }


def main() -> None:
    documents = [dashboard(), *(dashboard(f"thirty{number}", 30) for number in range(COLD))]
    with served(documents) as product:
        figures = asyncio.run(measure(product))
    report("neighbours", figures)


if __name__ == "__main__":
    main()
