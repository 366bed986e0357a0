"""What one more tab costs: page, snapshot and socket of a warm view, beside stock Panel with the same panels.

Openers are spread over many ticks and come AT_ONCE at a time: one who comes alone to a process that sleeps costs three
times as much in a virtual machine, whatever is served. CPU is that of the serving process, theirs as ours; the client's
is not counted.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import httpx
import panel  # noqa: F401 - its models, so that a document of theirs can be read
import psutil
from bokeh.client import pull_session
from bokeh.util.token import get_session_id
from fixtures.crowd import REFRESH_S, Crowd, boot_of, cpu_s, dashboard, served, snapshot, target_of, view_process
from fixtures.lean import Http
from fixtures.product import Product, free_port
from report import figure, report

OPENS, AT_ONCE = 3000, 20
OVER_S = 6 * REFRESH_S
STOCK_OPENS = 12
STOCK = """
import numpy as np
import panel as pn
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

walk = np.random.default_rng(1).normal(size=(3, 360)).cumsum(axis=1)
column = pn.Column()
for number in range(10):
    plot = figure(x_axis_type="datetime", width=600, height=220, title=f"Panel {number}")
    source = ColumnDataSource({"t": np.arange(360) * 5000.0, **{f"s{k}": walk[k].copy() for k in range(3)}})
    for line in range(3):
        plot.line("t", f"s{line}", source=source)
    column.append(pn.pane.Bokeh(plot))
column.servable()
"""


async def one_open(http: Http, crowd: Crowd) -> None:
    """What a tab does: the page, the snapshot, the socket."""
    page = await http.get("/d/bench", {"Accept-Encoding": "gzip"})
    boot = json.loads(gzip.decompress(page.body).decode().split('id="boot">')[1].split("</script>")[0])
    await snapshot(http, boot)
    await crowd.join([boot])


async def ours(product: Product) -> float:
    """Milliseconds of CPU for one open."""
    process, http, crowd = view_process(product), Http(target_of(product)), Crowd(target_of(product))
    await snapshot(http, await boot_of(http))
    await crowd.join([await boot_of(http)])
    await asyncio.sleep(2 * REFRESH_S)
    before = cpu_s(process)
    await asyncio.sleep(OVER_S)
    ticks_s = cpu_s(process) - before
    before, started = cpu_s(process), time.monotonic()
    for number in range(0, OPENS, AT_ONCE):
        await asyncio.gather(*(one_open(http, crowd) for _ in range(AT_ONCE)))
        await asyncio.sleep(max(0.0, started + (number + AT_ONCE) * OVER_S / OPENS - time.monotonic()))
    spent = cpu_s(process) - before - ticks_s * (time.monotonic() - started) / OVER_S
    crowd.leave()
    http.close()
    return float(spent / OPENS * 1000)


@contextmanager
def stock() -> Iterator[tuple[str, psutil.Process]]:
    """A stock Panel server."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "app.py").write_text(STOCK)
        port = free_port()
        command = [sys.executable, "-m", "panel", "serve", str(Path(folder) / "app.py"), "--port", str(port)]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}/app"
            for _ in range(300):
                try:
                    httpx.get(url, timeout=30)
                    break
                except httpx.HTTPError:
                    time.sleep(0.2)
            yield url, psutil.Process(server.pid)
        finally:
            server.terminate()
            server.wait(20)


def peers() -> tuple[float, float]:
    """Milliseconds of CPU and kB of memory for one tab of stock Panel."""
    with stock() as (url, process):
        open_stock(url).close()
        before, rss = cpu_s(process), process.memory_info().rss
        sessions = [open_stock(url) for _ in range(STOCK_OPENS)]
        spent, full = cpu_s(process) - before, process.memory_info().rss
        for session in sessions:
            session.close()
    return spent / STOCK_OPENS * 1000, (full - rss) / STOCK_OPENS / 1000


def open_stock(url: str) -> Any:
    """The page, which makes the session, and its document over the socket: what a browser does."""
    page = httpx.get(url, timeout=60).text
    token = page.split('"token":"')[1].split('"')[0]
    return pull_session(url=url, session_id=get_session_id(token))


def main() -> None:
    with served([dashboard()]) as product:
        own = asyncio.run(ours(product))
    stock_ms, stock_kb = peers()
    report(
        "opens",
        {
            "one more open of a warm view": figure(own, "ms CPU", peer=stock_ms, goal=1.5),
            "times less than stock Panel": figure(stock_ms / own, "times", goal=700, at_most=False),
            "memory of a tab of stock Panel": figure(stock_kb, "kB"),
        },
    )


if __name__ == "__main__":
    main()
