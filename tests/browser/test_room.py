"""Two people watch a dashboard together, each in a Chromium of their own; who is not signed in has no part in it."""

from __future__ import annotations

import pytest
from fixtures.browser import PATIENCE_MS
from fixtures.naming import fresh
from fixtures.people import signed_in
from fixtures.product import Product
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser
NOTE = "<img src=x onerror=window.hacked=1> the deploy"
# There is data of any range.
LINE = """select fromUnixTimestamp64Milli(toInt64($__from + ($__to - $__from) * number / 100)) as time,
  'line' as name, number as value from numbers(100)"""
DASHBOARD = {
    "title": "Together",
    "time": {"from": "now-5m", "to": "now"},
    "refresh": "1s",
    "panels": [
        {"panel_id": number, "type": "timeseries", "title": f"Line {number}", "query": LINE,
         "position": {"x": 12 * (number - 1), "y": 0, "w": 12, "h": 8}}
        for number in (1, 2)
    ],
}  # fmt: skip
# Whether both charts show the range of the page.
DRAWN = """() => [1, 2].every((id) => {
  const frame = heliograph.panels.get(id)?.body?.frame?.();
  return frame && Math.abs(frame.x.invert(frame.left) - heliograph.range()[0]) < 20000;
})"""
# The instant of the line of who is followed in the first chart, and the name on it.
THEIRS = """() => {
  const chart = heliograph.panels.get(1).body;
  const line = chart?.over.querySelector(".xh-their");
  return line && { ms: chart.frame().x.invert(parseFloat(line.style.left)), name: line.textContent };
}"""


def person(product: Product, browser: Browser, role: str) -> tuple[str, Page]:
    """Somebody new, signed in, in a browser of their own."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    return signed_in(product, page, role), page


def watch(product: Product, page: Page, name: str) -> None:
    page.goto(f"{product.url}/d/{name}")
    page.wait_for_function(DRAWN)


def point(page: Page, part: float) -> float:
    """Move the mouse over the first chart, to that part of its width; the instant there, ms."""
    found: dict[str, float] = page.evaluate(
        """(part) => {
          const chart = heliograph.panels.get(1).body, frame = chart.frame(), box = chart.over.getBoundingClientRect();
          const x = Math.round(frame.left + frame.width * part);
          return { x: box.left + x, y: box.top + frame.top + frame.height / 2, ms: frame.x.invert(x) };
        }""",
        part,
    )
    page.mouse.move(found["x"], found["y"])
    return found["ms"]


def shares(hers: Page, mira: str, his: Page) -> None:
    """She shares, and he follows her."""
    hers.locator("[data-room]").click()
    hers.get_by_label("Share my crosshair and time range").check()
    his.locator("[data-room]").click()
    his.get_by_role("button", name=f"Follow {mira}").click()
    expect(hers.locator(".pop-room")).to_contain_text("Your crosshair and range are followed.", timeout=PATIENCE_MS)
    for page in (hers, his):
        page.keyboard.press("Escape")


def sees_her_crosshair(hers: Page, mira: str, his: Page) -> None:
    ms = point(hers, 0.6)
    his.wait_for_function(f"() => Math.abs((({THEIRS})()?.ms ?? 0) - {ms}) < 5000")
    assert his.evaluate(THEIRS)["name"] == mira
    assert his.locator(".xh-their").count() == 2, "in all charts"
    hers.mouse.move(2, 2)
    expect(his.locator(".xh-their")).to_have_count(0, timeout=PATIENCE_MS)


def goes_where_she_goes(hers: Page, mira: str, his: Page) -> None:
    """Into a zoom, to another range that moves, and to one that stands still."""
    point(hers, 0.3)
    hers.mouse.down()
    point(hers, 0.7)
    hers.mouse.up()
    hers.wait_for_function("() => heliograph.zoom.range")
    zoom = hers.evaluate("() => String(heliograph.zoom.range.map(Math.round))")
    his.wait_for_function("(zoom) => String(heliograph.zoom.range) === zoom", arg=zoom)
    hers.evaluate("() => heliograph.navigation.navigate('?from=now-15m&to=now')")
    his.wait_for_function("() => heliograph.boot.range.from === 'now-15m' && !heliograph.zoom.range")
    expect(his.locator("[data-room]")).to_have_attribute("aria-label", f"Also watching: {mira}", timeout=PATIENCE_MS)
    hers.evaluate("() => heliograph.navigation.navigate(`?from=${Date.now() - 600000}&to=${Date.now() - 300000}`)")
    his.wait_for_function("() => document.documentElement.dataset.view === 'frozen'")
    hers.wait_for_function(f"() => heliograph.room.followed && ({DRAWN})()")
    his.wait_for_function(DRAWN)
    point(hers, 0.5)
    his.wait_for_function(THEIRS)


def sees_what_she_pins(hers: Page, his: Page) -> None:
    point(hers, 0.55)
    hers.mouse.down()
    hers.mouse.up()
    hers.get_by_role("button", name="Pin a line for all").click()
    hers.get_by_label("Note").fill(NOTE)
    hers.get_by_role("button", name="Pin", exact=True).click()
    for page in (his, hers):
        page.locator(f".feet .foot[aria-label*='{NOTE}']").first.wait_for()
        assert page.evaluate("window.hacked") is None


def test_two_people_see_each_other_follow_and_pin(product: Product, chromium: Browser) -> None:
    name: str = fresh("together")
    product.save({**DASHBOARD, "dashboard_id": name})
    nobody = chromium.new_context().new_page()
    nobody.set_default_timeout(PATIENCE_MS)
    heard: list[str] = []
    nobody.on("websocket", lambda socket: socket.on("framereceived", lambda frame: heard.append(str(frame))))
    watch(product, nobody, name)
    mira, hers = person(product, chromium, "editor")
    jaan, his = person(product, chromium, "viewer")
    watch(product, hers, name)
    watch(product, his, name)
    expect(hers.locator("[data-room]")).to_have_attribute("aria-label", f"Also watching: {jaan}", timeout=PATIENCE_MS)
    expect(his.locator("[data-room]")).to_have_attribute("aria-label", f"Also watching: {mira}", timeout=PATIENCE_MS)
    shares(hers, mira, his)
    sees_her_crosshair(hers, mira, his)
    goes_where_she_goes(hers, mira, his)
    sees_what_she_pins(hers, his)
    hers.locator("[data-room]").click()
    hers.get_by_label("Share my crosshair and time range").uncheck()
    his.wait_for_function("() => heliograph.room.follows === ''")
    hers.get_by_label("Show others that I am here").uncheck()
    expect(his.locator("[data-room]")).to_have_attribute("aria-label", "Who watches", timeout=PATIENCE_MS)
    expect(hers.locator(".pop-room")).to_contain_text("You are not seen, and see nobody.", timeout=PATIENCE_MS)
    assert nobody.locator("[data-room]").count() == 0
    assert heard
    assert not [one for one in heard if '"room"' in one], "who did not join hears nothing"
