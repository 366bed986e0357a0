"""How panels share a page: rows without holes, labels that are whole, keys that stop nowhere without a name."""

from __future__ import annotations

import io
from collections.abc import Iterator
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
FROM, TO = 1_700_000_000_000, 1_700_000_060_000
AT = "fromUnixTimestamp64Milli(toInt64(intDiv($__from, 1000) * 1000 + (number % 60) * 1000))"
EDGE_PX = 6
GAP_PX = 8
# The boxes below an element that are shown, in rows: where each row begins and ends, and where it could.
ROWS = """(container) => {
  const rows = new Map();
  for (const one of container.children) {
    const { left, right, top, width } = one.getBoundingClientRect();
    if (!width) continue;
    const row = rows.get(Math.round(top)) ?? [left, right];
    rows.set(Math.round(top), [Math.min(row[0], left), Math.max(row[1], right)]);
  }
  const { left, right } = container.getBoundingClientRect();
  const style = getComputedStyle(container);
  const inside = [left + parseFloat(style.paddingLeft), right - parseFloat(style.paddingRight)];
  return { inside, rows: [...rows.values()] };
}"""
# What has the focus, within shadow roots too: what it is, and what it is called.
FOCUSED = """() => {
  let one = document.activeElement;
  while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  const name = one.getAttribute("aria-label") || one.title || one.labels?.[0]?.textContent || one.textContent;
  return [one.tagName, one.className, (name ?? "").trim().slice(0, 40)];
}"""


def lines(count: int, value: str) -> str:
    name = "concat('s', toString(intDiv(number, 60))) as name"
    return f"select {AT} as time, {name}, {value} as value from numbers({60 * count})"


def panel(panel_id: int, kind: str, query: str, **more: Any) -> dict[str, Any]:
    position = {"x": 0, "y": 8 * panel_id, "w": 24, "h": 7}
    return {
        "panel_id": panel_id,
        "title": f"{kind} {panel_id}",
        "type": kind,
        "targets": [{"query": query, "legend": "{{name}}"}],
        "position": position,
        **more,
    }


@pytest.fixture(scope="module")
def laid_out(product: Product) -> str:
    """Three stats, a chart of two axes, and panels of several values."""
    right = [{"match": {"name": "s1"}, "set": {"axis": "right", "unit": "bytes"}}]
    axes = lines(2, "if(intDiv(number, 60) = 1, 1234567890123 * (number % 7), number % 100)")
    panels = [
        *(panel(one, "stat", lines(1, "number % 7")) for one in (1, 2, 3)),
        panel(4, "timeseries", axes, options={"overrides": right}),
        panel(5, "stat", lines(3, "number % 7")),
        panel(6, "stat", lines(7, "number % 7")),
        panel(7, "gauge", lines(3, "number % 7")),
        panel(8, "gauge", lines(5, "number % 7")),
    ]
    time = {"from": str(FROM), "to": str(TO)}
    product.save({"dashboard_id": "laid-out", "title": "Laid out", "time": time, "panels": panels})
    return f"{product.url}/d/laid-out"


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    yield context.new_page()
    context.close()


def opened(tab: Page, address: str) -> Page:
    tab.goto(address)
    tab.wait_for_selector("main .panel", timeout=WAIT_MS)
    show_whole(tab)
    return tab


def holes(tab: Page, selector: str) -> list[Any]:
    """Rows of boxes that do not reach from one edge of their container to the other."""
    found = tab.locator(selector).evaluate(ROWS)
    low, high = found["inside"]
    return [row for row in found["rows"] if row[0] > low + GAP_PX or row[1] < high - GAP_PX]


def test_an_odd_one_leaves_no_hole(laid_out: str, page: Page, phone: Page) -> None:
    for tab in (opened(phone, laid_out), opened(page, laid_out)):
        for panel_id, within in ((5, ".values"), (6, ".values"), (7, ".gauge"), (8, ".gauge")):
            assert holes(tab, f'section[data-panel-id="{panel_id}"] {within}') == [], panel_id
    assert holes(phone, "main .grid") == []
    width = phone.locator("main .grid").evaluate("(grid) => grid.clientWidth")
    shares = [
        phone.locator(f'section[data-panel-id="{one}"]').evaluate("(one) => one.offsetWidth") for one in (1, 2, 3)
    ]
    assert shares == [(width - GAP_PX) / 2, (width - GAP_PX) / 2, width]


def test_labels_of_a_second_axis_are_whole(laid_out: str, page: Page, phone: Page) -> None:
    for tab in (page, phone):
        for theme in ("dark", "light"):
            tab.emulate_media(color_scheme=theme)
            opened(tab, laid_out)
            pixels = pixels_of(tab, 'section[data-panel-id="4"] .plotbox')
            assert is_one_tone(pixels[:, -EDGE_PX:])
            frame = tab.evaluate("() => [...window.heliograph.zoom.charts].find((one) => one.lines).frame()")
            gutter = pixels[:, round(frame["left"] + frame["width"]) + EDGE_PX :]
            assert not is_one_tone(gutter), "the axis has labels"


def test_as_many_labels_of_time_as_fit_are_written_whole(laid_out: str, page: Page, phone: Page) -> None:
    for tab, least_gaps in ((page, 4), (phone, 2)):
        opened(tab, laid_out)
        pixels = pixels_of(tab, 'section[data-panel-id="4"] .plotbox')
        frame = tab.evaluate("() => [...window.heliograph.zoom.charts].find((one) => one.lines).frame()")
        row = pixels[round(frame["top"] + frame["height"]) + EDGE_PX :, round(frame["left"]) :]
        inked = (np.ptp(row, axis=0) > 30).any(axis=1)  # columns of pixels with something of a label in them
        starts = np.flatnonzero(np.diff(inked.astype(int)) == 1)
        ends = np.flatnonzero(np.diff(inked.astype(int)) == -1)
        gaps = starts[1:] - ends[: len(starts) - 1] if starts[0] < ends[0] else starts - ends[: len(starts)]
        assert int((gaps > 12).sum()) >= least_gaps, "labels stand apart"
        assert not inked[-2:].any(), "the last one is whole"


def pixels_of(tab: Page, selector: str) -> NDArray[np.int16]:
    content = tab.locator(selector).screenshot()
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"), dtype=np.int16)


def is_one_tone(pixels: NDArray[np.int16]) -> bool:
    return int(np.ptp(pixels.reshape(-1, 3), axis=0).max()) <= 2


def test_keys_stop_nowhere_without_a_name(laid_out: str, page: Page) -> None:
    opened(page, laid_out)
    page.locator(".skip").focus()
    stops = [page.evaluate(FOCUSED)]
    while len(stops) < 200:
        page.keyboard.press("Tab")
        stops.append(page.evaluate(FOCUSED))
        if stops[-1][0] == "BODY":
            break
    assert stops[-1][0] == "BODY", "Tab leaves the page in the end"
    assert [one for one in stops[:-1] if not one[2] or "bk-" in one[1]] == []
    assert sum("kebab" in one[1] for one in stops) == 8
