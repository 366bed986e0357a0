"""Ten panels on a real Prometheus: a hundred viewers every 5 s, and five hundred who open it cold at once.

CPU is that of the serving process and of Prometheus together. Grafana 11 of the same machine class: 1.49 cores for the
hundred, 18.2 s until the five hundred had their data.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import httpx
import psutil
from fixtures.crowd import IDS, REFRESH_S, Crowd, boot_of, cpu_s, dashboard, served, target_of, view_process
from fixtures.lean import Http, Tab
from fixtures.product import Product
from fixtures.prometheus import Prometheus, source_of, started
from report import figure, report

VIEWERS, STAMPEDE = 100, int(os.environ.get("HELIOGRAPH_BENCH_VIEWERS", "500"))
OVER_S = 60
GRAFANA_CORES, GRAFANA_STAMPEDE_S = 1.49, 18.2
QUERIES = (
    "rate(prometheus_http_requests_total[1m])",
    "rate(prometheus_http_request_duration_seconds_sum[1m])",
    "rate(prometheus_tsdb_head_samples_appended_total[1m])",
    "prometheus_tsdb_head_series",
    "rate(process_cpu_seconds_total[1m])",
    "process_resident_memory_bytes",
    "go_goroutines",
    "rate(go_gc_duration_seconds_sum[1m])",
    "sum by (handler) (rate(prometheus_http_requests_total[1m]))",
    "histogram_quantile(0.9, sum by (le) (rate(prometheus_http_request_duration_seconds_bucket[1m])))",
)
COUNTED = re.compile(r'heliograph_source_queries_total\{[^}]*"prometheus"[^}]*\} ([\d.e+]+)')


def documents() -> list[dict[str, Any]]:
    panels = [
        {"panel_id": 1 + n, "title": f"Panel {n}", "type": "timeseries", "datasource": "prometheus", "query": query}
        for n, query in enumerate(QUERIES)
    ]
    return [dashboard(name) | {"panels": panels} for name in ("steady", "cold")]


async def steady(product: Product, prometheus: Prometheus) -> float:
    """Cores of both servers while VIEWERS follow one view."""
    assert prometheus.process is not None
    processes = view_process(product), psutil.Process(prometheus.process.pid)
    http, crowd = Http(target_of(product)), Crowd(target_of(product))
    await asyncio.sleep(REFRESH_S)
    before = cpu_s(*processes)
    await asyncio.sleep(OVER_S)
    idle = cpu_s(*processes) - before  # what Prometheus does for itself, and ours with nobody there
    boot = await boot_of(http, "dashboard=steady")
    await crowd.join([boot] * VIEWERS)
    await asyncio.sleep(2 * REFRESH_S)
    before = cpu_s(*processes)
    await asyncio.sleep(OVER_S)
    busy = cpu_s(*processes) - before
    crowd.leave()
    http.close()
    return float((busy - idle) / OVER_S)


async def stampede(product: Product) -> tuple[float, float]:
    """Seconds until all who open a cold dashboard at once have every panel's data; queries to Prometheus a panel."""
    http = Http(target_of(product), connections=STAMPEDE)
    tabs = [Tab(http, "cold", IDS) for _ in range(STAMPEDE)]
    queries = asked(product)
    started_s = time.monotonic()
    await asyncio.gather(*(one_tab(tab) for tab in tabs))
    took = time.monotonic() - started_s
    asked_each = (asked(product) - queries) / len(IDS)
    http.close()
    return took, asked_each


async def one_tab(tab: Tab) -> None:
    await tab.open()
    await tab.snapshot()


def asked(product: Product) -> float:
    text = httpx.get(f"{product.url}/metrics").text
    return sum(map(float, COUNTED.findall(text)))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        prometheus = started(Path(folder))
        config = source_of(prometheus, Path(folder))
        try:
            with served(documents(), HELIOGRAPH_CONFIG=str(config)) as product:
                took_s, each = asyncio.run(stampede(product))
                cores = asyncio.run(steady(product, prometheus))
        finally:
            prometheus.stop()
    report(
        "prometheus_viewers",
        {
            f"{VIEWERS} viewers, 10 panels, 5 s, Prometheus included": figure(
                cores, "cores", peer=GRAFANA_CORES, goal=0.02
            ),
            f"{STAMPEDE} at once on a cold dashboard: all have all data": figure(
                took_s, "s", peer=GRAFANA_STAMPEDE_S, goal=2
            ),
            "queries to Prometheus a panel meanwhile": figure(each, "queries", goal=1),
        },
    )


if __name__ == "__main__":
    main()
