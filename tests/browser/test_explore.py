"""Explore as a person uses it: a source, a query, its lines and rows, and what is said of a wrong one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fixtures.naming import fresh
from fixtures.people import signed_in
from fixtures.product import Product, child_role
from fixtures.waiting import WAIT_MS, wait
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
LOAD = '{"metric": "node_load1"}'
HTML = "<img src=x onerror=document.title='broken'>"
# How many pixels of the charts are neither transparent nor grey: lines have colours.
COLOURED = """() => {
  const canvases = [];
  const walk = (root) => root.querySelectorAll("*").forEach((one) => {
    if (one.tagName === "CANVAS") canvases.push(one);
    if (one.shadowRoot) walk(one.shadowRoot);
  });
  walk(document.getElementById("session"));
  return canvases.filter((one) => one.width && one.height).reduce((sum, canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let found = 0;
    for (let i = 0; i < data.length; i += 4) {
      const [r, g, b, a] = data.slice(i, i + 4);
      if (a > 200 && Math.max(r, g, b) - Math.min(r, g, b) > 100) found += 1;
    }
    return sum + found;
  }, 0);
}"""

# How light the ground of the chart is, of 255.
GROUND = """() => {
  const below = (one) => [one, ...(one.shadowRoot ? walk(one.shadowRoot) : [])];
  const walk = (root) => [...root.querySelectorAll("*")].flatMap(below);
  const all = walk(document.getElementById("session"));
  const canvases = all.filter((one) => one.tagName === "CANVAS" && one.width > 100);
  const lights = canvases.map((canvas) => canvas.getContext("2d").getImageData(canvas.width / 2, 4, 1, 1).data);
  return Math.max(...lights.filter((pixel) => pixel[3] > 200).map((pixel) => pixel[0]));
}"""


@pytest.fixture
def strangers(page: Page, product: Product) -> Iterator[list[str]]:
    """Errors in the console and requests that leave the server; there are none at the end."""
    found: list[str] = []
    page.on("request", lambda one: found.append(one.url) if product_is_not_asked(one.url, product) else None)
    page.on("response", lambda one: found.append(f"{one.status} {one.url}") if one.status >= 400 else None)
    page.on("console", lambda one: found.append(one.text) if one.type == "error" else None)
    yield found
    assert found == []


def product_is_not_asked(url: str, product: Product) -> bool:
    return not url.startswith((product.url, product.url.replace("http", "ws", 1), "data:", "blob:"))


@pytest.fixture
def explore(page: Page, product: Product, strangers: list[str]) -> Page:
    """A page of an editor who logged in and came by the link of the header."""
    signed_in(product, page, "editor")
    page.click(".nav >> text=Explore")
    expect(page.locator("#session .run button")).to_be_enabled(timeout=WAIT_MS)
    return page


def choose(page: Page, name: str, label: str) -> None:
    page.locator("#session .controls label", has_text=name).locator("xpath=..").locator("select").select_option(
        label=label
    )


def ask(page: Page, query: str) -> None:
    page.fill("#session .query textarea", query)
    page.keyboard.press("Control+Enter")


def rows_of(page: Page, query: str) -> int:
    """How many rows the table of an answer shows; none where nothing is collected yet."""
    ask(page, query)
    expect(page.locator("#session .said .told")).to_contain_text(" ms", timeout=WAIT_MS)
    page.wait_for_timeout(300)  # what the answer brings is drawn
    return page.locator("#session .tabulator-row").count()


@pytest.mark.parametrize("width", [1440, 390])
def test_a_query_of_the_store_draws_a_line_and_fills_a_table(explore: Page, width: int) -> None:
    explore.set_viewport_size({"width": width, "height": 844})
    choose(explore, "Data source", "Built-in store")
    choose(explore, "Range", "Last 15 minutes")
    wait(lambda: rows_of(explore, LOAD) >= 2, "two points of a line")
    expect(explore.locator("#session .said")).to_contain_text("1 series")
    expect(explore.locator("#session .legend li")).to_contain_text("node_load1")
    explore.wait_for_function(f"() => ({COLOURED})() > 20", timeout=WAIT_MS)
    assert explore.locator("#session .tabulator-cell", has_text="NaN").count() == 0
    assert explore.evaluate("document.documentElement.scrollWidth") <= width
    ask(explore, "SELECT nothing FROM nowhere")
    problem = explore.locator("#session [role=alert]")
    expect(problem).to_contain_text("The data source refused the query", timeout=WAIT_MS)
    expect(problem).to_contain_text("nowhere")
    expect(explore.locator("#session .run button")).to_be_enabled()
    assert explore.evaluate("document.documentElement.scrollWidth") <= width


def test_texts_of_people_stay_texts(explore: Page) -> None:
    ask(explore, f"SELECT '{HTML}' AS \"a {HTML}\", 1 AS n FROM numbers(3)".replace("document.title='broken'", "a()"))
    cell = explore.locator("#session .tabulator-cell", has_text="<img")
    expect(cell.first).to_be_visible(timeout=WAIT_MS)
    expect(explore.locator("#session .tabulator-col", has_text="<img").first).to_be_visible()
    ask(explore, f"{HTML} FROM")
    expect(explore.locator("#session [role=alert]")).to_be_visible(timeout=WAIT_MS)
    assert explore.locator("#session img").count() == 0
    assert explore.title() == "Explore · Heliograph"


def test_only_so_many_series_are_drawn_and_the_rest_is_told(explore: Page) -> None:
    rows = "toDateTime64(intDiv($__to, 1000) - 60 * intDiv(number, 60), 3) AS t, toString(number % 60) AS name"
    ask(explore, f"SELECT {rows}, number AS v FROM numbers(600) ORDER BY t")
    expect(explore.locator("#session .head", has_text="the first 50 of 60")).to_be_visible(timeout=WAIT_MS)
    assert explore.locator("#session .legend li").count() == 50


def test_a_theme_that_is_switched_reaches_widgets_and_charts(explore: Page) -> None:
    wait(lambda: rows_of(explore, LOAD) >= 1, "data of a server that has just started")
    card = explore.locator("#session .card").first
    colour = "one => getComputedStyle(one).backgroundColor"
    before = card.evaluate(colour)
    lit = explore.evaluate(GROUND)
    assert lit > 240
    explore.click("[data-theme-switch]")
    assert card.evaluate(colour) != before
    explore.wait_for_function(f"() => ({GROUND})() < 60", timeout=WAIT_MS)


def test_a_session_whose_process_died_begins_again_with_its_query(product: Product, page: Page) -> None:
    query = '{"metric": "none_of_this_name"}'
    signed_in(product, page, "editor", "/explore")
    expect(page.locator("#session .run button")).to_be_enabled(timeout=WAIT_MS)
    page.fill("#session .query textarea", query)
    work = child_role(product, "work")
    assert work is not None
    work.kill()
    expect(page.locator(".ended")).to_be_visible(timeout=WAIT_MS)
    page.click(".ended button")
    expect(page.locator("#session .query textarea")).to_have_value(query, timeout=WAIT_MS)
    ask_again = page.locator("#session .run button")
    expect(ask_again).to_be_enabled()
    ask_again.click()
    expect(page.locator("#session .said .told")).to_contain_text("No data in this range", timeout=WAIT_MS)


def test_a_session_that_was_ended_says_so_and_begins_again(
    explore: Page, product: Product, strangers: list[str]
) -> None:
    other = explore.context.new_page()
    other.goto(product.url)
    other.click("[data-account]")
    other.click("text=Sign out everywhere")
    expect(explore.locator(".ended")).to_be_visible(timeout=WAIT_MS)
    explore.click(".ended button")
    explore.wait_for_url("**/explore")
    expect(explore.locator("h1", has_text="Not allowed")).to_be_visible()
    assert all("403" in one for one in strangers), "anonymous people only look at this server"
    strangers.clear()


def test_a_query_is_in_the_address_and_in_the_history(explore: Page, product: Product) -> None:
    explore.goto(f"{product.url}/explore?source=nowhere&range=Last+6+hours&query=select+42+as+answer")
    expect(explore.locator("#session .said .told")).to_contain_text("1 row", timeout=WAIT_MS)
    expect(explore.locator("#session .range option:checked")).to_have_text("Last 6 hours")
    ask(explore, "select 43 as other")
    expect(explore.locator("#session .said .told")).to_contain_text("1 row", timeout=WAIT_MS)
    assert "query=select+43+as+other" in explore.url
    explore.reload()
    expect(explore.locator("#session .said .told")).to_contain_text("1 row", timeout=WAIT_MS)
    explore.click("[data-history]")
    explore.click("[data-history-box] >> text=select 43")
    expect(explore.locator("#session .said .told")).to_contain_text("1 row", timeout=WAIT_MS)


def test_an_empty_query_says_what_to_write_and_a_long_one_is_stopped(explore: Page) -> None:
    ask(explore, " ")
    expect(explore.locator("#session .said .problem")).to_contain_text("such as", timeout=WAIT_MS)
    ask(explore, "select sum(sipHash64(number)) as n from numbers(100000000000)")
    explore.click("#session .run button:has-text('Stop')")
    expect(explore.locator("#session .said .told")).to_contain_text("Stopped", timeout=WAIT_MS)


def test_the_name_of_a_metric_alone_is_asked_for_and_the_fault_of_a_text_goes_with_it(explore: Page) -> None:
    choose(explore, "Data source", "Built-in store")
    ask(explore, "select nope")
    problem = explore.locator("#session .said .problem")
    expect(problem).to_contain_text("refused", timeout=WAIT_MS)
    explore.locator("#session .how").get_by_role("button", name="Form").click()
    expect(problem).to_have_count(0, timeout=WAIT_MS)
    explore.locator("#session .how").get_by_role("button", name="Text").click()
    ask(explore, "node_load1")  # as one would at a Prometheus
    expect(explore.locator("#session .said .told")).to_contain_text(" ms", timeout=WAIT_MS)
    expect(explore.locator("#session .query textarea")).to_have_value(LOAD)


def test_a_filter_is_named_then_given_its_value_and_is_none_before(explore: Page) -> None:
    choose(explore, "Data source", "Built-in store")
    ask(explore, LOAD)
    explore.locator("#session .how").get_by_role("button", name="Form").click()
    explore.get_by_label("New name in Filters").fill("instance")
    explore.keyboard.press("Enter")
    text = explore.locator("#session .query textarea")
    assert "filters" not in text.input_value(), "an empty value would leave nothing"
    explore.keyboard.type("nowhere")  # where the focus is
    explore.keyboard.press("Tab")
    wait(lambda: '"instance": "nowhere"' in text.input_value(), "the filter")
    explore.get_by_label("New name in Filters").fill("job")
    explore.keyboard.press("Enter")
    explore.get_by_role("button", name="Remove job").click()
    expect(explore.get_by_role("button", name="Remove job")).to_have_count(0)
    explore.get_by_role("button", name="Remove instance").click()
    wait(lambda: "nowhere" not in text.input_value(), "the filter to go")


def test_a_panel_leads_to_explore_with_what_it_asks(explore: Page, product: Product) -> None:
    panel = {"panel_id": 1, "title": "T", "type": "stat", "query": "select 7 as seven"}
    name = fresh("leads")
    product.save({"dashboard_id": name, "title": "Leads", "panels": [panel]})
    explore.goto(f"{product.url}/d/{name}")
    explore.wait_for_selector("section[data-panel-state=ready]", timeout=WAIT_MS)
    explore.hover("section.panel")
    explore.keyboard.press("x")
    explore.wait_for_url("**/explore?*")
    expect(explore.locator("#session .said .told")).to_contain_text("1 row", timeout=WAIT_MS)


def test_a_query_becomes_a_panel_of_ones_draft_of_a_dashboard(explore: Page, product: Product) -> None:
    board = fresh("explored")
    panel = {"panel_id": 4, "title": "There", "type": "text", "options": {"content": "there"}}
    product.save({"dashboard_id": board, "title": board, "panels": [panel]})
    choose(explore, "Data source", "Built-in store")
    explore.click("[data-add]")  # nothing is asked yet
    expect(explore.locator("dialog")).to_have_count(0)
    wait(lambda: rows_of(explore, LOAD) >= 2, "two points of a line")
    explore.click("[data-add]")
    explore.locator("dialog select").select_option(label=board)
    explore.get_by_label("Title of the panel").fill("Load, explored")
    explore.get_by_role("button", name="Add", exact=True).click()
    explore.wait_for_url(f"**/d/{board}/edit?editPanel=5", timeout=WAIT_MS)
    made = explore.locator("section[data-panel-id='5']")
    expect(made.locator("h2")).to_have_text("Load, explored")
    expect(made).to_have_attribute("data-panel-state", "ready", timeout=WAIT_MS)
    document = explore.evaluate("editor.draft.document.panels[1]")
    assert document["targets"] == [{"ref": "A", "datasource": "store", "query": {"metric": "node_load1"}}]
    assert document["type"] == "timeseries"
    with product.client("editor") as editor:  # nobody else sees it
        assert len(editor.get(f"/api/v1/dashboards/{board}").json()["panels"]) == 1


SPAN = "select concat('over ', toString(intDiv($__to - $__from + 600000, 3600000)), ' h') as span"


def test_two_queries_stand_beside_each_other_over_one_range(explore: Page, product: Product) -> None:
    """Each has its source, answer, Stop and history; the address has both; either can be closed."""
    explore.goto(f"{product.url}/explore?range=Last+6+hours&query=select+41+as+one")
    expect(explore.locator("#session .said .told")).to_contain_text("1 row", timeout=WAIT_MS)
    explore.click("#session .split button")
    first, second = explore.locator("#session .pane").nth(0), explore.locator("#session .pane").nth(1)
    expect(second.locator("textarea")).to_have_value("select 41 as one", timeout=WAIT_MS)
    expect(explore.locator("#session .split")).to_be_hidden()
    second.locator("textarea").fill("select sum(sipHash64(number)) as n from numbers(100000000000)")
    explore.keyboard.press("Control+Enter")
    stop = second.locator(".run button", has_text="Stop")
    expect(stop).to_be_visible(timeout=WAIT_MS)
    expect(first.locator(".run button")).to_have_text("Run")
    stop.click()
    expect(second.locator(".said")).to_contain_text("Stopped", timeout=WAIT_MS)
    second.locator("textarea").fill(SPAN)
    explore.keyboard.press("Control+Enter")
    expect(second.locator(".tabulator-cell", has_text="over 6 h")).to_be_visible(timeout=WAIT_MS)
    expect(first.locator(".tabulator-cell", has_text="41")).to_be_visible()
    choose(explore, "Range", "Last hour")  # is that of both
    expect(second.locator(".tabulator-cell", has_text="over 1 h")).to_be_visible(timeout=WAIT_MS)
    explore.wait_for_function("() => location.search.includes('range=Last+hour')")
    explore.reload()
    expect(second.locator(".tabulator-cell", has_text="over 1 h")).to_be_visible(timeout=WAIT_MS)
    expect(first.locator(".tabulator-cell", has_text="41")).to_be_visible(timeout=WAIT_MS)
    first.locator("textarea").click()
    explore.click("[data-history]")
    explore.click("[data-history-box] >> text=span")  # comes into the pane that one was in
    expect(first.locator(".tabulator-cell", has_text="over 1 h")).to_be_visible(timeout=WAIT_MS)
    expect(second.locator("textarea")).to_have_value(SPAN)
    first.locator("textarea").fill("select 43 as other")
    explore.keyboard.press("Control+Enter")
    expect(first.locator(".tabulator-cell", has_text="43")).to_be_visible(timeout=WAIT_MS)
    explore.click("[data-add]")
    added = explore.locator("dialog select").first
    expect(added.locator("option")).to_have_text(["select 43 as other", SPAN])
    expect(added.locator("option:checked")).to_have_text("select 43 as other")
    explore.keyboard.press("Escape")
    first.locator(".close button").click()
    expect(explore.locator("#session .pane")).to_have_count(1)
    expect(explore.locator("#session .pane textarea")).to_have_value(SPAN)
    explore.wait_for_function("() => !location.search.includes('query2')")
    explore.set_viewport_size({"width": 390, "height": 844})
    explore.click("#session .split button")
    expect(explore.locator("#session .pane")).to_have_count(2)
    assert explore.evaluate("document.documentElement.scrollWidth") <= 390


def test_metrics_labels_and_values_complete_a_query(explore: Page) -> None:
    choose(explore, "Data source", "Built-in store")
    wait(lambda: rows_of(explore, '{"metric": "node_cpu_seconds_total"}') >= 1, "a metric with labels")
    area, listed = explore.locator("#session .query textarea"), explore.locator(".pop-complete")
    area.fill("")
    area.press_sequentially('{"metric": "node_cpu_sec')
    option = listed.get_by_role("option", name="node_cpu_seconds_total")
    expect(option).to_have_attribute("aria-selected", "true", timeout=WAIT_MS)
    explore.keyboard.press("Enter")
    expect(area).to_have_value('{"metric": "node_cpu_seconds_total"')
    expect(listed).to_be_hidden()
    explore.keyboard.type(', "labels": {"mo')
    listed.get_by_role("option", name="mode").click(timeout=WAIT_MS)
    explore.keyboard.type(': "id')
    expect(listed.get_by_role("option", name="idle")).to_be_visible(timeout=WAIT_MS)
    explore.keyboard.press("Escape")
    expect(listed).to_be_hidden()
    explore.keyboard.press("Control+Space")
    expect(listed.get_by_role("option", name="idle")).to_be_visible(timeout=WAIT_MS)
    explore.keyboard.press("Tab")
    expect(area).to_have_value('{"metric": "node_cpu_seconds_total", "labels": {"mode": "idle"')
    explore.keyboard.type('}, "rate": true}')
    explore.keyboard.press("Control+Enter")
    expect(explore.locator("#session .said .told")).to_contain_text(" ms", timeout=WAIT_MS)
    expect(area).to_have_value('{"metric": "node_cpu_seconds_total", "labels": {"mode": "idle"}, "rate": true}')
