"""Range, variables and refresh that change in place, and addresses that have aged, in a real Chromium."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fixtures.product import Product
from fixtures.waiting import WAIT_MS, wait
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = pytest.mark.browser
SERIES = "select fromUnixTimestamp64Milli(toInt64($__from + number * 10000)) as time, number as v from numbers(30)"
HOSTS = {"name": "host", "type": "custom", "query": "a,b", "multi": True, "include_all": True, "current": ["a"]}
PANELS: list[dict[str, Any]] = [
    {"panel_id": 1, "title": "On $host", "type": "timeseries", "query": SERIES},
    {"panel_id": 2, "title": "Said", "type": "table", "query": "select '$host' as chosen, $__from as since"},
    {"panel_id": 3, "title": "Far below", "type": "stat", "query": "select 3 as v"},
]
for index, one in enumerate(PANELS):
    one["position"] = {"x": 0, "y": 10 * index, "w": 24, "h": 10}
BOARD = {"dashboard_id": "in-place", "title": "In place", "variables": [HOSTS], "panels": PANELS}
MARK = "window.neverReloaded = true"
HERE = "window.neverReloaded === true"


@pytest.fixture(scope="module")
def board(product: Product) -> str:
    product.save(BOARD)
    product.save({**BOARD, "dashboard_id": "in-place-live", "refresh": "1s"})
    chain = [
        {"name": "job", "type": "custom", "query": "a,b", "current": "a"},
        {
            "name": "instance",
            "type": "query",
            "query": "select arrayJoin(if('$job' = 'a', ['i1', 'i2'], ['i1', 'i3'])) as v",
            "multi": True,
        },
    ]
    said = {"panel_id": 2, "type": "table", "query": "select '${instance:csv}' as chosen"}
    product.save({"dashboard_id": "chained", "title": "Chained", "variables": chain, "panels": [said]})
    return f"{product.url}/d/in-place"


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    page.wait_for_selector('section[data-panel-id="2"][data-panel-state="ready"] td', timeout=WAIT_MS)
    page.evaluate(MARK)
    return page


def said(page: Page) -> str:
    return page.locator('section[data-panel-id="2"] tbody').inner_text()


def label(page: Page) -> str:
    return page.locator("[data-time-picker] span").first.inner_text()


def newer(page: Page, before: str, *, by_key: bool = False) -> bool:
    """Whether what was asked anew differs: ranges that do not tick end on a grid of seconds."""
    if by_key:
        page.keyboard.press("r")
    else:
        page.click("[data-refresh]")
    return said(page) != before


def choose(page: Page, variable: str, *values: str) -> None:
    page.click(f'[data-variable="{variable}"]')
    for value in values:
        page.click(f'.pop-variable:not([hidden]) [role=option]:has-text("{value}")')
    if page.locator(".pop-variable:not([hidden]) .foot").count():
        page.click('.pop-variable:not([hidden]) button:has-text("Apply")')


def test_a_variable_changes_in_place_and_what_was_opened_hidden_and_scrolled_stays(board: str, page: Page) -> None:
    opened(page, board)
    page.mouse.wheel(0, 300)
    wait(lambda: page.evaluate("scrollY") > 0, "a scrolled page")
    before = page.evaluate("scrollY")
    choose(page, "host", "b")
    wait(lambda: "a,b" in said(page).replace("{", "").replace("}", ""), "the new values")
    assert page.evaluate(HERE)
    assert page.evaluate("scrollY") == before
    assert parse_qs(urlsplit(page.url).query)["var-host"] == ["a", "b"]
    assert page.locator('[data-variable="host"] .v').inner_text().strip() == "a, b"
    assert page.locator('section[data-panel-id="1"] h2').inner_text() == "On a, b"
    page.go_back()
    wait(lambda: "a,b" not in said(page), "the value before")
    assert page.evaluate(HERE)
    page.go_forward()
    wait(lambda: "a,b" in said(page), "the value after")


def test_while_the_new_is_asked_the_old_is_shown(board: str, page: Page) -> None:
    opened(page, board)
    page.route("**/panels?ids=*", lambda route: None)  # an answer that takes its time
    page.keyboard.press("t")
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector('section[data-panel-id="1"][data-busy]')
    assert page.locator('section[data-panel-id="1"]').get_attribute("data-panel-state") == "ready"
    assert page.locator('section[data-panel-id="1"] .chart').count() == 1
    assert page.evaluate(HERE)


def test_without_a_refresh_the_range_keeps_its_words_and_is_asked_anew(board: str, page: Page) -> None:
    opened(page, board)
    assert label(page) == "Last 6 hours"
    first = said(page)
    page.keyboard.press("r")
    wait(lambda: newer(page, first, by_key=True), "a newer range by the key")
    second = said(page)
    wait(lambda: newer(page, second), "a newer range by the button")
    assert label(page) == "Last 6 hours"
    assert page.evaluate("localStorage.getItem('heliograph-ranges')") is None
    assert page.evaluate(HERE)


def test_a_zoom_holds_for_every_panel_and_back_to_live_ends_it(board: str, page: Page) -> None:
    opened(page, f"{board}-live")
    live = said(page)
    wait(lambda: said(page) != live, "a tick")
    box = page.locator('section[data-panel-id="1"] .over').bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 60, steps=4)
    page.mouse.up()
    start = page.evaluate("window.heliograph.zoom.range[0]")
    wait(lambda: abs(int(re.sub(r"\D", "", said(page).split()[-1])) - start) < 3_600_000, "the table of the range")
    still, seq = said(page), page.evaluate("window.heliograph.live.ticks.at(-1).seq")
    wait(lambda: page.evaluate("window.heliograph.live.ticks.at(-1).seq") > seq + 2, "ticks that change nothing")
    assert said(page) == still
    page.click("[data-zoom-reset]")
    wait(lambda: said(page) != still, "the live range")
    assert page.locator("[data-zoom-reset]").is_hidden()


def test_an_absolute_range_leads_back_to_live_and_a_refresh_too(board: str, page: Page) -> None:
    opened(page, f"{board}-live?from=1700000000000&to=1700003600000")
    assert "2023" in label(page)
    page.click("[data-zoom-reset]")
    wait(lambda: label(page) == "Last 6 hours", "the words of the dashboard")
    wait(lambda: page.locator("html").get_attribute("data-view") == "live", "ticks")
    page.go_back()
    wait(lambda: page.locator("html").get_attribute("data-view") == "frozen", "the past")
    page.click("[data-refresh-picker]")
    page.click('[data-refresh-box] button:has-text("5s")')
    wait(lambda: page.locator("html").get_attribute("data-view") == "live", "ticks again")
    assert page.locator("[data-refresh-picker] .value").inner_text() == "5s"
    assert page.evaluate(HERE)


def test_chained_variables_are_used_by_the_mouse_alone(product: Product, board: str, page: Page) -> None:
    opened(page, f"{product.url}/d/chained?var-instance=i1&var-instance=i2")
    choose(page, "job", "b")
    wait(lambda: "i2" not in said(page), "the values that are left")
    assert "i1" in said(page)
    choose(page, "instance", "i3")
    wait(lambda: "i1,i3" in said(page), "both values of the other job")


@pytest.mark.parametrize(
    ("query", "says", "shows"),
    [
        ("var-host=gone", "host has no value gone", "Last 6 hours"),
        ("var-host=", "", "Last 6 hours"),
        ("refresh=xyz", "refresh=xyz", "Last 6 hours"),
        ("refresh=auto", "", "Last 6 hours"),
        ("from=bogus&to=now", "from=bogus is no time", "Last 6 hours"),
        ("from=now&to=now-1h", "ends are exchanged", "Last 1 hour"),
        ("from=now-1h", "", "Last 1 hour"),
        ("from=now-13h&to=now", "", "Last 13 hours"),
        ("from=now-1w/w&to=now-1w/w", "", "Previous week"),
        ("from=now/d&to=now/d", "", "Today"),
        ("from=now-10y&to=now", "", "Last 10 years"),
        ("from=1800000&to=32400000&tz=utc", "", "Thu 1 Jan 1970, 00:30:00 to 09:00:00"),
        ("from=1733479200&to=1733482800&tz=utc", "", "Fri 6 Dec 2024, 10:00:00 to 11:00:00"),
        ("tz=Mars/Base", "There is no time zone Mars/Base", "Last 6 hours"),
        ("viewPanel=999", "There is no panel 999", "Last 6 hours"),
        ("viewPanel=panel-2", "", "Last 6 hours"),
    ],
)
def test_an_address_that_has_aged_opens_with_a_notice(
    board: str, context: BrowserContext, query: str, says: str, shows: str
) -> None:
    page = context.new_page()
    opened(page, f"{board}?{query}")
    assert label(page) == shows
    notice = page.locator("[data-notice]")
    if says:
        expect(notice).to_contain_text(says)
    else:
        expect(notice).to_be_hidden()
    assert page.locator("html").get_attribute("data-solo") == ("" if "panel-2" in query else None)
    page.close()


def test_old_addresses_of_grafana_lead_to_pages(product: Product, board: str, page: Page) -> None:
    opened(page, f"{product.url}/d-solo/in-place/x?panelId=2&var-host=b")
    assert page.locator("html").get_attribute("data-solo") == ""
    assert said(page).startswith("b")
    page.goto(f"{product.url}/dashboards")
    assert urlsplit(page.url).path == "/"


def test_a_lost_network_is_said_at_once_and_pushes_nothing_down(board: str, context: BrowserContext) -> None:
    page = opened(context.new_page(), f"{board}-live")
    wait(lambda: page.locator("html").get_attribute("data-view") == "live", "ticks")
    top = page.evaluate("document.querySelector('main').getBoundingClientRect().top")
    context.set_offline(True)
    page.wait_for_selector("html[data-view=reconnecting]", timeout=2000)
    assert page.evaluate("document.querySelector('main').getBoundingClientRect().top") == top
    page.keyboard.press("t")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-notice]")).to_contain_text("does not answer")
    assert page.evaluate(HERE)
    context.set_offline(False)
    wait(lambda: page.locator("html").get_attribute("data-view") == "live", "ticks again")
