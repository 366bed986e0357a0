"""Forms that pages make of declarations: every field of every declaration, by mouse and keyboard, and what is wrong.

The page is the product's; the draft is a stand-in that saves a dashboard with each change, so that the server judges.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from fixtures.naming import fresh
from fixtures.people import signed_in
from fixtures.product import Product, ProductMaker
from fixtures.prometheus import Prometheus
from fixtures.search import SearchServer
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser
STAND_IN = Path(__file__).with_name("stand_in_draft.js").read_text("utf-8")


@pytest.fixture(scope="module")
def product(make_product: ProductMaker) -> Product:
    """One that may ask servers of this machine."""
    return make_product(HELIOGRAPH_ANONYMOUS_ROLE="viewer", HELIOGRAPH_ALLOWED_NETWORKS="127.0.0.0/8")


@pytest.fixture
def board(product: Product, page: Page) -> str:
    """A tab of an editor with an empty stand-in of a draft; the id of its dashboard."""
    signed_in(product, page, "editor")
    name = fresh("forms")
    base = str(page.locator("link[href$='css/site.css']").get_attribute("href")).removesuffix("/css/site.css")
    panel = {"panel_id": 1, "type": "timeseries", "title": "CPU", "query": "SELECT 1", "options": {"fill": 0.5}}
    document: dict[str, Any] = {"dashboard_id": name, "title": "Forms", "panels": [panel], "variables": []}
    page.evaluate(f"{STAND_IN}\nundefined;")
    page.evaluate("(given) => window.begin(given)", {"base": base, "document": document})
    return str(name)


def show(page: Page, schema: Any, path: list[Any] | None, **made: Any) -> None:
    page.evaluate("(given) => window.show(given)", {"schema": schema, "path": path, **made})


def until(page: Page, condition: str) -> None:
    page.wait_for_function(f"() => {condition}")


def field(page: Page, name: str) -> Any:
    return page.locator(f".option[data-field='{name}']").first


def test_every_field_of_every_declaration_is_labelled_explained_and_drawn(board: str, page: Page) -> None:
    declared = page.evaluate("window.declared.document")
    parts = [
        *((one["type"], one["schema"]) for one in declared["panels"]),
        *((one["id"], one["schema"]) for one in declared["transformations"]),
        *((one["type"], one["schema"]) for one in declared["expressions"]["types"]),
        *((one["kind"], one["query"]) for one in declared["sources"] if one["query"]),
        *((name, declared[name]) for name in ("dashboard", "panel", "target", "variable", "annotation")),
    ]
    seen = 0
    for name, schema in parts:
        show(page, schema, None)
        for one in page.evaluate("window.fields()"):
            seen += 1
            assert one["label"], (name, one)
            assert one["drawn"], (name, one)
            assert len(one["help"]) > 5, (name, one)
    assert seen > 450


def test_options_are_changed_counted_reset_searched_and_refused_where_they_are_wrong(board: str, page: Page) -> None:
    declared = page.evaluate("window.declared.document.panels.find((one) => one.type === 'timeseries')")
    show(page, declared["schema"], ["panels", 0, "options"])
    options = "window.draft.document.panels[0].options"
    lines = page.locator("[data-group='Lines']")
    expect(lines.locator(".n")).to_have_text("1 changed")
    lines.get_by_role("radio", name="Steps", exact=True).click()
    expect(lines.locator(".n")).to_have_text("2 changed")
    assert page.evaluate(f"{options}.style") == "steps"
    page.keyboard.press("ArrowRight")
    until(page, f"{options}.style === 'steps_before'")
    field(page, "style").get_by_label("Reset Style").click()
    expect(lines.locator(".n")).to_have_text("1 changed")
    assert page.evaluate(f"'style' in {options}") is False

    decimals = field(page, "decimals").locator("input")
    decimals.fill("12")
    fault = field(page, "decimals").locator(".err")
    expect(fault).to_contain_text("at most 10")
    expect(decimals).to_have_value("12")
    expect(decimals).to_have_attribute("aria-invalid", "true")
    decimals.fill("many")
    expect(fault).to_have_text("A whole number from 0 to 10, such as 0")
    decimals.fill("2")
    expect(fault).to_be_hidden()
    until(page, f"{options}.decimals === 2")
    decimals.press("ArrowUp")
    until(page, f"{options}.decimals === 3")

    page.evaluate("window.form.search('decim')")
    assert [one["name"] for one in page.evaluate("window.fields()") if field(page, one["name"]).is_visible()] == [
        "decimals"
    ]
    page.evaluate("window.form.search('')")

    field(page, "unit").locator("button.pick").click()
    page.get_by_role("combobox", name="Search").fill("kib")
    page.keyboard.press("Enter")
    until(page, f"{options}.unit !== undefined")
    assert "KiB" in field(page, "unit").locator("button.pick").inner_text()


def test_items_of_lists_are_added_whole_moved_and_removed(board: str, page: Page) -> None:
    declared = page.evaluate("window.declared.document.panels.find((one) => one.type === 'timeseries')")
    show(page, declared["schema"], ["panels", 0, "options"], only=["mappings", "links", "thresholds"])
    options = "window.draft.document.panels[0].options"
    mappings = field(page, "mappings")
    mappings.get_by_role("button", name="Add value mapping").or_(
        mappings.get_by_role("button", name="Add mapping")
    ).click()
    item = mappings.locator("[data-item='0']")
    item.locator("[data-field='value'] input").fill("1")
    item.locator("[data-field='text'] input").first.fill("<b>Up</b>")
    until(page, f"{options}.mappings?.[0]?.text === '<b>Up</b>'")
    assert page.evaluate("window.into.querySelectorAll('b b').length") == 0
    mappings.get_by_label("By").select_option("Range")
    until(page, f"'from' in ({options}.mappings[0] ?? {{}})")
    assert page.evaluate(f"'value' in {options}.mappings[0]") is False

    links = field(page, "links")
    for count, title in enumerate(("First", "Second"), 1):
        links.get_by_role("button", name="Add link").click()
        expect(links.locator(".item-of")).to_have_count(count)
        links.locator(".item-of").last.locator("[data-field='title'] input").fill(title)
        until(page, f"{options}.links?.at(-1)?.title === '{title}'")
    links.get_by_label("Move up link 2").click()
    until(page, f"{options}.links[0].title === 'Second'")
    expect(links.locator("[data-item='0'] [data-field='title'] input")).to_have_value("Second")
    links.get_by_label("Remove link 1").click()
    until(page, f"{options}.links.length === 1 && {options}.links[0].title === 'First'")


def test_a_variable_that_is_not_whole_yet_says_what_it_lacks_and_keeps_what_was_written(board: str, page: Page) -> None:
    show(
        page,
        {
            "title": "All",
            "properties": page.evaluate("window.declared.read(window.declared.document.dashboard).properties"),
        },
        [],
        only=["variables"],
    )
    variables = field(page, "variables")
    variables.get_by_role("button", name="Add variable").click()
    name = variables.locator("[data-field='name'] input")
    name.fill("not a name")
    expect(variables.locator("[data-field='name'] .err")).to_contain_text("letters, digits and _")
    expect(name).to_have_value("not a name")
    assert page.evaluate("window.draft.document.variables") == []
    name.fill("host")
    until(page, "window.draft.document.variables[0]?.name === 'host'")
    expect(variables.locator("[data-item='0'] .tools b")).to_have_text("host")
    variables.get_by_role("button", name="Add variable").click()
    variables.locator("[data-item='1'] [data-field='name'] input").fill("second")
    until(page, "window.draft.document.variables[1]?.name === 'second'")
    variables.get_by_label("Move up variable 2").click()  # it is as any other by now
    until(page, "window.draft.document.variables[0].name === 'second'")


def made_source(product: Product, kind: str, url: str, **options: Any) -> str:
    """A data source of this machine; its uid and name."""
    uid: str = fresh(kind)
    with product.client("admin") as admin:
        made = {"uid": uid, "name": uid, "type": kind, "url": url, "options": options}
        assert admin.post("/api/v1/datasources", json=made).status_code == 201
    return uid


def edited(page: Page, *targets: dict[str, Any]) -> None:
    """Lay the editor of the draft's panel out, with these targets."""
    page.evaluate("(targets) => window.edit(targets)", list(targets))
    page.wait_for_selector(".types button")


def test_a_query_of_prometheus_is_put_together_and_its_text_stays_what_it_shows(
    product: Product, prometheus: Prometheus, board: str, page: Page
) -> None:
    uid = made_source(product, "prometheus", prometheus.url)
    text = "sum by (code) (prometheus_http_requests_total)"
    edited(page, {"ref": "A", "datasource": uid, "query": text}, {"ref": "B", "datasource": uid, "query": "up / up"})
    first = page.locator("[data-ref='A']")
    target = "window.draft.document.panels[0].targets[0]"
    expect(first.locator(".preview")).to_have_text(text)
    expect(first.locator(".hint")).to_contain_text("is a counter")
    first.locator(".hint button").click()
    until(page, f"{target}.query === 'sum by (code) (rate(prometheus_http_requests_total[$__rate_interval]))'")
    expect(first.locator(".hint")).to_be_hidden()

    first.get_by_label("Add a filter").click()
    page.get_by_role("option", name="handler", exact=True).click()
    first.get_by_label("Value of handler").click()
    page.get_by_role("combobox", name="Search").fill("/api/v1/query")
    page.keyboard.press("Enter")
    until(page, f"{target}.query.includes('{{handler=')")
    first.locator(".metric-pick").click()
    page.get_by_role("combobox", name="Search").fill("http_requests_total")
    expect(page.locator(".pop:visible .doc")).to_contain_text("HTTP requests")
    page.get_by_role("combobox", name="Search").fill("http_request_duration_seconds")
    expect(page.locator(".pop:visible [role=option]").first).to_contain_text("_bucket")
    assert page.locator(".pop:visible [role=option] .cut").evaluate_all(CUT) == []
    page.keyboard.press("Escape")
    first.get_by_role("button", name="PromQL", exact=True).click()
    editor = first.get_by_label("Query A")
    editor.fill("sum(rate(up[5m])")
    expect(first.locator("> .err")).to_contain_text("parse error")
    editor.fill("up")
    expect(first.locator("> .err")).to_be_hidden()
    expect(page.locator(".said")).to_contain_text("points")

    other = page.locator("[data-ref='B']")
    other.get_by_role("button", name="Builder").click()
    expect(other.locator("> .err")).to_contain_text("two queries")
    other.get_by_label("Duplicate B").click()
    until(page, "window.draft.document.panels[0].targets.map((one) => one.ref).join('') === 'ABC'")


# What is written in several places and cannot be read whole in one.
CUT = "(all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"
ORDERS = """
CREATE TABLE orders (at timestamptz, shop text, paid float8);
INSERT INTO orders SELECT now() - n * interval '1 minute', CASE WHEN n % 2 = 0 THEN 'berlin' ELSE 'it''s' END, n
FROM generate_series(1, 60) n;
"""


def test_a_query_of_sql_is_put_together_and_its_text_stays_what_it_shows(
    product: Product, postgres_database: Callable[[], str], board: str, page: Page
) -> None:
    url = postgres_database()
    with ThreadPoolExecutor(1) as thread:  # this one runs the browser's loop
        thread.submit(asyncio.run, executed(url, ORDERS)).result()
    uid = made_source(product, "postgresql", url, allow_superuser=True)
    own = "SELECT shop FROM orders WHERE shop = 'a' OR paid > 1"
    edited(page, {"ref": "A", "datasource": uid, "query": ""}, {"ref": "B", "datasource": uid, "query": own})
    first = page.locator("[data-ref='A']")
    query = "window.draft.document.panels[0].targets[0].query"
    first.locator(".metric-pick").click()
    page.get_by_role("option", name="orders", exact=True).click()
    begun = "SELECT $__bucket(at) AS time, avg(paid) FROM orders WHERE $__timeFilter(at)"
    until(page, f"{query}.replaceAll('\\n', ' ').startsWith('{begun}')")
    expect(page.locator(".said")).to_contain_text("points")

    first.get_by_label("Add a column").click()
    page.get_by_role("option", name="shop").click()
    first.get_by_label("Add a filter").click()
    page.get_by_role("option", name="shop").click()
    first.get_by_label("Value of shop").click()
    page.get_by_role("option", name="it's", exact=True).click()
    until(page, f"{query}.includes(\"AND shop = 'it''s'\\nGROUP BY $__bucket(at), shop\\nORDER BY\")")
    first.get_by_label("What is shown of paid").select_option("max")
    first.get_by_label("Name of max(paid)").fill("most paid")
    page.keyboard.press("Enter")
    until(page, f"{query}.includes('max(paid) AS \"most paid\"')")
    expect(first.locator("> .err")).to_be_hidden()
    expect(page.locator(".said")).to_contain_text("points")

    first.get_by_role("button", name="SQL", exact=True).click()
    text = first.get_by_label("Query A")
    text.fill("SELECT count(*) FROM orders")
    until(page, f"{query} === 'SELECT count(*) FROM orders'")
    first.get_by_role("button", name="Builder").click()
    expect(first.locator(".preview")).to_have_text("SELECT count(*)\nFROM orders")
    other = page.locator("[data-ref='B']")
    other.get_by_role("button", name="Builder").click()
    expect(other.locator("> .err")).to_contain_text("The builder cannot show “OR paid > 1”")
    expect(other.get_by_label("Query B")).to_have_value(own)


def test_a_query_of_elasticsearch_is_put_together_and_its_json_stays_what_the_form_shows(
    product: Product, opensearch: SearchServer, board: str, page: Page
) -> None:
    index = fresh("orders")
    httpx.put(f"{opensearch.url}/{index}", json={"mappings": {"properties": ORDER}}, timeout=60).raise_for_status()
    now = int(time.time() * 1000)
    for number in range(6):
        order = {"@timestamp": now - number * 60_000, "shop": ["berlin", "lyon"][number % 2], "paid": number}
        httpx.post(f"{opensearch.url}/{index}/_doc?refresh=true", json=order, timeout=60).raise_for_status()
    uid = made_source(product, "elasticsearch", opensearch.url)
    theirs = {"metrics": [{"type": "count"}], "of_another_version": True}
    edited(page, {"ref": "A", "datasource": uid, "query": ""}, {"ref": "B", "datasource": uid, "query": theirs})
    first, query = page.locator("[data-ref='A']"), "window.draft.document.panels[0].targets[0].query"
    expect(first.get_by_role("button", name="Builder")).to_have_attribute("aria-pressed", "true")
    choose(page, first.locator("[data-field='index'] button.pick"), index)
    until(page, f"{query}.index === '{index}'")
    first.get_by_role("button", name="Add metric").click()
    first.locator("[data-field='metrics'] select").first.select_option("sum")
    choose(page, first.locator("[data-field='metrics'] [data-field='field'] button.pick"), "paid")
    until(page, f"{query}.metrics?.[0]?.field === 'paid' && {query}.metrics[0].type === 'sum'")
    buckets = first.locator("[data-field='by'] [data-item]")  # of time, as it holds where none are written
    expect(buckets).to_have_count(1)
    first.get_by_role("button", name="Add bucket").click()
    buckets.nth(1).locator("select").first.select_option("terms")
    choose(page, buckets.nth(1).locator("[data-field='field'] button.pick"), "shop")
    until(page, f"{query}.by?.[1]?.field === 'shop' && {query}.by[0].type === 'date_histogram'")
    expect(first.locator("> .err")).to_be_hidden()
    expect(page.locator(".said")).to_contain_text(re.compile(r"^[1-9]\d* points"))

    first.get_by_role("button", name="JSON", exact=True).click()
    text = first.get_by_label("Query A")
    assert json.loads(text.input_value()) == page.evaluate(query)
    text.fill(json.dumps({"index": index, "query": "shop:lyon", "metrics": [{"type": "count"}], "by": []}))
    until(page, f"{query}.query === 'shop:lyon'")
    expect(text).to_be_focused()
    first.get_by_role("button", name="Builder").click()
    expect(first.locator("[data-field='query'] :is(input, textarea)").first).to_have_value("shop:lyon")
    other = page.locator("[data-ref='B']")
    other.get_by_role("button", name="Builder").click()
    expect(other.locator("> .err")).to_contain_text("The builder cannot show “of_another_version”")


ORDER = {"@timestamp": {"type": "date"}, "shop": {"type": "keyword"}, "paid": {"type": "long"}}


def choose(page: Page, button: Locator, text: str) -> None:
    """Open a list, search and take."""
    button.click()
    page.get_by_role("combobox", name="Search").fill(text)
    page.get_by_role("option", name=text, exact=True).first.wait_for()
    page.keyboard.press("Enter")


def test_explore_and_alert_rules_have_the_builders_of_the_editor(
    product: Product, prometheus: Prometheus, page: Page
) -> None:
    uid = made_source(product, "prometheus", prometheus.url)
    signed_in(product, page, "editor")
    page.goto(f"{product.url}/explore?source={uid}")
    pane = page.locator("#session .pane")
    own = page.locator(".explore-query")
    text = pane.locator(".query textarea")
    choose(page, own.locator(".metric-pick"), "up")
    expect(own.locator(".preview")).to_have_text("up")
    own.get_by_label("Add a filter").click()
    page.get_by_role("option", name="job", exact=True).click()
    choose(page, own.get_by_label("Value of job"), "prometheus")
    expect(own.locator(".preview")).to_have_text('up{job="prometheus"}')
    expect(text).to_be_hidden()
    page.keyboard.press("Control+Enter")
    expect(pane.locator(".said")).to_contain_text("1 series")
    page.wait_for_function("() => new URLSearchParams(location.search).get('query') === 'up{job=\"prometheus\"}'")
    page.click("#session .split button")
    expect(own).to_have_count(2)
    expect(own.nth(1).locator(".preview")).to_have_text('up{job="prometheus"}')
    own.nth(1).get_by_role("button", name="PromQL").click()
    pane.nth(1).locator(".query textarea").fill("up / up")
    own.nth(1).get_by_role("button", name="Builder").click()
    expect(own.nth(1).locator(".err")).to_contain_text("two queries")
    expect(pane.nth(1).locator(".query textarea")).to_have_value("up / up")
    pane.nth(1).locator(".source select").select_option(label="Built-in store")
    own.nth(1).get_by_role("button", name="Form").click()
    expect(own.nth(1).locator("[data-field='metric'] button.pick")).to_be_visible()
    own.nth(1).get_by_role("button", name="Text").click()
    assert "metric" in json.loads(pane.nth(1).locator(".query textarea").input_value())
    pane.nth(1).locator(".close button").click()
    expect(own).to_have_count(1)
    for width in (1024, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{product.url}/alerts/new")
    target = page.locator("[data-field='targets'] [data-item='0']")
    expect(target.locator(".rule-query .seg2 [aria-pressed=true]")).to_be_visible()
    target.locator("[data-field='datasource'] select").select_option(label=uid)
    choose(page, target.locator(".metric-pick"), "up")
    expect(page.locator(".verdict")).to_contain_text("This would have fired")
    page.fill("[data-field=title] input", title := fresh("Up "))
    target.get_by_role("button", name="PromQL").click()
    target.get_by_label("Query A").fill("up == 1")
    page.click(".rule-form .btn.primary")
    expect(page.locator("h1")).to_contain_text(title)
    with product.client("admin") as admin:
        (rule,) = [one for one in admin.get("/api/v1/rules").json()["items"] if one["title"] == title]
        assert [(one["datasource"], one["query"]) for one in rule["targets"]] == [(uid, "up == 1")]


def test_queries_of_annotations_have_the_builders_too(product: Product, prometheus: Prometheus, page: Page) -> None:
    uid = made_source(product, "prometheus", prometheus.url)
    signed_in(product, page, "editor")
    marked = {"name": "Ups", "datasource": uid, "query": "up"}
    product.save({"dashboard_id": (board := fresh("marked")), "title": "Marked", "annotations": [marked], "panels": []})
    page.goto(f"{product.url}/d/{board}/edit")
    page.click("[data-settings]")
    page.click(".settings .tabs >> text=Annotations")
    written = page.locator(".settings [data-field='query'] .rule-query")
    expect(written.locator(".metric-pick")).to_have_text("up")
    written.get_by_role("button", name="PromQL").click()
    written.get_by_label("Query Ups").fill("changes(up[1m])")
    page.wait_for_function("() => editor.draft.confirmed.annotations[0].query === 'changes(up[1m])'")


async def executed(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(sql)
    await connection.close()


def test_the_type_of_a_panel_changes_and_its_overrides_and_transformations_are_made(board: str, page: Page) -> None:
    edited(page, {"ref": "A", "query": "SELECT number AS n FROM numbers(3)"})
    panel = "window.draft.document.panels[0]"
    page.click("[data-type='stat']")
    until(page, f"{panel}.type === 'stat' && !('fill' in {panel}.options)")
    expect(page.locator("[data-type='stat']")).to_have_attribute("aria-pressed", "true")
    page.click("[data-group='Overrides'] h3 button")
    overrides = field(page, "overrides")
    overrides.get_by_role("button", name="Add override").click()
    overrides.locator("[data-field='name'] input").fill("n")
    until(page, f"{panel}.options.overrides?.[0]?.match.name === 'n'")
    overrides.get_by_role("button", name="Set an option").click()
    page.get_by_role("combobox", name="Search").fill("unit")
    page.keyboard.press("Enter")
    until(page, f"'unit' in {panel}.options.overrides[0].set")
    overrides.get_by_role("button", name="Set an option").click()
    page.get_by_role("combobox", name="Search").fill("color")  # one that has no value until it is chosen
    page.keyboard.press("Enter")
    until(page, f"'color' in {panel}.options.overrides[0].set")
    expect(overrides.locator("[data-field='color'] [data-field='mode']")).to_be_visible()
    page.click("[data-group='Thresholds'] >> text=Add threshold")
    until(page, f"{panel}.options.thresholds?.[0]?.value === 80")

    page.click("[role=tab]:has-text('Transform')")
    page.get_by_role("button", name="Add transformation").click()
    assert page.locator(".pop:visible [role=option] .cut").evaluate_all(CUT) == []
    page.get_by_role("combobox", name="Search").fill("limit")
    page.keyboard.press("Enter")
    until(page, f"{panel}.transformations?.[0]?.id === 'limit'")
    page.locator("[data-field='limitField'] input").last.fill("2")
    until(page, f"String({panel}.transformations[0].options.limitField) === '2'")
    page.locator("summary:has-text('Rows before')").click()
    expect(page.get_by_role("region", name="Before: rows of A").locator("tbody tr")).to_have_count(3)
    expect(page.get_by_role("region", name="After: rows of A").locator("tbody tr")).to_have_count(2)
    page.get_by_label("Leave out Limit").click()
    until(page, f"{panel}.transformations[0].disabled === true")
    expect(page.get_by_role("region", name="After: rows of A").locator("tbody tr")).to_have_count(3)

    page.click("[role=tab]:has-text('Alert')")
    expect(page.get_by_text("No alert rule is linked")).to_be_visible()
    board = page.evaluate("window.draft.dashboardId")
    limit = {"of": "A", "reducer": "last", "fires": {"above": 5}}
    for title, panel_id in (("Many", 1), ("Elsewhere", 2)):
        about = {"title": title, "dashboard_id": board, "panel_id": panel_id, "condition": limit, "folder": ""}
        rule = {**about, "targets": [{"ref": "A", "datasource": "store", "query": {"metric": "up"}}]}
        assert page.evaluate("(rule) => window.sent('POST', 'rules', rule).then((said) => said.status)", rule) == 201
    page.click("[role=tab]:has-text('Query')")
    page.click("[role=tab]:has-text('Alert')")
    expect(page.locator(".row-of")).to_contain_text("Many")
    made = str(page.get_by_role("link", name="New alert rule").get_attribute("href"))
    assert made.endswith(f"/alerts/new?dashboard={board}&panel=1")


def test_settings_show_what_variables_offer_and_where_they_are_used(board: str, page: Page) -> None:
    page.evaluate(
        """async () => {
          const variable = { name: "host", type: "query", query: "SELECT 'a<b' UNION ALL SELECT 'c'" };
          await window.draft.apply([
            { op: "add", path: "/variables/0", value: variable },
            { op: "replace", path: "/panels/0/title", value: "On $host" },
          ]);
          window.settings = window.forms.mountSettings({ draft: window.draft, into: window.into });
        }"""
    )
    page.click("[role=tab]:has-text('Variables')")
    about = page.locator("[data-field='variables'] [data-item='0'] [data-about='host']")  # beside its form
    expect(about).to_contain_text("a<b")
    expect(about).to_contain_text("Used in panel On $host.")
    page.click("[role=tab]:has-text('General')")
    field(page, "refresh").locator("input, select").first.fill("soon")
    expect(field(page, "refresh").locator(".err")).to_contain_text("a duration")
