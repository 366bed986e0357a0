"""How soon the crosshair of one person stands in the charts of another who follows, in two Chromiums that draw both.

From the mouse's event in one page to the line in the other; server and browsers share the cores.
"""

from __future__ import annotations

import shutil
import statistics
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from fixtures.browser import FLAGS
from fixtures.crowd import dashboard, p99, served
from fixtures.product import Product
from playwright.sync_api import Browser, Page, sync_playwright
from report import figure, report

PASSWORD = "correct horse battery"
MOVES = 50
GOAL_MS = 200
PANELS = 4
WAIT_MS = 60_000
DRAWN = "() => window.heliograph?.room?.you && [...heliograph.panels.values()].every((one) => one.body?.frame?.())"
# Notes when the mouse moves here, and when the line of somebody else moves here.
WATCH = """() => {
  window.moved = 0;
  window.seen = 0;
  addEventListener("pointermove", () => (window.moved = performance.timeOrigin + performance.now()), true);
  const line = () => document.querySelector(".xh-their")?.getAttribute("style") ?? "";
  let before = "";
  new MutationObserver(() => {
    const now = line();
    if (now && now !== before) window.seen = performance.timeOrigin + performance.now();
    before = now;
  }).observe(document.querySelector("main"), { subtree: true, childList: true, attributeFilter: ["style"] });
}"""
WHERE = """(part) => {
  const chart = heliograph.panels.get(1).body, frame = chart.frame(), box = chart.over.getBoundingClientRect();
  return [box.left + frame.left + frame.width * part, box.top + frame.top + frame.height / 2];
}"""
SHARE = "() => heliograph.room.share(true)"
FOLLOW = "() => heliograph.room.follow(heliograph.room.people.find((one) => one.id !== heliograph.room.you).id)"
SHARED = "() => heliograph.room.people.length === 2 && heliograph.room.people.every((one) => one.shares)"
FOLLOWED = "() => heliograph.room.followed"


def watcher(product: Product, browser: Browser, login: str) -> Page:
    assert product.command("user", "add", login, "--role", "viewer", input=f"{PASSWORD}\n").returncode == 0
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{product.url}/login?next=/d/bench")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.click("button:has-text('Sign in')")
    page.wait_for_function(DRAWN)
    page.evaluate(WATCH)
    return page


def delays(mover: Page, other: Page) -> list[float]:
    """How many ms after each move of one the other showed it."""
    found = []
    for number in range(MOVES):
        before = other.evaluate("window.seen")
        mover.mouse.move(*mover.evaluate(WHERE, 0.1 + 0.8 * ((number * 7) % MOVES) / MOVES))
        other.wait_for_function("(before) => window.seen > before", arg=before)
        found.append(other.evaluate("window.seen") - mover.evaluate("window.moved"))
        mover.wait_for_timeout(150)
    return found


def measure(product: Product, browsers: tuple[Browser, Browser]) -> dict[str, dict[str, Any]]:
    ann, bob = (watcher(product, browser, login) for browser, login in zip(browsers, ("ann", "bob"), strict=True))
    for step, until in ((SHARE, SHARED), (FOLLOW, FOLLOWED)):
        for page in (ann, bob):
            page.evaluate(step)
        for page in (ann, bob):
            page.wait_for_function(until)
    found = delays(ann, bob)
    ann.mouse.move(2, 2)
    found += delays(bob, ann)
    return {
        "mouse of one to line of the other, p50": figure(statistics.median(found), "ms"),
        "mouse of one to line of the other, p95": figure(statistics.quantiles(found, n=20)[-1], "ms"),
        "mouse of one to line of the other, p99": figure(p99(found), "ms", goal=GOAL_MS),
    }


def main() -> None:
    path = shutil.which("chromium")
    assert path is not None, "Chromium is not installed: apt install chromium"
    with served([dashboard(panels=PANELS, refresh="1s")]) as product, sync_playwright() as playwright:
        one, two = (playwright.chromium.launch(executable_path=path, args=FLAGS) for _ in range(2))
        figures = measure(product, (one, two))
        one.close()
        two.close()
    report("rooms", figures)


if __name__ == "__main__":
    main()
