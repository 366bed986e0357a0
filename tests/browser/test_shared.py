"""Links, frames and snapshots as people without an account see them, in a real browser."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from fixtures.naming import fresh
from fixtures.people import sign_in
from fixtures.product import EMBEDDER, Product
from fixtures.waiting import WAIT_MS
from PIL import Image
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser
STRANGER = "127.0.0.4"
LAST = "heliograph.live.ticks.at(-1)?.seq ?? 0"
TICKED = "seq => (heliograph.live.ticks.at(-1)?.seq ?? 0) > seq"
HIGH = "() => { const high = document.querySelector('iframe').offsetHeight; return high > 605 && high < 700; }"
HOSTILE = "</script><script>window.taken = 1</script><img src=x onerror='window.taken = 1'>"
QUERY = {"metric": "node_cpu_seconds_total", "labels": {"mode": ["user", "idle"]}, "rate": True, "by": ["mode"]}
VARIABLES = [{"name": "mode", "type": "custom", "query": "idle,user", "current": "idle", "label": "Mode"}]
PANELS = [
    {"panel_id": 1, "title": "Processor", "type": "timeseries", "query": QUERY, "position": {"w": 12}},
    {"panel_id": 2, "title": "Load of $mode", "type": "stat", "query": {"metric": "node_load1"}, "position": {"x": 12}},
    {"panel_id": 3, "title": HOSTILE, "type": "text", "options": {"content": HOSTILE}, "position": {"y": 8}},
]  # fmt: skip


def board(product: Product, **changed: Any) -> str:
    name = fresh("shared")
    product.save({
        "dashboard_id": name, "title": "Shop", "refresh": "1s", "time": {"from": "now-5m", "to": "now"},
        "variables": VARIABLES, "panels": PANELS, **changed,
    })  # fmt: skip
    return str(name)


def link(product: Product, name: str, **terms: Any) -> dict[str, Any]:
    with product.client("editor") as editor:
        made = editor.post(f"/api/v1/dashboards/{name}/shares", json=terms)
    assert made.status_code == 201, made.text
    return dict(made.json())


def drawn(page: Any, panel: int) -> None:
    section = page.locator(f'section[data-panel-id="{panel}"]')
    expect(section).to_have_attribute("data-panel-state", "ready", timeout=WAIT_MS)


def picture(page: Page, name: str) -> None:
    """For people to look at, where they say where."""
    folder = os.environ.get("HELIOGRAPH_SCREENSHOTS")
    if folder:
        size = page.viewport_size
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            for theme in ("light", "dark"):
                page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
                page.evaluate("dispatchEvent(new Event('themechange'))")
                page.wait_for_timeout(500)
                page.screenshot(path=Path(folder) / f"{name}-{width}-{theme}.png")
        assert size is not None
        page.set_viewport_size(size)


@pytest.mark.timeout(400)
def test_a_report_is_planned_in_the_dialog_which_says_how_it_went(product: Product, page: Page) -> None:
    """This server's operator lets mail go nowhere: that is what is said."""
    name = board(product)
    options = {"from": "h@example.org", "to": ["mira@example.org"]}
    contact = {
        "contact_point_id": name,
        "name": "Team",
        "type": "email",
        "url": "smtp://127.0.0.1:9",
        "options": options,
    }
    with product.client("admin") as admin:
        assert admin.post("/api/v1/contact-points", json=contact).status_code == 201
    signed_in(product, page, name)
    page.locator("[data-share]").click()
    page.get_by_role("tab", name="Reports").click()
    page.get_by_label("Name", exact=True).fill("Weekly")
    to, often = page.locator("form.inner select").all()
    to.select_option("Team")
    often.select_option("Custom (cron)")
    page.get_by_label("Schedule").fill("0 8 31 2 *")
    page.get_by_role("button", name="Add a report").click()
    expect(page.get_by_role("alert").filter(has_text="schedule")).to_be_visible()
    page.get_by_label("Schedule").fill("0 8 1 1 *")
    page.get_by_label("Time zone", exact=True).fill("Europe/Berlin")
    page.get_by_role("button", name="Add a report").click()
    row = page.locator(".report", has_text="Weekly")
    expect(row).to_contain_text("0 8 1 1 *, Europe/Berlin")
    expect(row).to_contain_text("Not sent yet")
    row.get_by_role("button", name="Send Weekly now").click()
    expect(row.locator(".fault")).to_contain_text("Not sent", timeout=WAIT_MS)
    row.get_by_role("button", name="Pause Weekly").click()
    expect(row).to_contain_text("paused", timeout=WAIT_MS)
    row.get_by_role("button", name="Change Weekly").click()
    expect(page.get_by_label("Schedule")).to_have_value("0 8 1 1 *")
    picture(page, "reports")
    page.get_by_label("Name", exact=True).fill("Yearly")
    page.get_by_role("button", name="Save the report").click()
    row = page.locator(".report", has_text="Yearly")
    expect(row).to_contain_text("paused", timeout=WAIT_MS)
    row.get_by_role("button", name="Resume Yearly").click()
    expect(row).to_contain_text("next", timeout=WAIT_MS)
    row.get_by_role("button", name="Delete Yearly").click()
    expect(row).to_have_count(0)


def signed_in(product: Product, page: Page, name: str) -> None:
    """Somebody new who edits, on the dashboard of that name."""
    sign_in(product, page, product.person("editor", name), f"/d/{name}")
    drawn(page, 2)


def test_a_link_is_made_in_the_dialog_opens_live_for_a_stranger_and_ends_when_it_is_revoked(
    product: Product, page: Page, chromium: Browser
) -> None:
    name = board(product)
    signed_in(product, page, name)
    page.locator("[data-share]").click()
    page.get_by_role("tab", name="Public links").click()
    page.get_by_label("Name", exact=True).fill("The wall")
    page.get_by_label("Variables, from their options").check()
    page.get_by_role("button", name="Make a link").click()
    made = page.get_by_label("Public link", exact=True)
    made.wait_for(timeout=WAIT_MS)
    address = made.input_value()
    picture(page, "dialog")

    stranger = chromium.new_context(viewport={"width": 1440, "height": 900})
    other = stranger.new_page()
    errors: list[str] = []
    other.on("pageerror", lambda error: errors.append(str(error)))
    other.goto(address)
    drawn(other, 1)
    assert other.evaluate("[document.documentElement.dataset.view, document.cookie]") == ["live", ""]
    assert other.evaluate("window.taken ?? null") is None
    other.wait_for_function(TICKED, arg=other.evaluate(LAST), timeout=WAIT_MS)
    assert other.locator("[data-share], [data-edit], [data-sign-in], .alerts-link").count() == 0
    expect(other.locator("[data-time-picker]")).to_be_disabled()
    picture(other, "link")
    other.locator('[data-variable="mode"]').click()
    other.get_by_role("option", name="user").click()
    expect(other.locator('section[data-panel-id="2"] h2')).to_have_text("Load of user", timeout=WAIT_MS)
    assert "var-mode=user" in other.url

    page.get_by_role("button", name="Revoke The wall").click()
    expect(page.get_by_text("Copy it now")).to_have_count(0, timeout=WAIT_MS)
    expect(page.get_by_role("button", name="Copy", exact=True)).to_have_count(0)
    expect(other.get_by_role("heading", name="Not found")).to_be_visible(timeout=WAIT_MS)
    assert other.locator("section[data-panel-id]").count() == 0
    stranger.close()
    assert errors == []


def test_a_stranger_says_the_password_of_a_link_and_looks(product: Product, page: Page) -> None:
    shared = link(product, board(product), password="a good password")
    referrers: list[str | None] = []
    page.on("request", lambda one: referrers.append(one.headers.get("referer")))
    page.goto(shared["url"])
    for said in ("no password of it", "a good password"):
        page.get_by_role("textbox", name="Password").fill(said)
        page.get_by_role("button", name="Open").click()
        if said != "a good password":
            expect(page.get_by_role("alert")).to_have_text("This is not its password.")
    drawn(page, 1)
    assert page.url == shared["url"]
    assert page.evaluate("document.documentElement.dataset.view") == "live"
    assert set(referrers) <= {None, "", f"{product.url}/"}, "no referrer has the token"


class _Page(BaseHTTPRequestHandler):
    """A page of another site."""

    def __init__(self, body: str, *arguments: Any) -> None:
        self.body = body
        super().__init__(*arguments)

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.body.encode())

    def log_message(self, *_: Any) -> None:
        """Nothing is said of requests."""


@contextmanager
def site(host: str, body: str) -> Iterator[str]:
    """A site of one page, on an address of loopback."""
    server = ThreadingHTTPServer((host, 0), partial(_Page, body))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{host}:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def test_a_page_of_an_origin_that_is_listed_embeds_a_panel_and_no_other_does(
    product: Product, chromium: Browser
) -> None:
    shared = link(product, board(product))
    token = shared["url"].split("/")[-1]
    ground = "<!doctype html><body style='background: rgb(255, 240, 200); margin: 24px'>"
    address = f"{shared['embed_url']}?panel=1&theme=light&transparent"
    frame = f'{ground}<iframe src="{address}" width="700" height="300"></iframe>'
    tag = f'<script src="{product.url}/embed/heliograph.js" data-link="{token}"'
    script = f"{ground}{tag} async></script><p>And</p>{tag} data-panel='2' async></script>"
    blocked = f'{ground}<iframe src="{shared["url"]}" width="700" height="300"></iframe>'
    context = chromium.new_context(viewport={"width": 1000, "height": 900})
    page = context.new_page()
    with site(EMBEDDER, frame) as framing, site(EMBEDDER, script) as scripting, site(EMBEDDER, blocked) as whole:
        page.goto(framing)
        inside = page.frame_locator("iframe")
        drawn(inside, 1)
        assert inside.locator(".top").is_hidden()
        assert inside.locator('section[data-panel-id="2"]').is_hidden()
        assert page.frames[1].evaluate("document.cookie") == ""
        page.frames[1].wait_for_function(TICKED, arg=page.frames[1].evaluate(LAST), timeout=WAIT_MS)
        picture(page, "embed")
        page.goto(scripting)
        drawn(page.frame_locator("iframe").first, 1)
        drawn(page.frame_locator("iframe").nth(1), 2)
        page.wait_for_function(HIGH, timeout=WAIT_MS)
        refused(page, whole)  # other pages of ours are in no frames
    stands_on_the_ground_around_it(page, product, shared)
    with site(STRANGER, frame) as stranger:
        refused(page, stranger)
    context.close()


def stands_on_the_ground_around_it(page: Page, product: Product, shared: dict[str, Any]) -> None:
    """On pages of either scheme, whatever the frame's own theme is."""
    token = shared["url"].split("/")[-1]
    marks = f'data-link="{token}" data-panel="1" data-transparent'
    for scheme in ("light", "dark"):
        for theme in ("light", "dark"):
            head = f"<!doctype html><style>:root {{ color-scheme: {scheme} }} body {{ background: rgb(255, 0, 255) }}"
            script = f'<script src="{product.url}/embed/heliograph.js" {marks} data-theme="{theme}" async></script>'
            with site(EMBEDDER, f"{head}</style><body>{script}") as around:
                page.goto(around)
                drawn(page.frame_locator("iframe"), 1)
                box = page.locator("iframe").bounding_box()
            assert box is not None
            seen = Image.open(io.BytesIO(page.screenshot(timeout=WAIT_MS))).convert("RGB")
            assert seen.getpixel((int(box["x"]) + 2, int(box["y"] + box["height"]) - 3)) == (255, 0, 255), (
                scheme,
                theme,
            )


def refused(page: Page, address: str) -> None:
    """The browser takes nothing of us into that page."""
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text, timeout=WAIT_MS):
        page.goto(address)
    assert page.frame_locator("iframe").locator("section[data-panel-id]").count() == 0


def test_a_snapshot_shows_what_its_maker_saw_with_no_source_and_runs_nothing_of_strangers(
    product: Product, page: Page
) -> None:
    name = board(product)
    with product.client("editor") as editor:
        wanted = {"expires_in": "1d", "values": {"mode": "user"}}
        made = [editor.post(f"/api/v1/dashboards/{name}/snapshots", json=wanted) for _ in range(2)]
        assert [one.status_code for one in made] == [201, 201]
        kept = made[1].json()
        document = editor.get(f"/api/v1/dashboards/{name}").json()
        broken = [{**one, "query": {"metric": "no_such_metric"}} for one in PANELS]
        assert editor.put(f"/api/v1/dashboards/{name}", json={**document, "panels": broken}).status_code == 200
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.goto(kept["url"])
    drawn(page, 1)
    drawn(page, 2)
    expect(page.locator(".as-seen")).to_contain_text("Data as API saw it at")
    assert page.locator('section[data-panel-id="2"] h2').inner_text() == "Load of user"
    assert page.locator('[data-variable="mode"] .v').inner_text() == "user"
    assert page.evaluate("window.taken ?? null") is None
    assert [one for one in asked if not one.startswith(("data:", "blob:"))] == [kept["url"]]
    picture(page, "snapshot")
    with product.client("editor") as editor:
        assert len(editor.get(f"/api/v1/dashboards/{name}/snapshots").json()["items"]) == 2
        assert editor.delete(f"/api/v1/snapshots/{kept['snapshot_id']}").status_code == 204
    gone = page.goto(kept["url"])
    assert gone is not None
    assert gone.status == 404
