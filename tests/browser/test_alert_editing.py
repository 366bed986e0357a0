"""Alerts as a new user makes them: from a panel to a rule that fires, who is told, and what keeps them from being told.

Pictures go to the folder that HELIOGRAPH_SCREENSHOTS names.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from fixtures.naming import fresh
from fixtures.product import Product, ProductMaker
from fixtures.receivers import HttpReceiver
from fixtures.waiting import WAIT_MS
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("HELIOGRAPH_SCREENSHOTS", "")
RUN_AXE = (
    """async () => (await axe.run(document)).violations.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`)"""
)
API = "/api/v1"


@pytest.fixture(scope="module")
def editing(make_product: ProductMaker) -> Product:
    """A server whose anonymous people are admins, so that a page may do all."""
    return make_product(
        HELIOGRAPH_ANONYMOUS_ROLE="admin", HELIOGRAPH_COLLECT_HOST="true", HELIOGRAPH_ALLOWED_NETWORKS="127.0.0.0/8"
    )


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A tab in which axe may run; an error in its scripts fails the test."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=True)
    tab = context.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    context.close()
    assert errors == []


@pytest.fixture(scope="module")
def axe() -> str:
    pytest.importorskip("axe_playwright_python", reason="pip install axe-playwright-python: it ships axe-core")
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def looked_at(page: Page, axe: str, name: str) -> None:
    """axe finds nothing in both themes, nothing is wider than a phone; and pictures, where they are wanted."""
    wide = page.viewport_size
    assert wide is not None
    for theme in ("dark", "light"):
        page.evaluate("(theme) => document.documentElement.dataset.theme = theme", theme)
        page.wait_for_timeout(200)  # what fades
        page.evaluate(axe)
        assert page.evaluate(RUN_AXE) == [], f"{name}, {theme}"
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900 if width > 400 else 844})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} at {width}"
            if PICTURES:
                page.wait_for_timeout(300)
                page.screenshot(path=Path(PICTURES) / f"{name}-{width}-{theme}.png", full_page=width < 400)
    page.set_viewport_size(wide)


def board(product: Product) -> str:
    name: str = fresh("load")
    target = {"ref": "A", "datasource": "store", "query": {"metric": "node_load1"}}
    options = {"thresholds": [{"value": 0.01, "level": "bad"}]}
    panel = {"panel_id": 1, "title": "Load", "type": "timeseries", "targets": [target], "options": options}
    product.save({"dashboard_id": name, "title": name, "panels": [panel]})
    return name


def test_the_preview_of_a_rule_that_is_evaluated_often_is_of_a_range_that_can_be_replayed(
    editing: Product, page: Page
) -> None:
    rule = {
        "title": fresh("Load is looked at often "),
        "targets": [{"ref": "A", "datasource": "store", "query": {"metric": "node_load1"}}],
        "condition": {"of": "A", "reducer": "last", "fires": {"above": 1000}},
        "interval": "5s",
    }
    with editing.client("editor") as editor:
        made = editor.post(f"{API}/rules", json=rule)
        assert made.status_code == 201, made.text
    page.goto(f"{editing.url}/alerts/{made.json()['rule_id']}/edit")
    expect(page.locator(".verdict")).to_contain_text("in the last 6 hours", timeout=WAIT_MS)
    expect(page.locator(".preview-of [aria-pressed=true]")).to_have_text("6 h")
    page.locator(".preview-of button", has_text="24 h").click()  # what a person chose stays, and is answered
    expect(page.locator(".would")).to_contain_text("a shorter range", timeout=WAIT_MS)
    expect(page.locator(".preview-of [aria-pressed=true]")).to_have_text("24 h")


def test_a_rule_is_made_of_a_panel_previewed_saved_fires_and_is_silenced(
    editing: Product, page: Page, axe: str
) -> None:
    page.goto(f"{editing.url}/d/{board(editing)}")
    panel = page.locator("section[data-panel-id='1']")
    expect(panel).to_have_attribute("data-panel-state", "ready", timeout=WAIT_MS)
    panel.hover()
    panel.locator(".kebab").click()
    page.locator("[role=menuitem]", has_text="New alert rule").click()
    expect(page.locator("[data-field=title] input")).to_have_value("Load", timeout=WAIT_MS)
    expect(page.locator("[data-field=fires] input").first).to_have_value("0.01")
    expect(page.locator("[data-field=panel_id] button.pick")).to_have_text("Load")
    page.fill("[data-field=title] input", title := fresh("Load is high "))
    page.fill("[data-field=interval] input", "1s")
    page.fill("[data-field=for] input", "1s")
    page.locator(".preview-of [aria-pressed]", has_text="1 h").click()
    page.fill(
        "[data-name=summary]",
        "{{ $labels.instance }} is at {{ $value | humanize }} of a million which is more than usual",
    )
    expect(page.locator(".verdict")).to_contain_text("This would have fired", timeout=WAIT_MS)
    expect(page.locator(".rule-chart .line").first).to_be_attached()
    expect(page.locator(".would-say")).to_contain_text(" is at ", timeout=WAIT_MS)
    looked_at(page, axe, "rule-edit")
    page.fill("[data-field=for] input", "-1m")
    expect(page.locator("[data-field=for] .err")).to_contain_text("duration", timeout=WAIT_MS)
    page.fill("[data-field=for] input", "1s")
    page.locator("[data-field=resolves] select").select_option("above")
    page.fill("[data-field=resolves] input >> nth=0", "0.001")
    expect(page.locator("[data-field=resolves] .err")).to_contain_text("wrong side", timeout=WAIT_MS)
    page.fill("[data-field=resolves] input >> nth=0", "0")
    page.locator("[data-field=resolves] select").select_option("below")
    page.click(".rule-form .btn.primary")
    expect(page.locator("h1")).to_contain_text(title, timeout=WAIT_MS)
    expect(page.locator("h1 .state")).to_have_text("Firing", timeout=WAIT_MS)
    told = page.locator("[data-told] details")
    expect(told.first).to_contain_text("log", timeout=WAIT_MS)
    page.click("[data-silence]")
    page.fill("input[name=comment]", "being mended")
    page.click(".form .btn.primary")
    expect(page.locator(".silenced")).to_contain_text("being mended", timeout=WAIT_MS)
    expect(page.locator(".rulerow[aria-current] .hush")).to_be_visible(timeout=WAIT_MS)
    looked_at(page, axe, "rule")
    for width in (390, 1440):  # texts of the tables go on below, and none lies behind the edge
        page.set_viewport_size({"width": width, "height": 900})
        for number in (3, 4):
            box = page.locator(f"[data-panel-id='{number}'] .scroller")
            expect(box).to_contain_text(" is at ", timeout=WAIT_MS)
            page.wait_for_function("(box) => box.scrollWidth <= box.clientWidth", arg=box.element_handle())
    page.locator(".rule-acts a", has_text="Edit").click()
    expect(page.locator("[data-field=title] input")).to_have_value(title, timeout=WAIT_MS)


def picked(page: Page, field: str, text: str) -> None:
    """Choose what a search for a text finds."""
    page.locator(f"[data-field={field}] button.pick").click()
    page.locator(f"[data-field={field}] [role=combobox]").fill(text)
    page.locator(f"[data-field={field}] [role=option]", has_text=text).click()
    expect(page.locator(f"[data-field={field}] button.pick")).to_have_text(text)


def test_a_rule_is_linked_with_a_panel_that_is_searched_for(editing: Product, page: Page, axe: str) -> None:
    first, second, rule_id = board(editing), board(editing), fresh("linked")
    rule: dict[str, Any] = {
        "rule_id": rule_id, "title": "Linked", "interval": "1m", "dashboard_id": "was-deleted", "panel_id": 7,
        "targets": [{"ref": "A", "datasource": "store", "query": {"metric": "node_load1"}}],
    }  # fmt: skip
    with editing.client("admin") as admin:
        assert admin.post(f"{API}/rules", json=rule).status_code == 201
        page.goto(f"{editing.url}/alerts/{rule_id}/edit")
        for field in ("dashboard_id", "panel_id"):
            expect(page.locator(f"[data-field={field}] button.pick")).to_contain_text("not there", timeout=WAIT_MS)
        picked(page, "dashboard_id", first)
        expect(page.locator("[data-field=panel_id] button.pick")).to_have_text("None")
        picked(page, "panel_id", "Load")
        page.locator("[data-field=dashboard_id] button.pick").click()
        page.locator("[data-field=dashboard_id] [role=combobox]").fill(second)
        expect(page.locator("[data-field=dashboard_id] [role=option]")).to_have_text([second])
        expect(page.locator(".would:not(.is-asking) > p").first).to_be_visible(timeout=WAIT_MS)
        looked_at(page, axe, "rule-links")
        page.keyboard.press("Escape")
        page.click(".rule-form .btn.primary")
        expect(page.locator("h1")).to_contain_text("Linked", timeout=WAIT_MS)
        kept = admin.get(f"{API}/rules/{rule_id}").json()
        assert (kept["dashboard_id"], kept["panel_id"]) == (first, 1)


def test_two_who_change_a_rule_see_both(editing: Product, page: Page) -> None:
    rule_id = fresh("rule")
    rule: dict[str, Any] = {
        "rule_id": rule_id, "title": "Both", "interval": "1m",
        "targets": [{"ref": "A", "datasource": "store", "query": {"metric": "node_load1"}}],
        "condition": {"fires": {"above": 100}},
    }  # fmt: skip
    with editing.client("admin") as admin:
        kept = admin.post(f"{API}/rules", json=rule).json()
        page.goto(f"{editing.url}/alerts/{rule_id}/edit")
        expect(page.locator("[data-field=title] input")).to_have_value("Both", timeout=WAIT_MS)
        assert admin.put(f"{API}/rules/{rule_id}", json={**kept, "for": "7m"}).status_code == 200
        page.fill("[data-field=title] input", "Mine")
        page.click(".rule-form .btn.primary")
        expect(page.locator(".both")).to_contain_text("7m", timeout=WAIT_MS)
        expect(page.locator(".both")).to_contain_text("Mine")
        page.locator(".faults .btn", has_text="Take theirs").click()
        expect(page.locator("[data-field=for] input")).to_have_value("7m")
        page.fill("[data-field=title] input", "Mine")
        page.click(".rule-form .btn.primary")
        expect(page.locator("h1")).to_contain_text("Mine", timeout=WAIT_MS)
        assert admin.get(f"{API}/rules/{rule_id}").json()["for"] == "7m"


def test_a_contact_point_is_made_tried_told_by_the_policy_and_not_deleted_while_it_is(
    editing: Product, page: Page, axe: str, receiver: HttpReceiver
) -> None:
    name, team = fresh("hook"), fresh("team")
    page.goto(f"{editing.url}/notifications/contact-points")
    page.locator(".btn.primary", has_text="New contact point").click()
    page.fill("input[name=name]", name)
    page.fill("input[name=url]", "nonsense")
    page.click("dialog .btn.primary")
    expect(page.locator("dialog .err:visible").first).to_be_visible(timeout=WAIT_MS)
    looked_at(page, axe, "contact")
    page.fill("input[name=url]", receiver.url)
    page.fill("input[name=secret-signing_key]", "a secret of some length")
    page.click("dialog .btn.primary")
    row = page.locator(".entries li", has_text=name)
    row.locator(".btn", has_text="Test").click()
    expect(row.locator(".answer")).to_contain_text("taken", timeout=WAIT_MS)
    expect(row.locator(".answer")).to_have_text(re.compile(r" · \d+ ms$"))
    kind = row.locator(".state")
    assert kind.evaluate("(one) => one.offsetWidth < 90 && one.parentElement.offsetWidth === 96"), (
        "no wider than its word"
    )
    receiver.script, receiver.text = [403], "not you"
    row.locator(".btn", has_text="Test").click()
    expect(row.locator(".answer")).to_contain_text("not you", timeout=WAIT_MS)
    looked_at(page, axe, "contact-points")
    row.locator(".btn", has_text="Edit").click()
    expect(page.locator("input[name=secret-signing_key]")).to_have_attribute("placeholder", "Set; type to replace")
    page.keyboard.press("Escape")
    with editing.client("admin") as admin:
        assert name in {one["contact_point_id"] for one in admin.get(f"{API}/contact-points").json()["items"]}
    policy_is_made(page, editing, name, team, axe)
    page.goto(f"{editing.url}/notifications/contact-points")
    row.locator("[aria-label^=Delete]").click()
    expect(page.locator("dialog")).to_contain_text("$.routes[0]", timeout=WAIT_MS)
    page.locator("dialog .btn", has_text="Delete").click()
    expect(page.locator("dialog .fault")).to_contain_text("policy", timeout=WAIT_MS)


def policy_is_made(page: Page, editing: Product, uid: str, team: str, axe: str) -> None:
    """A node for a team, which an alert of it would go to before it is saved, and after."""
    page.goto(f"{editing.url}/notifications/policy")
    page.locator(".where textarea").fill(f"alertname=Down\nteam={team}")
    expect(page.locator(".way strong")).to_have_text("Log", timeout=WAIT_MS)
    page.locator(".node-card [aria-label^='Add nested policy']").first.click()
    matchers = page.locator("dialog [data-field=matchers] input")
    matchers.fill(f"team={team}")
    matchers.press("Enter")
    page.locator("dialog [data-field=contact_point] select").select_option(uid)
    timing = page.locator("dialog [data-field=mute_timings] input")
    timing.fill("never")
    timing.press("Enter")
    page.click("dialog .btn.primary")
    expect(page.locator("dialog [data-field=mute_timings] .err")).to_contain_text("never")
    page.locator("dialog [data-field=mute_timings] [aria-label='Remove never']").click()
    page.click("dialog .btn.primary")
    expect(page.locator(".way strong")).to_have_text(uid, timeout=WAIT_MS)
    expect(page.locator(".node.is-lit[data-path='$.routes[0]']")).to_be_visible()
    page.locator(".node[data-path='$.routes[0]'] [aria-label^='Add nested policy']").click()
    nested = page.locator("dialog [data-field=matchers] input")
    nested.fill("region=eu")
    nested.press("Enter")
    page.click("dialog .btn.primary")
    expect(page.locator(".node[data-path='$.routes[0].routes[0]']")).to_contain_text(f"→ {uid}, as above")
    page.locator("section .btn.primary", has_text="Save").click()
    expect(page.locator(".dirty")).to_contain_text("Version", timeout=WAIT_MS)
    looked_at(page, axe, "policy")


def test_dead_letters_are_seen_and_sent_again(editing: Product, page: Page, axe: str, receiver: HttpReceiver) -> None:
    uid, label = fresh("dead"), fresh("label")
    receiver.script, receiver.text = [400], "no such channel"
    with editing.client("admin") as admin:
        hook = {"contact_point_id": uid, "name": f"Hook of {uid}", "type": "webhook", "url": receiver.url}
        assert admin.post(f"{API}/contact-points", json=hook).status_code == 201
        version = admin.get(f"{API}/notification-policy").json()["version"]
        node = {"matchers": [f"dead={label}"], "contact_point": uid, "group_wait": "0s"}
        tree = {"contact_point": "log", "routes": [node], "version": version}
        assert admin.put(f"{API}/notification-policy", json=tree).status_code == 200
        rule = {
            "rule_id": label, "title": "Dead", "interval": "1s", "labels": {"dead": label},
            "targets": [{"ref": "A", "datasource": "store", "query": {"metric": "node_load1"}, "range": "1m"}],
        }  # fmt: skip
        assert admin.post(f"{API}/rules", json=rule).status_code == 201
    page.goto(f"{editing.url}/notifications/told?state=dead")
    row = page.locator(".entries li", has_text=uid)
    expect(row).to_contain_text("Failed", timeout=WAIT_MS)
    expect(row.locator("summary strong")).to_have_text("Dead")
    expect(row.locator("summary")).to_contain_text("1 firing · to Hook of ")
    row.locator("summary").click()
    expect(row).to_contain_text("no such channel")
    expect(row.locator(f"a[href$='/alerts/{label}']")).to_have_text("Dead")
    looked_at(page, axe, "told")
    row.locator(".btn", has_text="Send again").click()
    expect(row).to_have_count(0, timeout=WAIT_MS)
    page.locator(".pill", has_text="Delivered").click()
    expect(page.locator(".entries li", has_text=uid)).to_be_visible(timeout=WAIT_MS)


def test_what_mutes_is_made_and_an_inhibition_says_what_it_would_hide(editing: Product, page: Page, axe: str) -> None:
    name = fresh("nights")
    page.goto(f"{editing.url}/notifications/muting")
    page.locator(".btn", has_text="New mute timing").click()
    page.fill("dialog [data-field=name] input", name)
    page.fill("dialog [data-field=location] input", "Nowhere/Land")
    page.wait_for_timeout(300)
    page.click("dialog .btn.primary")
    expect(page.locator("dialog [data-field=location] .err")).to_contain_text("zone", timeout=WAIT_MS)
    page.fill("dialog [data-field=location] input", "Europe/Berlin")
    page.wait_for_timeout(300)
    page.click("dialog .btn.primary")
    expect(page.locator(".entries li", has_text=name)).to_contain_text("22:00 to 24:00", timeout=WAIT_MS)
    page.locator(".btn", has_text="Add inhibition").click()
    for side, label in (("source", "severity=page"), ("target", "severity=warn")):
        box = page.locator(f"[data-item='0'] [data-field={side}] input")
        box.fill(label)
        box.press("Enter")
    expect(page.locator(".hides")).to_contain_text("firing", timeout=WAIT_MS)
    page.locator("[aria-label=Inhibitions] .btn.primary").click()
    page.wait_for_timeout(500)
    looked_at(page, axe, "muting")
    with editing.client("admin") as admin:
        assert admin.get(f"{API}/inhibitions").json()["items"][0]["source"] == ["severity=page"]
    page.goto(f"{editing.url}/notifications/silences")
    page.locator(".btn.primary", has_text="New silence").click()
    page.fill("textarea[name=matchers]", f"alertname={name}")
    page.click(".form .btn.primary")
    expect(page.locator(".entries li", has_text=name)).to_contain_text("Active", timeout=WAIT_MS)
    looked_at(page, axe, "silences")


def test_a_viewer_sees_silences_and_changes_nothing(product: Product, chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto(f"{product.url}/notifications")
    expect(page.locator(".page-tabs [aria-current]")).to_have_text("Silences")
    expect(page.locator(".page-tabs a")).to_have_count(2)
    expect(page.locator(".btn", has_text="New silence")).to_have_count(0)
    for path in ("/notifications/policy", "/notifications/contact-points", "/notifications/told", "/alerts/new"):
        answer = page.goto(f"{product.url}{path}")
        assert answer is not None
        assert answer.status == 403, path
    page.close()
