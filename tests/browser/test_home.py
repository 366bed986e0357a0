"""The list of dashboards: who watches each now, who changed it, and what this browser starred."""

from __future__ import annotations

import re

import pytest
from fixtures.naming import fresh
from fixtures.product import Product
from fixtures.waiting import WAIT_MS
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = pytest.mark.browser


# Whether all tags of a place are within it, and what follows stands beside it.
APART = """(place) => {
  const { right } = place.getBoundingClientRect();
  const tags = [...place.querySelectorAll(".tag")];
  const within = tags.every((tag) => tag.getBoundingClientRect().right <= right + 1);
  return tags.length > 0 && within && right <= place.nextElementSibling.getBoundingClientRect().left;
}"""
LONG = "a-tag-that-is-much-longer-than-the-place-that-tags-have"


def save(product: Product, name: str, title: str, *tags: str) -> None:
    at = "fromUnixTimestamp64Milli(toInt64($__from + number * 60000))"
    panels = [
        {"panel_id": 1, "title": "T", "type": "text", "options": {"content": "x"}},
        {"panel_id": 2, "type": "timeseries", "query": f"SELECT {at} AS time, number AS v FROM numbers(20)"},
    ]
    product.save({"dashboard_id": name, "title": title, "refresh": "1s", "tags": [name, *tags], "panels": panels})


def test_home_counts_who_watches_each_dashboard_now(product: Product, context: BrowserContext) -> None:
    name = fresh("watched")
    save(product, name, "Watched")
    home = context.new_page()
    home.goto(f"{product.url}/?tag={name}")
    row = home.locator(f'#dashboards li[data-id="{name}"]')
    expect(row.locator(".watching")).to_have_text("nobody", timeout=WAIT_MS)
    row.locator(".star").click()
    tile = home.locator("#starred .tile")
    expect(tile).to_contain_text("nobody watching")
    expect(tile.locator(".spark .ln")).to_have_attribute("d", re.compile(r"^M[\d. ]+(L[\d. ]+){10,}$"), timeout=WAIT_MS)
    assert home.inner_text("#number") == "1"
    assert row.locator("time").inner_text() == "just now · API"
    viewers = [context.new_page() for _ in range(2)]
    for one in viewers:
        one.goto(f"{product.url}/d/{name}")
        one.wait_for_selector("section[data-panel-state=ready]", timeout=WAIT_MS)
    home.bring_to_front()
    expect(row.locator(".watching")).to_have_text("2 watching", timeout=WAIT_MS)
    expect(tile).to_contain_text("2 watching")
    for one in viewers:
        one.close()
    expect(row.locator(".watching")).to_have_text("nobody", timeout=WAIT_MS)


def test_a_search_leads_to_the_panel_that_it_found(product: Product, page: Page) -> None:
    word = fresh("hidden").replace("-", "")
    panels = [
        {"panel_id": 1, "title": "First", "type": "text", "options": {"content": "x"}},
        {"panel_id": 7, "title": "Load of pumps", "type": "text", "options": {"content": f"what {word} means"}},
    ]
    product.save({"dashboard_id": (name := fresh("hit")), "title": "Water", "panels": panels})
    page.goto(product.url)
    page.fill("#search", f"water {word}")
    expect(page.locator("#dashboards .hit")).to_have_text("in Load of pumps", timeout=WAIT_MS)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Go to anything").fill(word)
    expect(page.locator(".palette [role=option]")).to_have_text(["Waterin Load of pumpsDashboard"], timeout=WAIT_MS)
    page.keyboard.press("Escape")
    page.click("#dashboards .hit")
    page.wait_for_url(f"**/d/{name}/water?viewPanel=7")
    expect(page.locator("section[data-panel-id='7']")).to_contain_text(f"what {word} means", timeout=WAIT_MS)


def test_a_search_counts_what_it_found_and_starred_ones_stay_where_they_are(product: Product, page: Page) -> None:
    names = [fresh("sought") for _ in range(3)]
    for number, name in enumerate(names):
        save(product, name, f"Sought {number} {names[0]}", *([LONG] if number == 1 else []))
    page.goto(f"{product.url}/#recent")
    expect(page.locator("#none h2")).to_have_text("Nothing was opened here yet")
    page.click('a[href="#starred"]')
    expect(page.locator("#none h2")).to_have_text("No dashboard is starred yet")
    page.goto(product.url)
    page.fill("#search", names[0])
    expect(page.locator("#number")).to_have_text("3", timeout=WAIT_MS)
    expect(page.locator("#dashboards .watching").first).to_have_text("nobody", timeout=WAIT_MS)
    for place in (".side", "#dashboards li .tags:has-text('a-tag')"):
        assert page.locator(place).evaluate(APART), place
    page.locator("#dashboards .star").nth(1).click()
    page.click('a[href="#starred"]')
    expect(page.locator("#number")).to_have_text("1")
    expect(page.locator("#dashboards .name")).to_have_text(f"Sought 1 {names[0]}")
    page.set_viewport_size({"width": 390, "height": 844})
    many = "all => all.forEach((one) => Object.assign(one, { hidden: false, textContent: '128' }))"
    page.locator("[data-firing]").evaluate_all(many)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator(".top .acts").evaluate("one => one.getBoundingClientRect().right") <= 390
