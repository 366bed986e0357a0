"""A dashboard as one HTML file, opened from disk with the network off."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import holoviews as hv
import numpy as np
import pandas as pd
import pytest
from bokeh.plotting import figure
from fixtures.browser import show_whole
from fixtures.product import Product
from fixtures.waiting import WAIT_MS, wait
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, expect

import heliograph as hg

pytestmark = pytest.mark.browser
SPAN_MS, SETTLED_MS, STEP_MS = 30_000, 15_000, 5000  # a range, how long before the newest samples it ends, a step
WRITTEN = ("node_load1", "host_process_resident_memory_bytes")
# How many squares of a panel look as they do on its page: what of their brightness counts as the same, of 255.
LEAST_ALIKE, SAME_TONE, BLOCK_PX = 0.96, 16, 8
OF_NOW = "Alert list"  # what fires is told as it is, whatever range the page shows: a moment later it is another
STATES = """() => Object.fromEntries([...document.querySelectorAll("main .panel")].map(
  (panel) => [panel.querySelector("h2").textContent, panel.dataset.panelState]))"""
LEGEND = """() => {
  const { drawing, element } = heliograph.panels.get(3).body;
  const legend = [...drawing.doc._all_models.values()].find((one) => one.type === "Legend");
  const ground = getComputedStyle(element).getPropertyValue("--raised").trim();
  return [legend.background_fill_color, ground, legend.title_text_color]; }"""
HOSTILE = "</script><script>window.taken = 1</script><img src=x onerror='window.taken = 1'>"
LONG = {
    "query": "select number + 1 as id, concat('order-', toString(number)) as name from numbers(3000)",
    "options": {"format": "table"},
}


def saved(product: Product, folder: Path, dashboard: str, **arguments: Any) -> Path:
    """The file that a viewer saves."""
    with product.client("viewer") as viewer:
        answer = viewer.get(f"/api/v1/dashboards/{dashboard}/export.html", params=arguments, timeout=120)
    assert answer.status_code == 200, answer.text
    path = folder / "saved.html"
    path.write_bytes(answer.content)
    return path


def past(product: Product) -> dict[str, int]:
    """A range in the past for which all is written of this machine and, which comes on its own, of its processes."""
    with product.client("editor") as editor:

        def span_of(metric: str) -> tuple[float, float]:
            asked = {"query": {"metric": metric, "agg": "sum"}, "from": "now-5m", "to": "now", "interval": "1s"}
            at = [one["timestamp"] * 1000 for one in editor.post("/api/v1/query", json=asked).json().get("data", [])]
            return (min(at), max(at)) if at else (float("inf"), 0)

        def settled() -> dict[str, int] | None:
            spans = [span_of(one) for one in WRITTEN]
            begin, end = max(first for first, _ in spans), min(last for _, last in spans) - SETTLED_MS
            return {"from": int(end) - SPAN_MS, "to": int(end)} if end - SPAN_MS > begin + STEP_MS else None

        found: dict[str, int] = wait(settled, "data of this machine", seconds=180)
    return found


@pytest.fixture
def lonely(chromium: Browser) -> Iterator[Page]:
    """A tab without a network: what it asks for, or complains of, fails the test."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, offline=True)
    tab = context.new_page()
    said: list[str] = []
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("console", lambda one: said.append(one.text) if one.type in ("error", "warning") else None)
    tab.on("request", lambda one: said.append(one.url) if not one.url.startswith(("file:", "data:")) else None)
    yield tab
    context.close()
    assert said == []


def panels_of(tab: Page, path: Path) -> dict[str, NDArray[np.int16]]:
    """The brightness of each panel's body, by its title; the picture stays as a file."""
    tab.mouse.move(0, 0)
    content = tab.screenshot(timeout=WAIT_MS, path=path)
    whole = np.asarray(Image.open(io.BytesIO(content)).convert("L"), dtype=np.int16)
    boxes = tab.evaluate(
        """() => [...document.querySelectorAll("main .panel")].map((panel) => {
          const { left, top, right, bottom } = panel.querySelector(".body").getBoundingClientRect();
          return [panel.querySelector("h2").textContent, left, top, right, bottom]; })"""
    )
    return {
        title: whole[round(top) : round(bottom), round(left) : round(right)]
        for title, left, top, right, bottom in boxes
    }


def heads_of(tab: Page) -> dict[str, list[float]]:
    """Where the title and the button of each panel's head stand within it, by its title, px."""
    found: dict[str, list[float]] = tab.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll("main .panel")].map((panel) => {
          const left = panel.getBoundingClientRect().left;
          const parts = panel.querySelectorAll("header > h2, header .kebab");
          const places = [...parts].map((one) => one.getBoundingClientRect());
          return [panel.querySelector("h2").textContent,
            places.flatMap((one) => [one.left - left, one.right - left]).map(Math.round)]; }))"""
    )
    return found


def blocks(tones: NDArray[np.int16]) -> NDArray[np.float64]:
    """The mean brightness of squares: a line that lies a pixel beside another is the same there."""
    height, width = (size // BLOCK_PX for size in tones.shape)
    cut = tones[: height * BLOCK_PX, : width * BLOCK_PX].reshape(height, BLOCK_PX, width, BLOCK_PX)
    return np.asarray(cut.mean(axis=(1, 3)), dtype=np.float64)


@pytest.mark.timeout(420)
def test_every_panel_of_the_gallery_is_drawn_from_disk_as_its_page_draws_it(
    product: Product, page: Page, lonely: Page, tmp_path: Path
) -> None:
    pictures = Path(os.environ.get("HELIOGRAPH_SCREENSHOTS") or tmp_path)
    span = past(product)
    path = saved(product, tmp_path, "gallery", **span)
    lonely.goto(path.as_uri())
    show_whole(lonely)
    page.goto(f"{product.url}/d/gallery?from={span['from']}&to={span['to']}", timeout=WAIT_MS)
    show_whole(page)
    states = lonely.evaluate(STATES)
    assert states == page.evaluate(STATES)
    assert len(states) > 30
    assert set(states.values()) == {"ready"}
    assert heads_of(lonely) == heads_of(page)
    ours, theirs = panels_of(lonely, pictures / "file.png"), panels_of(page, pictures / "page.png")
    differ = {}
    for title, one in ours.items():
        other = theirs[title]
        assert one.shape == other.shape, title
        if title == OF_NOW:
            continue
        alike = float((np.abs(blocks(one) - blocks(other)) <= SAME_TONE).mean())
        if alike < LEAST_ALIKE:
            differ[title] = alike
    assert differ == {}


def test_a_file_zooms_turns_pages_sorts_filters_and_changes_its_theme(
    product: Product, lonely: Page, tmp_path: Path
) -> None:
    panels = [
        {"panel_id": 1, "title": "Load", "type": "timeseries", "query": {"metric": "node_load1"}},
        {"panel_id": 2, "title": "Orders", "type": "table", "position": {"y": 8}, "targets": [LONG]},
    ]
    product.save({"dashboard_id": "file", "title": "A file", "panels": panels, "time": {"from": "now-2m", "to": "now"}})
    lonely.goto(saved(product, tmp_path, "file").as_uri())
    show_whole(lonely)
    box = lonely.locator("[data-panel-id='1'] .over").bounding_box()
    assert box is not None
    lonely.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 40)
    lonely.mouse.down()
    lonely.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 40, steps=5)
    lonely.mouse.up()
    lonely.locator("[data-zoom-reset]").click()
    lonely.wait_for_selector("[data-zoom-reset]", state="hidden")
    table = lonely.locator("[data-panel-id='2']")
    pager, first = table.locator(".pager"), table.locator("tbody tr").first
    table.get_by_role("button", name="Last page").click()
    assert "2,901–3,000 of 3,000" in pager.inner_text()
    assert first.locator("td").first.inner_text() == "2901"
    table.get_by_role("button", name="id", exact=True).click()
    assert first.locator("td").first.inner_text() == "3000"
    lonely.emulate_media(color_scheme="light")
    light = lonely.evaluate("getComputedStyle(document.body).backgroundColor")
    lonely.locator("[data-theme-switch]").click()
    assert lonely.evaluate("getComputedStyle(document.body).backgroundColor") != light
    table.locator("[data-alone]").click()
    assert lonely.locator("[data-panel-id='1']").is_hidden()
    lonely.keyboard.press("Escape")
    assert lonely.locator("[data-panel-id='1']").is_visible()


def test_nothing_that_people_wrote_runs_in_a_file(product: Product, lonely: Page, tmp_path: Path) -> None:
    quoted = HOSTILE.replace("'", "''")
    target = {"query": f"select '{quoted}' as name, 1 as value", "options": {"format": "table"}}
    product.save(
        {
            "dashboard_id": "hostile",
            "title": HOSTILE,
            "variables": [{"name": "word", "type": "textbox", "current": HOSTILE}],
            "panels": [
                {"panel_id": 1, "title": HOSTILE, "type": "table", "targets": [target]},
                {
                    "panel_id": 2,
                    "title": "$word",
                    "type": "text",
                    "position": {"y": 8},
                    "options": {"content": HOSTILE},
                },
            ],
        }
    )
    lonely.goto(saved(product, tmp_path, "hostile", **{"var-word": HOSTILE}).as_uri())
    show_whole(lonely)
    assert lonely.locator("h1").inner_text() == HOSTILE
    assert lonely.locator("[data-panel-id='2'] h2").inner_text() == HOSTILE
    assert lonely.locator("[data-panel-id='1'] tbody td").first.inner_text() == HOSTILE
    assert lonely.evaluate("'taken' in window") is False


def test_a_file_is_saved_from_the_dialog_to_share(product: Product, page: Page, tmp_path: Path) -> None:
    product.save({"dashboard_id": "asked", "title": "Asked", "panels": [{"panel_id": 1, "title": "T", "type": "text"}]})
    page.goto(f"{product.url}/d/asked?from=now-1h&to=now", timeout=WAIT_MS)
    page.locator("[data-share]").click()
    page.get_by_role("tab", name="Files").click()
    with page.expect_download() as waited:
        page.get_by_role("link", name="Download HTML").click()
    assert waited.value.suggested_filename == "asked.html"
    waited.value.save_as(tmp_path / "asked.html")
    page.goto((tmp_path / "asked.html").as_uri())
    expect(page.locator(".made")).to_contain_text("needs no network")
    page.evaluate("heliograph.whole(false)")  # as a picture is taken of it
    assert "needs no network" not in page.locator(".made").inner_text()
    assert "Made " in page.locator(".made").inner_text()


def test_a_cell_is_the_same_in_files_that_pages_and_servers_write(product: Product, page: Page) -> None:
    cases = json.loads((Path(__file__).parents[1] / "data" / "csv_cells.json").read_text("utf-8"))
    page.goto(f"{product.url}/d/gallery?from=now-1h&to=now", timeout=WAIT_MS)
    told = page.evaluate(
        """async (values) => {
          const own = [...document.scripts].find((one) => one.type === "module").src;
          const { cell } = await import(own.replace("dashboard.js", "csv.js"));
          return values.map(cell); }""",
        [value for value, _ in cases],
    )
    assert told == [text for _, text in cases]


def test_figures_of_ones_own_are_drawn_from_disk_and_zoom(lonely: Page, tmp_path: Path) -> None:
    times = pd.date_range("2026-01-01", periods=60, freq="1min", tz="UTC")
    data = pd.DataFrame({"time": times, "load": np.sin(np.arange(60.0) / 9)})

    def curve(frames: list[pd.DataFrame]) -> Any:
        return hv.Curve(frames[0], *frames[0].columns).opts(active_tools=["wheel_zoom"], backend="bokeh")

    def image(_: Any) -> Any:
        return hv.Image(np.random.default_rng(1).random((20, 20)))

    def legend(_: Any) -> Any:
        plot = figure()
        plot.line([1, 2], [1, 2], legend_label="a")
        plot.legend.title_text_color = "red"
        return plot

    path = tmp_path / "figures.html"
    figures = [hg.Figure("Curve", curve, data), hg.Figure("Image", image), hg.Figure("Legend", legend)]
    hg.save(hg.Dashboard("Figures", panels=figures), path)
    lonely.goto(path.as_uri())
    show_whole(lonely)
    assert lonely.evaluate(STATES) == {"Curve": "ready", "Image": "ready", "Legend": "ready"}
    first = lonely.evaluate(LEGEND)
    lonely.locator("[data-theme-switch]").click()
    second = lonely.evaluate(LEGEND)
    for own, ground, chosen in (first, second):
        assert (own, chosen) == (ground, "red"), "the ground of the page, and what the figure chose"
    assert first != second
    before = panels_of(lonely, tmp_path / "before.png")
    assert all(one.std() > 5 for one in before.values()), "something is drawn"
    lonely.locator('section[data-panel-id="1"] .body').hover()
    lonely.mouse.wheel(0, -600)
    lonely.wait_for_timeout(400)
    after = panels_of(lonely, tmp_path / "after.png")
    assert (before["Curve"] != after["Curve"]).mean() > 0.005
    assert (before["Image"] == after["Image"]).all()
