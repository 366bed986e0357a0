"""`make fuzz`: API, pages and sockets of a running server are asked what nobody would ask, by all roles at once.

For HELIOGRAPH_FUZZ_S seconds (600), from HELIOGRAPH_FUZZ_SEED (of the clock; it is said). It ends with exit code 1
where an answer was a server error, a role died, a trace stood in the log, an honest client waited longer than
HELIOGRAPH_FUZZ_STALL_MS (200), or the server holds more afterwards than after the first third.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))

import httpx
import psutil
from fixtures.crowd import OPEN_TO_ALL, view_process
from fixtures.product import Product
from fuzz.api import NOWHERE, People, fuzz_api
from fuzz.pages import Pages
from fuzz.sockets import Sockets
from report import figure, report

FUZZ_S = float(os.environ.get("HELIOGRAPH_FUZZ_S", "600"))
SEED = int(os.environ.get("HELIOGRAPH_FUZZ_SEED") or time.time())
STALL_MS = float(os.environ.get("HELIOGRAPH_FUZZ_STALL_MS", "200"))
REST_S = 75.0  # views that nobody watches are forgotten after a minute
MAX_GROWTH_MB = 120.0  # what the bounded caches of answers and layouts may still fill
DASHBOARD = {
    "dashboard_id": "host",
    "title": "Host",
    "refresh": "1s",
    "variables": [{"name": "x", "type": "textbox"}],
    "panels": [
        {
            "panel_id": 1,
            "type": "timeseries",
            "title": "Load",
            "query": {"metric": "node_load1"},
            "datasource": "store",
        },
        {
            "panel_id": 2,
            "type": "table",
            "title": "Rows",
            "query": "select number, '$x' as x from numbers(5000)",
            "datasource": "store",
        },
        {
            "panel_id": 3,
            "type": "density",
            "title": "Density",
            "query": {"metric": "node_cpu_seconds_total", "rate": True},
            "datasource": "store",
        },
    ],
}
ENVIRONMENT = {**OPEN_TO_ALL, "HELIOGRAPH_ALLOWED_NETWORKS": "127.0.0.9/32", "HELIOGRAPH_ANONYMOUS_ROLE": "viewer"}
BAD_LINES = re.compile(r"Traceback|role died|fell silent|Task exception|never awaited|\[error")


class Faults:
    """What went wrong, once a kind."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def add(self, text: str) -> None:
        kind = re.sub(r"[0-9a-f]{8,}|\d+", "#", text)[:160]
        if kind not in self.found:
            self.found[kind] = text
            print(f"FAULT {text[:1500]}", file=sys.stderr, flush=True)


def attacked(product: Product, people: People, for_s: float, seed: int, faults: Faults) -> None:
    """All attackers at once; what they find goes to `faults`, and they go on."""
    until = time.monotonic() + for_s

    def keep(run: Callable[[], None]) -> None:
        while time.monotonic() < until:
            try:
                run()
            except AssertionError as error:
                faults.add(str(error))
            except BaseExceptionGroup as errors:  # what failed once, and not again
                for one in errors.exceptions:
                    faults.add(f"once: {type(one).__name__}: {str(one)[:1200]}")
            except httpx.HTTPError as error:
                faults.add(f"{type(error).__name__}: {error} {error.request.method} {str(error.request.url)[:200]}")
            except Exception as error:  # noqa: BLE001 - a fault of the fuzzer itself is told too, and it goes on
                faults.add(f"fuzzer: {type(error).__name__}: {str(error)[:300]}")

    pages, sockets = Pages(people, seed), Sockets(product, seed)
    runs = [lambda: fuzz_api(people, 5), lambda: pages.run(until), lambda: sockets.run(until)]
    threads = [threading.Thread(target=keep, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"{people.asked} requests, {pages.asked} of them pages; {sockets.tried} sockets", file=sys.stderr, flush=True)


def held(product: Product) -> dict[str, float]:
    """What the server holds with nobody there."""
    time.sleep(REST_S)
    text = httpx.get(f"{product.url}/metrics").text
    counts = {
        name: float(re.findall(rf"^heliograph_{name} ([\d.e+]+)$", text, re.MULTILINE)[0])
        for name in ("tasks", "viewers", "views")
    }
    assert product.process is not None
    roles = psutil.Process(product.process.pid).children(recursive=True)
    view = view_process(product)
    return {
        **counts,
        "fds": view.num_fds(),
        "view_mb": view.memory_info().rss / 1e6,
        "all_mb": sum(one.memory_info().rss for one in roles) / 1e6,
    }


def stalls(lines: list[str]) -> list[float]:
    """The ms that honest clients waited; what was not answered at all waited for ever."""
    found = [float(line.split()[1]) for line in lines if len(line.split()) == 2]
    return sorted(ms if ms >= 0 else 60_000.0 for ms in found)


def main() -> int:
    print(f"seed {SEED}, {FUZZ_S:.0f} s", file=sys.stderr, flush=True)
    faults = Faults()
    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder) / "data", environment=ENVIRONMENT).start()
        probe = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("probe.py")), str(product.port)],
            stdout=subprocess.PIPE,
            text=True,
        )
        lines: list[str] = []
        assert probe.stdout is not None
        reader = threading.Thread(target=lambda: lines.extend(probe.stdout or ()), daemon=True)
        reader.start()
        try:
            product.save(DASHBOARD)
            with product.client("admin") as admin:
                source: dict[str, Any] = {"uid": "nowhere", "name": "nowhere", "type": "prometheus", "url": NOWHERE}
                admin.post("/api/v1/datasources", json=source).raise_for_status()
            people = People(product)
            attacked(product, people, FUZZ_S / 3, SEED, faults)
            before = held(product)
            attacked(product, people, FUZZ_S * 2 / 3, SEED + 1, faults)
            after = held(product)
        finally:
            probe.kill()
            reader.join(5)
            code = product.stop()
            for line in product.log.read_text("utf-8", "replace").splitlines():
                if BAD_LINES.search(line):
                    faults.add(f"log: {line}")
    waited = stalls(lines)
    figures = {
        "faults": figure(len(faults.found), "kinds", goal=0),
        "healthz p50": figure(waited[len(waited) // 2], "ms"),
        "healthz longest": figure(waited[-1], "ms", goal=STALL_MS),
        "grown view": figure(after["view_mb"] - before["view_mb"], "MB", goal=MAX_GROWTH_MB),
        "grown all": figure(after["all_mb"] - before["all_mb"], "MB", goal=3 * MAX_GROWTH_MB),
        "tasks left": figure(after["tasks"] - before["tasks"], "tasks", goal=10),
        "files left": figure(after["fds"] - before["fds"], "files", goal=20),
        "viewers left": figure(after["viewers"], "viewers", goal=0),
        "exit code": figure(code, "code", goal=0),
    }
    report("fuzz", figures)
    return int(not all(row.get("met", True) for row in figures.values()))


if __name__ == "__main__":
    sys.exit(main())
