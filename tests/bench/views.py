"""What views cost, beside stock Bokeh sessions of the same panels: ten panels of three lines of 360 points.

CPU of a cold view of a known dashboard without its queries, of one more viewer of a warm view (page, token, boot
document, snapshot), of a tick; memory per view. All in this process, by process time; medians of rounds.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from bokeh.document import Document
from bokeh.document.events import ColumnsStreamedEvent
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure as bokeh_figure
from bokeh.protocol import Protocol
from fixtures.views import SCOPE, Made, path_over, view_over
from report import figure, report

from heliograph.app.auth.viewer_token import ViewerTokens
from heliograph.app.live.address import Address
from heliograph.app.live.aged import readable
from heliograph.app.live.boot import BootDocuments, Entry, Opened
from heliograph.app.live.key import make_key
from heliograph.app.live.view import View
from heliograph.app.pages.handlers import contents
from heliograph.app.pages.holes import KeptPages, PageWithHoles
from heliograph.app.pages.templates import make_environment
from heliograph.app.process.telemetry import Telemetry
from heliograph.components.asking.tools import PanelTools
from heliograph.components.compile import LayoutCache
from heliograph.components.panels.registry import default_registry
from heliograph.components.spec import parse_dashboard
from heliograph.datasources.frame import Frame
from heliograph.datasources.sources.base import SourceAnswer, SourceQuery
from heliograph.datasources.timerange import TimeRange
from heliograph.storage.config.dashboard_rows import StoredDashboard
from heliograph.storage.config.folders import Access

PANELS, LINES, POINTS = 10, 3, 360
ROUNDS = 60
DASHBOARD = parse_dashboard(
    {
        "title": "bench",
        "time": {"from": f"now-{POINTS - 1}s", "to": "now"},
        "refresh": "1s",
        "panels": [
            {"panel_id": 1 + index, "title": f"Panel {index}", "type": "timeseries", "query": "lines"}
            for index in range(PANELS)
        ],
    }
)
WALK = np.random.default_rng(1).normal(size=(LINES, 200_000)).cumsum(axis=1)


class Ready(Made):  # type: ignore[misc]  # mypy does not see fixtures
    """A source that costs next to nothing: slices of walks that are there already."""

    async def query(self, query: SourceQuery) -> SourceAnswer:
        first, last = query.range.from_ms // 1000, query.range.to_ms // 1000
        times = np.arange(first, last + 1) * 1000.0
        at = first % 100_000
        return SourceAnswer(
            tuple(
                Frame.series(times, WALK[line, at : at + len(times)].copy(), name=f"line {line}")
                for line in range(LINES)
            )
        )


class Clock:
    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


class Viewer:
    wants = frozenset(range(1, PANELS + 1))
    numbered = True
    guest = False

    def __init__(self) -> None:
        self.bytes = 0

    def push(self, frame: bytes) -> None:
        self.bytes = len(frame)

    def leave(self, message: Mapping[str, Any], reason: str) -> None:
        return None


def new_view(shared: PanelTools, clock: Clock, telemetry: Telemetry, number: int = 0) -> View:
    key = make_key(
        SCOPE,
        DASHBOARD,
        f"d{number}",
        1,
        variables={},
        from_text="",
        to_text="",
        refresh="",
        zone="",
        now_ms=int(clock.now * 1000),
    )
    view: View = view_over(shared, DASHBOARD, key, clock, telemetry)
    return view


async def cost(action: Callable[[], Awaitable[Any]], rounds: int = ROUNDS) -> float:
    """Median milliseconds of process time."""
    spent = []
    for _ in range(rounds):
        started = time.process_time()
        await action()
        spent.append((time.process_time() - started) * 1000)
    return statistics.median(spent)


async def ours() -> dict[str, float]:
    clock, telemetry = Clock(), Telemetry()
    shared = PanelTools(default_registry(), LayoutCache(), path_over(Ready(), clock)[1])
    ids = range(1, PANELS + 1)
    number = 0

    async def queries() -> None:
        """What the queries themselves cost, to be taken off."""
        range_ = TimeRange(int(clock.now * 1000) - (POINTS - 1) * 1000, int(clock.now * 1000))
        for source in probe.panels.values():
            await shared.proxy.gather(source.queries(range_, 1))

    async def cold() -> None:
        nonlocal number
        number += 1
        await new_view(shared, clock, telemetry, number).snapshot(ids, compressed=False)

    probe = new_view(shared, clock, telemetry)
    await cold()
    cold_ms = await cost(cold) - await cost(queries)

    view = new_view(shared, clock, telemetry)
    viewer = Viewer()
    view.follow(viewer)
    await view.snapshot(ids, compressed=True)
    tokens, templates = ViewerTokens(b"k" * 32), make_environment()
    boots, pages = BootDocuments("bench"), KeptPages()
    stored = StoredDashboard(1, "bench", "bench", (), {}, 1, None, "", "", 0, 0)

    def rendered(opened: Opened) -> PageWithHoles:
        template = templates.get_template("dashboard.html")
        said = contents(boots, opened)
        return PageWithHoles.of(template.render(root="", static="/static/x", theme="", kiosk=False, solo=0, **said))

    read = readable(Address("bench"), view.dashboard, int(clock.now * 1000))
    entry = Entry(view, read)

    async def open_warm() -> None:
        token = tokens.issue(view.id, "anonymous", "anonymous", clock.now)
        opened = Opened(entry, stored, view.dashboard, token, Access.VIEW, SCOPE)
        page = pages.get(view, "anonymous", lambda: rendered(opened))
        page.gzipped({"account": "", "boot": boots.end(opened)})
        await view.snapshot(ids, compressed=True)

    warm_ms = await cost(open_warm)

    async def tick() -> None:
        clock.now += 1
        await view.tick(5)

    tick_ms = await cost(tick) - await cost(queries)
    tracemalloc.start()
    kept = []
    before = tracemalloc.get_traced_memory()[0]
    for index in range(50):
        one = new_view(shared, clock, telemetry, 10_000 + index)
        await one.snapshot(ids, compressed=False)
        one._snapshots.clear()
        kept.append(one)
    memory_kb = (tracemalloc.get_traced_memory()[0] - before) / len(kept) / 1000
    tracemalloc.stop()
    return {"cold": cold_ms, "warm": warm_ms, "tick": tick_ms, "memory": memory_kb, "bytes": viewer.bytes}


def stock_session() -> Document:
    document = Document()
    times = np.arange(POINTS) * 1000.0
    for _ in range(PANELS):
        plot = bokeh_figure(x_axis_type="datetime", width=600, height=220)
        source = ColumnDataSource({"t": times.copy(), **{f"s{k}": WALK[k, :POINTS].copy() for k in range(LINES)}})
        for line in range(LINES):
            plot.line("t", f"s{line}", source=source)
        document.add_root(plot)
    return document


async def stock() -> dict[str, float]:
    async def one_more() -> None:
        content = stock_session().to_json()
        json.dumps(content.content, default=str)

    document = stock_session()
    sources = list(document.select({"type": ColumnDataSource}))
    protocol = Protocol()

    async def tick() -> None:
        events = []
        for source in sources:
            new = {"t": [1.0], **{f"s{k}": [1.0] for k in range(LINES)}}
            source.stream(new, POINTS)
            events.append(ColumnsStreamedEvent(document, source, "data", new, POINTS))
        _ = protocol.create("PATCH-DOC", events).content_json

    await one_more()
    opened = await cost(one_more, 8)
    ticked = await cost(tick, 30)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = [stock_session() for _ in range(5)]
    memory_kb = (tracemalloc.get_traced_memory()[0] - before) / len(kept) / 1000
    tracemalloc.stop()
    return {"open": opened, "tick": ticked, "memory": memory_kb}


def main() -> None:
    own, peer = asyncio.run(ours()), asyncio.run(stock())
    report(
        "views",
        {
            "cold view of a known dashboard, without queries": figure(own["cold"], "ms CPU", peer=peer["open"], goal=5),
            "one more viewer of a warm view": figure(own["warm"], "ms CPU", peer=peer["open"], goal=1.5),
            "tick of ten panels, without queries, for all viewers": figure(own["tick"], "ms CPU", peer=peer["tick"]),
            "memory per view": figure(own["memory"], "kB", peer=peer["memory"], goal=250),
            "message of a tick": figure(own["bytes"], "bytes"),
        },
    )


if __name__ == "__main__":
    main()
