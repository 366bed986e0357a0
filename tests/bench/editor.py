"""The editor in Chromium: real keys until the panel shows what they say, how fast the page opens, and what ten open
editors do to many viewers.

The source is a Prometheus on loopback, which answers `vector(…)` at once. A key counts from the browser's own event to
the frame in which the panel has what was typed; each is waited for before the next. Beside it stands a stock Panel app
whose text, at each key, asks the same server and draws a Bokeh figure anew. `HELIOGRAPH_BENCH_VIEWERS` (1,000) and
`HELIOGRAPH_BENCH_TICKS` (8) say how long the viewers' bench runs, once alone and once beside ten editors, each of which
changes its dashboard once a second and fetches what it draws.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import viewers
from fixtures.browser import FLAGS
from fixtures.crowd import Crowd, dashboard, served, target_of
from fixtures.product import Product, free_port
from fixtures.prometheus import Prometheus, source_of, started
from playwright.sync_api import Browser, Locator, Page, sync_playwright
from report import figure, report

KEYS, OPENS = 60, 8
PANELS, EDITORS = 10, 10
WORDS, CHART = 101, 102  # the panels that are edited
VIEWERS = int(os.environ.get("HELIOGRAPH_BENCH_VIEWERS", "1000"))
TICKS = int(os.environ.get("HELIOGRAPH_BENCH_TICKS", "8"))
LONGEST = 6  # digits
SIZE: Any = {"width": 1440, "height": 900}
LISTEN = "() => addEventListener('keydown', (event) => (window.keyed = event.timeStamp), true)"
# Waits for the next key, and for the frame after the one in which what it is about is there.
WATCH = """([id, wanted]) => {
  const before = window.heliograph?.panels.get(id)?.body;
  const is = SHOWN;
  [window.keyed, window.drawn] = [0, 0];
  const look = () => requestAnimationFrame((now) => {
    if (!window.keyed || !is(id, wanted, before)) return look();
    requestAnimationFrame(() => (window.drawn = performance.now()));
  });
  look();
}"""
HAS_WORDS = """(id, wanted) => {
  const { element } = heliograph.panels.get(id).body ?? {};
  return element?.isConnected && element.textContent.trim() === wanted;
}"""
HAS_VALUE = """(id, wanted) => {
  const { body } = heliograph.panels.get(id);
  const data = body?.drawing?.source("main")?.data;
  const values = data instanceof Map ? data.get("s0") : data?.s0;
  return body?.element.isConnected && Array.from(values ?? []).at(-1) === wanted;
}"""
IS_ANEW = """(id, wanted, before) => {
  const { body } = heliograph.panels.get(id);
  return body !== before && body?.element.isConnected && !before.element.isConnected;
}"""
STOCK_HAS_VALUE = """(id, wanted) => {
  const one = Bokeh.documents[0];
  const last = (model) => Array.from((model.data instanceof Map ? model.data.get("s0") : model.data?.s0) ?? []).at(-1);
  return one.is_idle && [...one.all_models].some((model) => last(model) === wanted);
}"""
READY = """() => {
  const near = [...document.querySelectorAll('.grid.editing section')]
    .filter((one) => one.getBoundingClientRect().top < innerHeight);
  const drawn = (one) => one.dataset.panelState === 'ready' && one.querySelector('.body').children.length;
  return near.length > 0 && near.every(drawn);
}"""
STOCK = """
import sys
import time

import httpx
import panel as pn
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

asked = httpx.Client(base_url=sys.argv[1])
query = pn.widgets.TextInput(name="Query", value="vector(1)")


def drawn(text):
    now = time.time()
    wanted = {"query": text or query.value, "start": now - 1800, "end": now, "step": 5}
    said = asked.get("/api/v1/query_range", params=wanted)
    [found] = said.json()["data"]["result"]
    times, values = zip(*((at * 1000, float(value)) for at, value in found["values"]))
    one = figure(x_axis_type="datetime", width=700, height=300)
    one.line("t", "s0", source=ColumnDataSource({"t": times, "s0": values}))
    return one


pn.Column(query, pn.panel(pn.bind(drawn, query.param.value_input))).servable()
"""


def board(dashboard_id: str) -> dict[str, Any]:
    """A text, a chart of the Prometheus, and ten charts of the built-in store."""
    document = dashboard(dashboard_id, PANELS)
    text = {"panel_id": WORDS, "type": "text", "title": "Words", "options": {"content": "-"}}
    chart = {"panel_id": CHART, "type": "timeseries", "title": "Chart", "interval": "5s", "options": {"line_width": 1}}
    target = {"ref": "A", "datasource": "prometheus", "query": "vector(1)"}
    edited = [
        {**text, "position": {"x": 0, "y": 0, "w": 6, "h": 6}},
        {**chart, "targets": [target], "position": {"x": 6, "y": 0, "w": 18, "h": 6}},
    ]
    charts = [
        {**panel, "position": {"x": 12 * (number % 2), "y": 6 + 8 * (number // 2), "w": 12, "h": 8}}
        for number, panel in enumerate(document["panels"])
    ]
    return {**document, "panels": [*edited, *charts]}


def p95(values: Sequence[float]) -> float:
    return sorted(values)[int(len(values) * 0.95) - 1]


# -- one who types --------------------------------------------------------------------------------------------------


def opened(page: Page, product: Product) -> float:
    """Milliseconds from the navigation until all that is on the screen is drawn."""
    started_s = time.perf_counter()
    page.goto(f"{product.url}/d/edited/edit")
    page.wait_for_function(READY, timeout=60_000)
    return (time.perf_counter() - started_s) * 1000


def key(page: Page, pressed: str, shown: str, panel: int, wanted: Any) -> float:
    """Milliseconds from one key to the panel that shows what it says."""
    page.evaluate(WATCH.replace("SHOWN", shown), [panel, wanted])
    page.keyboard.press(pressed)
    page.wait_for_function("() => window.drawn > 0", timeout=20_000)
    return float(page.evaluate("window.drawn - window.keyed"))


def chosen(page: Page, panel: int) -> None:
    """Edit that panel."""
    page.click(f"section[data-panel-id='{panel}'] h2")
    page.wait_for_selector(".beside .option")


def words(page: Page) -> list[float]:
    """Keys of a text, each of which makes it longer."""
    chosen(page, WORDS)
    area = page.locator(".beside [data-field='content'] textarea")
    area.click()
    page.keyboard.press("Control+End")
    text, took = "-", []
    for number in range(KEYS):
        text += "abcdefgh"[number % 8]
        took.append(key(page, text[-1], HAS_WORDS, WORDS, text))
    return took


def queries(page: Page) -> list[float]:
    """Keys of a query, each of which makes it another one."""
    chosen(page, CHART)
    page.click(".below .target >> text=PromQL")
    return digits(
        page,
        page.get_by_role("textbox", name="Query A"),
        lambda pressed, value: key(page, pressed, HAS_VALUE, CHART, value),
    )


def digits(page: Page, area: Locator, pressed: Callable[[str, int], float]) -> list[float]:
    """Keys between the brackets of `vector(1)`: digits to a length, and back."""
    area.click()
    page.keyboard.press("Control+End")
    page.keyboard.press("ArrowLeft")
    text, grows, took = "1", True, []
    for number in range(KEYS):
        grows = len(text) < LONGEST if grows else len(text) == 1
        button = str(1 + number % 9) if grows else "Backspace"
        text = text + button if grows else text[:-1]
        took.append(pressed(button, int(text)))
    return took


def options(page: Page) -> list[float]:
    """Keys that move a slider: the chart is drawn with lines of another width."""
    chosen(page, CHART)
    page.focus(".beside [data-field='line_width'] input")
    buttons = ["ArrowRight"] * 6 + ["ArrowLeft"] * 6
    return [key(page, buttons[number % 12], IS_ANEW, CHART, 0) for number in range(KEYS)]


def typing(browser: Browser, product: Product) -> dict[str, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {product.token('editor')}"}
    page = browser.new_context(viewport=SIZE, extra_http_headers=headers).new_page()
    first = opened(page, product)
    opens = [opened(page, product) for _ in range(OPENS)]
    page.evaluate(LISTEN)
    text, query, option = words(page), queries(page), options(page)
    page.context.close()
    return {
        "the editor opens for the first time": figure(first, "ms", goal=2000),
        "the editor opens, median": figure(statistics.median(opens), "ms", goal=2000),
        "a key of a text to the panel, p95": figure(p95(text), "ms", goal=300),
        "a key of a text to the panel, median": figure(statistics.median(text), "ms"),
        "a key of an option to the chart, p95": figure(p95(option), "ms", goal=300),
        "a key of an option to the chart, median": figure(statistics.median(option), "ms"),
        "a key of a query to the chart, p95": figure(p95(query), "ms", goal=300),
        "a key of a query to the chart, median": figure(statistics.median(query), "ms"),
    }


# -- the peer ---------------------------------------------------------------------------------------------------------


@contextmanager
def stock(prometheus: Prometheus) -> Iterator[str]:
    """A Panel server with such an app; its address."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "stock.py"
        script.write_text(STOCK)
        command = [sys.executable, "-m", "panel", "serve", str(script), "--port", str(port), "--args", prometheus.url]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(6)
            yield f"http://127.0.0.1:{port}/stock"
        finally:
            process.terminate()
            process.wait()


def stock_typing(browser: Browser, prometheus: Prometheus) -> list[float]:
    with stock(prometheus) as url:
        page = browser.new_context(viewport=SIZE).new_page()
        page.goto(url)
        page.wait_for_function("() => window.Bokeh?.documents?.[0]?.is_idle", timeout=60_000)
        page.evaluate(LISTEN)
        area = page.locator("input").first
        took = digits(page, area, lambda pressed, value: key(page, pressed, STOCK_HAS_VALUE, 0, value))
        page.context.close()
        return took


# -- ten who edit beside many who look ---------------------------------------------------------------------------------


async def editing(product: Product, number: int) -> None:
    """One open editor: its view is followed, and each second the draft changes and its panel is fetched."""
    async with product.async_client("editor") as client:
        draft = (await client.post(f"/api/v1/dashboards/edited{number}/draft")).raise_for_status().json()
        address, revision = f"/api/v1/drafts/{draft['draft_id']}", draft["revision"]
        boot = (await client.get("/live/open", params={"dashboard": f"draft:{draft['draft_id']}"})).json()
        crowd = Crowd(target_of(product))
        await crowd.join([boot])
        try:
            for turn in range(10**6):
                patch = [{"op": "replace", "path": "/panels/1/targets/0/query", "value": f"vector({turn})"}]
                said = await client.patch(address, json={"revision": revision, "patch": patch})
                revision = said.raise_for_status().json()["revision"]
                query = {"ids": str(CHART), "revision": str(revision)}
                shown = await client.get(
                    f"/live/{boot['view']}/panels", params=query, headers={"X-Heliograph-Token": boot["token"]}
                )
                if shown.status_code == 401:  # its token ran out
                    boot = (await client.get("/live/open", params={"dashboard": f"draft:{draft['draft_id']}"})).json()
                else:
                    shown.raise_for_status()
                await asyncio.sleep(1)
        finally:
            crowd.leave()


@asynccontextmanager
async def editors(product: Product) -> AsyncIterator[None]:
    """EDITORS open editors while the block runs; what is wrong with one is raised at its end."""
    tasks = [asyncio.create_task(editing(product, number)) for number in range(EDITORS)]
    try:
        yield
    finally:
        ended = [task for task in tasks if task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for task in ended:
            task.result()


async def beside(product: Product) -> dict[str, dict[str, Any]]:
    """The figures of the viewers' bench without and with the editors."""
    alone = await viewers.measure(product, VIEWERS, TICKS)
    async with editors(product):
        busy = await viewers.measure(product, VIEWERS, TICKS)
    names = [name for name in alone if "p99" in name or "median" in name or "dropped" in name or "missing" in name]
    delivery = "one delivery of a tick of ten panels"
    return {
        f"{VIEWERS} viewers beside ten editors (peer: without them): {name}": figure(
            busy[name]["ours"], busy[name]["unit"], peer=alone[name]["ours"], goal=alone[name].get("goal")
        )
        for name in [*names, delivery]
    }


def main() -> None:
    boards = [dashboard(), board("edited"), *(board(f"edited{number}") for number in range(EDITORS))]
    with tempfile.TemporaryDirectory() as folder:
        prometheus = started(Path(folder))
        config = source_of(prometheus, Path(folder))
        try:
            with served(boards, HELIOGRAPH_CONFIG=str(config)) as product:
                with sync_playwright() as playwright:
                    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
                    figures = typing(browser, product)
                    print(figures, file=sys.stderr, flush=True)
                    peer = stock_typing(browser, prometheus)
                    print(peer, file=sys.stderr, flush=True)
                    browser.close()
                figures |= asyncio.run(beside(product))
        finally:
            prometheus.stop()
    for name, value in (("p95", p95(peer)), ("median", statistics.median(peer))):
        row = figures[f"a key of a query to the chart, {name}"]
        figures[f"a key of a query to the chart, {name}"] = figure(row["ours"], "ms", peer=value, goal=row.get("goal"))
    report("editor", figures)


if __name__ == "__main__":
    main()
