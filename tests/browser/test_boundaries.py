"""One panel's fault is no other's, in a real Chromium: infinite values, odd names, far instants, torn messages."""

from __future__ import annotations

from typing import Any

import pytest
from fixtures.product import Product
from fixtures.waiting import WAIT_MS, wait
from playwright.sync_api import Page, Route, WebSocketRoute

pytestmark = pytest.mark.browser
BEHIND: dict[str, Any] = {"panel_id": 9, "title": "Behind", "type": "stat", "query": "select 7 as v"}
BEHIND["position"] = {"x": 12, "y": 0, "w": 12, "h": 8}
TABLE = {"format": "table"}
FAULTY: dict[str, dict[str, Any]] = {
    "gauge": {"type": "gauge", "targets": [{"query": "select toFloat64(1) / 0 as v"}]},
    "bargauge": {"type": "bargauge", "targets": [{"query": "select toFloat64(-1) / 0 as v"}]},
    "names": {
        "type": "table",
        "targets": [
            {
                "query": "select 'Ferrari' as constructor, 25 as toString, 1 as hasOwnProperty, 'x' as __proto__",
                "options": TABLE,
            }
        ],
        "options": {"filter": True},
    },
    "instants": {
        "type": "table",
        "targets": [{"query": "select toInt64(1722492000123456789) as time, 'x' as msg", "options": TABLE}],
    },
    "logs": {"type": "logs", "targets": [{"query": "select toInt64(1722492000123456789) as time, 'far' as message"}]},
}


def shown(page: Page, panel_id: int, state: str = "ready") -> str:
    selector = f'section[data-panel-id="{panel_id}"][data-panel-state="{state}"]'
    page.wait_for_selector(selector, timeout=WAIT_MS)
    return page.locator(f"{selector} .body").inner_text()


@pytest.mark.parametrize("kind", FAULTY)
def test_what_one_panel_shows_leaves_the_panel_behind_it_alone(product: Product, page: Page, kind: str) -> None:
    product.save({"dashboard_id": f"odd-{kind}", "title": kind, "panels": [{"panel_id": 1, **FAULTY[kind]}, BEHIND]})
    page.goto(f"{product.url}/d/odd-{kind}")
    assert "7" in shown(page, 9)
    body = shown(page, 1)
    assert {"gauge": "∞", "bargauge": "-∞", "names": "Ferrari", "logs": "far", "instants": "x"}[kind] in body


def test_a_gauge_that_becomes_infinite_while_it_is_watched_says_so_and_the_others_go_on(
    product: Product, page: Page
) -> None:
    ever = "select 1 / (toInt64(now()) % 2) as v"
    counting = {"panel_id": 2, "type": "stat", "targets": [{"query": "select toInt64(now()) as v"}]}
    panels = [{"panel_id": 1, "type": "gauge", "targets": [{"query": ever}]}, counting]
    product.save({"dashboard_id": "now-and-then", "title": "x", "panels": panels, "refresh": "1s"})
    page.goto(f"{product.url}/d/now-and-then")
    first = shown(page, 2)
    wait(lambda: "∞" in shown(page, 1), "an infinite value")
    wait(lambda: shown(page, 2) != first, "the stat to go on")
    wait(lambda: "∞" not in shown(page, 1), "a finite value")


def test_a_panel_whose_snapshot_cannot_be_read_says_so_and_the_others_are_drawn(product: Product, page: Page) -> None:
    product.save(
        {
            "dashboard_id": "torn",
            "title": "x",
            "panels": [{**BEHIND, "panel_id": 1, "position": {"x": 0, "y": 0, "w": 12, "h": 8}}, BEHIND],
        }
    )

    def torn(route: Route) -> None:
        if "1" in route.request.url.split("ids=")[1].replace("%2C", ",").split(","):
            route.fulfill(status=200, body=b'\x0c\0\0\0{"seq":NaN,}')
        else:
            route.continue_()

    page.route("**/panels?ids=*", torn)
    page.goto(f"{product.url}/d/torn")
    assert "7" in shown(page, 9)
    assert "cannot be read" in shown(page, 1, "error")
    page.unroute("**/panels?ids=*")
    page.click('section[data-panel-id="1"] .message button')
    assert "7" in shown(page, 1)


def test_a_tick_that_cannot_be_read_is_fetched_and_the_page_stays_live(product: Product, page: Page) -> None:
    counting = {"panel_id": 1, "type": "stat", "targets": [{"query": "select toInt64(now()) as v"}]}
    product.save({"dashboard_id": "garbled", "title": "x", "panels": [counting], "refresh": "1s"})
    garbled: list[str] = []

    def garble(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            torn = '"seq"' in str(message) and len(garbled) < 2
            if torn:
                garbled.append(str(message))
            socket.send('{"seq":Infinity}' if torn else message)

        server.on_message(pass_on)

    page.route_web_socket("**/socket?*", garble)
    page.goto(f"{product.url}/d/garbled")
    shown(page, 1)
    wait(lambda: page.evaluate("1") and len(garbled) == 2, "two messages that cannot be read")
    before = shown(page, 1)
    wait(lambda: shown(page, 1) != before, "the stat to go on")
    assert page.locator("html").get_attribute("data-view") == "live"


def test_a_panel_that_fails_at_a_tick_is_drawn_again_once_it_can_be(product: Product, page: Page) -> None:
    counting = {"panel_id": 1, "type": "stat", "targets": [{"query": "select toInt64(now()) as v"}]}
    product.save({"dashboard_id": "falling", "title": "x", "panels": [counting, BEHIND], "refresh": "1s"})
    page.goto(f"{product.url}/d/falling")
    shown(page, 1)
    page.evaluate("() => { window.heliograph.panels.get(1).body.tick = () => { throw new Error('it fell'); }; }")
    assert "it fell" in shown(page, 1, "error")
    assert "7" in shown(page, 9)
    shown(page, 1)
