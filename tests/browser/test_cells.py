"""Panels that are HTML in a real Chromium: nothing hostile runs, long tables come by pages, states follow the zoom."""

from __future__ import annotations

from typing import Any

import pytest
from fixtures.browser import await_tick
from fixtures.product import Product
from fixtures.waiting import WAIT_MS
from playwright.sync_api import Page, expect

from heliograph.components.fields import FieldOptions
from heliograph.components.panels.registry import default_registry

pytestmark = pytest.mark.browser
REGISTRY = default_registry()

# Each would set the mark, or hide the page, if it ran where it stands.
PAYLOADS = (
    '<img src=x onerror="window.hacked=1">',
    "</script><script>window.hacked=1</script>",
    '<svg onload="window.hacked=1"><animate onbegin="window.hacked=1" attributeName=x dur=1s>',
    "[click](javascript:window.hacked=1)",
    '![x](x" onerror="window.hacked=1)',
    "javascript:window.hacked=1",
    "java\tscript:window.hacked=1",
    "data:text/html,<script>window.hacked=1</script>",
    '"><style>body{display:none!important}</style>',
    "red;display:none;background:url(javascript:window.hacked=1)",
    "<iframe srcdoc='<script>parent.hacked=1</script>'></iframe>",
    "{{constructor.constructor('window.hacked=1')()}}",
    "';window.hacked=1;//",
)
ALL = " ".join(PAYLOADS)
LITERALS = ", ".join("'" + one.replace("\\", "\\\\").replace("'", "''") + "'" for one in PAYLOADS)
CELL = f"arrayElement([{LITERALS}], toInt64(number % {len(PAYLOADS)}) + 1)"
AT = "fromUnixTimestamp64Milli(toInt64($__to) - toInt64(intDiv(number, 13)) * 1000)"
SERIES = f"select {AT} as time, {CELL} as name, toFloat64(number) as value from numbers(26)"
TEXTS = ", ".join(f"{CELL} as {name}" for name in ("message", "level", "url", "text", "tags", "rule", "instance"))
TABLE = f"select {AT} as time, {TEXTS}, 'Firing' as state, toFloat64(number) as value from numbers(26)"
LINKS = [{"title": ALL[:200], "url": one} for one in PAYLOADS if len(one) <= 2000] + [
    {"title": "of a value", "url": "${__value.raw}"},
    {"title": "of a field", "url": "${__data.fields.url}", "new_tab": True},
]
# What stands in the panels that must not be there: elements that run, handlers, addresses that do.
FOREIGN = """() => [...document.querySelectorAll("main *")].filter((one) =>
  ["SCRIPT", "IFRAME", "STYLE", "OBJECT", "EMBED", "FOREIGNOBJECT", "ANIMATE"].includes(one.tagName.toUpperCase())
  || [...one.attributes].some((attribute) => attribute.name.startsWith("on"))
  || (one.tagName === "A" && one.href && !["http:", "https:", "mailto:"].includes(one.protocol))
  || (one.tagName === "IMG" && one.getAttribute("src"))).map((one) => one.outerHTML.slice(0, 200))"""


# The same beside the panels: in tooltips, menus of links, dialogs.
FOREIGN_BESIDE = FOREIGN.replace("main *", ".tip *, .pop-links *, dialog *, header.top *")


def hostile_panel(panel_id: int, kind: str, query: str, options: dict[str, Any]) -> dict[str, Any]:
    target: dict[str, Any] = {"query": query, "legend": "" if query == TABLE else "{{name}} " + ALL[:900]}
    if query == TABLE:
        target["options"] = {"format": "table"}
    return {
        "panel_id": panel_id,
        "title": ALL[:500],
        "description": ALL,
        "type": kind,
        "targets": [target],
        "position": {"x": 12 * (panel_id % 2), "y": 8 * (panel_id // 2), "w": 12, "h": 8},
        "options": options,
    }


def options_of(kind: str) -> dict[str, Any]:
    if kind == "text":
        return {"content": "\n\n".join(PAYLOADS) + "\n\n$v **$v**"}
    if not issubclass(REGISTRY.get(kind).Options, FieldOptions):
        return {}
    return {
        "mappings": [{"value": 3, "text": ALL[:1000], "level": "bad"}],
        "no_value": ALL[:100],
        "unit": f"suffix:{PAYLOADS[0]}",
        "links": LINKS,
    }


def test_no_text_of_any_panel_runs_as_script(product: Product, page: Page) -> None:
    panels: list[dict[str, Any]] = []
    for kind in REGISTRY.names:
        panels += [
            hostile_panel(len(panels) + 1, kind, SERIES, options_of(kind)),
            hostile_panel(len(panels) + 2, kind, TABLE, options_of(kind)),
        ]
    body = {
        "dashboard_id": "hostile-panels",
        "title": ALL[:500],
        "variables": [{"name": "v", "type": "textbox", "label": ALL[:200], "query": ALL}],
        "panels": panels,
        "time": {"from": "now-1m", "to": "now"},
        "refresh": "5s",
    }
    product.save(body)
    with product.client("editor") as editor:
        for text in PAYLOADS[:2]:
            editor.post(
                "/api/v1/annotations", json={"time": 0, "end": 253_402_300_799_000, "text": text, "tags": [text[:99]]}
            )
    page.set_viewport_size({"width": 1440, "height": 8 * 38 * (len(panels) // 2 + 2)})
    page.goto(f"{product.url}/d/hostile-panels")
    for panel in panels:
        page.wait_for_selector(
            f'section[data-panel-id="{panel["panel_id"]}"]:not([data-panel-state="loading"])', timeout=WAIT_MS
        )
    for kind in ("alertlist", "annotationslist", "bargauge", "gauge", "logs", "stat", "statetimeline", "table", "text"):
        ready = page.locator(f'section[data-panel-type="{kind}"][data-panel-state="ready"]')
        assert ready.count() >= 1, f"{kind} is drawn"
    shown = page.locator("main").inner_text()
    assert PAYLOADS[0] in shown, "hostile texts are shown, as texts"
    for toggle in page.locator(".logs button.line").all()[:8]:
        toggle.click()
    for chart in page.locator(".plotbox > .over").all()[:12]:
        box = chart.bounding_box()
        if box is not None:
            page.mouse.click(box["x"] + box["width"] * 0.8, box["y"] + box["height"] / 2)
            assert page.evaluate(FOREIGN_BESIDE) == []
    page.keyboard.press("Escape")
    page.locator("main button[aria-haspopup=menu]:not(.kebab)").first.click()
    assert page.locator(".pop-links a").count() >= 1
    assert page.evaluate(FOREIGN_BESIDE) == []
    page.keyboard.press("Escape")
    await_tick(page)  # what is drawn changes in place
    assert page.evaluate("window.hacked") is None
    assert page.evaluate(FOREIGN) == []
    assert page.locator("main").is_visible()
    page.goto(f"{product.url}/")
    assert PAYLOADS[0] in page.locator("main").inner_text()
    assert page.evaluate("window.hacked") is None
    assert page.evaluate(FOREIGN) == []


def test_options_that_are_wrong_once_filled_in_are_named_in_their_panel_alone(product: Product, page: Page) -> None:
    query = {"metric": "node_load1"}
    wrong = {"panel_id": 1, "title": "Wrong", "type": "stat", "query": query, "options": {"display_name": "$v"}}
    right = {"panel_id": 2, "title": "Right", "type": "stat", "query": query, "position": {"x": 12, "y": 0}}
    variable = {"name": "v", "type": "textbox", "query": "short"}
    body = {"dashboard_id": "wrong-options", "title": "Wrong", "variables": [variable], "panels": [wrong, right]}
    product.save(body)
    page.goto(f"{product.url}/d/wrong-options?var-v={'x' * 501}")
    page.wait_for_selector('section[data-panel-id="2"][data-panel-state="ready"]', timeout=WAIT_MS)
    page.wait_for_selector('section[data-panel-id="1"][data-panel-state="error"]', timeout=WAIT_MS)
    said = page.inner_text('section[data-panel-id="1"] .message')
    assert "options.display_name" in said
    assert "500 characters" in said
    page.goto(f"{product.url}/d/wrong-options")
    page.wait_for_selector('section[data-panel-id="1"][data-panel-state="ready"]', timeout=WAIT_MS)


@pytest.mark.parametrize("color", ["red;background:url(x)", "url(javascript:1)", "expression(alert(1))", "#12345"])
def test_what_is_no_colour_is_refused_by_its_path(product: Product, color: str) -> None:
    threshold = {"value": 1, "color": color}
    panel = {"panel_id": 1, "title": "x", "type": "stat", "query": "", "options": {"thresholds": [threshold]}}
    with product.client("editor") as editor:
        answer = editor.post("/api/v1/dashboards", json={"title": "x", "panels": [panel]})
    assert (answer.status_code, answer.json()["path"]) == (422, "$.panels[0].options.thresholds[0].color")


FORMAT = {"format": "table"}
ROWS = "select number as id, concat('order-', toString(number * 7919 % 100003)) as name from numbers(100000)"


def table_rows(page: Page) -> list[list[str]]:
    found: list[list[str]] = page.eval_on_selector(
        ".tbl tbody", "body => [...body.rows].map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    return found


def wait_for_first(page: Page, text: str) -> None:
    page.wait_for_function(
        "(text) => document.querySelector('.tbl tbody td')?.textContent === text", arg=text, timeout=WAIT_MS
    )


def test_a_hundred_thousand_rows_are_sorted_filtered_and_read_by_pages(product: Product, page: Page) -> None:
    panel = {
        "panel_id": 1,
        "title": "Orders",
        "type": "table",
        "position": {"x": 0, "y": 0, "w": 12, "h": 10},
        "targets": [{"query": ROWS, "options": FORMAT}],
        "options": {"filter": True, "decimals": 0, "footer": "count"},
    }
    short = {
        "panel_id": 2,
        "title": "Few",
        "type": "table",
        "position": {"x": 12, "y": 0, "w": 12, "h": 10},
        "targets": [
            {"query": "SELECT concat('k', toString(number)) AS k, number AS v FROM numbers(20)", "options": FORMAT}
        ],
        "options": {"filter": True, "footer": "sum"},
    }
    body = {"dashboard_id": "many-rows", "title": "Many rows", "panels": [panel, short]}
    product.save(body)
    page.goto(f"{product.url}/d/many-rows")
    wait_for_first(page, "0")
    assert "1–100 of 100,000" in page.inner_text(".pager")
    page.click("[aria-label='Last page']")
    wait_for_first(page, "99900")
    page.click(".tbl th:nth-child(2) button")
    wait_for_first(page, "52685")  # by size, as numbers in texts stand
    assert page.get_attribute(".tbl th:nth-child(2)", "aria-sort") == "descending"
    assert table_rows(page)[0][1] == "order-100002"
    page.fill("[aria-label='Filter name']", "ORDER-1234")
    page.fill("[aria-label='Filter id']", "> 50000")
    page.wait_for_function("() => document.querySelector('.pager').textContent.includes('of 6')", timeout=WAIT_MS)
    names = [row[1] for row in table_rows(page)]
    assert names == sorted(names, reverse=True)
    assert all(name.startswith("order-1234") for name in names)
    assert "6" in page.locator("section[data-panel-id='1'] tfoot td").all_inner_texts()
    foot = page.locator("section[data-panel-id='2'] tfoot td")
    expect(foot).to_have_text(["Sum", "190"], timeout=WAIT_MS)
    page.fill("[aria-label='Filter v']", "> 17")
    expect(foot).to_have_text(["Sum", "37"], timeout=WAIT_MS)
    page.fill("[aria-label='Filter v']", "")
    expect(foot).to_have_text(["Sum", "190"], timeout=WAIT_MS)


def test_lanes_of_states_follow_the_zoom_and_say_their_states(product: Product, page: Page) -> None:
    at = "fromUnixTimestamp64Milli(toInt64(intDiv($__from, 1000) * 1000 + number * 1000))"
    state = "intDiv(intDiv($__from, 1000) + number, 20) % 2"  # by the clock: the same in any range
    states = f"select {at} as time, 'api' as service, {state} as state from numbers(60)"
    start = {"from": "1700000000000", "to": "1700000060000"}
    mappings = [{"value": 0, "text": "Normal", "level": "ok"}, {"value": 1, "text": "Down", "level": "bad"}]
    panel = {
        "panel_id": 1,
        "title": "Services",
        "type": "statetimeline",
        "targets": [{"query": states, "legend": "{{service}}"}],
        "position": {"x": 0, "y": 0, "w": 24, "h": 8},
        "options": {"mappings": mappings},
    }
    body = {"dashboard_id": "lanes", "title": "Lanes", "panels": [panel], "time": start}
    product.save(body)
    page.goto(f"{product.url}/d/lanes")
    page.wait_for_selector(".states .seg.bad", timeout=WAIT_MS)
    assert page.locator(".states .seg").count() == 3
    assert "api: Normal" in (page.get_attribute(".states .lanes", "aria-label") or "")
    box = page.locator(".states .over").bounding_box()
    bad = page.locator(".states .seg.bad").bounding_box()
    assert box is not None
    assert bad is not None
    y = bad["y"] + bad["height"] / 2
    page.mouse.move(bad["x"] + bad["width"] / 2, y)
    page.wait_for_selector(".tip:not([hidden])")
    assert "Down" in page.inner_text(".tip")
    page.mouse.move(bad["x"] + 20, y)
    page.mouse.down()
    page.mouse.move(bad["x"] + bad["width"] / 2, y, steps=4)
    page.mouse.move(bad["x"] + bad["width"] - 20, y, steps=4)
    page.mouse.up()
    page.wait_for_function("() => document.querySelectorAll('.states .seg').length === 1", timeout=WAIT_MS)
    wide = "(px) => document.querySelector('.states .seg.bad')?.getBoundingClientRect().width > px"
    page.wait_for_function(wide, arg=2 * bad["width"], timeout=WAIT_MS)
