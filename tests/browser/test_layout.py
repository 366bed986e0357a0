"""How panels share a page: rows without holes, labels that are whole, keys that stop nowhere without a name."""

from __future__ import annotations

import io
import re
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
INK = 30  # by which a pixel of a label differs from its ground
SMALL = {"y": 90, "w": 4, "h": 3}
# What reaches beyond a box that holds it, or is cut within itself.
CUT = """(box) => {
  const room = box.getBoundingClientRect();
  const beyond = (one) => {
    const { right, bottom, width } = one.getBoundingClientRect();
    return width && (right > room.right + 1 || bottom > room.bottom + 1 || one.scrollWidth > one.clientWidth + 1);
  };
  return [...box.querySelectorAll(".val")].filter(beyond).map((one) => one.textContent);
}"""
# Names of lanes that stand over another or beyond their box.
CROWDED = """(names) => {
  const { bottom } = names.getBoundingClientRect();
  const said = [...names.children].filter((one) => getComputedStyle(one).visibility === "visible");
  const boxes = said.map((one) => one.firstElementChild.getBoundingClientRect());
  return boxes.filter((one, at) => one.bottom > bottom + 2 || (at && one.top < boxes[at - 1].bottom - 3)).length;
}"""
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
        panel(9, "stat", lines(6, "0.4567"), position=SMALL | {"x": 0}, options={"unit": "percentunit"}),
        panel(10, "stat", lines(6, "number % 7"), position=SMALL | {"x": 4}, options={"orientation": "horizontal"}),
        panel(11, "stat", lines(4, "60 * (1 + number % 7)"), position=SMALL | {"x": 8, "w": 3}, options={"unit": "s"}),
        panel(12, "statushistory", lines(24, "number % 7")),
        panel(13, "histogram", lines(1, "250 + number * 7.5"), options={"unit": "ms"}),
        panel(14, "timeseries", "select nothing from nowhere", position=SMALL | {"x": 12, "w": 2}),
        panel(15, "bargauge", lines(1, "1.4e18 + number"), position=SMALL | {"x": 14, "w": 3}),
        panel(16, "stat", lines(1, "number % 7"), position={"x": 0, "y": 100, "w": 12, "h": 7}),
        panel(17, "statushistory", lines(1, "number % 7"), position={"x": 12, "y": 100, "w": 6, "h": 7}),
        panel(18, "gauge", lines(6, "number % 7"), position={"x": 18, "y": 100, "w": 6, "h": 7}),
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


def test_all_values_of_a_small_panel_are_whole(laid_out: str, page: Page, phone: Page) -> None:
    for tab in (opened(phone, laid_out), opened(page, laid_out)):
        for panel_id in (9, 10, 11):
            assert tab.locator(f'section[data-panel-id="{panel_id}"] .body').evaluate(CUT) == [], panel_id


def test_messages_and_long_values_stay_within_a_small_panel(laid_out: str, page: Page) -> None:
    opened(page, laid_out)
    words = page.locator('section[data-panel-id="14"] .message strong').bounding_box()
    section = page.locator('section[data-panel-id="14"]').bounding_box()
    head = page.locator('section[data-panel-id="14"] > header').bounding_box()
    assert words
    assert section
    assert head
    assert head["y"] + head["height"] <= words["y"] + 1
    assert words["y"] + words["height"] <= section["y"] + section["height"]
    assert page.locator('section[data-panel-id="14"] .ways').is_hidden()
    halved = "(all) => all.filter((one) => one.scrollHeight > one.clientHeight + 1).length"
    assert page.locator('section[data-panel-id="18"] .sub').evaluate_all(halved) == 0
    beyond = "(b) => b.getBoundingClientRect().right <= b.closest('section').getBoundingClientRect().right"
    assert page.locator('section[data-panel-id="15"] b').evaluate(beyond)


def test_a_value_stands_above_its_line_and_narrow_cells_are_seen(laid_out: str, page: Page) -> None:
    opened(page, laid_out)
    stat = page.locator('section[data-panel-id="16"]')
    value, line = stat.locator(".val span").bounding_box(), stat.locator(".spark").bounding_box()
    assert value
    assert line
    assert value["y"] + value["height"] <= line["y"] + 8
    cells = page.locator('section[data-panel-id="17"] .seg')
    edges = cells.evaluate_all(
        "(all) => all.filter((one) => one.offsetWidth < 4 && parseFloat(getComputedStyle(one).borderRightWidth))"
    )
    assert edges == []


def test_each_lane_is_there_with_its_states_and_no_name_stands_over_another(
    laid_out: str, page: Page, phone: Page
) -> None:
    for tab in (page, phone):
        for theme in ("dark", "light"):
            tab.emulate_media(color_scheme=theme)
            opened(tab, laid_out)
            section = tab.locator('section[data-panel-id="12"]')
            low = section.locator(".lane").last.evaluate("(lane) => lane.offsetTop + lane.offsetHeight")
            assert low <= section.locator(".lanes").evaluate("(lanes) => lanes.clientHeight") + 1
            assert section.locator(".names").evaluate(CROWDED) == 0
            ground, cell = section.evaluate(
                "(one) => [one, one.querySelector('.seg')].map((box) => getComputedStyle(box).backgroundColor)"
            )
            assert distance(ground, cell) > 30, "states without a colour are seen"


def distance(one: str, other: str) -> float:
    """How far two computed colours are apart, of 441."""
    return float(np.linalg.norm(np.subtract(rgb(one), rgb(other))))


def rgb(color: str) -> list[float]:
    """`rgb(1, 2, 3)` or `color(srgb 0.1 0.2 0.3)` as numbers up to 255."""
    numbers = [float(one) for one in re.findall(r"[\d.]+", color)[:3]]
    return [255 * one for one in numbers] if color.startswith("color") else numbers


def test_labels_below_a_histogram_are_whole(laid_out: str, page: Page, phone: Page) -> None:
    for tab in (page, phone):
        opened(tab, laid_out)
        pixels = pixels_of(tab, 'section[data-panel-id="13"] .plotbox')
        frame = frame_of(tab, 13)
        row = pixels[round(frame["top"] + frame["height"]) + EDGE_PX :]
        assert not is_one_tone(row), "there are labels"
        assert not (np.ptp(row[:, -2:], axis=0) > INK).any(), "none is cut at the edge"


def test_labels_of_a_second_axis_are_whole(laid_out: str, page: Page, phone: Page) -> None:
    for tab in (page, phone):
        for theme in ("dark", "light"):
            tab.emulate_media(color_scheme=theme)
            opened(tab, laid_out)
            pixels = pixels_of(tab, 'section[data-panel-id="4"] .plotbox')
            assert is_one_tone(pixels[:, -EDGE_PX:])
            frame = frame_of(tab, 4)
            gutter = pixels[:, round(frame["left"] + frame["width"]) + EDGE_PX :]
            assert not is_one_tone(gutter), "the axis has labels"


def test_as_many_labels_of_time_as_fit_are_written_whole(laid_out: str, page: Page, phone: Page) -> None:
    for tab, least_gaps in ((page, 4), (phone, 2)):
        opened(tab, laid_out)
        pixels = pixels_of(tab, 'section[data-panel-id="4"] .plotbox')
        frame = frame_of(tab, 4)
        row = pixels[round(frame["top"] + frame["height"]) + EDGE_PX :, round(frame["left"]) :]
        inked = (np.ptp(row, axis=0) > INK).any(axis=1)  # columns of pixels with something of a label in them
        starts = np.flatnonzero(np.diff(inked.astype(int)) == 1)
        ends = np.flatnonzero(np.diff(inked.astype(int)) == -1)
        gaps = starts[1:] - ends[: len(starts) - 1] if starts[0] < ends[0] else starts - ends[: len(starts)]
        assert int((gaps > 12).sum()) >= least_gaps, "labels stand apart"
        assert not inked[-2:].any(), "the last one is whole"


def frame_of(tab: Page, panel_id: int) -> dict[str, float]:
    """Where the inner frame of a chart is, in px of its panel, once it is drawn."""
    asked = "(id) => { const { left, top, width, height } = heliograph.panels.get(id)?.body?.frame?.() ?? {};"
    found = tab.wait_for_function(f"{asked} return width && {{ left, top, width, height }}; }}", arg=panel_id)
    frame: dict[str, float] = found.json_value()
    return frame


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
    assert sum("kebab" in one[1] for one in stops) == 18
