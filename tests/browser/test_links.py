"""Where values lead, and charts under fingers: data links of every panel that has them, two fingers, and one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fixtures.naming import fresh
from fixtures.product import Product
from fixtures.waiting import WAIT_MS
from playwright.sync_api import Browser, CDPSession, Page

pytestmark = pytest.mark.browser
Links = list[dict[str, Any]]
FROM, TO = 1_700_000_000_000, 1_700_000_060_000
AT = "fromUnixTimestamp64Milli(toInt64(intDiv($__from, 1000) * 1000 + number * 1000))"
SERIES = f"select {AT} as time, 'api' as service, 5 + number % 3 as value from numbers(60)"
ONE: Links = [
    {
        "title": "Logs at ${__value.text}",
        "url": "/d/logs?v=${__value.raw}&${__url_time_range}&${__all_variables}",
    }
]
TWO: Links = [*ONE, {"title": "Elsewhere", "url": "https://www.example.org/${__value.text}", "new_tab": True}]
KINDS = ("timeseries", "stat", "gauge", "bargauge", "pie", "table", "statetimeline", "statushistory")
CHARTS = (*KINDS, "heatmap")


def panel(index: int, kind: str, links: Links) -> dict[str, Any]:
    return {
        "panel_id": index + 1,
        "title": kind,
        "type": kind,
        "targets": [{"query": SERIES, "legend": "{{service}}"}],
        "position": {"x": 0, "y": 9 * index, "w": 24, "h": 9},
        "options": {"links": links, "decimals": 0},
    }


@pytest.fixture(scope="module")
def linked(product: Product) -> str:
    """The address of a dashboard whose panels have a link, and those of a second one two."""
    variable = {"name": "host", "type": "custom", "query": "a b,c", "current": "a b"}
    name = fresh("linked")
    for dashboard_id, links in ((name, ONE), (f"{name}-twice", TWO)):
        panels = [panel(index, kind, links) for index, kind in enumerate(CHARTS)]
        body: dict[str, Any] = {"dashboard_id": dashboard_id, "title": "Linked", "variables": [variable]}
        product.save({**body, "panels": panels, "time": {"from": str(FROM), "to": str(TO)}})
    return f"{product.url}/d/{name}"


def opened(page: Page, address: str) -> Page:
    page.set_viewport_size({"width": 1200, "height": 9 * 38 * len(CHARTS) + 200})
    page.goto(address)
    for index in range(len(CHARTS)):
        page.wait_for_selector(f'section[data-panel-id="{index + 1}"][data-panel-state="ready"]', timeout=WAIT_MS)
    return page


def asked_of(href: str) -> dict[str, list[str]]:
    assert urlsplit(href).path == "/d/logs"
    return parse_qs(urlsplit(href).query)


def test_every_kind_of_value_leads_to_its_link_with_the_range_and_variables_of_the_tab(linked: str, page: Page) -> None:
    opened(page, linked)
    wanted = {"v": ["7"], "from": [str(FROM)], "to": [str(TO)], "var-host": ["a b"]}
    for kind in KINDS:
        link = page.locator(f'section[data-panel-type="{kind}"] .body a[href*="/d/logs"]').last
        link.wait_for(timeout=WAIT_MS)
        assert asked_of(link.get_attribute("href") or "") == wanted, kind
        assert "Logs at 7" in (link.get_attribute("title") or ""), kind
    page.locator('section[data-panel-type="stat"] a.cover').click()
    page.wait_for_url("**/d/logs?**")


def test_a_link_follows_the_zoom_of_the_tab(linked: str, page: Page) -> None:
    opened(page, linked)
    page.evaluate("([from, to]) => window.heliograph.zoom.set([from, to])", [FROM + 10_000, FROM + 20_000])
    link = page.locator('section[data-panel-type="gauge"] a.cover')
    link.dispatch_event("pointerdown")
    asked = asked_of(link.get_attribute("href") or "")
    assert (asked["from"], asked["to"]) == ([str(FROM + 10_000)], [str(FROM + 20_000)])


def test_several_links_stand_in_a_menu_that_keys_reach(linked: str, page: Page) -> None:
    opened(page, f"{linked}-twice")
    for kind in CHARTS:
        page.locator(f'section[data-panel-type="{kind}"] .body button[aria-haspopup=menu]').first.press("Enter")
        items = page.locator(".pop-links [role=menuitem]")
        assert items.count() == 2, kind
        assert items.nth(1).get_attribute("target") == "_blank"
        page.keyboard.press("ArrowDown")
        assert page.evaluate("document.activeElement.textContent") == "Elsewhere"
        page.keyboard.press("Escape")
        assert page.locator(".pop-links").count() == 0


@pytest.mark.parametrize("kind", ["timeseries", "statetimeline", "statushistory", "heatmap"])
def test_a_click_into_a_chart_keeps_its_tooltip_with_the_links_of_that_point(
    linked: str, page: Page, kind: str
) -> None:
    opened(page, linked)
    page.locator(f'section[data-panel-type="{kind}"] .over').click(position={"x": 600, "y": 100})
    link = page.locator(".tip.pinned a")
    link.wait_for(timeout=WAIT_MS)
    said = page.locator(".tip.pinned div.on b, .tip.pinned div b").first.text_content()
    asked = asked_of(link.get_attribute("href") or "")
    assert asked["v"] == [said]
    assert said in (("0", "1") if kind == "heatmap" else ("5", "6", "7"))
    assert link.text_content() == f"Logs at {said}"
    page.keyboard.press("Escape")
    assert not page.locator(".tip").is_visible()


def test_a_heatmap_leads_from_the_fullest_bucket_of_its_last_time(linked: str, page: Page) -> None:
    opened(page, linked)
    way = page.locator('section[data-panel-type="heatmap"] .colorkey a')
    assert asked_of(way.get_attribute("href") or "")["v"] == ["1"]
    assert (way.get_attribute("aria-label") or "").startswith("7 – 7")
    page.locator('section[data-panel-type="statetimeline"] .names a').focus()
    page.evaluate("() => document.activeElement.closest('.states').classList.add('before')")
    page.evaluate("window.heliograph.zoom.set(null)")  # it is drawn anew, and keeps the focus
    page.wait_for_function("() => document.querySelector('.states.before') === null", timeout=WAIT_MS)
    assert page.evaluate("document.activeElement.closest('.names') !== null")


# -- fingers -------------------------------------------------------------------------------------------------------


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    yield context.new_page()
    context.close()


def touch(session: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    fingers = [{"x": x, "y": y, "id": index} for index, (x, y) in enumerate(points)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})


def test_two_fingers_stretch_the_time_and_one_scrolls_the_page(linked: str, phone: Page) -> None:
    phone.goto(linked)
    phone.wait_for_selector('section[data-panel-id="1"][data-panel-state="ready"]', timeout=WAIT_MS)
    box = phone.locator('section[data-panel-id="1"] .over').bounding_box()
    assert box is not None
    middle, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = phone.context.new_cdp_session(phone)
    touch(session, "touchStart", (middle - 40, y), (middle + 40, y))
    for away in (50, 65, 80):
        touch(session, "touchMove", (middle - away, y), (middle + away, y))
    touch(session, "touchEnd")
    phone.wait_for_function("() => window.heliograph.zoom.range !== null")
    low, high = json.loads(phone.evaluate("JSON.stringify(window.heliograph.zoom.range)"))
    assert high - low == pytest.approx((TO - FROM) / 2, rel=0.05)
    assert FROM < low < high < TO
    assert phone.evaluate("scrollY") == 0
    touch(session, "touchStart", (middle, y))
    for away in range(10, 130, 10):
        touch(session, "touchMove", (middle, y - away))
    touch(session, "touchEnd")
    phone.wait_for_function("() => scrollY > 50")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
