"""The pages of settings, as an admin uses them."""

from __future__ import annotations

import pytest
from fixtures.naming import fresh
from fixtures.people import signed_in
from fixtures.product import PASSWORD, Product
from fixtures.waiting import WAIT_MS
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def admin(product: Product, page: Page) -> Page:
    signed_in(product, page, "admin")
    return page


def section(page: Page, product: Product, name: str) -> None:
    page.goto(f"{product.url}/settings/{name}")
    page.wait_for_selector("#content:not([aria-busy])")


def test_a_data_source_is_made_tested_used_changed_and_deleted(product: Product, admin: Page) -> None:
    page, name = admin, fresh("Source")
    page.click("[data-account]")
    page.click("[data-account-box] >> text=Settings")
    page.click("text=Add a data source")
    page.fill("dialog label:has-text('Name') input", name)
    page.fill("dialog label:has-text('URL') input", "nonsense")
    page.click("dialog .btn.primary")
    expect(page.locator("dialog .fault")).to_contain_text("URL", ignore_case=True)
    page.fill("dialog label:has-text('URL') input", "http://127.0.0.2:9")
    page.click("dialog .trial .btn")
    expect(page.locator("dialog .health.bad")).to_contain_text("127.0.0.2", timeout=WAIT_MS)
    page.fill("dialog label:has-text('Password') input", "s3cret")
    page.click("dialog summary")
    page.select_option("dialog label:has-text('method') select", "GET")
    page.fill("dialog label:has-text('Headers') textarea", "X-Team: a")
    page.click("dialog .btn.primary")
    row = page.locator(f"li:has-text('{name}')")
    expect(row.locator(".health.bad")).to_be_visible(timeout=WAIT_MS)
    items = page.request.get(f"{product.url}/api/v1/datasources").json()["items"]
    kept = next(one for one in items if one["name"] == name)
    assert kept["options"] == {"http_method": "GET"}
    assert [one for one in kept["secrets"] if one != "password"] == ["headers.X-Team"], "values of headers are secrets"
    board = {"title": f"Asks {name}", "panels": [{"panel_id": 1, "type": "stat", "datasource": name, "query": "up"}]}
    headers = {"Origin": product.url}
    assert page.request.post(f"{product.url}/api/v1/dashboards", data=board, headers=headers).status == 201
    row.locator("text=Used by").click()
    expect(page.locator("dialog .uses a")).to_have_text([f"Asks {name}"])
    page.keyboard.press("Escape")
    row.locator("text=Change").click()
    assert page.input_value("dialog label:has-text('Password') input") == "", "secrets never come out"
    page.fill("dialog label:has-text('Name') input", f"{name} 2")
    page.click("dialog .btn.primary")
    expect(row.locator("strong")).to_have_text(f"{name} 2")
    after = page.request.get(f"{product.url}/api/v1/datasources/{kept['uid']}").json()
    assert (after["secrets"], after["options"]) == (kept["secrets"], kept["options"])
    row.locator("text=Delete").click()
    page.click("dialog .btn.primary")
    expect(row).to_have_count(0)


def test_the_list_says_of_what_kind_each_source_is_and_what_it_is_the_default_of(product: Product, admin: Page) -> None:
    name = fresh("Old name")
    body = {"name": name, "type": "postgres", "url": "postgresql://nobody@127.0.0.2:9/none", "default": False}
    made = admin.request.post(f"{product.url}/api/v1/datasources", data=body, headers={"Origin": product.url})
    assert made.status == 201, made.text()
    section(admin, product, "sources")
    row = admin.locator(f"li:has-text('{name}')")
    expect(row).to_contain_text("PostgreSQL")
    expect(row).not_to_contain_text("built in")
    row.get_by_role("button", name="Change").click()
    expect(admin.locator("dialog label:has-text('Kind') option:checked")).to_have_text("PostgreSQL")
    admin.locator("dialog").get_by_role("button", name="Save").click()
    expect(admin.locator("dialog")).to_have_count(0, timeout=WAIT_MS)
    kept = admin.request.get(f"{product.url}/api/v1/datasources/{made.json()['uid']}").json()
    assert kept["type"] == "postgres", "targets may name it"
    expect(admin.locator("li[data-uid=store]")).to_contain_text("default")
    expect(admin.locator("li[data-uid=heliograph]")).not_to_contain_text("default")
    gone = admin.request.delete(f"{product.url}/api/v1/datasources/{kept['uid']}", headers={"Origin": product.url})
    assert gone.status == 204


def test_people_teams_and_tokens_are_made_changed_and_removed(product: Product, admin: Page) -> None:
    page, login, team, token = admin, fresh("ada"), fresh("team"), fresh("token")
    section(page, product, "people")
    page.click("text=Add a person")
    page.fill("dialog label:has-text('Signs in as') input", login)
    page.fill("dialog label:has-text('Password') input", "short")
    page.click("dialog .btn.primary")
    expect(page.locator("dialog .fault")).to_contain_text("8 to 1000 characters")
    page.fill("dialog label:has-text('Password') input", PASSWORD)
    page.click("dialog .btn.primary")
    row = page.locator(f"li:has-text('{login}')")
    expect(row).to_contain_text("viewer")
    page.click(f"[aria-label='Role of {login}']")
    page.select_option("dialog select", "editor")
    page.click("dialog .btn.primary")
    expect(row).to_contain_text("editor")
    section(page, product, "teams")
    page.click("text=New team")
    page.fill("dialog label:has-text('Name') input", team)
    page.check(f"dialog label:has-text('{login}') input")
    page.click("dialog .btn.primary")
    expect(page.locator(f"li:has-text('{team}')")).to_contain_text(login)
    section(page, product, "people")
    page.click(f"[aria-label='Remove {login}']")
    page.click("dialog .btn.primary")
    expect(row).to_have_count(0)
    section(page, product, "teams")
    page.click(f"[aria-label='Delete {team}']")
    page.click("dialog .btn.primary")
    expect(page.locator(f"li:has-text('{team}')")).to_have_count(0)
    section(page, product, "tokens")
    page.click("text=New token")
    page.fill("dialog label:has-text('What it is for') input", token)
    page.click("dialog .btn.primary")
    shown = page.locator("[data-token]").inner_text()
    assert shown.startswith("hg_")
    page.keyboard.press("Escape")
    page.click(f"[aria-label='Revoke {token}']")
    page.click("dialog .btn.primary")
    expect(page.locator(f"li:has-text('{token}')")).to_have_count(0)
    section(page, product, "files")
    expect(page.locator("#content")).to_contain_text("No folder is provisioned")


def test_settings_hold_on_a_phone(product: Product, admin: Page) -> None:
    admin.set_viewport_size({"width": 390, "height": 844})
    for name in ("sources", "people", "teams", "tokens", "files"):
        section(admin, product, name)
        assert admin.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    admin.goto(f"{product.url}/account")
    admin.wait_for_selector("#home:not([aria-busy])")
    assert admin.evaluate("document.documentElement.scrollWidth <= innerWidth")
