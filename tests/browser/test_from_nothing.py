"""From an empty server to a dashboard, with mouse and keyboard alone; two collide, a role dies, and nothing is lost.

The pictures of the steps go to the folder that HELIOGRAPH_SCREENSHOTS names, if any.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from fixtures.product import PASSWORD, Product, ProductMaker, child_role
from fixtures.prometheus import Prometheus
from fixtures.waiting import WAIT_MS, wait
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.browser
RUN_AXE = """async () => (await axe.run(document))
  .violations.filter((one) => ['serious', 'critical'].includes(one.impact))
  .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`)"""
WIDTHS, HEIGHT = (1440, 1024), 900
KEPT = "() => editor.draft.state === 'kept' && !editor.draft.sent && !editor.draft.waiting.length"


class Walk:
    """One person at one browser; each step is looked at by axe, and as a picture."""

    def __init__(self, product: Product, page: Page) -> None:
        self.product = product
        self.page = page
        self.step = 0

    @property
    def width(self) -> int:
        """Of the window, px."""
        size = self.page.viewport_size
        assert size is not None
        return size["width"]

    def look(self, name: str) -> None:
        """Nothing serious is wrong with what is on the screen, and nothing stands beyond its edge."""
        page, width = self.page, self.width
        self.step += 1
        if folder := os.environ.get("HELIOGRAPH_SCREENSHOTS"):
            page.wait_for_timeout(300)  # what fades in
            page.screenshot(path=Path(folder) / f"walk-{width}-{self.step:02}-{name}.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        page.evaluate(resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
        assert page.evaluate(RUN_AXE) == [], name

    def look_at_all_widths(self, name: str) -> None:
        """The same, on all screens that the walk is for."""
        before = self.width
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            self.look(name)
        self.page.set_viewport_size({"width": before, "height": HEIGHT})

    def sign_in(self, login: str) -> None:
        """A password is typed, Enter sends it."""
        self.page.goto(self.product.url)
        self.page.click("[data-sign-in], [name=login]")
        self.page.locator("[name=login]").click()
        self.page.keyboard.type(login)
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector("[data-account]")

    def write(self, field: Locator, text: str) -> None:
        """Click a field and type in it, in the place of what is there."""
        field.click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def choose(self, button: Locator, text: str) -> None:
        """Open a list, search and take."""
        button.click()
        search = self.page.get_by_role("combobox", name="Search").last
        expect(search).to_be_focused()
        self.page.keyboard.type(text)
        exactly = re.compile(f"^{re.escape(text)}$")
        self.page.locator(".pop:visible [role=option] .cut", has_text=exactly).first.wait_for()
        self.page.keyboard.press("Enter")

    def kept(self) -> None:
        """The server has all that was changed, what was typed last too."""
        self.page.keyboard.press("Tab")  # what is written is taken as its field is left
        self.page.wait_for_function(KEPT, timeout=WAIT_MS)

    def save(self, message: str) -> None:
        """By the keyboard."""
        self.page.keyboard.press("Control+s")
        self.write(self.page.locator("dialog textarea"), message)

    def drawn(self, panel: int, text: str = "") -> Locator:
        """That panel, once it is drawn."""
        section = self.page.locator(f"section[data-panel-id='{panel}']")
        expect(section).to_have_attribute("data-panel-state", "ready", timeout=WAIT_MS)
        if text:
            expect(section).to_contain_text(text, timeout=WAIT_MS)
        return section

    # -- what is made ---------------------------------------------------------------------------------------------

    def make_source(self, url: str) -> None:
        """A Prometheus, tested before it is added."""
        page = self.page
        self.look("empty")
        page.click("text=Add a data source")
        page.click("#acts >> text=Add a data source")
        self.write(page.locator("dialog label:has-text('Name') input").first, "Metrics")
        self.write(page.locator("dialog label:has-text('URL') input").first, url)
        page.get_by_role("button", name="Test what is written here").click()
        expect(page.locator("dialog .health.good")).to_be_visible(timeout=WAIT_MS)
        self.look("source")
        page.click("dialog .btn.primary")
        expect(page.locator("li", has_text="Metrics").locator(".health.good")).to_be_visible(timeout=WAIT_MS)
        self.look("sources")

    def make_variables(self) -> None:
        """Two, the second of which is asked with the first."""
        page = self.page
        page.click("[data-settings]")
        page.click(".sheetplace [role=tab]:has-text('Variables')")
        for number, (name, query) in enumerate(
            (
                ("job", "label_values(job)"),
                ("handler", 'label_values(prometheus_http_requests_total{job="$job"}, handler)'),
            )
        ):
            page.get_by_role("button", name="Add variable").click()
            item = page.locator(f".sheetplace [data-field='variables'] [data-item='{number}']")
            self.write(item.locator("[data-field='name'] input"), name)
            self.choose(item.locator("[data-field='datasource'] button.pick"), "Metrics")
            self.write(item.locator("[data-field='query'] textarea"), query)
        self.kept()
        expect(page.locator("[data-about='job']")).to_contain_text("prometheus", timeout=WAIT_MS)
        expect(page.locator("[data-about='handler']")).to_contain_text("/api/v1/query", timeout=WAIT_MS)
        expect(page.locator("[data-about='job']")).to_contain_text("Used in variable handler.")
        self.look("variables")
        page.click(".sheetplace [role=tab]:has-text('General')")
        self.write(page.locator(".sheetplace [data-field='title'] input"), "From nothing")
        page.click(".sheetplace [aria-label=Close]")
        expect(page.locator("[data-editor-title]")).to_have_text("From nothing")
        page.click("[data-variable='handler']")
        page.get_by_role("option", name="/metrics").click()
        expect(page.locator("[data-variable='handler']")).to_contain_text("/metrics")
        page.wait_for_url("**var-handler=*")

    def begin_panel(self, title: str) -> Locator:
        """A new panel that asks Metrics; its query."""
        page = self.page
        if page.locator("[data-add-first]").is_visible():
            page.click("[data-add-first]")
        else:
            page.click("[data-add]")
            page.click("[data-add-box] >> text=Panel")
        self.write(page.locator(".beside [data-field='title'] input"), title)
        query = page.locator(".below [data-ref='A']")
        if "Metrics" not in query.locator(".source-pick").inner_text():
            self.choose(query.locator(".source-pick"), "Metrics")
        return query

    def make_lines(self) -> None:
        """Requests of the handler that is chosen, as a rate: what the builder advises."""
        page, query = self.page, self.begin_panel("Requests")
        self.choose(query.locator(".metric-pick"), "prometheus_http_requests_total")
        query.get_by_label("Add a filter").click()
        page.get_by_role("option", name="job", exact=True).click()
        self.choose(query.get_by_label("Value of job"), "$job")
        expect(query.locator(".hint")).to_contain_text("is a counter", timeout=WAIT_MS)
        self.look("hint")
        query.locator(".hint button").click()
        self.drawn(1, "handler")
        expect(page.locator(".below .said")).to_have_text(re.compile("^[1-9]"), timeout=WAIT_MS)
        self.write(page.get_by_label("Search options"), "unit")
        self.choose(page.locator(".beside [data-field='unit'] button.pick"), "reqps")
        self.kept()
        self.look("lines")

    def make_stat(self) -> None:
        """How many targets are up, with a threshold."""
        page, query = self.page, self.begin_panel("Up")
        query.get_by_role("button", name="PromQL", exact=True).click()
        self.write(query.get_by_label("Query A"), 'sum(up{job="$job"})')
        page.click(".beside [data-type='stat']")
        page.click(".beside >> text=Add threshold")
        self.write(page.locator(".beside .thrs input").first, "1")
        self.kept()
        self.drawn(2, "1")
        self.look("stat")

    def make_table(self) -> None:
        """Series as rows, by a transformation."""
        page, query = self.page, self.begin_panel("Handlers")
        query.get_by_role("button", name="PromQL", exact=True).click()
        self.write(query.get_by_label("Query A"), 'sum by (handler, code) (prometheus_http_requests_total{job="$job"})')
        page.click(".beside [data-type='table']")
        page.click(".below [role=tab]:has-text('Transform')")
        self.choose(page.get_by_role("button", name="Add transformation"), "Reduce")
        self.kept()
        page.locator("summary:has-text('Rows before')").click()
        expect(page.locator(".step-rows tbody tr").first).to_be_visible(timeout=WAIT_MS)
        self.drawn(3, "/metrics")
        self.look("table")


@pytest.fixture
def product(make_product: ProductMaker) -> Product:
    """An empty server that may ask servers of this machine."""
    made = make_product(HELIOGRAPH_ALLOWED_NETWORKS="127.0.0.0/8", HELIOGRAPH_COLLECT_SELF="false")
    for login, role in (("ada", "admin"), ("ben", "editor")):
        made.person(role, login)
    return made


@pytest.fixture(params=WIDTHS)
def ada(request: pytest.FixtureRequest, product: Product, chromium: Browser) -> Iterator[Walk]:
    """An admin; an error in the scripts of their pages fails the test."""
    yield from at_a_browser(product, chromium, request.param, "ada")


def at_a_browser(product: Product, chromium: Browser, width: int, login: str) -> Iterator[Walk]:
    context = chromium.new_context(viewport={"width": width, "height": HEIGHT}, bypass_csp=True, color_scheme="dark")
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    walk = Walk(product, page)
    walk.sign_in(login)
    yield walk
    context.close()
    assert errors == []


@pytest.mark.timeout(900)
def test_a_dashboard_is_made_from_nothing_and_nothing_of_it_is_lost(
    product: Product, prometheus: Prometheus, ada: Walk, chromium: Browser
) -> None:
    pytest.importorskip("axe_playwright_python", reason="pip install axe-playwright-python: it ships axe-core")
    page = ada.page
    ada.make_source(prometheus.url)
    page.click(".logo")
    page.click("text=New dashboard")
    page.wait_for_url("**/drafts/*")
    ada.look("begun")
    ada.make_variables()
    ada.make_lines()
    ada.make_stat()
    ada.make_table()
    ada.save("Made from nothing")
    ada.look("saving")
    page.click("dialog .btn.primary")
    page.wait_for_url("**/d/*/from-nothing*")
    for panel in (1, 2, 3):
        ada.drawn(panel)
    ada.look("saved")
    if ada.width == WIDTHS[0]:  # what follows is the same on any screen, and looked at on all
        changed_and_restored(ada)
        killed_while_typing(product, ada)
        collided(product, ada, chromium)


def changed_and_restored(ada: Walk) -> None:
    """A panel is renamed by keys; the version before comes back, and is told apart from what was."""
    page = ada.page
    page.keyboard.press("d")
    page.keyboard.press("e")
    page.wait_for_url("**/edit*")
    page.focus("section[data-panel-id='2']")
    page.keyboard.press("Enter")
    ada.write(page.locator(".beside [data-field='title'] input"), "Targets")
    ada.kept()
    ada.save("Another name")
    expect(page.locator("dialog .changes")).to_contain_text("Targets")
    page.click("dialog .btn.primary")
    page.wait_for_url("**/d/*/from-nothing*")
    expect(page.locator("section[data-panel-id='2'] h2")).to_have_text("Targets")
    page.click("[data-manage]")
    page.click("[data-manage-box] >> text=Versions")
    expect(page.locator(".versions li").first).to_contain_text("Another name")
    page.click("[aria-label='Compare version 1']")
    page.click("[aria-label='Compare version 2']")
    page.click("text=Compare two")
    expect(page.locator(".compared")).to_contain_text("Targets")
    ada.look_at_all_widths("versions")
    page.click("[aria-label='Restore version 1']")
    expect(page.locator("section[data-panel-id='2'] h2")).to_have_text("Up")


def killed_while_typing(product: Product, ada: Walk) -> None:
    """What is being written outlives the roles `work` and `view`."""
    page = ada.page
    page.click("[data-edit]")
    page.click("section[data-panel-id='1'] h2")
    title = page.locator(".beside [data-field='title'] input")
    for role in ("work", "view"):
        killed(product, ada, role, title)
    page.reload()
    expect(title).to_have_value("Written as view died")
    ada.drawn(1, "handler")


def killed(product: Product, ada: Walk, role: str, title: Locator) -> None:
    """A role is killed within the moment before what was typed is sent."""
    before = child_role(product, role)
    assert before is not None
    text = f"Written as {role} died"
    ada.write(title, text)
    before.kill()
    wait(lambda: is_another(product, role, before.pid), f"another {role}")
    ada.kept()
    assert ada.page.evaluate("editor.draft.confirmed.panels[0].title") == text


def is_another(product: Product, role: str, before: int) -> bool:
    """Whether a role runs in another process by now."""
    now = child_role(product, role)
    return now is not None and now.pid != before


def collided(product: Product, ada: Walk, chromium: Browser) -> None:
    """Another person saves first: what does not collide is joined, and of what does one has the choice."""
    others = at_a_browser(product, chromium, 1440, "ben")
    ben = next(others)
    board = ada.page.url.partition("?")[0]
    ben.page.goto(board)
    for panel, title in ((1, "Ben's lines"), (3, "Ben's table")):
        ben.page.click(f"section[data-panel-id='{panel}'] h2")
        ben.write(ben.page.locator(".beside [data-field='title'] input"), title)
        ben.kept()
    ben.save("Ben was first")
    ben.page.click("dialog .btn.primary")
    ben.page.wait_for_url("**/d/*/from-nothing*")
    next(others, None)
    page = ada.page
    ada.save("Ada too")
    page.click("dialog .btn.primary")
    choice = page.locator(".collisions")
    expect(choice).to_contain_text("Ben's lines", timeout=WAIT_MS)
    expect(choice).not_to_contain_text("Ben's table")
    ada.look_at_all_widths("collided")
    page.click(".side-choice:has-text('Both')")
    page.click("dialog .btn.primary")
    page.wait_for_url("**/d/*/from-nothing*")
    for title in ("Written as view died", "Ben's lines", "Ben's table"):
        expect(page.locator("section h2", has_text=title)).to_have_count(1, timeout=WAIT_MS)
    ada.look_at_all_widths("joined")
