"""The pages of alerts in a browser: the list, one rule, what other pages say of it; desktop and phone."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from fixtures.naming import fresh
from fixtures.people import signed_in
from fixtures.product import Product
from fixtures.waiting import WAIT_MS
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser
ABOVE: dict[str, Any] = {
    "interval": "1s",
    "targets": [{"ref": "A", "datasource": "store", "query": {"metric": "node_load1"}, "range": "1m"}],
}


def make(product: Product, title: str, above: float, *, query: Any = None) -> str:
    rule_id: str = fresh("rule")
    condition = {"of": "A", "fires": {"above": above}}
    targets = [{**ABOVE["targets"][0], "query": query or ABOVE["targets"][0]["query"]}]
    body = {**ABOVE, "targets": targets, "rule_id": rule_id, "title": title, "condition": condition, "group": rule_id}
    with product.client("editor") as editor:
        answer = editor.post("/api/v1/rules", json=body)
    assert answer.status_code == 201, answer.text
    return rule_id


def test_a_rule_that_fires_is_seen_at_once_and_looked_into(product: Product, page: Page) -> None:
    loud, calm = make(product, "Loud rule", 0), make(product, "Calm rule", 1e9)
    page.goto(f"{product.url}/alerts")
    row = page.locator(f'.rulerow[data-rule="{loud}"]')
    expect(row.locator(".state")).to_have_text("Firing", timeout=WAIT_MS)
    expect(page.locator(".nav [data-firing]")).to_be_visible()
    page.fill("#find-rules", "calm rule")
    expect(page.locator(".rulerow")).to_have_count(1)
    page.fill("#find-rules", "")
    page.locator(".pills .pill", has_text="Firing").click()
    expect(page.locator(f'.rulerow[data-rule="{calm}"]')).to_have_count(0)
    page.locator(".pills .pill", has_text="All").click()
    row.click()
    expect(page.locator("h1 .state")).to_have_text("Firing", timeout=WAIT_MS)
    for panel in ("Value", "History", "Events", "Active instances"):
        section = page.locator("section.panel", has=page.locator("h2", has_text=panel))
        section.scroll_into_view_if_needed()
        expect(section).to_have_attribute("data-panel-state", "ready", timeout=WAIT_MS)
    expect(page.locator("section[data-panel-id='3'] tbody tr").first).to_contain_text("Firing")
    page.locator(f'.rulerow[data-rule="{loud}"]').focus()
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.classList.contains('rulerow')")


def test_a_rule_that_cannot_be_evaluated_says_so_in_the_list_and_on_its_page(product: Product, page: Page) -> None:
    uid, rule_id = fresh("away"), fresh("failing")
    with product.client("admin") as admin:
        away = {"uid": uid, "name": uid, "type": "prometheus", "url": "http://127.0.0.1:9"}
        assert admin.post("/api/v1/datasources", json=away).status_code == 201
        target = {"ref": "A", "datasource": uid, "query": "up"}
        rule = {"rule_id": rule_id, "title": "Asks nobody", "interval": "1s", "targets": [target], "error": "Normal"}
        assert admin.post("/api/v1/rules", json=rule).status_code == 201
    page.goto(f"{product.url}/alerts/{rule_id}")
    expect(page.locator("h1 .state")).to_have_text("Error", timeout=WAIT_MS)
    expect(page.locator("h1")).to_contain_text("cannot be evaluated")
    row = page.locator(f'.rulerow[data-rule="{rule_id}"]')
    expect(row.locator(".state")).to_have_text("Error")
    expect(row).not_to_contain_text("all well")
    expect(row.locator(".d")).to_have_text("Prometheus does not answer")


def test_an_editor_silences_a_rule_and_ends_it(product: Product, page: Page) -> None:
    rule_id = make(product, 'A "quoted" rule', 0)
    signed_in(product, page, "editor", f"/alerts/{rule_id}")
    expect(page.locator("h1 .state")).to_have_text("Firing", timeout=WAIT_MS)
    page.click("[data-silence]")
    page.fill("textarea[name=matchers]", "alertname")
    page.click(".form .btn.primary")
    expect(page.locator(".form .fault")).to_be_visible()
    page.fill("textarea[name=matchers]", 'alertname="A \\"quoted\\" rule"')
    page.fill("input[name=comment]", "being mended")
    page.click(".form .btn.primary")
    expect(page.locator(".silenced")).to_contain_text("being mended", timeout=WAIT_MS)
    page.click(".silenced .btn")
    expect(page.locator(".silenced")).to_have_count(0, timeout=WAIT_MS)


def test_one_alert_of_a_rule_is_silenced_from_a_time_in_the_zone_of_the_page(
    product: Product, chromium: Browser
) -> None:
    modes = {"metric": "node_cpu_seconds_total", "agg": "max", "by": ["mode"]}
    title = fresh("Modes")
    rule_id = make(product, title, -1, query=modes)
    page = chromium.new_context(timezone_id="America/New_York").new_page()
    signed_in(product, page, "editor", f"/alerts/{rule_id}?timezone=Asia/Tokyo")
    expect(page.locator("h1 .state")).to_have_text("Firing", timeout=WAIT_MS)
    page.click("[data-silence]")
    page.locator("select[name=alert]").select_option(label="mode=idle")
    expect(page.locator("textarea[name=matchers]")).to_have_value(f'alertname="{title}"\nmode="idle"')
    expect(page.locator("label", has=page.locator("input[name=starts]"))).to_contain_text("Asia/Tokyo")
    page.fill("input[name=starts]", "2099-01-01T09:00")
    page.click(".form .btn.primary")
    expect(page.locator("dialog")).to_have_count(0, timeout=WAIT_MS)
    with product.client("editor") as editor:
        matchers = [f'alertname="{title}"', 'mode="idle"']
        silences = editor.get("/api/v1/silences").json()["items"]
        (silence,) = [one for one in silences if one["matchers"] == matchers]
        editor.delete(f"/api/v1/silences/{silence['id']}").raise_for_status()
    assert silence["starts_at"] == datetime(2099, 1, 1, tzinfo=UTC).timestamp() * 1000
    assert silence["ends_at"] - silence["starts_at"] == 3_600_000
    page.context.close()


def test_a_phone_shows_the_list_and_then_one_rule(product: Product, page: Page) -> None:
    rule_id = make(product, "Small screen", 0)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{product.url}/alerts")
    row = page.locator(f'.rulerow[data-rule="{rule_id}"]')
    row.scroll_into_view_if_needed(timeout=WAIT_MS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    row.click()
    expect(page.locator("h1")).to_contain_text("Small screen", timeout=WAIT_MS)
    expect(page.locator(".rules")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".back-to-rules").click()
    expect(page.locator(".rules")).to_be_visible(timeout=WAIT_MS)


def test_a_dashboard_says_how_many_rules_fire(product: Product, page: Page) -> None:
    make(product, "Told elsewhere", 0)
    name = fresh("head")
    panels = [{"panel_id": 1, "title": "T", "type": "text", "options": {"content": "x"}}]
    product.save({"dashboard_id": name, "title": "Head", "panels": panels})
    page.goto(f"{product.url}/d/{name}")
    expect(page.locator(".alerts-link [data-firing]")).to_be_visible(timeout=WAIT_MS)
    assert int(page.inner_text(".alerts-link [data-firing]")) >= 1
    expect(page.locator(".alerts-link")).to_have_attribute("aria-label", re.compile(r"Alerts, \d+ firing"))
