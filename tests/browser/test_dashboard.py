"""A dashboard in a real Chromium: drawn, live, one's own zoom, and back by itself after the server was gone."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from functools import partial
from typing import Any

import fixtures.waiting
import httpx
import psutil
import pytest
from fixtures.product import PASSWORD, Product, child_role
from fixtures.waiting import WAIT_MS
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
OUTAGE_S = float(os.environ.get("HELIOGRAPH_TEST_OUTAGE_S", "0"))  # longer by hand

# The columns of a panel's source, as arrays.
COLUMNS = """(id) => {
  const panel = window.heliograph.panels.get(id);
  const data = panel?.body?.source?.data;
  return data ? Object.fromEntries(Object.entries(data instanceof Map ? Object.fromEntries(data) : data)
    .map(([name, column]) => [name, Array.from(column)])) : null;
}"""
# Whether the first row and column of each canvas of panel 8 have the colour of what is beside them, or none.
EDGES = """() => {
  const within = (one) => [one, ...(one.shadowRoot ? below(one.shadowRoot) : [])];
  const below = (root) => [...root.querySelectorAll("*")].flatMap(within);
  const canvases = below(document.querySelector('section[data-panel-id="8"]'))
    .filter((one) => one.tagName === "CANVAS" && one.width > 100);
  const same = ({ data }, ground) => data.every((value, index) => {
    const clear = data[index - index % 4 + 3] === 0;
    return clear || index % 4 === 3 || Math.abs(value - ground[index % 4]) < 16;
  });
  return canvases.length > 0 && canvases.every((canvas) => {
    const ctx = canvas.getContext("2d"), ground = ctx.getImageData(3, 3, 1, 1).data;
    const read = (width, height) => ctx.getImageData(0, 0, width, height);
    return same(read(1, canvas.height), ground) && same(read(canvas.width, 1), ground);
  });
}"""


wait = partial(fixtures.waiting.wait, seconds=30)


def columns(page: Page, panel_id: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = page.evaluate(COLUMNS, panel_id) or {"t": []}
    return found


def opened(page: Page, product: Product, path: str = "/d/host/this-machine") -> Page:
    page.goto(product.url + path)
    page.wait_for_selector('section[data-panel-id="1"][data-panel-state="ready"]', timeout=WAIT_MS)
    page.wait_for_selector('section[data-panel-id="8"][data-panel-state="ready"]', timeout=WAIT_MS)
    return page


def newest(page: Page, panel_id: int = 8) -> float:
    times = columns(page, panel_id)["t"]
    return times[-1] if times else 0.0


def test_every_panel_of_this_machine_is_drawn_and_moves(product: Product, page: Page) -> None:
    opened(page, product)
    states = page.eval_on_selector_all("section[data-panel-state]", "all => all.length")
    assert states >= 12
    first = newest(page)
    wait(lambda: newest(page) >= first + 2000, "two more seconds on the CPU chart")
    assert page.evaluate("document.documentElement.dataset.view") == "live"


def busy_share(before: psutil._common.scputimes, after: psutil._common.scputimes) -> float:  # type: ignore[name-defined]
    idle, total = after.idle - before.idle, sum(after) - sum(before)
    guest = (after.guest - before.guest) + (after.guest_nice - before.guest_nice)
    return float(100 * (1 - idle / (total - guest)))


def test_a_core_under_load_is_seen_and_agrees_with_proc_stat(product: Product, page: Page) -> None:
    opened(page, product)
    stop = threading.Event()

    def burn() -> None:
        while not stop.is_set():
            sum(range(10_000))

    before, started_ms = psutil.cpu_times(), time.time() * 1000
    burner = threading.Thread(target=burn)
    burner.start()
    time.sleep(6)
    after, ended_ms = psutil.cpu_times(), time.time() * 1000
    stop.set()
    burner.join()
    wait(lambda: newest(page, 1) >= ended_ms, "the seconds of the load")
    shown = columns(page, 1)
    inside = [v for t, v in zip(shown["t"], shown["s0"], strict=True) if started_ms + 1000 <= t <= ended_ms and v == v]  # noqa: PLR0124
    expected = busy_share(before, after)
    assert len(inside) >= 3
    assert max(inside) > 40
    assert sum(inside) / len(inside) == pytest.approx(expected, abs=15)


def drag(page: Page, panel_id: int) -> None:
    box = page.locator(f'section[data-panel-id="{panel_id}"] .over').bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.6, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, y, steps=4)
    page.mouse.move(box["x"] + box["width"] * 0.8, y, steps=4)
    page.mouse.up()


def shown_range(page: Page, panel_id: int) -> list[float]:
    found: list[float] = page.evaluate(
        "(id) => { const x = window.heliograph.panels.get(id).body.drawing.root.x_range; return [x.start, x.end]; }",
        panel_id,
    )
    return found


def test_two_tabs_keep_their_own_zoom_while_both_move(product: Product, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    path = "/d/host/this-machine?from=now-5m&to=now"  # which does not grow meanwhile
    one, other = opened(context.new_page(), product, path), opened(context.new_page(), product, path)
    full = shown_range(one, 8)
    drag(one, 8)
    wait(lambda: one.locator("[data-zoom-reset]").is_visible(), "the button that leads back")
    narrow = shown_range(one, 8)
    assert narrow[1] - narrow[0] < 0.4 * (full[1] - full[0])
    assert shown_range(one, 7) == narrow, "all charts of a tab share its range"
    before = newest(other)
    wait(lambda: newest(other) > before + 1000, "the other tab to move on")
    assert shown_range(one, 8) == narrow
    assert shown_range(other, 8)[1] - shown_range(other, 8)[0] == pytest.approx(full[1] - full[0], rel=0.01)
    one.click("[data-zoom-reset]")
    reset = newest(one)
    wait(lambda: newest(one) > reset + 1000, "the first tab to move again")
    context.close()


def test_a_tooltip_says_the_values_of_an_instant(product: Product, page: Page) -> None:
    opened(page, product)
    box = page.locator('section[data-panel-id="8"] .over').bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2)
    page.wait_for_selector(".tip:not([hidden]) time")
    assert "core" in page.inner_text(".tip")
    assert page.locator(".xh").count() > 1, "the crosshair stands in all charts"
    before = page.inner_text(".tip:not([hidden]) time")
    page.wait_for_function(  # what moves under a mouse that stands still is said anew
        "before => document.querySelector('.tip:not([hidden]) time')?.textContent !== before", arg=before
    )


def test_the_page_runs_under_its_policy_and_asks_no_other_host(product: Product, page: Page) -> None:
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    answer = page.goto(f"{product.url}/d/host/x")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe-eval" not in policy
    page.wait_for_selector('section[data-panel-id="8"][data-panel-state="ready"]', timeout=WAIT_MS)
    assert hosts == {f"127.0.0.1:{product.port}"}


@pytest.mark.parametrize("width", [390, 320])
def test_a_phone_shows_one_column_and_never_scrolls_sideways(product: Product, chromium: Browser, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 844}, has_touch=True)
    page = opened(context.new_page(), product)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.click("[data-sheet-open]")
    assert page.locator("[data-time-picker]").is_visible()
    context.close()


def test_the_theme_switches_without_a_reload(product: Product, page: Page) -> None:
    opened(page, product)
    page.evaluate("window.mark = 1")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("[data-theme-switch]")
    page.wait_for_function(EDGES, timeout=WAIT_MS)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    assert page.evaluate("window.mark") == 1


def test_the_address_is_the_view(product: Product, page: Page) -> None:
    opened(page, product)
    page.click("[data-time-picker]")
    page.click("text=Last 15 minutes")
    page.wait_for_url("**from=now-15m**")
    assert page.inner_text("[data-time-picker]").strip() == "Last 15 minutes"


HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'


def test_no_text_of_a_dashboard_runs_as_script(product: Product, page: Page) -> None:
    body = {
        "dashboard_id": "hostile",
        "title": HOSTILE,
        "tags": [HOSTILE[:90]],
        "variables": [{"name": "v", "type": "custom", "label": HOSTILE, "query": HOSTILE.replace(",", "")}],
        "panels": [
            {
                "panel_id": 1,
                "title": HOSTILE,
                "type": "text",
                "options": {"content": HOSTILE + " $v </script><script>"},
            },
            {"panel_id": 2, "title": "$v", "type": "stat", "query": {"metric": "node_load1"}},
            {
                "panel_id": 3,
                "title": "legend",
                "type": "timeseries",
                "targets": [{"query": {"metric": "node_load1"}, "legend": HOSTILE}],
            },
        ],
        "time": {"from": "now-1m", "to": "now"},
        "refresh": "1s",
    }
    product.save(body)
    page.goto(f"{product.url}/d/hostile")
    page.wait_for_selector('section[data-panel-id="3"][data-panel-state="ready"]', timeout=WAIT_MS)
    page.click('[data-variable="v"]')
    page.goto(f"{product.url}/")
    page.wait_for_selector("#dashboards li")
    assert page.evaluate("window.hacked") is None


def test_a_wrong_query_is_said_in_its_panel_and_hurts_no_other(product: Product, page: Page) -> None:
    body = {
        "dashboard_id": "half-broken",
        "title": "Half broken",
        "panels": [
            {"panel_id": 1, "title": "Good", "type": "stat", "query": {"metric": "node_load1"}},
            {"panel_id": 2, "title": "Bad", "type": "timeseries", "query": "select file('/etc/passwd')"},
            {"panel_id": 3, "title": "Lost", "type": "timeseries", "datasource": "nobody", "query": "up"},
            {"panel_id": 4, "title": "Empty", "type": "timeseries", "query": {"metric": "no_such_metric"}},
        ],
        "time": {"from": "now-1m", "to": "now"},
        "refresh": "1s",
    }
    product.save(body)
    page.goto(f"{product.url}/d/half-broken")
    for panel_id, state in ((1, "ready"), (2, "error"), (3, "error"), (4, "empty")):
        page.wait_for_selector(f'section[data-panel-id="{panel_id}"][data-panel-state="{state}"]', timeout=WAIT_MS)
    assert "function file is not allowed" in page.inner_text('section[data-panel-id="2"]')
    assert "There is no data source nobody" in page.inner_text('section[data-panel-id="3"]')


def test_home_searches_as_one_types(product: Product, page: Page) -> None:
    page.goto(f"{product.url}/")
    page.fill("#search", "this machine")
    wait(lambda: page.locator("#dashboards li").count() == 1, "one dashboard")
    page.click("#dashboards a.name")
    page.wait_for_url("**/d/host/this-machine")


def test_one_logs_in_and_out(product: Product, page: Page) -> None:
    login = product.person("editor")
    page.goto(f"{product.url}/login?next=/d/host")
    page.fill("[name=login]", login)
    page.fill("[name=password]", "wrong")
    page.click("button:has-text('Sign in')")
    assert "rong user name or password" in page.inner_text("[role=alert]")
    page.fill("[name=password]", PASSWORD)
    page.click("button:has-text('Sign in')")
    page.wait_for_url("**/d/host")
    cookie = next(one for one in page.context.cookies() if one["name"] == "heliograph_session")
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    other = page.context.new_page()
    other.goto(f"{product.url}/account")
    page.click(f"[aria-label='Account of {login}']")
    page.get_by_role("menuitem", name="Sign out", exact=True).click()
    page.wait_for_url("**/login")
    assert "heliograph_session" not in {one["name"] for one in page.context.cookies()}
    other.wait_for_url("**/login*", timeout=WAIT_MS)  # no tab of this browser goes on
    elsewhere = httpx.get(f"{product.url}/api/v1/datasources", cookies={"heliograph_session": cookie["value"]})
    assert elsewhere.status_code == 200, "another browser stays signed in"

    page.context.add_cookies([{"name": "heliograph_session", "value": cookie["value"], "url": product.url}])
    page.goto(f"{product.url}/account")
    page.locator("main").get_by_role("button", name="Sign out everywhere").click()
    page.wait_for_url("**/login")
    kept = httpx.get(f"{product.url}/api/v1/datasources", cookies={"heliograph_session": cookie["value"]})
    assert kept.status_code == 403, "the old cookie is nobody's: an anonymous viewer's at most"


def test_a_tab_comes_back_by_itself_after_the_server_was_gone(product: Product, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = opened(context.new_page(), product)
    page.evaluate("window.mark = 1")
    assert product.process is not None
    for child in psutil.Process(product.process.pid).children():
        child.send_signal(signal.SIGKILL)
    product.process.kill()
    product.process.wait()
    try:
        wait(lambda: page.evaluate("document.documentElement.dataset.view") == "reconnecting", "the page to say so")
        assert "Reconnecting" in page.inner_text(".notice.reconnecting")
        gone = newest(page)
        time.sleep(OUTAGE_S)
    finally:
        product.start()  # others use it, too
    wait(lambda: newest(page) > gone + 2000, "fresh data without a reload", seconds=60)
    wait(lambda: page.evaluate("document.documentElement.dataset.view") == "live", "the notice to go")
    assert page.evaluate("window.mark") == 1, "the page was not loaded again"
    context.close()


def test_a_saved_dashboard_reaches_those_who_look_at_it(product: Product, page: Page) -> None:
    body: dict[str, Any] = {
        "dashboard_id": "edited",
        "title": "Before",
        "panels": [{"panel_id": 1, "title": "Load", "type": "stat", "query": {"metric": "node_load1"}}],
        "time": {"from": "now-1m", "to": "now"},
        "refresh": "1s",
    }
    product.save(body)
    page.goto(f"{product.url}/d/edited")
    page.wait_for_selector('section[data-panel-state="ready"]', timeout=WAIT_MS)
    with product.client("editor") as editor:
        saved = editor.put("/api/v1/dashboards/edited", content=json.dumps({**body, "title": "After", "version": 1}))
        assert saved.status_code == 200
    page.wait_for_selector("h1:has-text('After')", timeout=WAIT_MS)


def test_a_page_recovers_when_the_server_dies_before_its_socket_opens(product: Product, page: Page) -> None:
    page.goto(f"{product.url}/d/host", wait_until="domcontentloaded")
    view = child_role(product, "view")
    assert view is not None
    view.kill()
    page.wait_for_selector('section[data-panel-id="8"][data-panel-state="ready"]', timeout=WAIT_MS)
    wait(lambda: newest(page) > 0 and page.evaluate("window.heliograph.live.ticks.length") > 1, "ticks")
