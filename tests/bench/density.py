"""A picture of a million points in 2,000 series: ours, and that of a stock HoloViews and datashader application.

Both read the same samples from the same store. Ours is asked over HTTP, as a page does. The peer is a Panel application
of the ordinary kind (`fixtures/stock_density.py`), in a process of its own and without a browser: what sending and
drawing costs it is left out, in its favour.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import psutil
from fixtures.crowd import boot_of, cpu_s, served, target_of, view_process
from fixtures.lean import Http
from fixtures.many_series import METRIC, bring, walks
from fixtures.product import Product
from report import figure, report

from heliograph.storage.metrics.client import MetricClient

SERIES, POINTS, STEP_MS = 2000, 500, 7000
WIDTH, HEIGHT = 960, 320
RUNS = 5
PEER = Path(__file__).parents[1] / "fixtures" / "stock_density.py"


Span = tuple[int, int]


def role(product: Product, name: str) -> psutil.Process:
    assert product.process is not None
    return next(c for c in psutil.Process(product.process.pid).children() if c.cmdline()[-1] == name)


async def fill(product: Product) -> Span:
    """Write the samples; their range."""
    start = (int(time.time() * 1000) - POINTS * STEP_MS) // 60_000 * 60_000
    client = MetricClient((product.data_dir / "store.url").read_text("utf-8").strip())
    await bring(client, walks(SERIES, POINTS), start, STEP_MS)
    await client.close()
    return start, start + POINTS * STEP_MS


class Viewer:
    """Asks for pictures as a page does."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._http = Http(target_of(product), connections=4)
        self._boot: dict[str, Any] = {}

    async def picture(self, start: int, end: int, width: int = WIDTH) -> float:
        """Seconds until it is there."""
        if not self._boot:
            self._boot = await boot_of(self._http, "dashboard=density")
        path = f"/live/{self._boot['view']}/density?panel=1&from={start}&to={end}&width={width}&height={HEIGHT}"
        started = time.perf_counter()
        answer = await self._http.get(path, {"X-Heliograph-Token": self._boot["token"], "Accept-Encoding": "gzip"})
        assert answer.status == 200, answer.status
        return time.perf_counter() - started

    def cpu_s(self) -> float:
        """What all roles took so far."""
        return float(cpu_s(*(role(self._product, name) for name in ("store", "view", "work"))))

    def close(self) -> None:
        self._http.close()


async def after_start(product: Product, span: Span) -> float:
    """The first picture of a server that is ready this very moment, and has loaded nothing that draws."""
    viewer = Viewer(product)
    first_s = await viewer.picture(*span)
    viewer.close()
    return first_s


async def ours(product: Product, span: Span) -> dict[str, Any]:
    viewer = Viewer(product)
    work, view = role(product, "work"), view_process(product)
    before, cpu_before = work.memory_info().rss + view.memory_info().rss, viewer.cpu_s()
    first_s = await viewer.picture(*span)
    first_cpu_s = viewer.cpu_s() - cpu_before
    # Other sizes are other pictures of the same points, which come from the range cache.
    again_s = [await viewer.picture(*span, WIDTH - 32 * (1 + run)) for run in range(RUNS)]
    tenth = (span[1] - span[0]) // 10
    zoomed_s = [await viewer.picture(span[0] + run * tenth, span[0] + (run + 1) * tenth) for run in range(1, 1 + RUNS)]
    kept_s = [await viewer.picture(*span) for _ in range(20)]
    viewer.close()
    return {
        "first": first_s,
        "first_cpu": first_cpu_s,
        "again": statistics.median(again_s),
        "zoom": statistics.median(zoomed_s),
        "kept": statistics.median(kept_s),
        "grown": work.memory_info().rss + view.memory_info().rss - before,
        "rss": work.memory_info().rss + view.memory_info().rss,
    }


def peer(product: Product, span: tuple[int, int]) -> dict[str, Any]:
    url = (product.data_dir / "store.url").read_text("utf-8").strip()
    arguments = json.dumps([url, METRIC, *span, WIDTH, HEIGHT])
    done = subprocess.run([sys.executable, str(PEER), arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def warmed(product: Product) -> None:
    """Wait until the work role has loaded and compiled datashader."""
    while "drawing ready" not in product.log.read_text("utf-8"):
        time.sleep(0.5)


def main() -> None:
    panel = {"panel_id": 1, "type": "density", "query": {"metric": METRIC}}
    document = {
        "dashboard_id": "density",
        "title": "Density",
        "time": {"from": "now-1h", "to": "now"},
        "panels": [panel],
    }
    with served([document], warm_s=1, HELIOGRAPH_COLLECT_HOST="false") as product:
        span = asyncio.run(fill(product))
        warmed(product)
        mine = asyncio.run(ours(product, span))
        product.stop()
        product.start()
        started_s = asyncio.run(after_start(product, span))
        theirs = peer(product, span)
    opened_s = theirs["open"]
    report(
        "density",
        {
            "1,000,000 points in 2,000 series, nothing cached": figure(mine["first"], "s", peer=opened_s),
            "processor time of that, all roles": figure(mine["first_cpu"], "s"),
            "the first of a server that is ready this moment": figure(started_s, "s"),
            "the same in another size, points cached": figure(mine["again"], "s", peer=opened_s),
            "a zoom to a tenth": figure(mine["zoom"], "s", peer=theirs["zoom"]),
            "one more viewer of the same": figure(mine["kept"] * 1000, "ms", peer=opened_s * 1000),
            "memory of both roles; of the peer": figure(mine["rss"] / 1e6, "MB", peer=theirs["rss"] / 1e6),
            "memory grown by these pictures": figure(mine["grown"] / 1e6, "MB"),
        },
    )


if __name__ == "__main__":
    main()
