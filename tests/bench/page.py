"""What a person waits for: a dashboard of 20 panels cold and warm, one of 140, a chart of 50,000 points that is moved.

Server and browser share the cores. Beside each stands an ordinary page of a Bokeh server with the same panels and data.
Times count from the navigation to the frame in which the panels are drawn; p95 of ten runs.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from fixtures.browser import FLAGS
from fixtures.crowd import served
from fixtures.product import Product, free_port
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from report import figure, report

RUNS = 10
PANELS, MANY = 20, 140
LINES, POINTS = 50, 1000
WAIT_MS = 60_000
SIZE: Any = {"width": 1440, "height": 900}
FROM = 1_700_000_000_000
# Notes when panels are drawn: the first, those on the screen, all.
WATCH = """(() => {
  const seen = (window.seen = { first: 0, screen: 0, all: 0 });
  const ready = (panel) => panel.dataset.panelState === "ready" && panel.querySelector(".body").children.length > 0;
  const visible = (panel) => 57 + 38 * Number(panel.dataset.y) < innerHeight;
  const note = (name, done) => seen[name] || !done || requestAnimationFrame(() => (seen[name] ||= performance.now()));
  const look = () => {
    const panels = document.readyState === "loading" ? [] : [...document.querySelectorAll("section.panel")];
    if (!panels.length) return;
    note("first", panels.some(ready));
    note("screen", panels.filter(visible).every(ready));
    note("all", panels.every(ready));
  };
  const attributes = { subtree: true, attributes: true, attributeFilter: ["data-panel-state"] };
  new MutationObserver(look).observe(document, attributes);
})()"""
WATCH_STOCK = """(() => {
  const seen = (window.seen = { all: 0 });
  const look = () => {
    const one = window.Bokeh?.documents?.[0];
    if (one && one.roots().length && one.is_idle && !seen.all) seen.all = performance.now();
    requestAnimationFrame(look);
  };
  look();
})()"""
# The longest task while something moves.
TASKS = """() => {
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
  }).observe({ type: "longtask" });
}"""
CPU = {"metric": "node_cpu_seconds_total", "labels": {"mode": ["user", "system", "idle"]}, "rate": True}
KINDS = ("timeseries", "timeseries", "timeseries", "stat", "timeseries")
WAVES = f"""select fromUnixTimestamp64Milli(toInt64({FROM} + intDiv(number, {LINES}) * 1000)) as time,
  concat('line ', toString(number % {LINES})) as name, number % {LINES} + sin(number / 997.0) as value
  from numbers({LINES * POINTS})"""
STOCK = f"""
import sys
import numpy as np
from bokeh.layouts import gridplot
from bokeh.models import ColumnDataSource, Div, HoverTool
from bokeh.plotting import curdoc, figure

COUNT, LINES, POINTS = (int(one) for one in sys.argv[1:4])
KINDS = {KINDS!r}
walk = np.random.default_rng(1).normal(size=(LINES, POINTS)).cumsum(axis=1)


def plot(number, width, height):
    one = figure(x_axis_type="datetime", width=width, height=height, title=f"Panel {{number}}")
    data = {{"t": {FROM} + np.arange(POINTS) * 1000.0, **{{f"s{{k}}": walk[k] for k in range(LINES)}}}}
    source = ColumnDataSource(data)
    for line in range(LINES):
        one.line("t", f"s{{line}}", source=source)
    one.add_tools(HoverTool())
    return one


if COUNT == 1:
    curdoc().add_root(plot(0, 1400, 700))
else:
    made = [
        Div(text=f"<h2>Panel {{n}}</h2><p>42</p>") if KINDS[n % 5] == "stat" else plot(n, 345, 210)
        for n in range(COUNT)
    ]
    curdoc().add_root(gridplot(made, ncols=4))
"""


def board(dashboard_id: str, panels: int, number: int) -> dict[str, Any]:
    """Four panels a row over what the host tells. `number` makes its queries its own: nobody has asked them."""
    query = {"expr": f"{100 + number / 1e6} * x", "series": {"x": {**CPU, "agg": "avg", "by": ["mode"]}}}
    return {
        "dashboard_id": dashboard_id,
        "title": dashboard_id,
        "time": {"from": "now-5m", "to": "now"},
        "refresh": "10s",
        "panels": [
            {
                "panel_id": index + 1,
                "title": f"Panel {index}",
                "type": KINDS[index % len(KINDS)],
                "query": {**query, "expr": f"{query['expr']} + {index}"},
                "position": {"x": 6 * (index % 4), "y": 6 * (index // 4), "w": 6, "h": 6},
            }
            for index in range(panels)
        ],
    }


def waves() -> dict[str, Any]:
    """One chart of LINES series, POINTS each."""
    panel = {
        "panel_id": 1,
        "title": "Waves",
        "type": "timeseries",
        "targets": [{"query": WAVES, "legend": "{{name}}"}],
        "max_points": POINTS,
        "position": {"x": 0, "y": 0, "w": 24, "h": 19},
    }
    time_range = {"from": str(FROM), "to": str(FROM + (POINTS - 1) * 1000)}
    return {"dashboard_id": "waves", "title": "Waves", "time": time_range, "panels": [panel]}


def drawn(context: BrowserContext, url: str, watch: str, done: str) -> dict[str, float]:
    """Milliseconds from the navigation to what the page notes, once `done` is noted."""
    page = context.new_page()
    page.add_init_script(watch)
    page.goto(url, wait_until="commit")
    page.wait_for_function(f"() => window.seen?.{done} > 0", timeout=WAIT_MS)
    found: dict[str, float] = page.evaluate("window.seen")
    page.close()
    print(url, found, file=sys.stderr, flush=True)
    return found


def fresh(browser: Browser, url: str, watch: str, done: str) -> dict[str, float]:
    """The same in a browser that has nothing in its cache."""
    context = browser.new_context(viewport=SIZE)
    try:
        return drawn(context, url, watch, done)
    finally:
        context.close()


def p95(values: list[float]) -> float:
    return float(np.percentile(values, 95))


def opens(browser: Browser, product: Product) -> dict[str, float]:
    """p95 of cold and warm opens, in seconds."""
    cold = [fresh(browser, f"{product.url}/d/cold-{run}", WATCH, "all") for run in range(RUNS)]
    many = [fresh(browser, f"{product.url}/d/many-{run}", WATCH, "screen") for run in range(RUNS)]
    context = browser.new_context(viewport=SIZE)
    drawn(context, f"{product.url}/d/cold-0", WATCH, "all")
    warm = [drawn(context, f"{product.url}/d/cold-0", WATCH, "all") for _ in range(RUNS)]
    context.close()
    return {
        "first": p95([one["first"] for one in cold]) / 1000,
        "cold": p95([one["all"] for one in cold]) / 1000,
        "warm": p95([one["all"] for one in warm]) / 1000,
        "many": p95([one["screen"] for one in many]) / 1000,
    }


def wire_kb(browser: Browser, url: str, watch: str) -> float:
    """Kilobytes over the wire until all panels are drawn, with no cache in the browser."""
    context = browser.new_context(viewport=SIZE)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    session.on("Network.webSocketFrameReceived", lambda event: sizes.append(len(event["response"]["payloadData"])))
    page.add_init_script(watch)
    page.goto(url)
    page.wait_for_function("() => window.seen?.all > 0", timeout=WAIT_MS)
    page.wait_for_timeout(300)
    context.close()
    return sum(sizes) / 1000


def panned(browser: Browser, url: str) -> float:
    """The longest task in ms while two fingers move our chart to and fro."""
    context = browser.new_context(viewport=SIZE, has_touch=True)
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("section.panel[data-panel-state=ready] canvas", timeout=WAIT_MS)
    page.wait_for_timeout(1000)
    page.evaluate(TASKS)
    session = context.new_cdp_session(page)

    def touch(kind: str, *places: int) -> None:
        points = [{"x": x, "y": 400, "id": index} for index, x in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 500, 900)
    for step in range(60):
        away = 4 * (step if step < 30 else 60 - step)
        touch("touchMove", 500 - away, 900 - away)
    longest = longest_task(page)
    context.close()
    return longest


def dragged(browser: Browser, url: str) -> float:
    """The same while the mouse drags a stock chart with its pan tool."""
    context = browser.new_context(viewport=SIZE)
    page = context.new_page()
    page.add_init_script(WATCH_STOCK)
    page.goto(url)
    page.wait_for_function("() => window.seen?.all > 0", timeout=WAIT_MS)
    page.wait_for_timeout(1000)
    page.evaluate(TASKS)
    page.mouse.move(700, 350)
    page.mouse.down()
    for step in range(60):
        page.mouse.move(700 - 4 * (step if step < 30 else 60 - step), 350)
    longest = longest_task(page)
    context.close()
    return longest


def longest_task(page: Page) -> float:
    page.wait_for_timeout(500)
    return float(page.evaluate("window.longest")) or 50.0  # what is shorter than 50 ms is not told


@contextmanager
def stock(panels: int, lines: int, points: int) -> Iterator[str]:
    """A Bokeh server with such a page; its address."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "stock.py"
        script.write_text(STOCK)
        arguments = [str(script), "--port", str(port), "--args", str(panels), str(lines), str(points)]
        command = [sys.executable, "-m", "bokeh", "serve", *arguments]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(4)
            yield f"http://127.0.0.1:{port}/stock"
        finally:
            process.terminate()
            process.wait()


def peers(browser: Browser) -> dict[str, float]:
    with stock(PANELS, 3, 300) as url:
        cold = [fresh(browser, url, WATCH_STOCK, "all")["all"] for _ in range(RUNS)]
        context = browser.new_context(viewport=SIZE)
        drawn(context, url, WATCH_STOCK, "all")
        warm = [drawn(context, url, WATCH_STOCK, "all")["all"] for _ in range(RUNS)]
        context.close()
        wire = wire_kb(browser, url, WATCH_STOCK)
    with stock(MANY, 3, 300) as url:
        many = [fresh(browser, url, WATCH_STOCK, "all")["all"]]  # it takes long
    with stock(1, LINES, POINTS) as url:
        pan = dragged(browser, url)
    return {"cold": p95(cold) / 1000, "warm": p95(warm) / 1000, "many": p95(many) / 1000, "wire": wire, "pan": pan}


def main() -> None:
    boards = [board(f"cold-{run}", PANELS, run) for run in range(RUNS)]
    boards += [board(f"many-{run}", MANY, RUNS + run) for run in range(RUNS)]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        with served([*boards, waves()], warm_s=30) as product:
            own = opens(browser, product)
            own["wire"] = wire_kb(browser, f"{product.url}/d/cold-0", WATCH)
            own["pan"] = panned(browser, f"{product.url}/d/waves")
        peer = peers(browser)
        browser.close()
    report(
        "page",
        {
            "cold dashboard of 20 panels: the first is drawn, p95": figure(own["first"], "s", goal=1),
            "cold dashboard of 20 panels: all are drawn, p95": figure(own["cold"], "s", peer=peer["cold"], goal=3),
            "warm dashboard of 20 panels: all are drawn, p95": figure(own["warm"], "s", peer=peer["warm"], goal=1.5),
            "dashboard of 140 panels: its first screen, p95": figure(own["many"], "s", peer=peer["many"], goal=2),
            "50,000 points of 50 series moved: the longest task": figure(own["pan"], "ms", peer=peer["pan"], goal=200),
            "warm dashboard without a cache in the browser": figure(own["wire"], "kB", peer=peer["wire"], goal=600),
        },
    )


if __name__ == "__main__":
    main()
