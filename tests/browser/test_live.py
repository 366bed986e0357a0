"""What a tab does of its own in a real Chromium: a zoom in the address, far panels, no WebSocket, a pause, a build."""

from __future__ import annotations

import json
import re

import httpx
import pytest
from fixtures.product import Product
from fixtures.waiting import WAIT_MS, wait
from playwright.sync_api import BrowserContext, Page, Route

pytestmark = pytest.mark.browser
TALL = {
    "dashboard_id": "tall",
    "title": "Tall",
    "panels": [
        {
            "panel_id": number,
            "title": f"Load {number}",
            "type": "timeseries",
            "query": {"metric": "node_load1"},
            "position": {"x": 0, "y": 12 * number, "w": 24, "h": 12},
        }
        for number in range(1, 21)
    ],
    "time": {"from": "now-2m", "to": "now"},
    "refresh": "1s",
}
CHARTED = "(id) => window.heliograph.zoom.charts.has(window.heliograph.panels.get(id).body)"
SHOWN = "(id) => { const x = window.heliograph.panels.get(id).body.drawing.root.x_range; return [x.start, x.end]; }"


@pytest.fixture(scope="module")
def tall(product: Product) -> str:
    product.save(TALL)
    return f"{product.url}/d/tall"


def opened(context: BrowserContext, address: str, panel_id: int = 1) -> Page:
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(f'section[data-panel-id="{panel_id}"][data-panel-state="ready"]', timeout=WAIT_MS)
    wait(lambda: page.evaluate(CHARTED, panel_id), "the chart")
    return page


def drawn(page: Page) -> list[int]:
    found: list[int] = page.evaluate(
        "[...window.heliograph.panels.values()].filter((panel) => panel.drawn).map((panel) => panel.id)"
    )
    return found


def last(page: Page) -> int:
    seq: int = page.evaluate("window.heliograph.live.ticks.at(-1)?.seq ?? -1")
    return seq


def span(page: Page, panel_id: int) -> float:
    start, end = page.evaluate(SHOWN, panel_id)
    return float(end - start)


def drag(page: Page) -> None:
    box = page.locator('section[data-panel-id="1"] .over').bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.5, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, y, steps=4)
    page.mouse.up()


def test_a_zoom_is_in_the_address_and_back_leads_to_live(tall: str, context: BrowserContext) -> None:
    page = opened(context, tall)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/columns?" in request.url else None)
    full = span(page, 1)
    drag(page)
    wait(lambda: re.search(r"from=\d+&to=\d+$", page.url), "the range in the address")
    narrow = span(page, 1)
    assert narrow < 0.5 * full
    assert span(page, 2) == narrow, "all charts of a tab share the range"
    wait(lambda: asked, "the columns of the range")
    assert len(asked) == 1, "one request for all charts"
    zoomed = page.url
    page.go_back()
    wait(lambda: span(page, 1) == pytest.approx(full, rel=0.01), "the live range")
    assert page.url == tall
    before = last(page)
    wait(lambda: last(page) > before, "ticks")
    page.go_forward()
    wait(lambda: span(page, 1) == narrow, "the zoomed range again")
    assert page.url == zoomed
    page.evaluate("scrollTo(0, 1500)")
    wait(lambda: 5 in drawn(page) and span(page, 5) == narrow, "a panel that came near, zoomed as well")
    page.evaluate("scrollTo(0, 0)")
    page.click("[data-zoom-reset]")
    wait(lambda: page.url == tall and span(page, 1) == pytest.approx(full, rel=0.01), "live")
    assert page.evaluate("document.documentElement.dataset.view") == "live"


def test_panels_far_away_are_neither_asked_nor_drawn(product: Product, tall: str, context: BrowserContext) -> None:
    page = opened(context, tall)
    assert max(drawn(page)) < 8
    wanted = page.evaluate("window.heliograph.live.wants")
    assert set(wanted) == set(drawn(page))
    boot = page.evaluate("window.heliograph.live.boot")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    wait(lambda: 20 in drawn(page), "the last panel")
    wait(lambda: 1 not in drawn(page), "the first panel to be let go")
    assert page.evaluate("document.querySelector('section[data-panel-id=\"1\"]').dataset.panelState") == "loading"
    page.evaluate("scrollTo(0, 0)")
    wait(lambda: 1 in drawn(page), "the first panel again")
    other = opened(context, tall)
    assert other.evaluate("window.heliograph.live.boot.view") == boot["view"], "one view for both tabs"


def test_a_page_without_a_websocket_polls_and_says_so(tall: str, context: BrowserContext) -> None:
    context.add_init_script(
        "window.WebSocket = class { static OPEN = 1; send() {} close() {}"
        " constructor() { setTimeout(() => this.onclose?.({code: 1006})); } };"
    )
    page = opened(context, tall)
    wait(lambda: page.locator(".notice.polling").is_visible(), "the notice")
    before = page.evaluate(SHOWN, 1)[1]
    wait(lambda: page.evaluate(SHOWN, 1)[1] > before + 2000, "time to go on")


def test_a_page_of_another_build_loads_again(tall: str, context: BrowserContext) -> None:
    page = opened(context, tall)
    page.evaluate("window.mark = 1")

    def other_build(route: Route) -> None:
        answer = httpx.get(route.request.url)
        route.fulfill(status=200, content_type="application/json", body=json.dumps({**answer.json(), "build": "other"}))

    page.route("**/live/open?**", other_build)
    with page.expect_event("load", timeout=WAIT_MS):
        page.evaluate("window.heliograph.live.later(0)")
    assert page.evaluate("window.mark ?? 0") == 0
    page.wait_for_selector('section[data-panel-id="1"][data-panel-state="ready"]', timeout=WAIT_MS)
