"""What one more tab costs: page, snapshot and socket of a warm view, and of a cold one, beside stock Panel.

Each tab has connections of its own and takes gzip, as a browser does. Openers are spread over many ticks and come
AT_ONCE at a time: one who comes alone to a process that sleeps costs three times as much in a virtual machine, whatever
is served. CPU is that of all processes of a server, theirs as ours, less what they take without openers; the client's
is not counted. A cold view has another value of a variable that no query names: its queries are answered already.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fixtures.crowd import REFRESH_S, Crowd, cpu_s, dashboard, served, snapshot, target_of, tree_cpu_s
from fixtures.lean import Http
from fixtures.product import Product
from fixtures.stock import open_stock, stock
from report import figure, report

OPENS, AT_ONCE = 3000, 20
COLD, COLD_AT_ONCE = 300, 4
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


async def one_open(crowd: Crowd, path: str = "/d/bench") -> None:
    """What a tab does: the page, the snapshot, the socket."""
    http = Http(crowd.target, connections=1)
    page = await http.get(path, {"Accept-Encoding": "gzip"})
    boot = json.loads(gzip.decompress(page.body).decode().split('id="boot">')[1].split("</script>")[0])
    await snapshot(http, boot)
    await crowd.join([boot])
    http.close()


async def ours(product: Product) -> dict[str, float]:
    """Milliseconds of CPU for one open of a warm view and of a cold one; the share of a core that idling takes."""
    crowd = Crowd(target_of(product))
    await one_open(crowd)
    await asyncio.sleep(2 * REFRESH_S)
    before = tree_cpu_s(product)
    await asyncio.sleep(OVER_S)
    idle = (tree_cpu_s(product) - before) / OVER_S
    before, started = tree_cpu_s(product), time.monotonic()
    for number in range(0, OPENS, AT_ONCE):
        await asyncio.gather(*(one_open(crowd) for _ in range(AT_ONCE)))
        await asyncio.sleep(max(0.0, started + (number + AT_ONCE) * OVER_S / OPENS - time.monotonic()))
    warm = (tree_cpu_s(product) - before - idle * (time.monotonic() - started)) / OPENS
    crowd.leave()
    await asyncio.sleep(REFRESH_S)
    before, started = tree_cpu_s(product), time.monotonic()
    for number in range(0, COLD, COLD_AT_ONCE):
        paths = (f"/d/bench?var-value=x{number + one}" for one in range(COLD_AT_ONCE))
        await asyncio.gather(*(one_open(crowd, path) for path in paths))
    cold = (tree_cpu_s(product) - before - idle * (time.monotonic() - started)) / COLD
    crowd.leave()
    return {"warm": warm * 1000, "cold": cold * 1000, "idle": idle * 100}


def peers() -> tuple[float, float]:
    """Milliseconds of CPU and kB of memory for one tab of stock Panel."""
    with stock(STOCK) as (url, process):
        open_stock(url).close()
        before, rss = cpu_s(process), process.memory_info().rss
        sessions = [open_stock(url) for _ in range(STOCK_OPENS)]
        spent, full = cpu_s(process) - before, process.memory_info().rss
        for session in sessions:
            session.close()
    return spent / STOCK_OPENS * 1000, (full - rss) / STOCK_OPENS / 1000


def main() -> None:
    with served([dashboard(variables=[{"name": "value", "type": "textbox", "query": ""}])]) as product:
        own = asyncio.run(ours(product))
    stock_ms, stock_kb = peers()
    report(
        "opens",
        {
            "one more open of a warm view": figure(own["warm"], "ms CPU", peer=stock_ms, goal=1.5),
            "times less than stock Panel": figure(stock_ms / own["warm"], "times", goal=700, at_most=False),
            "a cold view of a known dashboard": figure(own["cold"], "ms CPU", peer=stock_ms, goal=5),
            "one viewer who stays": figure(own["idle"], "% of a core"),
            "memory of a tab of stock Panel": figure(stock_kb, "kB"),
        },
    )


if __name__ == "__main__":
    main()
