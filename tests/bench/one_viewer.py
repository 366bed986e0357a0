"""What the demo takes with one person in front of this machine's dashboard, which is live at 1 s, beside stock Panel.

CPU is that of the whole tree, at first with nobody there. The peer reads the same kind of numbers by psutil each second
and streams them into as many figures of one session; it stores nothing.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import psutil
from fixtures.crowd import Crowd, boot_of, target_of, tree_cpu_s
from fixtures.lean import Http
from fixtures.product import Product
from fixtures.stock import open_stock, stock
from report import figure, report

SETTLE_S = int(os.environ.get("HELIOGRAPH_BENCH_SETTLE", "240"))  # parts of the store grow, and merge
OVER_S = 60
HOST = "host"
STOCK = """
import numpy as np
import panel as pn
import psutil
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

sources = []
column = pn.Column()
for number in range(16):
    plot = figure(x_axis_type="datetime", width=600, height=220, title=f"Panel {number}")
    source = ColumnDataSource({"t": [], **{f"s{k}": [] for k in range(4)}})
    for line in range(4):
        plot.line("t", f"s{line}", source=source)
    sources.append(source)
    column.append(pn.pane.Bokeh(plot))

def tick():
    times, memory = psutil.cpu_times(), psutil.virtual_memory()
    network, disk = psutil.net_io_counters(), psutil.disk_io_counters()
    row = {"t": [np.datetime64("now")], "s0": [times.user], "s1": [memory.used], "s2": [network.bytes_sent]}
    for source in sources:
        source.stream({**row, "s3": [disk.read_bytes if disk else 0]}, rollover=900)

pn.state.add_periodic_callback(tick, 1000)
column.servable()
"""


def by_role(product: Product) -> dict[str, float]:
    """Seconds of CPU that each role has taken."""
    assert product.process is not None
    children = psutil.Process(product.process.pid).children()
    return {child.cmdline()[-1]: sum(child.cpu_times()[:2]) for child in children}


async def ours(product: Product) -> dict[str, float]:
    """Per cent of a core with nobody and with one viewer, of the latter each role's."""
    await asyncio.sleep(SETTLE_S)
    found = {}
    before = tree_cpu_s(product)
    await asyncio.sleep(OVER_S)
    found["nobody"] = tree_cpu_s(product) - before
    crowd = Crowd(target_of(product))
    http = Http(crowd.target, connections=1)
    await crowd.join([await boot_of(http, f"dashboard={HOST}")])
    await asyncio.sleep(10)
    before, roles = tree_cpu_s(product), by_role(product)
    await asyncio.sleep(OVER_S)
    found["one"] = tree_cpu_s(product) - before
    found |= {role: spent - roles.get(role, 0.0) for role, spent in by_role(product).items()}
    crowd.leave()
    http.close()
    return {name: 100 * spent / OVER_S for name, spent in found.items()}


def peer() -> float:
    """Per cent of a core of stock Panel with one session."""
    with stock(STOCK) as (url, process):
        session = open_stock(url)
        time.sleep(10)
        before = sum(process.cpu_times()[:2])
        time.sleep(OVER_S)
        spent = sum(process.cpu_times()[:2]) - before
        session.close()
    return float(100 * spent / OVER_S)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder) / "data", verb=("demo", "--no-browser-hint")).start()
        try:
            own = asyncio.run(ours(product))
        finally:
            product.stop()
    one, nobody = own.pop("one"), own.pop("nobody")
    report(
        "one_viewer",
        {
            "with nobody there": figure(nobody, "% of a core"),
            "with one viewer at 1 s": figure(one, "% of a core", peer=peer(), goal=10),
            **{f"of that, the {role} role": figure(spent, "% of a core") for role, spent in own.items()},
        },
    )


if __name__ == "__main__":
    main()
