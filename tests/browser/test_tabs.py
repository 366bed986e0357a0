"""Tabs in a real Chromium: two cost one set of queries, a folded row none; one that slept is right again."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator

import httpx
import pytest
from fixtures.product import Product, ProductMaker
from fixtures.waiting import WAIT_MS, wait
from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser
SLEEPS_S = float(os.environ.get("HELIOGRAPH_TEST_SLEEP_S", "8"))
LOADS = [
    {"panel_id": n, "title": metric, "type": "timeseries", "query": {"metric": metric}, "interval": "1s"}
    for n, metric in enumerate(("node_load1", "node_load5", "node_load15"), start=1)
]
THREE = {
    "dashboard_id": "three",
    "title": "Three",
    "panels": [panel | {"position": {"x": 8 * n, "y": 0, "w": 8, "h": 8}} for n, panel in enumerate(LOADS)],
    "time": {"from": "now-2m", "to": "now"},
    "refresh": "2s",
}
FOLDED = THREE | {
    "dashboard_id": "folded",
    "panels": [
        {
            "panel_id": 9,
            "title": "More",
            "type": "row",
            "collapsed": True,
            "position": {"x": 0, "y": 0, "w": 24, "h": 1},
        },
        *(panel | {"position": {"x": 8 * n, "y": 1, "w": 8, "h": 8}} for n, panel in enumerate(LOADS)),
    ],
}
SEQ = "window.heliograph.live.ticks.at(-1)?.seq ?? 0"
NEWEST = """(id) => {
  const data = window.heliograph.panels.get(id).body.source.data;
  return (data instanceof Map ? data.get("t") : data.t).at(-1);
}"""
WANTS = "Array.from(window.heliograph.live.wants ?? [])"


@pytest.fixture(scope="module")
def quiet(make_product: ProductMaker) -> Iterator[Product]:
    """A server that nobody else asks."""
    product = make_product(
        HELIOGRAPH_ANONYMOUS_ROLE="viewer", HELIOGRAPH_COLLECT_HOST="true", HELIOGRAPH_ROLE_DEMO="quiet"
    )
    product.save(THREE)
    product.save(FOLDED)
    yield product
    assert product.stop() == 0


def opened(context: BrowserContext, product: Product, dashboard: str, panel_id: int = 1) -> Page:
    page = context.new_page()
    page.goto(f"{product.url}/d/{dashboard}")
    page.wait_for_selector(f'section[data-panel-id="{panel_id}"][data-panel-state="ready"]', timeout=WAIT_MS)
    return page


def queries(product: Product) -> float:
    """The questions that the built-in store was asked so far."""
    text = httpx.get(f"{product.url}/metrics").text
    return sum(map(float, re.findall(r"^heliograph_source_queries_total\{[^}]*\} ([\d.e+]+)$", text, re.MULTILINE)))


def test_two_tabs_of_one_view_cost_one_set_of_queries(quiet: Product, context: BrowserContext) -> None:
    one, other = opened(context, quiet, "three"), opened(context, quiet, "three")
    assert one.evaluate("window.heliograph.live.boot.view") == other.evaluate("window.heliograph.live.boot.view")
    wait(lambda: one.evaluate(SEQ) and other.evaluate(SEQ), "ticks in both")
    first, asked = one.evaluate(SEQ), queries(quiet)
    wait(lambda: one.evaluate(SEQ) >= first + 6, "six ticks")
    asked, seen = queries(quiet) - asked, one.evaluate(SEQ)
    wait(lambda: one.evaluate(SEQ) >= seen + 2, "the ticks that were under way to a page on busy cores")
    assert 0 < asked <= len(LOADS) * (one.evaluate(SEQ) - first)
    wait(lambda: other.evaluate(SEQ) >= first + 6, "the same ticks in the other")


def test_a_folded_row_is_asked_for_when_somebody_opens_it(quiet: Product, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{quiet.url}/d/folded")
    wait(lambda: page.evaluate(SEQ), "ticks")
    wait(lambda: httpx.get(f"{quiet.url}/readyz").status_code == 200, "the start to be over")
    view_is_alone(quiet)
    before, first = queries(quiet), page.evaluate(SEQ)
    wait(lambda: page.evaluate(SEQ) >= first + 3, "three ticks")
    assert page.evaluate(WANTS) == []
    assert queries(quiet) == before
    page.click('[data-row-id="9"]')
    page.wait_for_selector('section[data-panel-id="3"][data-panel-state="ready"]', timeout=WAIT_MS)
    assert queries(quiet) > before
    assert sorted(page.evaluate(WANTS)) == [1, 2, 3]


def view_is_alone(product: Product) -> None:
    """Wait until the views of other tests have lost their viewers' wishes."""
    before = queries(product)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        time.sleep(5)
        if queries(product) == before:
            return
        before = queries(product)
    raise AssertionError("somebody still asks")


def test_a_tab_that_was_suspended_is_right_again_within_a_refresh(quiet: Product, context: BrowserContext) -> None:
    page = opened(context, quiet, "three")
    wait(lambda: page.evaluate(SEQ), "ticks")
    session = context.new_cdp_session(page)
    session.send("Page.setWebLifecycleState", {"state": "frozen"})
    time.sleep(SLEEPS_S)
    session.send("Page.setWebLifecycleState", {"state": "active"})
    woke_ms = time.time() * 1000
    wait(lambda: page.evaluate(NEWEST, 1) > woke_ms - 5000, "data of now", 30)
    assert page.evaluate("document.documentElement.dataset.view") == "live"
    states = page.eval_on_selector_all("section[data-panel-state]", "all => all.map(one => one.dataset.panelState)")
    assert states == ["ready"] * 3
    gaps = page.evaluate(
        """(id) => { const data = window.heliograph.panels.get(id).body.source.data;
        const t = Array.from(data instanceof Map ? data.get("t") : data.t);
        return Math.max(...t.slice(-20).map((at, n, all) => n ? at - all[n - 1] : 0)); }""",
        1,
    )
    assert gaps <= 5000, "what came while it slept is there"


def test_a_page_of_stock_bokeh_follows_a_live_view(quiet: Product, context: BrowserContext) -> None:
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{quiet.url}/d/three/bokeh")
    newest = """() => {
      const source = window.Bokeh?.documents[0]?.get_model_by_name("panel-1")?.children[0]
        && [...Bokeh.documents[0]._all_models.values()].find((one) => one.type === "ColumnDataSource");
      const data = source?.data;
      return data ? Array.from(data instanceof Map ? data.get("t") : data.t).at(-1) ?? 0 : 0;
    }"""
    first = wait(lambda: page.evaluate(newest), "a chart of stock Bokeh")
    wait(lambda: page.evaluate(newest) > first, "its next points")
    assert page.evaluate("Bokeh.index.roots.length") >= 1
    box = wait(page.locator("canvas").first.bounding_box, "a canvas")
    assert box["width"] > 50
    assert errors == []
