"""Dashboards and folders as wholes: renamed, moved, copied, restored, deleted, starred; what panels are about."""

from __future__ import annotations

import json
import re

import pytest
from fixtures.naming import fresh
from fixtures.people import sign_in, signed_in
from fixtures.product import Product
from fixtures.waiting import WAIT_MS
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser
ABOUT = "Read **this** first<script>window.broken = 1</script> [more](https://example.org/)"
PANELS = [
    {"panel_id": 1, "title": "T", "type": "text", "description": ABOUT, "options": {"content": "x"}},
    {"panel_id": 2, "type": "text", "position": {"x": 12, "y": 0, "w": 6, "h": 3}, "options": {"content": "alone"}},
]


def made(product: Product) -> str:
    name: str = fresh("whole")
    product.save({"dashboard_id": name, "title": f"Whole {name}", "tags": [name], "panels": PANELS})
    return name


def choose(page: Page, text: str) -> None:
    page.click("[data-manage]")
    page.click(f"[data-manage-box] >> text={text}")


def test_a_dashboard_is_renamed_moved_restored_copied_and_deleted(product: Product, page: Page) -> None:
    name, folder = made(product), fresh("folder")
    signed_in(product, page, "admin")
    page.click("[data-folder-new]")
    page.fill("dialog input", folder)
    page.click("dialog >> text=Make folder")
    expect(page.locator("#heading")).to_have_text(folder, timeout=WAIT_MS)
    page.goto(f"{product.url}/d/{name}")
    choose(page, "Rename")
    page.fill("dialog input", "Another name")
    page.click("dialog .btn.primary")
    expect(page.locator("header h1")).to_have_text("Another name", timeout=WAIT_MS)
    choose(page, "Move to a folder")
    page.select_option("dialog select", label=folder)
    page.click("dialog .btn.primary")
    page.locator(f"nav.crumb a:has-text('{folder}')").wait_for(timeout=WAIT_MS)
    choose(page, "Versions")
    expect(page.locator(".versions li")).to_have_count(2)
    page.click("[aria-label='Restore version 1']")
    expect(page.locator("header h1")).to_have_text(f"Whole {name}", timeout=WAIT_MS)
    choose(page, "Copy")
    page.fill("dialog input", f"Copy of {name}")
    page.click("dialog .btn.primary")
    expect(page.locator("header h1")).to_have_text(f"Copy of {name}", timeout=WAIT_MS)
    expect(page.locator(f"nav.crumb a:has-text('{folder}')")).to_be_visible()
    choose(page, "Delete")
    page.click("dialog .btn.primary")
    page.wait_for_url(f"{product.url}/")
    titles = [one["title"] for one in page.request.get(f"{product.url}/api/v1/dashboards?query={name}").json()["items"]]
    assert titles == [f"Whole {name}"]


def test_a_folder_is_renamed_and_deleted_once_it_is_empty(product: Product, page: Page) -> None:
    folder, name = fresh("folder"), fresh("held")
    with product.client("admin") as client:
        assert client.post("/api/v1/folders", json={"uid": folder, "title": folder}).status_code == 201
        held = {"dashboard_id": name, "title": "Held", "panels": [], "folder": folder}
        assert client.post("/api/v1/dashboards", json=held).status_code == 201
    signed_in(product, page, "admin")
    page.goto(f"{product.url}/?folder={folder}")
    page.click("[data-folder-rename]")
    page.fill("dialog input", f"{folder} anew")
    page.click("dialog .btn.primary")
    expect(page.locator("#heading")).to_have_text(f"{folder} anew", timeout=WAIT_MS)
    page.click("[data-folder-delete]")
    page.click("dialog .btn.primary")
    expect(page.locator("dialog .fault")).to_contain_text("not empty")
    page.keyboard.press("Escape")
    with product.client("admin") as client:
        assert client.delete(f"/api/v1/dashboards/{name}").status_code == 204
    page.click("[data-folder-delete]")
    page.click("dialog .btn.primary")
    page.wait_for_url(f"{product.url}/")
    expect(page.locator(f".folders a:has-text('{folder} anew')")).to_have_count(0)


def test_stars_follow_their_person_to_another_browser(product: Product, page: Page, chromium: Browser) -> None:
    name, login = made(product), product.person("viewer")
    page.goto(f"{product.url}/?tag={name}")
    page.click("#dashboards .star")  # before signing in: this browser's own, which then becomes the person's
    sign_in(product, page, login)
    expect(page.locator("#starred .tile")).to_contain_text(f"Whole {name}", timeout=WAIT_MS)
    elsewhere = chromium.new_context()
    other = elsewhere.new_page()
    sign_in(product, other, login)
    expect(other.locator("#starred .tile")).to_contain_text(f"Whole {name}", timeout=WAIT_MS)
    other.goto(f"{product.url}/d/{name}")
    expect(other.locator("header .star")).to_have_attribute("aria-pressed", "true", timeout=WAIT_MS)
    with other.expect_response(re.compile("/api/v1/stars/")):
        other.click("header .star")
    page.reload()
    expect(page.locator("#starred")).to_be_hidden(timeout=WAIT_MS)
    elsewhere.close()


def test_what_a_panel_is_about_is_read_by_mouse_and_keys_as_harmless_markdown(product: Product, page: Page) -> None:
    page.goto(f"{product.url}/d/{made(product)}")
    page.wait_for_selector("section[data-panel-id='1'][data-panel-state=ready]", timeout=WAIT_MS)
    button = page.locator("section[data-panel-id='1'] [data-about]")
    button.focus()
    page.keyboard.press("Enter")
    told = page.locator(".pop-about:visible")
    expect(told.locator("strong")).to_have_text("this")
    assert told.locator("a").get_attribute("rel") == "noopener noreferrer nofollow"
    assert page.evaluate("window.broken") is None
    page.keyboard.press("Escape")
    expect(told).to_have_count(0)
    expect(button).to_be_focused()
    assert page.locator("section[data-panel-id='2'] [data-about]").count() == 0


def test_a_panel_without_a_title_gives_all_of_its_room_to_its_body(product: Product, page: Page) -> None:
    page.goto(f"{product.url}/d/{made(product)}")
    page.wait_for_selector("section[data-panel-id='2'][data-panel-state=ready]", timeout=WAIT_MS)
    panel, body = (page.locator(f"section[data-panel-id='2']{one}").bounding_box() for one in ("", " .body"))
    assert panel is not None
    assert body is not None
    assert body["y"] - panel["y"] < 4
    page.locator("section[data-panel-id='2']").hover()
    page.locator("section[data-panel-id='2'] .kebab").click()
    expect(page.locator("[role=menu]:visible")).to_contain_text("Inspect")


def test_a_folder_is_given_to_those_who_are_named(product: Product, page: Page) -> None:
    folder, other = fresh("shut"), product.person("editor")
    with product.client("admin") as client:
        assert client.post("/api/v1/folders", json={"uid": folder, "title": folder}).status_code == 201
    signed_in(product, page, "admin")
    page.goto(f"{product.url}/?folder={folder}")
    page.click("[data-folder-permissions]")
    page.select_option("dialog select", label=other)
    page.select_option(f"[aria-label='What {other} may']", "edit")
    page.click("dialog .btn.primary")
    expect(page.locator("dialog")).to_have_count(0)
    given = page.request.get(f"{product.url}/api/v1/folders/{folder}").json()["permissions"]
    assert list(given.values()) == ["edit"]
    assert next(iter(given)).startswith("user:")


def test_home_finds_dashboards_by_their_panels_and_their_source(product: Product, page: Page) -> None:
    name = made(product)
    signed_in(product, page, "viewer")
    asks = {"panel_id": 1, "type": "stat", "title": f"Asks {name}", "query": {"metric": "up"}}
    product.save({"dashboard_id": f"{name}-2", "title": "Second", "panels": [asks]})
    page.fill("#search", f"asks {name}")
    expect(page.locator("#dashboards a.name")).to_have_text(["Second"])
    page.fill("#search", f"source:store {name}")
    expect(page.locator("#dashboards a.name")).to_have_text(["Second"])
    page.fill("#search", f"source:elsewhere {name}")
    expect(page.locator("#none")).to_be_visible()


def test_a_deleted_dashboard_is_brought_back_and_deleted_for_good(product: Product, page: Page) -> None:
    name = made(product)
    signed_in(product, page, "admin")
    page.goto(f"{product.url}/d/{name}")
    choose(page, "Delete")
    expect(page.locator("dialog")).to_contain_text("For 30 days it can be brought back")
    page.click("dialog .btn.primary")
    page.wait_for_url(f"{product.url}/")
    page.click("a[href='#deleted']")
    row = page.locator(f"#dashboards li:has-text('Whole {name}')")
    expect(row).to_contain_text("30 days left")
    row.locator("text=Bring back").click()
    page.click("dialog .btn.primary")
    expect(page.locator("header h1")).to_have_text(f"Whole {name}", timeout=WAIT_MS)
    choose(page, "Delete")
    page.click("dialog .btn.primary")
    page.wait_for_url(f"{product.url}/")
    page.click("a[href='#deleted']")
    row.locator("text=Delete for good").click()
    page.click("dialog .btn.primary")
    expect(row).to_have_count(0)
    page.fill("#search", name)
    expect(page.locator("#none")).to_be_visible()


def test_a_person_chooses_the_dashboard_that_they_begin_with(product: Product, page: Page) -> None:
    name = made(product)
    login = product.person("viewer")
    sign_in(product, page, login)
    page.click("[data-account]")
    page.click("text=My account")
    page.click("text=Choose a dashboard")
    page.fill("dialog input[type=search]", name)
    expect(page.locator("dialog option")).to_have_count(1)
    page.click("dialog .btn.primary")
    expect(page.locator("#home a")).to_have_text(f"Whole {name}")
    page.click("a.logo")
    expect(page.locator("header h1")).to_have_text(f"Whole {name}", timeout=WAIT_MS)
    page.click("nav.crumb a:has-text('Dashboards')")
    page.wait_for_url(f"{product.url}/")
    page.goto(f"{product.url}/account")
    page.click("text=Take it away")
    expect(page.locator("#home")).to_contain_text("The list of all dashboards")


def test_a_dashboard_of_grafana_is_imported_with_what_is_not_as_it_was(product: Product, page: Page) -> None:
    name = fresh("grafana")
    panels = [
        {
            "id": 1,
            "type": "stat",
            "title": "Kept",
            "gridPos": {"w": 12, "h": 4},
            "targets": [{"refId": "A", "expr": "up"}],
        },
        {"id": 2, "type": "dashlist", "title": "Lost", "gridPos": {"x": 12, "w": 12, "h": 4}},
    ]
    for panel in panels:
        panel["datasource"] = {"type": "prometheus", "uid": "P1"}
    document = {"title": f"There {name}", "uid": name, "schemaVersion": 39, "panels": panels}
    signed_in(product, page, "editor")
    page.click("[data-import]")
    file = page.locator("dialog input[type=file]")
    file.set_input_files({"name": "broken.json", "mimeType": "application/json", "buffer": b"{"})
    expect(page.locator("dialog .brought")).to_contain_text("not JSON", timeout=WAIT_MS)
    file.set_input_files({"name": "x.json", "mimeType": "application/json", "buffer": json.dumps(document).encode()})
    expect(page.locator("dialog .brought > p")).to_contain_text("1 with notes, 1 left out", timeout=WAIT_MS)
    expect(page.locator("dialog .changes li", has_text="Lost")).to_contain_text("there is no panel like dashlist here")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.click("dialog .btn.primary")
    page.wait_for_url(f"{product.url}/d/{name}/**", timeout=WAIT_MS)
    expect(page.locator("section[data-panel-id='2']")).to_contain_text("could not be brought", timeout=WAIT_MS)
    page.goto(product.url)
    page.click("[data-import]")
    file.set_input_files({"name": "x.json", "mimeType": "application/json", "buffer": json.dumps(document).encode()})
    page.click("dialog .btn.primary")
    expect(page.locator("dialog .form > .fault")).to_be_visible(timeout=WAIT_MS)
    page.check("dialog .tick input")
    page.click("dialog .btn.primary")
    page.wait_for_url(f"{product.url}/d/{name}/**", timeout=WAIT_MS)
