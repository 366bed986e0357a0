"""Annotations in a real Chromium: made, changed, deleted, seen by others, switched, listed; never HTML."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fixtures.browser import await_tick
from fixtures.product import Product
from fixtures.waiting import WAIT_MS
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, expect

pytestmark = pytest.mark.browser
LOAD = {"metric": "node_load1"}
HOSTILE = "<img src=x onerror=window.hacked=1> javascript:window.hacked=1 https://example.org/a?b=1. ok"
AT = "fromUnixTimestamp64Milli(toInt64($__to - 120000))"
UNTIL = "fromUnixTimestamp64Milli(toInt64($__to - 60000))"
QUERIES = [
    {"name": "Marks", "builtin": True, "color": "purple"},
    {
        "name": "Deploys <b>",
        "datasource": "store",
        "query": f"select {AT} as time, {UNTIL} as timeEnd, '{HOSTILE}' as title, '{HOSTILE}' as text, "
        "'<b>t</b>,deploy' as tags from numbers(1)",
    },
    {
        "name": "Off",
        "enable": False,
        "datasource": "store",
        "query": f"select {AT} as time, 'was off' as text from numbers(1)",
    },
    {"name": "Hidden", "hide": True, "datasource": "store", "query": "select nothing from nowhere"},
]
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def panel(panel_id: int, kind: str, y: int, **more: Any) -> dict[str, Any]:
    title = f"{kind} {panel_id}"
    return {
        "panel_id": panel_id,
        "type": kind,
        "title": title,
        "position": {"x": 0, "y": y, "w": 24, "h": 7},
        **more,
    }


DASHBOARD = {
    "title": "Marked",
    "time": {"from": "now-5m", "to": "now"},
    "refresh": "1s",
    "annotations": QUERIES,
    "panels": [
        panel(1, "timeseries", 0, query=LOAD),
        panel(2, "annotationslist", 7, options={"tags": ["deploy", "incident"]}),
        panel(3, "statetimeline", 14, query=LOAD),
    ],
}


@pytest.fixture(scope="module")
def token(product: Product) -> str:
    return str(product.token("editor"))


@pytest.fixture(scope="module")
def api(product: Product, token: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=product.url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
        yield client


@pytest.fixture
def dashboard(api: httpx.Client) -> str:
    """A dashboard of its own for each test, without annotations."""
    dashboard_id = f"marked-{time.monotonic_ns()}"
    assert api.post("/api/v1/dashboards", json={**DASHBOARD, "dashboard_id": dashboard_id}).status_code == 201
    return dashboard_id


@pytest.fixture
def editing(chromium: Browser, token: str) -> Iterator[BrowserContext]:
    """The browser of an editor, whose zone is Tokyo's."""
    made = chromium.new_context(
        viewport={"width": 1440, "height": 900},
        extra_http_headers={"Authorization": f"Bearer {token}"},
        timezone_id="Asia/Tokyo",
    )
    yield made
    made.close()


def opened(page: Page, product: Product, dashboard: str, query: str = "") -> Page:
    page.goto(f"{product.url}/d/{dashboard}{query}")
    page.wait_for_selector('section[data-panel-id="1"] .feet .foot.region', timeout=WAIT_MS)
    return page


def feet(page: Page, text: str, panel_id: int = 1) -> Locator:
    return page.locator(f'section[data-panel-id="{panel_id}"] .feet .foot[aria-label*="{text}"]')


def chart(page: Page) -> dict[str, float]:
    box = page.locator('section[data-panel-id="1"] .over').bounding_box()
    assert box is not None
    return {"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]}


def press(page: Page, share: float, until: float | None = None) -> None:
    """Ctrl with a click at a share of the chart's width, or with a drag to another."""
    box = chart(page)
    page.keyboard.down("Control")
    page.mouse.move(box["x"] + share * box["width"], box["y"] + 40)
    page.mouse.down()
    if until is not None:
        page.mouse.move(box["x"] + until * box["width"], box["y"] + 40, steps=4)
    page.mouse.up()
    page.keyboard.up("Control")


def test_an_editor_makes_changes_and_deletes_one_and_another_tab_sees_each(
    product: Product, dashboard: str, editing: BrowserContext, page: Page, api: httpx.Client
) -> None:
    other, mine = opened(page, product, dashboard), opened(editing.new_page(), product, dashboard)
    press(mine, 0.4)
    mine.fill("dialog [aria-label=Text]", "Rolled back")
    mine.fill("dialog [aria-label^=Tags]", "incident, api")
    mine.click("dialog >> text=Save")
    expect(feet(mine, "Rolled back")).to_have_count(1, timeout=WAIT_MS)
    assert mine.locator("dialog").count() == 0
    expect(feet(other, "Rolled back")).to_have_count(1, timeout=WAIT_MS)
    expect(feet(other, "Rolled back", 3)).to_have_count(1)
    (made,) = api.get("/api/v1/annotations", params={"dashboard_id": dashboard}).json()["items"]
    assert (made["end"], made["tags"]) == (made["time"], ["incident", "api"])

    feet(mine, "Rolled back").click()
    said = mine.inner_text(".pop-note .words")
    hour = time.strftime("%H:%M", time.gmtime(made["time"] / 1000 + 9 * 3600))
    assert hour in said, "in the zone of the page"
    assert all(word in said for word in ("Rolled back", "incident", "api", "Marks"))
    mine.click(".pop-note >> text=Edit")
    assert mine.input_value("dialog [aria-label^=Tags]") == "incident, api"
    mine.fill("dialog [aria-label=Text]", "Rolled forward")
    mine.click("dialog >> text=Save")
    expect(feet(other, "Rolled forward")).to_have_count(1, timeout=WAIT_MS)
    expect(feet(other, "Rolled back")).to_have_count(0)
    (changed,) = api.get("/api/v1/annotations", params={"dashboard_id": dashboard}).json()["items"]
    assert changed["time"] == made["time"], "a time that was not touched keeps its milliseconds"

    feet(mine, "Rolled forward").click()
    mine.click(".pop-note >> text=Delete")
    expect(feet(mine, "Rolled forward")).to_have_count(1)
    mine.click(".pop-note >> text=Delete for good")
    expect(feet(mine, "Rolled forward")).to_have_count(0, timeout=WAIT_MS)
    expect(feet(other, "Rolled forward")).to_have_count(0, timeout=WAIT_MS)
    assert mine.locator(".pop-note").count() == 0


def test_a_page_of_the_past_asks_for_what_was_marked_alone_when_one_comes_back_to_it(
    product: Product, dashboard: str, page: Page, api: httpx.Client
) -> None:
    now = int(time.time() * 1000)
    opened(page, product, dashboard, f"?from={now - 300_000}&to={now}")
    assert page.evaluate("() => heliograph.boot.live") is False
    body = {"time": now - 150_000, "text": "Marked meanwhile", "dashboard_id": dashboard}
    assert api.post("/api/v1/annotations", json=body).status_code == 201
    asked: list[list[str]] = []

    def heard(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.path.endswith("/annotations"):
            asked.append(parse_qs(parts.query).get("query", []))

    page.on("request", heard)
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(feet(page, "Marked meanwhile")).to_have_count(1, timeout=WAIT_MS)
    assert asked == [["Marks"]]


def test_a_drag_with_ctrl_marks_a_region_and_zooms_nothing(
    product: Product, dashboard: str, editing: BrowserContext, api: httpx.Client
) -> None:
    mine = opened(editing.new_page(), product, dashboard)
    press(mine, 0.3, 0.5)
    assert mine.input_value("dialog [aria-label=To]") > mine.input_value("dialog [aria-label=From]")
    mine.fill("dialog [aria-label=Text]", "Maintenance")
    mine.click("dialog >> text=Save")
    expect(feet(mine, "Maintenance")).to_have_count(1, timeout=WAIT_MS)
    (made,) = api.get("/api/v1/annotations", params={"dashboard_id": dashboard}).json()["items"]
    assert 40_000 < made["end"] - made["time"] < 80_000
    assert not mine.locator("[data-zoom-reset]").is_visible()


def test_a_click_offers_to_mark_and_what_was_made_is_shown(
    product: Product, dashboard: str, editing: BrowserContext
) -> None:
    mine = opened(editing.new_page(), product, dashboard)
    box = chart(mine)
    mine.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 40)
    mine.click(".tip.pinned >> text=Add annotation")
    mine.fill("dialog [aria-label=Text]", "While zoomed")
    mine.click("dialog >> text=Save")
    expect(feet(mine, "While zoomed")).to_have_count(1, timeout=WAIT_MS)


def test_a_fault_is_said_at_its_field_and_nothing_written_is_lost(
    product: Product, dashboard: str, editing: BrowserContext
) -> None:
    mine = opened(editing.new_page(), product, dashboard)
    mine.hover('section[data-panel-id="1"]')
    mine.keyboard.press("a")
    mine.fill("dialog [aria-label=Text]", "kept")
    mine.fill("dialog [aria-label=From]", "yesterday")
    mine.click("dialog >> text=Save")
    assert "is written as" in mine.inner_text("dialog .fault")
    assert mine.get_attribute("dialog [aria-label=From]", "aria-invalid") is not None
    mine.fill("dialog [aria-label=From]", "2026-03-14 04:00:00")
    mine.fill("dialog [aria-label=To]", "2026-03-14 03:00:00")
    mine.click("dialog >> text=Save")
    expect(mine.locator("dialog .fault")).to_have_text("It ends before it begins")
    mine.fill("dialog [aria-label=To]", "")
    mine.fill("dialog [aria-label^=Tags]", "x" * 101)
    mine.click("dialog >> text=Save")
    expect(mine.locator("dialog .fault")).to_contain_text("at most 100 characters", timeout=WAIT_MS)
    assert mine.get_attribute("dialog [aria-label^=Tags]", "aria-invalid") is not None
    assert mine.get_attribute("dialog [aria-label=From]", "aria-invalid") is None
    assert mine.input_value("dialog [aria-label=Text]") == "kept"
    mine.keyboard.press("Escape")
    expect(mine.locator("dialog")).to_have_count(0)


def test_marks_are_reached_by_keys_and_escape_gives_the_focus_back(
    product: Product, dashboard: str, page: Page, api: httpx.Client
) -> None:
    now = int(time.time() * 1000)
    for seconds, text in ((200, "Earlier"), (30, "Later")):
        body = {"time": now - seconds * 1000, "text": text, "dashboard_id": dashboard}
        api.post("/api/v1/annotations", json=body)
    opened(page, product, dashboard)
    page.click(".switch:has-text('Deploys')")
    expect(page.locator('section[data-panel-id="1"] .feet .foot')).to_have_count(2, timeout=WAIT_MS)
    page.focus('section[data-panel-id="1"] .kebab')
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.classList.contains('foot')")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".tip:not([hidden]):has-text('Later')")
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector(".tip:not([hidden]):has-text('Earlier')")
    page.keyboard.press("Enter")
    page.wait_for_selector(".pop-note")
    page.keyboard.press("Escape")
    expect(page.locator(".pop-note")).to_have_count(0)
    await_tick(page)  # what has the focus stays
    assert page.evaluate("document.activeElement.classList.contains('foot')")


def test_a_viewer_sees_what_an_annotation_says_and_no_way_to_change_it(
    product: Product, dashboard: str, page: Page, api: httpx.Client
) -> None:
    now = int(time.time() * 1000)
    api.post("/api/v1/annotations", json={"time": now - 90_000, "text": "Seen", "dashboard_id": dashboard})
    opened(page, product, dashboard)
    press(page, 0.4)
    box = chart(page)
    page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 40)
    assert page.locator("dialog, .pop-note").count() == 0
    page.hover('section[data-panel-id="1"]')
    page.click('section[data-panel-id="1"] .kebab')
    assert page.locator("[role=menuitem]:has-text('Add annotation')").count() == 0
    page.keyboard.press("Escape")
    feet(page, "Seen").click()
    assert page.locator(".pop-note button").all_inner_texts() == [""], "the button that closes it alone"
    refused = page.evaluate(
        "fetch('/api/v1/annotations', {method: 'POST', headers: {'Content-Type': 'application/json'}, "
        "body: JSON.stringify({time: 1, text: 'x'})}).then((answer) => answer.status)"
    )
    assert refused == 403


def test_an_editor_is_not_offered_what_somebody_else_made(
    product: Product, dashboard: str, editing: BrowserContext
) -> None:
    with product.client("editor") as somebody:
        now = int(time.time() * 1000)
        body = {"time": now - 90_000, "text": "Theirs", "dashboard_id": dashboard}
        assert somebody.post("/api/v1/annotations", json=body).status_code == 201
    mine = opened(editing.new_page(), product, dashboard)
    feet(mine, "Theirs").click()
    assert mine.locator(".pop-note >> text=Edit").count() == 0


def test_words_and_tags_are_never_html_and_links_are_of_the_web_alone(
    product: Product, dashboard: str, editing: BrowserContext, page: Page, api: httpx.Client
) -> None:
    now = int(time.time() * 1000)
    body = {"time": now - 90_000, "text": HOSTILE, "tags": ["<script>window.hacked=1</script>", "incident"]}
    api.post("/api/v1/annotations", json={**body, "dashboard_id": dashboard})
    for tab in (opened(page, product, dashboard), opened(editing.new_page(), product, dashboard)):
        expect(feet(tab, "Marks")).to_have_count(1, timeout=WAIT_MS)
        for foot in (feet(tab, "Marks"), feet(tab, "Deploys")):
            foot.hover()
            tab.wait_for_selector(".tip:not([hidden])")
            assert HOSTILE in tab.inner_text(".tip")
            foot.click(position={"x": 5, "y": 8})
            tab.wait_for_selector(".pop-note")
            assert HOSTILE in tab.inner_text(".pop-note")
            links = tab.eval_on_selector_all(".pop-note a", "all => all.map((one) => [one.href, one.rel])")
            assert links == [["https://example.org/a?b=1", "noopener noreferrer nofollow"]]
            tab.keyboard.press("Escape")
        assert tab.locator(".pop-note img, .tip img, .feed img, .vars b, .feet img").count() == 0
        assert HOSTILE in tab.inner_text('section[data-panel-id="2"]')
        assert tab.evaluate("window.hacked") is None
    mine = editing.pages[0]
    feet(mine, "Marks").click()
    mine.click(".pop-note >> text=Edit")
    assert mine.input_value("dialog [aria-label=Text]") == HOSTILE
    assert mine.evaluate("window.hacked") is None


def test_a_switch_hides_and_shows_and_the_address_keeps_it(product: Product, dashboard: str, page: Page) -> None:
    opened(page, product, dashboard)
    names = page.eval_on_selector_all("input[data-annotation]", "all => all.map((one) => one.dataset.annotation)")
    assert names == ["Marks", "Deploys <b>", "Off"]
    page.click(".switch:has-text('Deploys')")
    expect(feet(page, "Deploys")).to_have_count(0)
    expect(page.locator('section[data-panel-id="2"] .entry:has-text("Deploys <b>")')).to_have_count(0)
    assert "ann-Deploys+%3Cb%3E=off" in page.url
    page.reload()
    page.wait_for_selector('section[data-panel-id="1"][data-panel-state="ready"]', timeout=WAIT_MS)
    await_tick(page)
    assert feet(page, "Deploys").count() == 0
    assert not page.is_checked("input[data-annotation^=Deploys]")
    page.click(".switch:has-text('Deploys')")
    expect(feet(page, "Deploys")).to_have_count(1)
    assert "ann-" not in page.url
    page.click(".switch:has-text('Off')")
    page.wait_for_url("**ann-Off=on**")
    expect(feet(page, "was off")).to_have_count(1, timeout=WAIT_MS)
    page.click(".switch:has-text('Off')")
    page.wait_for_function("() => !location.search.includes('ann-')")


def test_a_query_that_fails_is_named_in_the_header_and_panels_go_on(
    product: Product, dashboard: str, page: Page
) -> None:
    opened(page, product, dashboard)
    page.click("[data-annotation-faults]")
    said = page.inner_text("[data-annotation-faults-box]")
    assert "Hidden" in said
    assert "nowhere" in said
    assert page.inner_text("[data-annotation-faults] [role=status]") == "An annotation query fails: Hidden"
    page.keyboard.press("Escape")
    assert not page.locator("[data-annotation-faults-box]").is_visible()
    assert page.get_attribute('section[data-panel-id="1"]', "data-panel-state") == "ready"


def test_the_list_has_what_queries_found_and_a_click_goes_to_its_time(
    product: Product, dashboard: str, page: Page, api: httpx.Client
) -> None:
    now = int(time.time() * 1000)
    for text, tag in (("An incident", "incident"), ("Not listed", "other")):
        body = {"time": now - 90_000, "end": now - 80_000, "text": text, "tags": [tag], "dashboard_id": dashboard}
        api.post("/api/v1/annotations", json=body)
    opened(page, product, dashboard)
    entries = page.locator('section[data-panel-id="2"] .entry')
    expect(entries.filter(has_text="An incident")).to_have_count(1, timeout=WAIT_MS)
    expect(entries.filter(has_text="Deploys <b>")).to_have_count(1)
    expect(entries.filter(has_text="Not listed")).to_have_count(0)
    entries.filter(has_text="An incident").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-zoom-reset]:visible")
    start, end = page.evaluate("window.heliograph.zoom.range")
    assert start < now - 90_000
    assert end > now - 80_000
    assert end - start < 60_000


def test_a_tap_on_a_phone_tells_and_lets_an_editor_mark(
    product: Product, dashboard: str, chromium: Browser, token: str, api: httpx.Client
) -> None:
    now = int(time.time() * 1000)
    api.post("/api/v1/annotations", json={"time": now - 150_000, "text": "Tapped", "dashboard_id": dashboard})
    context = chromium.new_context(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        extra_http_headers={"Authorization": f"Bearer {token}"},
    )
    page = opened(context.new_page(), product, dashboard)
    feet(page, "Tapped").scroll_into_view_if_needed()
    page.evaluate(TWO_FRAMES)  # in which the page is told of that: what is open closes as one scrolls
    feet(page, "Tapped").tap()
    page.wait_for_selector(".pop-note >> text=Edit")
    box = page.locator(".pop-note").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.tap(".pop-note .closer")
    page.locator('section[data-panel-id="1"] .over').tap(position={"x": 150, "y": 60})
    page.tap(".tip.pinned >> text=Add annotation")
    page.fill("dialog [aria-label=Text]", "From a phone")
    page.tap("dialog >> text=Save")
    expect(feet(page, "From a phone")).to_have_count(1, timeout=WAIT_MS)
    page.tap("[data-sheet-open]")
    page.tap(".switch:has-text('Deploys')")
    expect(feet(page, "Deploys")).to_have_count(0)
    context.close()
