"""A dashboard is made, changed, saved and restored in the browser; two who collide lose nothing."""

from __future__ import annotations

import json
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
RUN_AXE = """async () => (await axe.run(document))
  .violations.filter((one) => ['serious', 'critical'].includes(one.impact))
  .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`)"""
PLACES = """editor.draft.document.panels.map(({ panel_id, position }) =>
  [panel_id, position.x, position.y, position.w, position.h])"""
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


def test_a_dashboard_is_changed_saved_compared_and_restored(product: Product, editor: Page) -> None:
    page, name = editor, made(product)
    page.goto(f"{product.url}/d/{name}")
    drawn(page, "two")
    page.keyboard.press("d")
    page.keyboard.press("e")
    page.wait_for_url("**/edit*")
    drawn(page, "one")
    write(page, {"title": "Edited", "panels": [{**PANELS[0], "options": {"content": "changed"}}, PANELS[1]]})
    page.keyboard.press("Escape")
    drawn(page, "changed")
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
