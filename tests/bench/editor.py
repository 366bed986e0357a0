"""The editor in Chromium, over a source that answers at once: how fast a change is drawn, how fast the page opens."""

from __future__ import annotations

import shutil
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from fixtures.browser import FLAGS
from fixtures.crowd import dashboard, served
from fixtures.product import Product
from playwright.sync_api import Page, sync_playwright
from report import figure, report

KEYS, OPENS = 60, 8
PANELS = 10
# A key writes another value, as a form does; the time runs until the panel has drawn it, old drawing gone.
TYPED = """async ([id, path, value]) => {
  const panel = heliograph.panels.get(id);
  const before = panel.body;
  const started = performance.now();
  editor.draft.apply([{ op: 'add', path, value }]);
  while (performance.now() - started < 10000) {
    await new Promise(requestAnimationFrame);
    if (panel.body !== before && !before.element.isConnected && panel.body.element.isConnected) break;
  }
  return performance.now() - started;
}"""
READY = """() => {
  const near = [...document.querySelectorAll('.grid.editing section')]
    .filter((one) => one.getBoundingClientRect().top < innerHeight);
  const drawn = (one) => one.dataset.panelState === 'ready' && one.querySelector('.body').children.length;
  return near.length > 0 && near.every(drawn);
}"""


def boards() -> list[dict[str, Any]]:
    board = dashboard("edited", PANELS)
    text = {
        "panel_id": PANELS + 1,
        "type": "text",
        "title": "Words",
        "options": {"content": "first"},
        "position": {"x": 0, "y": 0, "w": 6, "h": 4},
    }
    charts = [{**panel, "options": {"line_width": 1}} for panel in board["panels"]]
    return [{**board, "panels": [text, *charts]}]


def p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95) - 1]


def opened(page: Page, product: Product) -> float:
    started = time.perf_counter()
    page.goto(f"{product.url}/d/edited/edit")
    page.wait_for_function(READY, timeout=60_000)
    return (time.perf_counter() - started) * 1000


def typed(page: Page) -> tuple[list[float], list[float]]:
    """Of text, and of a chart whose query is another each time, ms."""
    words, charts = [], []
    for number in range(KEYS):
        words.append(page.evaluate(TYPED, [PANELS + 1, "/panels/0/options/content", f"word {number}"]))
        charts.append(page.evaluate(TYPED, [1, "/panels/1/options/line_width", 1 + number % 9]))
    return words, charts


def measure(product: Product) -> dict[str, dict[str, Any]]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        headers = {"Authorization": f"Bearer {product.token('editor')}"}
        context = browser.new_context(viewport={"width": 1440, "height": 900}, extra_http_headers=headers)
        page = context.new_page()
        first = opened(page, product)
        opens = [opened(page, product) for _ in range(OPENS)]
        words, charts = typed(page)
        browser.close()
    return {
        "key to drawn text, p95": figure(p95(words), "ms", goal=300),
        "key to drawn chart, p95": figure(p95(charts), "ms", goal=300),
        "key to drawn chart, median": figure(statistics.median(charts), "ms"),
        "the editor opens, median": figure(statistics.median(opens), "ms", goal=2000),
        "the editor opens for the first time": figure(first, "ms", goal=2000),
    }


def main() -> None:
    with served(boards(), HELIOGRAPH_ANONYMOUS_ROLE="viewer") as product:
        figures = measure(product)
    report("editor", figures)


if __name__ == "__main__":
    main()
