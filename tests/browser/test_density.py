"""A panel of density in a real Chromium: drawn, told in words, finer when zoomed, and never blank without its role."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

import pytest
from fixtures.many_series import METRIC, OUTLIER, bring, walks
from fixtures.product import Product, child_role
from fixtures.waiting import WAIT_MS
from playwright.sync_api import Page

from heliograph.storage.metrics.client import MetricClient

pytestmark = pytest.mark.browser
pytest.importorskip("datashader", reason="datashader is not installed: pip install 'heliograph[work]'")
SERIES, POINTS, STEP_MS = 300, 300, 2000
BODY = "heliograph.panels.get(1).body"
# How many colours the plot has.
COLORS = """() => {
  const found = [];
  const walk = (root) => root.querySelectorAll("*").forEach((one) => {
    if (one.tagName === "CANVAS") found.push(one);
    if (one.shadowRoot) walk(one.shadowRoot);
  });
  walk(document.querySelector("section[data-panel-id='1'] .chart"));
  const canvas = found[0], share = canvas.width / canvas.clientWidth;
  const { left, top, width, height } = heliograph.panels.get(1).body.frame();
  const box = [left, top, width, height].map((v) => Math.round(v * share));
  const { data } = canvas.getContext("2d").getImageData(...box);
  const colors = new Set();
  for (let i = 0; i < data.length; i += 4) colors.add(data.slice(i, i + 3).join());
  return colors.size;
}"""
PICTURE = f"() => {{ const {{ from, to, series }} = {BODY}.picture; return {{ from, to, series }}; }}"
FIRST_COLOR = f"() => {BODY}.drawing.doc.get_model_by_name('colors').palette[1]"
OUTLIER_AT = f"() => {{ const f = {BODY}.frame(); return {{ left: f.left, y: f.y.compute({OUTLIER}) }}; }}"


FIELDS = {
    "overrides": [
        {"match": {"name": f"r{SERIES - 1}"}, "set": {"hide": True}},
        {"match": {"regex": "/^r/"}, "set": {"unit": "bytes", "decimals": 2}},
    ],
    "thresholds": [{"value": 50, "level": "warn"}],
    "thresholds_mode": "percentage",
}
AXIS = f"() => {{ const {{ formatter, ticker }} = {BODY}.drawing.root.left[0]; return [formatter.tags, ticker.base]; }}"


@pytest.fixture(scope="module")
def span() -> tuple[int, int]:
    """The range of the samples."""
    start = (int(time.time() * 1000) - POINTS * STEP_MS) // 60_000 * 60_000
    return start, start + POINTS * STEP_MS


@pytest.fixture(scope="module", autouse=True)
def _boards(product: Product, span: tuple[int, int]) -> None:
    """Samples, and then dashboards over them: who saves one has its panels asked at once."""

    async def write() -> None:
        client = MetricClient((product.data_dir / "store.url").read_text("utf-8").strip())
        await bring(client, walks(SERIES, POINTS), span[0], STEP_MS)
        await client.close()

    asyncio.run(write())
    panel = {"panel_id": 1, "position": {"w": 24, "h": 10}, "query": {"metric": METRIC}}
    for name, own in (
        ("density", {"type": "density"}),
        ("many", {"type": "timeseries", "options": {"many": "density", "unit": "ms"}}),
        ("fields", {"type": "density", "options": FIELDS}),
    ):
        product.save({"dashboard_id": name, "title": name, "panels": [{**panel, **own}]})


@pytest.fixture
def query(span: tuple[int, int]) -> str:
    return f"?from={span[0]}&to={span[1]}"


def ready(page: Page, product: Product, path: str) -> None:
    page.goto(product.url + path)
    page.wait_for_selector("section[data-panel-id='1'][data-panel-state=ready]", timeout=WAIT_MS)


def label(page: Page) -> str:
    return page.locator("section[data-panel-id='1'] .chart").get_attribute("aria-label") or ""


def picture(page: Page) -> Any:
    return page.evaluate(PICTURE)


def test_a_picture_is_drawn_in_colours_that_its_legend_explains(product: Product, query: str, page: Page) -> None:
    ready(page, product, f"/d/density{query}")
    page.wait_for_function(f"() => ({COLORS})() > 20", timeout=WAIT_MS)
    assert label(page).startswith("Density of 300 series with 90,000 points")
    key = page.locator("section[data-panel-id='1'] .colorkey").inner_text()
    assert "300 series" in key
    assert key.endswith("lines")
    before = page.evaluate(FIRST_COLOR)
    page.evaluate("() => { document.documentElement.dataset.theme = 'dark'; heliograph.sight.repaint(); }")
    assert before != page.evaluate(FIRST_COLOR)


def test_the_tooltip_says_how_many_lines_are_under_the_pointer(product: Product, query: str, page: Page) -> None:
    ready(page, product, f"/d/density{query}")
    box = page.locator("section[data-panel-id='1'] .over").bounding_box()
    frame = page.evaluate(OUTLIER_AT)
    assert box is not None
    page.mouse.move(box["x"] + frame["left"] + 200, box["y"] + frame["y"] + 3)
    page.wait_for_selector(".tip:not([hidden])")
    assert "1 line" in page.locator(".tip").inner_text()
    assert page.locator("section[data-panel-id='1'] .xh").count() == 1


def test_a_drag_zooms_and_the_picture_becomes_finer(product: Product, query: str, page: Page) -> None:
    ready(page, product, f"/d/density{query}")
    whole = picture(page)
    box = page.locator("section[data-panel-id='1'] .over").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 300, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 420, box["y"] + 110, steps=4)
    page.mouse.up()
    third = (whole["to"] - whole["from"]) / 3
    page.wait_for_function(f"() => {BODY}.picture?.to - {BODY}.picture?.from < {third}", timeout=WAIT_MS)
    fine = picture(page)
    assert fine["series"] == SERIES
    assert fine["from"] >= whole["from"]
    page.wait_for_function(f"() => ({COLORS})() > 10", timeout=WAIT_MS)
    page.keyboard.press("Escape")
    page.locator("section[data-panel-id='1'] .over").dblclick()
    page.wait_for_function(f"() => {BODY}.picture?.from === {whole['from']}", timeout=WAIT_MS)


def test_a_time_series_of_too_many_lines_is_density_and_says_so(product: Product, query: str, page: Page) -> None:
    ready(page, product, f"/d/many{query}")
    assert page.locator("section[data-panel-id='1'] .badge").inner_text() == "density of 300 series"
    page.wait_for_function(f"() => ({COLORS})() > 20", timeout=WAIT_MS)


def test_hidden_series_are_not_counted_and_the_axis_has_the_unit_of_the_others(
    product: Product, query: str, page: Page
) -> None:
    ready(page, product, f"/d/fields{query}")
    assert picture(page)["series"] == SERIES - 1
    assert page.evaluate(f"() => {BODY}.picture.high") < OUTLIER
    assert page.evaluate(AXIS) == [["unit", "bytes", 2], 1024]
    assert page.locator("section[data-panel-id='1'] .thr").inner_text().endswith(" B")
    assert " B and " in label(page)
    box = page.locator("section[data-panel-id='1'] .over").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector(".tip:not([hidden])")
    assert re.search(r"\d\.\d\d B", page.locator(".tip").inner_text())


def test_it_fits_a_phone(product: Product, query: str, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    ready(page, product, f"/d/density{query}")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    key = page.locator("section[data-panel-id='1'] .colorkey").bounding_box()
    assert key is not None
    assert key["height"] < 30
    page.wait_for_function(f"() => ({COLORS})() > 20", timeout=WAIT_MS)


def test_without_its_role_it_says_so_and_is_drawn_when_the_role_is_back(
    product: Product, span: tuple[int, int], page: Page
) -> None:
    work = child_role(product, "work")
    assert work is not None
    work.suspend()
    try:
        page.goto(f"{product.url}/d/density?from={span[0] + 90_000}&to={span[1] - 60_000}")
        page.wait_for_selector("section[data-panel-id='1'] .drawing.first:not([hidden])", timeout=WAIT_MS)
        assert page.locator("section[data-panel-id='1']").get_attribute("data-panel-state") == "loading"
        assert page.locator("section[data-panel-id='1'] .drawing").inner_text() == "Drawing…"
    finally:
        work.kill()
    page.wait_for_selector("section[data-panel-id='1'][data-panel-state=error] .message.error", timeout=WAIT_MS)
    assert "Nothing can be drawn at this moment" in page.locator(".message.error").inner_text()
    page.wait_for_selector("section[data-panel-id='1'][data-panel-state=ready]", timeout=WAIT_MS)
    page.wait_for_function(f"() => ({COLORS})() > 10", timeout=WAIT_MS)
