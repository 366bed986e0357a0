"""The demo's dashboards as people see them: dark and light, on a desk and on a phone.

The pictures go to the folder that HELIOGRAPH_SCREENSHOTS names, else to one of pytest's own.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures.browser import show_whole
from fixtures.product import Product
from fixtures.waiting import WAIT_MS
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
STATES = {"ready", "stale", "empty"}
# Kinds whose marks have colours wherever there are values.
COLOURED = {"timeseries", "bar", "histogram", "heatmap", "pie", "gauge", "bargauge", "statetimeline"}
THEMES = ("dark", "light")
CHROMA = 40  # between the strongest and the weakest channel of a pixel that has a colour
LEAST_COLOURED_PX = 30
LEAST_SPREAD = 1.5  # of the brightness of a body's pixels, of 255: a body of words alone has more
PANELS = """() => [...document.querySelectorAll("main .panel")].map((panel) => {
  const rect = ({ left, top, right, bottom }) => [left, top, right, bottom];
  const body = panel.querySelector(".body");
  return { id: panel.dataset.panelId, kind: panel.dataset.panelType, state: panel.dataset.panelState,
    title: panel.querySelector("h2").textContent, box: rect(panel.getBoundingClientRect()),
    body: rect(body.getBoundingClientRect()) };
})"""
# Texts that stand beyond their panel, or are cut without an ellipsis; what scrolls, and what only ears get, may.
CLIPPED = """() => [...document.querySelectorAll("main .panel")].flatMap((panel) => {
  const box = panel.getBoundingClientRect();
  const style = (one) => getComputedStyle(one);
  const around = (one) => one === panel ? [panel] : [one, ...around(one.parentElement)];
  const scrolls = (one) => one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1;
  const excused = (one) => around(one).some((each) => each.matches(".vh") || style(each).visibility === "hidden"
    || style(each).textOverflow === "ellipsis" || (/auto|scroll/.test(style(each).overflow) && scrolls(each)));
  const found = [];
  const texts = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const parent = texts.currentNode.parentElement;
    if (!texts.currentNode.textContent.trim() || parent.closest("title, [hidden]")) continue;
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    const { left, top, right, bottom, width } = range.getBoundingClientRect();
    if (!width || excused(parent)) continue;
    const beyond = left < box.left - 1 || right > box.right + 1 || top < box.top - 1 || bottom > box.bottom + 1;
    const cut = /hidden|clip/.test(style(parent).overflow) && parent.scrollWidth > parent.clientWidth + 1;
    if (beyond || cut) found.push(`${panel.dataset.panelId}: ${texts.currentNode.textContent.trim().slice(0, 60)}`);
  }
  return found;
})"""
# How often a line was begun into a bucket that is not over, by the dashes that such lines have.
COUNT_DASHES = """window.unfinished = 0;
const dash = CanvasRenderingContext2D.prototype.setLineDash;
CanvasRenderingContext2D.prototype.setLineDash = function (dashes) {
  if (String(dashes) === "3,4") window.unfinished += 1;
  return dash.call(this, dashes);
};"""
LOOKS = [
    *((dashboard, width, theme) for dashboard in ("host", "gallery") for width in (1440, 390) for theme in THEMES),
    ("orders", 1440, "dark"),
    ("orders", 390, "light"),
]


@pytest.fixture(params=LOOKS, ids=lambda one: "-".join(map(str, one)))
def look(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[tuple[str, Page, list[str]]]:
    """A dashboard, a tab to look at it with, and what its console says of faults."""
    dashboard, width, theme = request.param
    size = {"width": width, "height": 900 if width > 720 else 844}
    phone = width <= 720
    context = chromium.new_context(viewport=size, color_scheme=theme, has_touch=phone, is_mobile=phone)  # type: ignore[arg-type]
    context.add_init_script(COUNT_DASHES)
    tab, said = context.new_page(), []
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    yield dashboard, tab, said
    context.close()


def picture(tab: Page, name: str, folder: Path) -> NDArray[np.int16]:
    """The whole page as RGB, kept as a file too."""
    tab.mouse.move(0, 0)
    content = tab.screenshot(timeout=WAIT_MS)
    (folder / f"{name}.png").write_bytes(content)
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"), dtype=np.int16)


def overlap(one: list[float], other: list[float]) -> bool:
    return one[0] < other[2] - 1 and other[0] < one[2] - 1 and one[1] < other[3] - 1 and other[1] < one[3] - 1


def test_a_dashboard_is_drawn_whole(
    product: Product, look: tuple[str, Page, list[str]], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    dashboard, tab, said = look
    folder = Path(os.environ.get("HELIOGRAPH_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    # Who looks at forty charts at once draws all of them again each second: a picture needs that less often.
    query = "" if dashboard == "orders" else "?refresh=10s"
    tab.goto(f"{product.url}/d/{dashboard}{query}", timeout=WAIT_MS)
    tab.wait_for_selector("main .panel")
    show_whole(tab)
    panels: list[dict[str, Any]] = tab.evaluate(PANELS)
    pixels = picture(tab, request.node.callspec.id, folder)
    assert {one["title"]: one["state"] for one in panels if one["state"] not in STATES} == {}
    assert tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    crossing = [(a["title"], b["title"]) for a, b in combinations(panels, 2) if overlap(a["box"], b["box"])]
    assert crossing == []
    assert tab.evaluate(CLIPPED) == []
    assert [one["title"] for one in panels if is_blank(pixels, one)] == []
    assert said == []
    if dashboard == "orders":  # whose newest minute has orders some seconds after it began
        tab.wait_for_function("() => window.unfinished > 0", timeout=WAIT_MS)
    else:
        assert tab.evaluate("window.unfinished") == 0, "gauges and rates are what they are"


def is_blank(pixels: NDArray[np.int16], panel: dict[str, Any]) -> bool:
    """Whether a body shows nothing: one tone all over, or no colour where values have some."""
    left, top, right, bottom = (round(edge) for edge in panel["body"])
    body = pixels[top:bottom, left:right]
    chroma = body.max(axis=2) - body.min(axis=2)
    if panel["kind"] in COLOURED and panel["state"] != "empty" and int((chroma > CHROMA).sum()) < LEAST_COLOURED_PX:
        return True
    return float(body.mean(axis=2).std()) < LEAST_SPREAD
