"""What stands around dashboards: links and buttons as each role, the account, the palette, the editor, the kiosk."""

from __future__ import annotations

import json
import re

import httpx
import pytest
from fixtures.naming import fresh
from fixtures.people import signed_in
from fixtures.product import PASSWORD, Product
from fixtures.waiting import WAIT_MS
from playwright.sync_api import BrowserContext, ElementHandle, Page, expect
from playwright.sync_api import Error as BrowserError

pytestmark = pytest.mark.browser
PRESS_MS = 20_000
FORMS_ASK = "/api/v1/rules/preview"
DRAFTS = "/api/v1/drafts/"
MOST = 20  # buttons of a page that are pressed: forms repeat theirs
PANEL = {"panel_id": 1, "title": "T", "type": "text", "options": {"content": "x"}}
BUTTONS = "header button:visible, main button:visible:not(.foot), aside button:visible"
LEAVES = ("Sign out", "Sign out everywhere", "Delete")  # each has a test of its own


def foldered(product: Product) -> tuple[str, str]:
    """A dashboard in a folder of its own: the ids of both."""
    folder, name = fresh("folder"), fresh("inside")
    with product.client("admin") as client:
        made = client.post("/api/v1/folders", json={"uid": folder, "title": f"Folder {folder}"})
        assert made.status_code == 201, made.text
        body = {"dashboard_id": name, "title": f"Inside {name}", "tags": [name], "panels": [PANEL], "folder": folder}
        assert client.post("/api/v1/dashboards", json=body).status_code == 201
    return folder, name


@pytest.mark.timeout(400)
@pytest.mark.parametrize("role", ["anonymous", "viewer", "editor", "admin"])
def test_every_link_and_button_works_for_each_role(product: Product, context: BrowserContext, role: str) -> None:
    folder, name = foldered(product)
    page = context.new_page()
    faults: list[str] = []

    def fault(url: str, text: str) -> None:
        # A form that is not filled in yet is told what it lacks; a page that was left while it sent its last change
        # has that change come after the next page read the draft, which is told so by a conflict, and reads it again.
        if not url.endswith(FORMS_ASK) and not (DRAFTS in url and "409" in text):
            faults.append(f"{text} {url}")

    context.on("response", lambda got: fault(got.url, str(got.status)) if got.status >= 400 else None)
    context.on("weberror", lambda error: faults.append(str(error.error)))
    context.on("console", lambda said: fault(said.location["url"], said.text) if said.type == "error" else None)
    ours_alone = (product.url, product.url.replace("http", "ws", 1), "data:", "blob:")
    context.on("request", lambda asked: None if asked.url.startswith(ours_alone) else faults.append(asked.url))
    if role != "anonymous":
        signed_in(product, page, role)
    todo, seen = ["/", f"/?folder={folder}", f"/d/{name}"], set[str]()
    while todo:
        path = todo.pop()
        if kind_of(path) in seen:
            continue
        seen.add(kind_of(path))
        page.goto(product.url + path)
        page.wait_for_load_state("load")
        found = page.eval_on_selector_all("a[href]", "all => all.map((one) => one.href)")
        ours = [one.removeprefix(product.url).partition("#")[0] for one in found if one.startswith(product.url)]
        todo += [one for one in ours if one != "/home" and (name in one or folder in one or "/d/" not in one)]
        press_all(page, product.url + path)
    assert len(seen) >= 4
    assert faults == []


def kind_of(path: str) -> str:
    """Of pages that differ by an id or the values of their query alone, one is enough."""
    path, _, query = path.partition("?")
    keys = sorted({one.partition("=")[0] for one in query.split("&")})
    return re.sub(r"^/(alerts|d|drafts)/(?!new)[^/]+(/(?!edit)[^/]*)?", r"/\1/*", path) + "?" + "&".join(keys)


def press_all(page: Page, address: str) -> None:
    """Press each button that shows, on a page that is opened anew where the one before led away."""
    for index in range(MOST):
        shown = buttons(page, address)
        if index >= len(shown):
            return
        button = shown[index]  # this one and no other: as data come, the one that stands in its place is another
        try:
            press(page, button)
        except BrowserError:
            assert not is_there(button), "it is there and cannot be pressed"  # else it went as data came
        if page.url.partition("#")[0] != address:
            page.goto(address)


def buttons(page: Page, address: str) -> list[ElementHandle]:
    try:
        return page.query_selector_all(BUTTONS)
    except BrowserError:  # the page is being left, by the button that was pressed last
        page.goto(address)
        return page.query_selector_all(BUTTONS)


def is_there(button: ElementHandle) -> bool:
    try:
        return button.is_visible()
    except BrowserError:  # its page was left
        return False


def press(page: Page, button: ElementHandle) -> None:
    """Press a button that leads nowhere for good; of lists two lines are enough."""
    said = button.get_attribute("aria-label") or button.inner_text()
    if said in LEAVES or said.startswith("Discard"):
        return
    kept = "one.type === 'submit' || one.disabled || one.hasAttribute('data-copy')"
    if button.evaluate(f"one => {kept} || one.closest('main li:nth-of-type(n+3)') !== null"):
        return
    button.click(timeout=PRESS_MS)
    page.keyboard.press("Escape")


def test_a_folder_shows_what_lies_in_it_and_its_number(product: Product, page: Page) -> None:
    folder, name = foldered(product)
    page.goto(f"{product.url}/d/{name}")
    page.click(f"nav.crumb a:has-text('Folder {folder}')")
    expect(page.locator("#heading")).to_have_text(f"Folder {folder}")
    expect(page.locator("#number")).to_have_text("1")
    expect(page.locator("#dashboards a.name")).to_have_text(f"Inside {name}")


def test_a_new_dashboard_is_nowhere_before_it_is_saved_and_is_deleted_again(product: Product, page: Page) -> None:
    folder, _ = foldered(product)
    title = fresh("Written")
    signed_in(product, page, "editor")
    page.goto(f"{product.url}/?folder={folder}")
    page.click("a:has-text('New')")
    page.wait_for_url("**/drafts/*")
    page.click("[data-json]")
    area = page.locator(".sheetplace textarea")
    box = area.bounding_box()
    assert box is not None
    assert box["height"] > 500
    assert "mono" in area.evaluate("one => getComputedStyle(one).fontFamily").lower()
    listed = f"{product.url}/api/v1/dashboards?folder={folder}"
    area.fill(json.dumps({"title": "Written", "panels": [PANEL]}))
    page.click(".astext >> text=Apply")
    page.wait_for_selector("section[data-panel-state=ready]", state="attached", timeout=WAIT_MS)
    assert len(page.request.get(listed).json()["items"]) == 1
    page.click("[data-save]")
    page.fill("dialog input", title)
    page.click("dialog .btn.primary")
    page.wait_for_url("**/d/*/written*")
    page.wait_for_selector("section[data-panel-state=ready]", timeout=WAIT_MS)
    assert {one["title"] for one in page.request.get(listed).json()["items"]} > {title}
    page.click("[data-manage]")
    page.click("[data-manage-box] >> text=Delete")
    page.click("dialog .btn.primary")
    page.wait_for_url(f"{product.url}/")
    assert len(page.request.get(listed).json()["items"]) == 1


def test_signing_in_returns_to_where_one_was(product: Product, page: Page) -> None:
    _, name = foldered(product)
    login = product.person("editor")
    page.goto(f"{product.url}/d/{name}/edit")
    page.click("text=Sign in")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.click("button:has-text('Sign in')")
    page.wait_for_url(f"**/d/{name}/edit")
    for elsewhere in ("https://example.org/", "//example.org/x", "/\\example.org"):
        page.goto(f"{product.url}/login?next={elsewhere}")
        assert page.get_attribute("[name=next]", "value") == "/"


def test_one_changes_ones_password_and_goes_on(product: Product, page: Page) -> None:
    login = signed_in(product, page, "viewer")
    page.click(f"[aria-label='Account of {login}']")
    page.click("text=Change password")
    page.fill("dialog [name=current]", "wrong one here")
    page.fill("dialog [name=password]", "another horse battery")
    page.click("dialog button:has-text('Change password')")
    expect(page.locator("dialog [role=alert]")).to_contain_text("This is not your password")
    page.fill("dialog [name=current]", PASSWORD)
    page.click("dialog button:has-text('Change password')")
    expect(page.locator("dialog [role=status]")).to_contain_text("is changed")
    page.goto(product.url)
    expect(page.locator(f"[aria-label='Account of {login}']")).to_be_visible()
    form = {"login": login, "password": "another horse battery"}
    assert httpx.post(f"{product.url}/login", data=form).status_code == 303
    assert httpx.post(f"{product.url}/login", data={**form, "password": PASSWORD}).status_code == 401


def test_the_palette_goes_to_dashboards_and_folders_by_keys(product: Product, page: Page) -> None:
    folder, name = foldered(product)
    page.goto(product.url)
    page.keyboard.press("Control+k")
    page.keyboard.type(name)
    expect(page.locator(".palette [role=option]")).to_have_count(1, timeout=WAIT_MS)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/d/{name}/*")
    page.keyboard.press("Control+k")
    page.keyboard.type(f"Folder {folder}")
    expect(page.locator(".palette [aria-selected=true]")).to_contain_text(f"Folder {folder}", timeout=WAIT_MS)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/?folder={folder}")


def test_arrows_and_enter_open_what_the_search_found(product: Product, page: Page) -> None:
    _, name = foldered(product)
    page.goto(product.url)
    page.fill("#search", name)
    expect(page.locator("#dashboards a.name")).to_have_count(1, timeout=WAIT_MS)
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.className") == "name cut"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/d/{name}/*")


def test_the_kiosk_says_how_to_leave_it_and_escape_leaves(product: Product, page: Page) -> None:
    _, name = foldered(product)
    page.goto(f"{product.url}/d/{name}?kiosk")
    expect(page.locator(".kiosk-leave")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("header.top")).to_be_visible()
    expect(page.locator(".kiosk-leave")).to_have_count(0)
    page.keyboard.press("d")
    page.keyboard.press("k")
    page.click(".kiosk-leave")
    expect(page.locator("header.top")).to_be_visible()
