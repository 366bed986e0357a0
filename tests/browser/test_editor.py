"""A dashboard is made, changed, saved and restored in the browser; two who collide lose nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest
from fixtures.naming import fresh
from fixtures.product import Product
from fixtures.waiting import WAIT_MS
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser
PANELS = [
    {
        "panel_id": number,
        "title": title,
        "type": "text",
        "options": {"content": content},
        "position": {"x": x, "y": 0, "w": 12, "h": 6},
    }
    for number, title, content, x in ((1, "First", "one", 0), (2, "Second", "two", 12))
]
LONG = "a text that begins alike " * 5
RUN_AXE = """async () => (await axe.run(document))
  .violations.filter((one) => ['serious', 'critical'].includes(one.impact))
  .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`)"""
PLACES = """editor.draft.document.panels.map(({ panel_id, position }) =>
  [panel_id, position.x, position.y, position.w, position.h])"""
# Boxes of choices of which a part is cut, or stands beyond the screen.
OUTSIDE = """(all) => all.filter((one) => one.offsetParent && (one.scrollWidth > one.clientWidth
  || one.lastElementChild.getBoundingClientRect().right > innerWidth)).map((one) => one.textContent)"""
WRITE = """([at, content]) =>
  editor.draft.apply([{ op: 'replace', path: `/panels/${at}/options/content`, value: content }])"""


@pytest.fixture
def editor(product: Product, chromium: Browser) -> Iterator[Page]:
    yield from tab(product, chromium)


@pytest.fixture
def other(product: Product, chromium: Browser) -> Iterator[Page]:
    yield from tab(product, chromium)


def tab(product: Product, chromium: Browser) -> Iterator[Page]:
    """A browser of an editor of their own; an error in its scripts fails the test."""
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900},
        extra_http_headers={"Authorization": f"Bearer {product.token('editor')}"},
        bypass_csp=True,
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def made(product: Product) -> str:
    name: str = fresh("edited")
    product.save({"dashboard_id": name, "title": "Edited", "panels": PANELS})
    return name


def kept(page: Page) -> None:
    """Until the server has all that was changed."""
    page.wait_for_function("() => editor.draft.state === 'kept' && !editor.draft.sent && !editor.draft.waiting.length")


def opened(product: Product, page: Page, name: str) -> None:
    page.goto(f"{product.url}/d/{name}/edit")
    drawn(page, "one")


def drawn(page: Page, text: str) -> None:
    page.locator(f".grid section .body:has-text('{text}')").first.wait_for(timeout=WAIT_MS)


def save(page: Page, message: str = "") -> None:
    page.keyboard.press("Control+s")
    page.fill("dialog textarea", message)
    page.click("dialog .btn.primary")


def write(page: Page, document: Any) -> None:
    page.click("[data-json]")
    page.fill(".sheetplace textarea", document if isinstance(document, str) else json.dumps(document))
    page.click(".sheetplace >> text=Apply")


def test_a_dashboard_is_begun_changed_and_undone(product: Product, editor: Page) -> None:
    page = editor
    page.goto(f"{product.url}/new")
    page.wait_for_url("**/drafts/*")
    page.click("[data-add-first]")
    page.wait_for_selector("section.chosen")
    kept(page)
    write(page, {"title": "Begun", "panels": [{**PANELS[0], "type": "nonsense"}]})
    expect(page.locator(".sheetplace .faults li")).to_contain_text("$.panels[0]", timeout=WAIT_MS)
    page.fill(".sheetplace textarea", '{"title": "Begun",\n "panels": [}')
    page.click(".sheetplace >> text=Apply")
    expect(page.locator(".sheetplace .faults")).to_contain_text("Line 2")
    page.fill(".sheetplace textarea", json.dumps({"title": "Begun", "panels": PANELS}))
    page.click(".sheetplace >> text=Apply")
    page.click(".sheetplace [aria-label=Close]")
    drawn(page, "two")
    expect(page.locator("[data-draft-state]")).to_have_text("unsaved, draft kept")
    page.focus("section[data-panel-id='1']")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    kept(page)
    assert page.evaluate(PLACES) == [[1, 1, 0, 12, 7], [2, 12, 7, 12, 6]]
    page.keyboard.press("Control+z")
    page.wait_for_function("() => editor.draft.document.panels[0].position.h === 6")
    page.keyboard.press("Control+Shift+z")
    page.wait_for_function("() => editor.draft.document.panels[0].position.h === 7")
    page.reload()  # the draft is what it was
    drawn(page, "two")
    assert page.evaluate(PLACES) == [[1, 1, 0, 12, 7], [2, 12, 7, 12, 6]]
    page.keyboard.press("Control+s")
    page.click("dialog .btn.primary")
    page.wait_for_url("**/d/*/begun*")
    drawn(page, "two")


def test_escape_closes_the_innermost_alone_and_what_is_not_taken_is_asked_for(product: Product, editor: Page) -> None:
    page = editor
    opened(product, page, made(product))
    page.click("[data-settings]")
    page.click(".settings .tabs >> text=Variables")
    variables = page.locator(".settings [data-field='variables']").first
    variables.get_by_role("button", name="Add variable").click()
    name = variables.locator("[data-field='name'] input")
    name.fill("not a name")
    expect(page.locator("[data-draft-state]")).to_have_text("not all kept: see what is marked")
    about = variables.locator("[data-field='label'] .about")
    about.click()
    expect(about).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(about).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("?")  # what is typed in a form is no shortcut
    expect(page.locator("dialog")).to_have_count(0)
    expect(name).to_have_value("not a name")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_contain_text("not whole yet")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    expect(name).to_have_value("not a name")
    name.fill("host")
    page.wait_for_function("() => editor.draft.confirmed.variables?.[0]?.name === 'host'")
    expect(page.locator("[data-draft-state]")).to_have_text("unsaved, draft kept")
    page.keyboard.press("Escape")
    expect(page.locator(".sheetplace")).to_have_count(0)
    page.click("[data-json]")
    page.fill(".sheetplace textarea", "{")
    page.keyboard.press("Escape")
    page.click("dialog .btn.primary")
    expect(page.locator(".sheetplace")).to_have_count(0)
    expect(page.locator("[data-draft-state]")).to_have_text("unsaved, draft kept")


def test_an_annotation_says_at_its_field_what_it_lacks_and_is_kept_however_fast_it_is_made(
    product: Product, editor: Page
) -> None:
    page = editor
    opened(product, page, made(product))
    page.click("[data-settings]")
    page.click(".settings .tabs >> text=Annotations")
    annotations = page.locator(".settings [data-field='annotations']").first
    annotations.get_by_role("button", name="Add annotation").click()
    annotations.locator("[data-field='name'] input").fill("Deploys")
    lacking = annotations.locator("[data-field='query'] > .err:visible")
    expect(lacking).to_contain_text("what is asked", ignore_case=True)
    expect(page.locator("[data-draft-state]")).to_have_text("not all kept: see what is marked")
    # The name, and the switch before the name is answered.
    annotations.locator("[data-field='name'] input").evaluate(
        """(input) => {
          input.value = "Releases";
          input.dispatchEvent(new Event("change"));
          input.closest(".nested").querySelector("[data-field='builtin'] [role=switch]").click();
        }"""
    )
    page.wait_for_function("() => editor.draft.confirmed.annotations?.[0]?.builtin === true")
    assert page.evaluate("editor.draft.confirmed.annotations.map((one) => one.name)") == ["Releases"]
    expect(annotations.locator(".err:visible")).to_have_count(0)
    expect(annotations.locator(".item-of")).to_have_count(1)
    expect(page.locator("[data-draft-state]")).to_have_text("unsaved, draft kept")


def test_a_dashboard_is_changed_saved_compared_and_restored(product: Product, editor: Page) -> None:
    page, name = editor, fresh("edited")
    first = {**PANELS[0], "options": {"content": f"{LONG}one"}}
    product.save({"dashboard_id": name, "title": "Edited", "panels": [first, PANELS[1]]})
    page.goto(f"{product.url}/d/{name}")
    drawn(page, "two")
    page.keyboard.press("d")
    page.keyboard.press("e")
    page.wait_for_url("**/edit*")
    drawn(page, "one")
    write(page, {"title": "Edited", "panels": [{**PANELS[0], "options": {"content": LONG + "changed"}}, PANELS[1]]})
    page.keyboard.press("Escape")
    drawn(page, "changed")
    page.keyboard.press("Control+s")
    expect(page.locator("dialog .changes ins")).to_contain_text("changed")
    page.keyboard.press("Escape")
    save(page, "another text")
    page.wait_for_url("**/d/*/edited*")
    drawn(page, "changed")
    page.click("[data-manage]")
    page.click("[data-manage-box] >> text=Versions")
    expect(page.locator(".versions li").first).to_contain_text("another text")
    page.check("[aria-label='Compare version 1']")
    page.check("[aria-label='Compare version 2']")
    page.click("text=Compare two")
    expect(page.locator(".compared")).to_contain_text("Panel First")
    expect(page.locator(".compared ins")).to_contain_text("changed")
    page.click("[aria-label='Restore version 1']")
    drawn(page, "one")


def test_panels_are_dragged_sized_doubled_copied_and_deleted(product: Product, editor: Page) -> None:
    page = editor
    opened(product, page, made(product))
    drag(page, "section[data-panel-id='2'] h2", -720, 0)
    kept(page)
    assert page.evaluate(PLACES)[1][1:3] == [0, 0]
    assert page.evaluate(PLACES)[0][2] == 6
    drag(page, "section[data-panel-id='2'] [data-edge=se]", 300, 120, look="section.held .sizetag")
    kept(page)
    assert page.evaluate("editor.draft.document.panels[1].position.w") > 12
    page.click("section[data-panel-id='2'] .kebab")
    page.click("[role=menu] >> text=Duplicate")
    page.wait_for_selector("section[data-panel-id='3']")
    page.focus("section[data-panel-id='3']")
    page.keyboard.press("p")
    page.keyboard.press("c")
    page.focus("section[data-panel-id='3']")
    page.keyboard.press("Delete")
    page.wait_for_selector("section[data-panel-id='3']", state="detached")
    page.click("[data-add]")
    page.click("[data-add-box] >> text=Paste")
    page.wait_for_selector("section[data-panel-id='3'].chosen")
    page.keyboard.press("Escape")
    page.click("[data-add]")
    page.click("[data-add-box] >> text=Row")
    page.fill(".rowname", "Below")
    page.keyboard.press("Enter")
    expect(page.locator(".rowline h2")).to_have_text("Below")
    kept(page)
    panels = page.evaluate("editor.draft.document.panels")
    assert [one["type"] for one in panels] == ["text", "text", "text", "row"]
    page.click(".rowline button")
    page.click("[role=menu] >> text=Delete the row alone")
    page.wait_for_selector(".rowline", state="detached")
    page.click("[data-discard]")
    page.click("dialog .btn.primary")
    page.wait_for_selector("[data-edit]", timeout=WAIT_MS)
    drawn(page, "two")


def drag(page: Page, selector: str, dx: int, dy: int, look: str = ".landing") -> None:
    box = page.locator(selector).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx / 2, y + dy / 2, steps=4)
    page.mouse.move(x + dx, y + dy, steps=4)
    expect(page.locator(look)).to_be_visible()
    page.mouse.up()


def test_two_who_change_one_dashboard_are_joined_and_choose_what_collides(
    product: Product, editor: Page, other: Page
) -> None:
    name = made(product)
    for page, mine, content in ((editor, 0, "mine"), (other, 1, "theirs")):
        opened(product, page, name)
        page.evaluate(WRITE, [mine, content])
        drawn(page, content)
    save(other)
    other.wait_for_url("**/d/*/edited*")
    save(editor)
    editor.wait_for_url("**/d/*/edited*")
    drawn(editor, "mine")
    drawn(editor, "theirs")
    for page, content in ((editor, "from here"), (other, "from there")):
        page.goto(f"{product.url}/d/{name}/edit?editPanel=1")
        drawn(page, "mine")
        page.evaluate(WRITE, [0, content])
        drawn(page, content)
    save(other)
    other.wait_for_url("**/d/*/edited*")
    save(editor)
    expect(editor.locator(".collisions")).to_contain_text("from there", timeout=WAIT_MS)
    expect(editor.locator(".collisions")).to_contain_text("from here")
    editor.check("input[value=both]")
    editor.click("dialog .btn.primary")
    editor.wait_for_url("**/d/*/edited*")
    drawn(editor, "from here")
    drawn(editor, "from there")


def test_unsaved_work_is_told_at_home_and_on_its_dashboard_and_two_tabs_agree(product: Product, editor: Page) -> None:
    name = made(product)
    opened(product, editor, name)
    second = editor.context.new_page()
    opened(product, second, name)
    editor.evaluate("editor.draft.apply([{op: 'replace', path: '/title', value: 'Not saved'}])")
    kept(editor)
    told = second.evaluate("editor.draft.apply([{op: 'replace', path: '/panels/0/title', value: 'By the second'}])")
    assert told == {"ok": True}
    assert second.evaluate("[editor.draft.document.title, editor.draft.document.panels[0].title]") == [
        "Not saved",
        "By the second",
    ]
    second.goto(f"{product.url}/")
    second.click("[aria-label='Continue with Not saved']")
    drawn(second, "one")
    second.goto(f"{product.url}/d/{name}")
    expect(second.locator(".notice-line")).to_contain_text("You have unsaved changes")
    second.click(".notice-line >> text=Discard")
    second.wait_for_selector(".notice-line", state="detached")
    assert second.request.get(f"{product.url}/api/v1/drafts").json()["items"] == []


def test_a_chart_whose_query_changes_goes_on_with_the_data_of_the_new_one(product: Product, editor: Page) -> None:
    page, name = editor, fresh("going-on")
    series = "select fromUnixTimestamp64Milli(toInt64($__from + number * 10000)) as time, {} as v from numbers(30)"
    chart = {"panel_id": 1, "title": "Chart", "type": "timeseries", "query": series.format("number")}
    product.save({"dashboard_id": name, "title": "Going on", "panels": [chart]})
    page.goto(f"{product.url}/d/{name}/edit")
    page.wait_for_selector("section[data-panel-state='ready'] .chart", timeout=WAIT_MS)
    page.evaluate("window.first = heliograph.panels.get(1).body")
    write = "([path, value]) => editor.draft.apply([{ op: 'add', path, value }])"
    page.evaluate(write, ["/panels/0/query", series.format("number + 1000")])
    last = "Array.from(heliograph.panels.get(1).body.lines.of(0).v).at(-1)"
    page.wait_for_function(f"() => {last} === 1029")
    assert page.evaluate("heliograph.panels.get(1).body === first")
    page.evaluate(write, ["/panels/0/options", {"unit": "bytes", "legend": "table"}])  # words that it is built by
    page.wait_for_function("() => heliograph.panels.get(1).body !== first && !first.element.isConnected")
    assert page.locator("section .legend table").count() == 1


def test_what_ticks_is_drawn_once_nobody_types(product: Product, editor: Page) -> None:
    page, name = editor, fresh("ticking")
    product.save({"dashboard_id": name, "title": "Ticking", "refresh": "1s", "panels": PANELS})
    page.goto(f"{product.url}/d/{name}/edit?editPanel=1")
    title = page.locator(".beside [data-field='title'] input")
    title.click(timeout=WAIT_MS)
    behind = "heliograph.live.ticks.at(-1)?.seq > heliograph.panels.get(2).seq"
    for _ in range(200):
        page.keyboard.type("x", delay=50)
        if page.evaluate(behind):
            break
    else:
        raise AssertionError("no tick was held back")
    page.wait_for_function("() => heliograph.live.ticks.at(-1).seq === heliograph.panels.get(2).seq")
    assert page.evaluate("editor.draft.document.panels[0].title").startswith("First")


def test_options_are_read_whole_on_narrow_screens(product: Product, editor: Page) -> None:
    page, name = editor, fresh("narrow")
    chart = {"panel_id": 1, "title": "Chart", "type": "timeseries", "query": {"metric": "up"}}
    product.save({"dashboard_id": name, "title": "Narrow", "panels": [chart]})
    page.goto(f"{product.url}/d/{name}/edit?editPanel=1")
    page.wait_for_selector(".beside .segs", timeout=WAIT_MS)
    assert page.evaluate("document.scrollingElement.scrollHeight <= innerHeight"), "only its parts scroll"
    undo = "one => getComputedStyle(one.querySelector('.ic')).opacity"
    assert float(page.locator("[data-undo]").evaluate(undo)) < 0.5, "there is nothing to undo"
    for width in (1024, 390):
        page.set_viewport_size({"width": width, "height": 844})
        boxes = page.locator(".beside .segs").evaluate_all(OUTSIDE)
        assert boxes == [], width
    title = page.locator(".beside [data-field='title'] input")
    expect(title).to_be_in_viewport()
    title.click()
    page.keyboard.type("s")
    page.wait_for_function("() => editor.draft.confirmed.panels[0].title === 'Charts'")
    assert float(page.locator("[data-undo]").evaluate(undo)) == 1
    page.click("[aria-label='Leave this panel']")
    expect(page.locator("section[data-panel-id='1'] h2")).to_be_in_viewport()


def test_a_query_is_changed_on_a_phone_with_its_panel_in_sight(product: Product, editor: Page) -> None:
    page, name = editor, fresh("phone")
    said = {"panel_id": 1, "title": "Said", "type": "table", "query": "select 'one' as word"}
    product.save({"dashboard_id": name, "title": "Phone", "panels": [said]})
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{product.url}/d/{name}/edit?editPanel=1")
    query = page.get_by_role("textbox", name="Query A")
    page.locator(".parts-of >> text=Queries").click(timeout=WAIT_MS)
    expect(query).to_be_in_viewport()
    query.fill("select 'another' as word")
    cell = page.locator("section[data-panel-id='1'] td:has-text('another')")
    expect(cell).to_be_in_viewport(timeout=WAIT_MS)
    assert page.locator(".below").evaluate("one => one.scrollWidth <= one.clientWidth"), "nothing is cut"
    page.click(".below .tablist >> text=Transform")
    expect(page.locator(".below >> text=Add transformation")).to_be_in_viewport()
    page.click(".parts-of >> text=Options")
    expect(query).to_be_hidden()
    expect(page.locator(".beside [data-field='title'] input")).to_be_in_viewport()
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(page.locator(".parts-of")).to_be_hidden()


def test_controls_of_a_phone_give_way_to_what_they_open(product: Product, editor: Page) -> None:
    page = editor
    page.set_viewport_size({"width": 390, "height": 844})
    opened(product, page, made(product))
    for button, shown in (("[data-settings]", ".sheetplace [aria-label=Close]"), ("[data-save]", "dialog textarea")):
        page.click("[data-sheet-open]")
        page.click(button)
        expect(page.locator("[data-sheet-close]")).to_be_hidden()
        page.click(shown)
    page.keyboard.press("Escape")
    title = "A title that is so long that it does not fit on the screen of a phone"
    page.evaluate("(value) => editor.draft.apply([{ op: 'replace', path: '/panels/0/title', value }])", title)
    page.keyboard.press("Control+s")
    expect(page.locator("dialog .changes")).to_contain_text(title)
    assert page.locator("dialog").evaluate("one => one.scrollWidth <= one.clientWidth")
    page.keyboard.press("Escape")
    page.click("[data-sheet-open]")
    page.click("[data-add]")
    page.click("[data-add-box] >> text=Panel")
    expect(page.locator("[data-sheet-close]")).to_be_hidden()
    expect(page.locator(".beside [data-field='title'] input")).to_be_in_viewport()


def test_what_cannot_be_pressed_looks_so_and_what_deletes_stands_last(product: Product, editor: Page) -> None:
    opened(product, editor, made(product))
    editor.click("[data-json]")
    apply = editor.locator(".sheetplace >> text=Apply")
    pale = "one => getComputedStyle(one).opacity < 1"
    assert apply.evaluate(pale)
    editor.locator(".sheetplace textarea").press("End")
    editor.keyboard.type(" ")
    expect(apply).to_be_enabled()
    assert not apply.evaluate(pale)
    editor.click(".sheetplace [aria-label=Close]")
    editor.get_by_role("button", name="Leave", exact=True).click()
    editor.hover("section[data-panel-id='1']")
    editor.click("section[data-panel-id='1'] .kebab")
    expect(editor.locator("[role=menu]:visible [role=menuitem]").last).to_contain_text("Delete")


def test_a_search_that_is_open_stays_while_the_draft_changes(product: Product, editor: Page) -> None:
    page, name = editor, fresh("search")
    chart = {"panel_id": 1, "title": "Chart", "type": "timeseries", "query": {"metric": "up"}}
    product.save({"dashboard_id": name, "title": "Search", "panels": [chart]})
    page.goto(f"{product.url}/d/{name}/edit?editPanel=1")
    page.click(".beside [data-field='unit'] button.pick")
    search = page.get_by_role("combobox", name="Search")
    expect(search).to_be_focused()
    page.evaluate("editor.draft.apply([{ op: 'replace', path: '/title', value: 'Changed meanwhile' }])")
    kept(page)
    expect(search).to_be_focused()
    page.keyboard.type("reqps")
    page.keyboard.press("Enter")
    page.wait_for_function("() => editor.draft.confirmed.panels[0].options?.unit === 'reqps'")


def test_the_way_back_from_the_editor_says_a_title_once(product: Product, editor: Page) -> None:
    name = made(product)
    opened(product, editor, name)
    expect(editor.locator("nav.crumb").get_by_text("Edited")).to_have_count(1)
    editor.click("nav.crumb h1 a")
    editor.wait_for_url(f"**/d/{name}/edited")


def test_axe_finds_nothing_serious_in_the_editor(product: Product, editor: Page) -> None:
    pytest.importorskip("axe_playwright_python", reason="pip install axe-playwright-python: it ships axe-core")
    axe = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    opened(product, editor, made(product))
    editor.click("section[data-panel-id='1'] h2")
    editor.wait_for_selector(".beside .place > *")
    editor.evaluate(axe)
    assert editor.evaluate(RUN_AXE) == []
    editor.click("[data-json]")
    assert editor.evaluate(RUN_AXE) == []
    editor.keyboard.press("Escape")
    editor.keyboard.press("Control+s")
    editor.wait_for_selector("dialog .changes, dialog .changed p")
    assert editor.evaluate(RUN_AXE) == []


# As people and programs write it: shorthand, defaults that are spelled out, numbers of several forms, any order.
AS_WRITTEN = """{"panels": [
  {"type": "timeseries", "panel_id": 7, "query": {"metric": "up"}, "title": "Überlast \u00fc",
   "options": {"unit": "percent", "line_width": 1.0, "fill": 0.5, "min": -0.0, "max": 1e2, "decimals": 2,
     "thresholds": [{"level": "bad", "value": 80}, {"value": 60.50, "level": "warn"}],
     "mappings": [{"value": 1, "text": "Up"}], "links": [{"url": "https://example.org/?q=${job}", "title": "There"}],
     "overrides": [{"set": {"unit": "s"}, "match": {"name": "up"}}]},
   "position": {"h": 6, "w": 12, "x": 0, "y": 0}},
  {"panel_id": 2, "title": "Table", "type": "table", "targets": [
     {"query": "SELECT 1 AS n", "ref": "A"}, {"datasource": "__expr__", "ref": "B", "query": "$A * 2", "hidden": true}],
   "transformations": [{"id": "organize", "options": {"renameByName": {"n": "N"}}, "disabled": false}],
   "repeat": {"variable": "job"}, "position": {"x": 12, "y": 0, "w": 12, "h": 6}},
  {"panel_id": 3, "type": "row", "title": "Below", "collapsed": false, "position": {"x": 0, "y": 6, "w": 24, "h": 1}},
  {"panel_id": 4, "title": "", "type": "text", "options": {"content": "a\\n\\n<b>b</b>", "mode": "markdown"},
   "position": {"x": 0, "y": 7, "w": 8, "h": 4}}],
 "variables": [{"type": "custom", "name": "job", "query": "a,b", "multi": true, "current": ["a"]},
   {"name": "text", "type": "textbox", "query": ""}],
 "annotations": [{"name": "Deploys", "color": "#7b61ff", "query": "SELECT 1", "enable": false}],
 "time": {"to": "now", "from": "now-30m"}, "tags": ["b", "a"], "title": "As written", "refresh": "30s"}"""


def test_what_is_looked_at_in_every_form_and_put_back_is_byte_for_byte_what_it_was(
    product: Product, editor: Page
) -> None:
    """Each panel with all its tabs, the settings and the text are opened; a title is typed and taken back."""
    page, name = editor, fresh("bytes")
    address = f"/api/v1/dashboards/{name}"
    with product.client("editor") as client:
        made = client.post("/api/v1/dashboards", json={**json.loads(AS_WRITTEN), "dashboard_id": name})
        assert made.status_code == 201, made.text
        before = client.get(address).content
        page.goto(f"{product.url}/d/{name}/edit")
        for panel in (7, 2, 4):
            page.focus(f"section[data-panel-id='{panel}']")
            page.keyboard.press("Enter")
            page.wait_for_url(f"**editPanel={panel}")
            page.wait_for_selector(".beside .option", timeout=WAIT_MS)
            for tab in ("Transform", "Alert", "Query"):
                page.click(f".below [role=tab]:has-text('{tab}')")
            for heading in page.query_selector_all(".beside .sec > h3 > button[aria-expanded=false]"):
                heading.click()
        page.click("[data-settings]")
        for tab in ("Variables", "Annotations", "General"):
            page.click(f".sheetplace [role=tab]:has-text('{tab}')")
        title = page.locator(".sheetplace [data-field='title'] input").first
        title.press("End")
        page.keyboard.type(" x")
        page.wait_for_function("() => editor.draft.confirmed.title === 'As written x'")
        for _ in range(2):
            page.keyboard.press("Backspace")
        page.wait_for_function("() => editor.draft.confirmed.title === 'As written'")
        page.click("[data-json]")
        page.click(".sheetplace [aria-label=Close]")
        kept(page)
        save(page)
        page.wait_for_url(f"**/d/{name}/as-written*")
        assert client.get(address).content == before
        page.goto(f"{product.url}/d/{name}/edit?editPanel=4")
        page.fill(".beside [data-field='title'] input", "Named")
        page.wait_for_function("() => editor.draft.confirmed.panels[3].title === 'Named'")
        save(page, "a name")
        page.wait_for_url(f"**/d/{name}/as-written*")
        assert told(client.get(address).content) == told(before.replace(b'"title":""', b'"title":"Named"'))


def told(content: bytes) -> str:
    """What a dashboard says, without what each version has of its own."""
    return re.sub(r'"(version|updated_at|updated_by|updated_by_name)":("[^"]*"|[^,}]+)', "", content.decode())
