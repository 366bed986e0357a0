"""What a person does on a dashboard's page: pickers, menus, keys, rows, files, editing; and who cannot see or point."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pytest
from fixtures.naming import fresh
from fixtures.people import signed_in
from fixtures.product import Product
from fixtures.waiting import WAIT_MS
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

pytestmark = pytest.mark.browser
LOAD = {"metric": "node_load1"}
COLOURS = {"type": "custom", "query": "red,green,blue", "multi": True, "include_all": True, "current": ["red"]}


def panel(panel_id: int, kind: str, title: str, y: int, h: int = 3, **more: Any) -> dict[str, Any]:
    position = {"x": 0, "y": y, "w": 24, "h": h}
    return {"panel_id": panel_id, "type": kind, "title": title, "position": position, **more}


DASHBOARD = {
    "dashboard_id": "paged",
    "title": "Paged",
    "time": {"from": "now-5m", "to": "now"},
    "refresh": "5s",
    "variables": [
        {"name": "one", "type": "custom", "query": "a,b,c,d", "current": "a"},
        {"name": "many", **COLOURS},
    ],
    "panels": [
        panel(1, "timeseries", "=Load of $one", 0, 6, query=LOAD),
        panel(2, "stat", "Stat of $many", 6, query=LOAD, repeat={"variable": "many"}),
        panel(3, "row", "Folded", 9, 1, collapsed=True),
        panel(4, "text", "Within", 10, options={"content": "inside"}),
        panel(5, "row", "Open", 13, 1),
        panel(6, "text", "Below", 14, options={"content": "below"}),
    ],
}


@pytest.fixture(scope="module")
def editor(product: Product) -> str:
    """An editor's token; the dashboard of these tests is made with it."""
    product.save(DASHBOARD)
    return str(product.token("editor"))


def opened(page: Page, product: Product, query: str = "") -> Page:
    page.goto(f"{product.url}/d/paged{query}")
    page.wait_for_selector('section[data-panel-id="1"][data-panel-state="ready"]', timeout=WAIT_MS)
    return page


def titles(page: Page) -> list[str]:
    shown = "all => all.filter(x => x.offsetParent).map(x => x.textContent)"
    found: list[str] = page.eval_on_selector_all("section h2", shown)
    return found


def test_values_are_chosen_by_keys_and_applied_as_the_list_closes(product: Product, editor: str, page: Page) -> None:
    opened(page, product)
    page.focus("[data-variable=many]")
    page.keyboard.press("Enter")
    page.keyboard.type("ue")
    page.keyboard.press("Enter")
    page.fill("[role=combobox]:visible", "green")
    page.keyboard.press("Enter")
    active = page.get_attribute("[role=combobox]:visible", "aria-activedescendant")
    assert page.get_attribute(f"#{active}", "aria-selected") == "true"
    page.keyboard.press("Escape")
    page.wait_for_url("**var-many=**")
    assert sorted(page.url.split("?")[1].split("&")) == ["var-many=blue", "var-many=green", "var-many=red"]
    page.wait_for_selector("section h2:has-text('Stat of blue')", timeout=WAIT_MS)
    stats = [title for title in titles(page) if title.startswith("Stat")]
    assert stats == ["Stat of red", "Stat of green", "Stat of blue"]


def test_filters_are_added_taken_away_and_stand_in_the_address(product: Product, page: Page) -> None:
    name = fresh("filtered")
    panels = [{"panel_id": 1, "title": "Load", "type": "timeseries", "query": {"metric": "node_load1"}}]
    variables = [{"name": "f", "label": "Filters", "type": "adhoc", "datasource": "nowhere", "current": ["a|=|b"]}]
    product.save({"dashboard_id": name, "title": name, "panels": panels, "variables": variables})
    page.goto(f"{product.url}/d/{name}", timeout=WAIT_MS)
    button = page.locator("[data-variable=f]")
    expect(button).to_contain_text("a = b")
    button.click()
    page.get_by_role("button", name="Add filter").click()
    page.get_by_label("Label", exact=True).last.fill("code")
    page.get_by_label("Condition").last.select_option("is one of")
    page.get_by_label("Value", exact=True).last.fill("200, 204")
    page.keyboard.press("Enter")
    page.wait_for_url("**var-f=**")
    assert parse_qs(urlsplit(page.url).query)["var-f"] == ["a|=|b", "code|=__gfp__|200|204"]
    expect(button).to_contain_text("a = b; code =| 200, 204")
    for _ in range(2):
        button.click()
        page.get_by_role("button", name="Remove filter").first.click()
        page.get_by_role("button", name="Apply").click()
    expect(button).to_contain_text("None")
    page.reload(timeout=WAIT_MS)
    expect(button).to_contain_text("None")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Controls").click()
    button.click()
    assert page.locator(".pop-filters").evaluate("(box) => box.getBoundingClientRect().width") == 390


def test_many_values_are_found_by_typing_and_their_list_stays_in_the_window(product: Product, page: Page) -> None:
    nodes = [f"node-{one:03}" for one in range(600)] + ["a-pod-of-a-very-long-name." + "x" * 60]
    pick = {"type": "custom", "multi": True, "query": ",".join(nodes), "current": nodes[3:30]}
    variables = [{"name": f"v{one}", "label": f"Variable {one} " + "of some length" * one, **pick} for one in range(4)]
    name = fresh("many-values")
    product.save({"dashboard_id": name, "title": "Many", "variables": variables, "panels": [panel(1, "text", "T", 0)]})
    page.goto(f"{product.url}/d/{name}")
    button = page.locator("[data-variable=v3]")
    told = button.locator(".cut").get_attribute("title") or ""
    assert told.startswith("node-003, node-004")
    assert told.endswith(" and 7 more")
    for width in (1440, 800, 390):
        page.set_viewport_size({"width": width, "height": 844})
        if width == 390:
            page.click("[data-sheet-open]")
        button.focus()
        page.keyboard.press("ArrowDown")
        box = page.locator(".pop-variable:visible").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        page.keyboard.press("Escape")
    page.set_viewport_size({"width": 1440, "height": 844})
    button.press("ArrowDown")
    assert page.inner_text(".pop-variable:visible .none") == "101 more: search for them"
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    page.keyboard.type("very-long")
    page.keyboard.press("Backspace")
    option = page.locator("[role=option]:visible")
    assert option.count() == 1
    assert option.get_attribute("title") == nodes[-1]
    text = option.locator(".cut")
    assert (
        text.evaluate("(one) => one.scrollWidth > one.clientWidth && getComputedStyle(one).textOverflow") == "ellipsis"
    )
    page.keyboard.press("Enter")
    assert option.get_attribute("aria-selected") == "true"
    page.fill("[role=combobox]:visible", "node-59")
    active = page.get_attribute("[role=combobox]:visible", "aria-activedescendant")
    assert page.inner_text(f"#{active}") == "node-590"


def test_a_folded_row_asks_nothing_until_it_is_opened_and_stays_as_it_was_left(
    product: Product, editor: str, page: Page
) -> None:
    opened(page, product)
    page.wait_for_selector('section[data-panel-id="6"][data-panel-state="ready"]', timeout=WAIT_MS)
    assert page.get_attribute('section[data-panel-id="4"]', "data-panel-state") == "loading"
    above = page.locator('[data-row-id="5"]').bounding_box()
    page.click('[data-row-id="3"]')
    page.wait_for_selector('section[data-panel-id="4"][data-panel-state="ready"]', timeout=WAIT_MS)
    below = page.locator('[data-row-id="5"]').bounding_box()
    assert above is not None
    assert below is not None
    assert below["y"] > above["y"]
    page.reload()
    page.wait_for_selector('section[data-panel-id="4"][data-panel-state="ready"]', timeout=WAIT_MS)


def test_a_panel_has_the_page_alone_is_inspected_and_comes_back(product: Product, editor: str, page: Page) -> None:
    opened(page, product)
    page.hover('section[data-panel-id="1"]')
    page.click('section[data-panel-id="1"] .kebab')
    page.keyboard.press("Enter")
    page.wait_for_url("**viewPanel=1**")
    assert titles(page) == ["=Load of a"]
    page.keyboard.press("i")
    page.wait_for_selector("dialog .facts", timeout=WAIT_MS)
    assert "node_load1" in page.inner_text("dialog .code >> nth=0"), "as it was written"
    assert "SELECT" in (page.text_content("dialog details .code") or ""), "as it was sent"
    assert "viewer of this server" in page.inner_text("dialog .scroll")
    page.click("dialog [role=tab] >> text=Data")
    expect(page.locator("dialog thead th").first).to_have_text("Time", timeout=WAIT_MS)
    page.click("dialog [role=tab] >> text=Statistics")
    expect(page.locator("dialog thead")).to_contain_text("Mean", timeout=WAIT_MS)
    page.click("dialog [role=tab] >> text=JSON")
    expect(page.locator("dialog .code").first).to_contain_text('"inspect"', timeout=WAIT_MS)
    expect(page.locator("dialog .code").nth(1)).to_contain_text('"panel_id": 1')
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.documentElement.hasAttribute('data-solo')")
    assert "viewPanel" not in page.url


def test_data_of_a_panel_are_inspected_before_its_transformations_and_kept_as_files(
    product: Product, page: Page
) -> None:
    sql = "SELECT ['b', 'a'][number + 1] AS host, 9007199254740993 AS big FROM numbers(2)"
    steps = [{"id": "organize", "options": {"renameByName": {"host": "Machine"}}}]
    panel = {"panel_id": 1, "title": "Hosts", "type": "table", "query": sql, "transformations": steps}
    product.save({"dashboard_id": (name := fresh("before")), "title": "Before", "panels": [panel]})
    signed_in(product, page, "editor")
    page.goto(f"{product.url}/d/{name}")
    page.wait_for_selector('section[data-panel-id="1"][data-panel-state=ready]', timeout=WAIT_MS)
    page.hover('section[data-panel-id="1"]')
    page.click('section[data-panel-id="1"] .kebab')
    page.get_by_role("menuitem", name="Inspect").click()
    page.click("dialog [role=tab] >> text=Data")
    head = page.locator("dialog thead th")
    expect(head).to_have_text(["Machine", "big"], timeout=WAIT_MS)
    assert "9007199254740993" in page.inner_text("dialog tbody")
    with page.expect_download() as arrow:
        page.click("dialog [aria-label='Download Arrow']")
    with pa.OSFile(str(arrow.value.path())) as file:
        table = pa.ipc.open_file(file).read_all()
    assert table.column_names == ["Machine", "big"]
    assert table["Machine"].to_pylist() == ["b", "a"]
    with page.expect_download() as written:
        page.click("dialog [aria-label='Download JSON']")
    assert "9007199254740993" in written.value.path().read_text()
    page.click("dialog >> text=Before transformations")
    expect(head).to_have_text(["host", "big"], timeout=WAIT_MS)
    page.click("dialog >> text=As drawn")
    expect(head).to_have_text(["Machine", "big"], timeout=WAIT_MS)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_file_of_a_panel_cannot_run_in_a_spreadsheet(product: Product, editor: str, page: Page) -> None:
    opened(page, product)
    page.hover('section[data-panel-id="1"]')
    with page.expect_download() as download:
        page.keyboard.press("f")
    assert download.value.suggested_filename == "Paged - _Load of a.csv"
    lines = Path(str(download.value.path())).read_text("utf-8").splitlines()
    assert lines[0].startswith("Time,")
    assert len(lines) > 1
    cells = page.evaluate(
        "async () => (await import([...document.scripts].find(s => s.type == 'module').src"
        ".replace('dashboard.js', 'csv.js'))).csvOf([['=1+1', '+a', '-b', '@c', 'a,\"b\"', -1.5, null]])"
    )
    parted = page.evaluate(
        "async (row) => (await import([...document.scripts].find(s => s.type == 'module').src"
        ".replace('dashboard.js', 'csv.js'))).csvOf([row])",
        [1, "a;=cmd", 'b;"=c', "d\t@e", "f\n+g", "h; i", {"j": ";-k"}, "\uff1dl"],
    )
    assert parted == ('1,"a;\'=cmd","b;""\'=c","d\t\'@e","f\n\'+g","h; i","{""j"":"";\'-k""}",\'\uff1dl\r\n')
    assert cells == '\'=1+1,\'+a,\'-b,\'@c,"a,""b""",-1.5,\r\n'


def test_keys_do_nothing_while_one_types_and_the_sheet_says_which_there_are(
    product: Product, editor: str, page: Page
) -> None:
    opened(page, product)
    page.click("[data-time-picker]")
    page.keyboard.type("?dk")
    assert page.locator("dialog").count() == 0
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert "Zoom out" in page.inner_text("dialog .keys")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")
    for _ in range(10):  # on a busy machine two keys may come too far apart to be one shortcut
        page.keyboard.press("d")
        page.keyboard.press("k")
        with suppress(PlaywrightTimeoutError):
            page.wait_for_url("**kiosk**", timeout=5000)
            break
    assert "kiosk" in page.url
    assert not page.locator("header.top").is_visible()


def test_a_zone_that_is_chosen_by_keys_closes_the_picker(product: Product, page: Page) -> None:
    page.goto(f"{product.url}/d/host")
    page.click("[data-time-picker]")
    page.click("[data-zone-search]")
    page.keyboard.type("tokyo")
    page.keyboard.press("Enter")
    expect(page.locator(".chosen-zone")).to_have_text("Tokyo")
    expect(page.locator("[data-time-box]")).to_be_hidden()


def test_an_absolute_range_is_read_in_the_chosen_zone(product: Product, editor: str, page: Page) -> None:
    opened(page, product, "?tz=Asia/Tokyo")
    page.click("[data-time-picker]")
    page.fill("[name=from]", "2026-03-14 09:00")
    page.fill("[name=to]", "2026-03-14 10:00:30")
    page.keyboard.press("Enter")
    page.wait_for_url("**from=1773446400000&to=1773450030000**")
    page.wait_for_selector('html[data-view="frozen"]')
    assert page.inner_text("[data-time-picker]").split("\n") == ["Sat 14 Mar, 09:00:00 to 10:00:30", "Tokyo"]


def test_a_viewer_is_not_given_the_editor(product: Product, editor: str, page: Page) -> None:
    answer = page.goto(f"{product.url}/d/paged/edit")
    assert answer is not None
    assert answer.status == 403


# -- axe ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def axe() -> str:
    """axe-core's script, from a wheel that ships it."""
    pytest.importorskip("axe_playwright_python", reason="pip install axe-playwright-python: it ships axe-core")
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


RUN_AXE = """async () => (await axe.run(document))
  .violations.filter((one) => ['serious', 'critical'].includes(one.impact))
  .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`)"""


def violations(page: Page, axe: str) -> list[Any]:
    page.wait_for_timeout(300)  # what fades in is faint until it has
    page.evaluate(axe)
    found: list[Any] = page.evaluate(RUN_AXE)
    return found


LOOKS = [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]


@pytest.fixture(params=LOOKS, ids=lambda one: f"{one[0]}-{one[1]}")
def tab(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    width, theme = request.param
    context = chromium.new_context(
        viewport={"width": width, "height": 844}, color_scheme=theme, has_touch=width < 720, bypass_csp=True
    )
    yield context.new_page()
    context.close()


def test_axe_finds_nothing_serious(product: Product, editor: str, tab: Page, axe: str) -> None:
    found: dict[str, list[Any]] = {}
    for name, path in (("home", "/"), ("login", "/login"), ("fault", "/d/nowhere")):
        tab.goto(product.url + path)
        found[name] = violations(tab, axe)
    opened(tab, product)
    found["dashboard"] = violations(tab, axe)
    opened(tab, product, "?viewPanel=1")
    found["full screen"] = violations(tab, axe)
    tab.hover('section[data-panel-id="1"]')
    tab.click('section[data-panel-id="1"] .kebab')
    found["menu"] = violations(tab, axe)
    tab.keyboard.press("Escape")
    tab.keyboard.press("?")
    found["help"] = violations(tab, axe)
    tab.keyboard.press("Escape")
    if tab.locator("[data-sheet-open]").is_visible():
        tab.click("[data-sheet-open]")
        found["sheet"] = violations(tab, axe)
    tab.click("[data-time-picker]")
    found["time"] = violations(tab, axe)
    tab.keyboard.press("Escape")
    tab.click("[data-variable=many]")
    found["variable"] = violations(tab, axe)
    serious = {name: faults for name, faults in found.items() if faults}
    assert not serious, json.dumps(serious, indent=1)


def test_a_head_leads_on_and_a_legend_and_the_pointer_are_what_the_address_and_the_dashboard_say(
    product: Product, editor: str, page: Page
) -> None:
    name, noon = fresh("heads"), 1_700_000_000_000
    at = "fromUnixTimestamp64Milli(toInt64(intDiv($__from, 1000) * 1000 + (number % 60) * 1000))"
    three = (
        f"select {at} as time, ['api', 'shop', 'web'][intDiv(number, 60) + 1] as s, number as value from numbers(180)"
    )
    links = [{"title": "Logs of $one", "url": "/d/logs?var-one=$one&${__url_time_range}"}]
    asks = {"targets": [{"query": three, "legend": "{{s}}"}]}
    panels = [
        panel(1, "timeseries", "First", 0, 8, links=links, transparent=True, **asks),
        panel(2, "timeseries", "Second", 8, 8, links=[*links, {"title": "Else", "url": "https://a.example"}], **asks),
    ]
    product.save(
        {
            "dashboard_id": name,
            "title": name,
            "time": {"from": str(noon), "to": str(noon + 60_000)},
            "variables": [{"name": "one", "type": "custom", "query": "a,b", "current": "a"}],
            "panels": panels,
            "graph_tooltip": 2,
        }
    )
    page.set_viewport_size({"width": 1200, "height": 800})
    page.goto(f"{product.url}/d/{name}")
    for number in (1, 2):
        page.wait_for_selector(f'section[data-panel-id="{number}"][data-panel-state="ready"] canvas', timeout=WAIT_MS)
    head = page.locator("section[data-panel-id='1'] > header")
    assert page.locator("section.clear").count() == 1
    link = head.get_by_role("link", name="First: Logs of a")
    assert link.get_attribute("href") == f"{product.url}/d/logs?var-one=a&from={noon}&to={noon + 60_000}"
    page.locator("section[data-panel-id='2'] > header .head-link").click()
    expect(page.get_by_role("menuitem", name="Else")).to_have_attribute("href", "https://a.example/")
    page.keyboard.press("Escape")

    page.hover("section[data-panel-id='1'] .over", force=True)
    expect(page.locator(".tip:not([hidden])")).to_have_count(2)  # the one under the mouse, and the other chart's
    assert page.locator(".xh").count() == 2
    page.mouse.move(5, 5)
    expect(page.locator(".tip:not([hidden])")).to_have_count(0)

    page.locator("section[data-panel-id='1'] .legend").get_by_role("button", name="shop").click()
    assert "only-1=shop" in page.url
    page.locator("section[data-panel-id='2'] .legend").get_by_role("button", name="web").click(modifiers=["Control"])
    assert "hide-2=web" in page.url
    page.reload()
    pressed = "all => all.map(one => one.textContent + (one.getAttribute('aria-pressed') === 'false' ? ' off' : ''))"
    for number, shown in ((1, ["api off", "shop", "web off"]), (2, ["api", "shop", "web off"])):
        rows = f"section[data-panel-id='{number}'] .legend button.name"
        page.wait_for_selector(f"{rows}[aria-pressed='false']", timeout=WAIT_MS)
        assert page.eval_on_selector_all(rows, pressed) == shown
    page.locator("section[data-panel-id='1'] .legend").get_by_role("button", name="shop").click()
    assert "only-1" not in page.url


def test_a_viewer_splits_a_panel_by_a_label_which_stands_in_the_address(
    product: Product, editor: str, page: Page
) -> None:
    """Small multiples over one axis of values, which go on live, without the right to edit."""
    name = fresh("split")
    at = "fromUnixTimestamp64Milli(toInt64(intDiv($__from, 1000) * 1000 + (number % 60) * 1000))"
    query = (
        f"select {at} as time, ['api', 'shop', 'web'][intDiv(number, 60) + 1] as s, number as value from numbers(180)"
    )
    one = panel(1, "timeseries", "Parted", 0, 10, targets=[{"query": query, "legend": "{{s}}"}])
    board = {"dashboard_id": name, "title": name, "time": {"from": "now-1m", "to": "now"}, "refresh": "1s"}
    product.save(board | {"panels": [one]})
    section = page.locator("section[data-panel-id='1']")
    page.goto(f"{product.url}/d/{name}")
    page.wait_for_selector("section[data-panel-state='ready'] canvas", timeout=WAIT_MS)
    section.locator(".kebab").click()
    page.get_by_role("menuitem", name="Split by label").click()
    page.get_by_role("menuitemradio", name="s 3 charts").click()
    parts = section.locator(".parts figure")
    expect(parts.locator("figcaption")).to_have_text(["s = api", "s = shop", "s = web"])
    assert "split-1=s" in page.url
    page.reload()
    drawn = "() => heliograph.panels.get(1).body?.charts?.every((one) => one.frame() && one.lines.of(0).t.length)"
    page.wait_for_function(drawn, timeout=WAIT_MS)
    charts = "heliograph.panels.get(1).body.charts"
    unseen = page.evaluate(f"{charts}.map(({{lines}}) => lines.unseen)")
    assert unseen == [[1, 2], [0, 2], [0, 1]]
    ends = f"() => {charts}.map(({{drawing}}) => drawing.root.y_range.end)"
    high = page.evaluate(ends)
    assert high[0] == high[1] == high[2] > 179
    last = f"Math.min(...{charts}.map(({{lines}}, index) => lines.of(index).t.at(-1)))"
    page.wait_for_function(f"before => {last} > before", arg=page.evaluate(last), timeout=WAIT_MS)
    section.locator(".legend").get_by_role("button", name="web").click(modifiers=["Control"])
    page.wait_for_function(f"high => ({ends})().every(one => one < high)", arg=high[0])  # what is hidden needs no room
    page.hover("figure:nth-child(2) .over", force=True)
    expect(page.locator(".tip:not([hidden])").first).to_contain_text("shop")
    page.mouse.move(5, 5)
    section.hover()
    page.keyboard.press("b")
    page.get_by_role("menuitemradio", name="Not at all").click()
    expect(parts).to_have_count(0)
    assert "split-1=" not in page.url
