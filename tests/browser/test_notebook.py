"""The tutorial notebook, run by a kernel without a person, and its outputs as a browser shows them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from playwright.sync_api import Frame, Page

pytestmark = pytest.mark.browser
DOCS = Path(__file__).parents[2] / "docs"
CELLS = re.compile(r"```python\n(.*?)```", re.DOTALL)
# Until the kernel has sent something new twice.
RENEWED = "import asyncio\nwhile shown.renewed < 2:\n    await asyncio.sleep(0.1)\nshown.stop()"
READY = """() => [...document.querySelectorAll("main .panel")].every((one) => one.dataset.panelState === "ready")"""

AFTER = "() => new Promise((resolve) => { addEventListener('message', resolve); postMessage('after', '*'); })"


def code_of(notebook: Any) -> list[str]:
    return [cell.source.strip() for cell in notebook.cells if cell.cell_type == "code"]


def test_the_notebook_is_the_code_of_the_docs() -> None:
    notebook = nbformat.read(DOCS / "notebook.ipynb", as_version=4)
    assert code_of(notebook) == [text.strip() for text in CELLS.findall((DOCS / "notebook.md").read_text("utf-8"))]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[list[Mapping[str, Any]]]:
    """What each cell of the tutorial gave, by MIME type."""
    notebook = nbformat.read(DOCS / "notebook.ipynb", as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(RENEWED))
    folder = tmp_path_factory.mktemp("notebook")
    NotebookClient(notebook, timeout=150, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()
    assert "part-snapshot" in (folder / "sales.html").read_text("utf-8")
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [[output["data"] for output in cell.outputs if "data" in output] for cell in cells]


def test_a_board_as_a_cells_value_is_drawn(outputs: list[list[Mapping[str, Any]]], page: Page) -> None:
    (shown,) = outputs[0]
    frame = framed(page, shown["text/html"])
    assert frame.locator("h1").inner_text() == "Sales"
    assert [one.inner_text() for one in frame.locator("main h2").all()] == ["Sales by region", "Now", "By region"]
    assert frame.locator("tbody td").first.inner_text() == "north"


def test_what_the_kernel_sends_moves_the_chart(outputs: list[list[Mapping[str, Any]]], page: Page) -> None:
    script, shown = outputs[1]
    frame = framed(page, shown["text/html"])
    before = frame.evaluate("heliograph.range()")
    page.evaluate(script["application/javascript"])
    frame.wait_for_function("(before) => heliograph.range()[1] > before", arg=before[1])
    sent = json.loads(re.search(r"const sent = (\{.*\});", script["application/javascript"])[1])  # type: ignore[index]
    assert frame.evaluate("heliograph.range()") == sent["boot"]["window"]
    drawn = "() => { const axis = heliograph.panels.get(1).body.drawing.root.x_range; return [axis.start, axis.end]; }"
    frame.wait_for_function(f"(window) => String(({drawn})()) === String(window)", arg=sent["boot"]["window"])


def test_a_frame_that_is_loaded_after_the_kernel_spoke_shows_what_it_said_last(
    outputs: list[list[Mapping[str, Any]]], page: Page
) -> None:
    """So does a saved notebook, whose scripts run before its frames are there."""
    script, shown = outputs[1]
    page.set_content("<!doctype html><body></body>")
    page.evaluate(script["application/javascript"])
    page.evaluate("(html) => { document.body.innerHTML = html; }", shown["text/html"])
    handle = page.wait_for_selector("iframe[data-heliograph]")
    frame = handle.content_frame() if handle else None
    assert frame is not None
    sent = json.loads(re.search(r"const sent = (\{.*\});", script["application/javascript"])[1])  # type: ignore[index]
    frame.wait_for_function("(last) => heliograph.range()[1] === last", arg=sent["boot"]["window"][1])


def test_who_does_not_know_the_channel_changes_nothing(outputs: list[list[Mapping[str, Any]]], page: Page) -> None:
    script, shown = outputs[1]
    frame = framed(page, shown["text/html"])
    before = frame.evaluate("heliograph.range()")
    guessed = re.sub(r'"channel": "\w+"', '"channel": "guessed"', script["application/javascript"])
    page.evaluate(guessed.replace('[data-heliograph="${sent.channel}"]', ""))
    page.evaluate(
        "() => new Promise((resolve) => { addEventListener('message', resolve); postMessage('after', '*'); })"
    )
    assert frame.evaluate("heliograph.range()") == before


def framed(page: Page, html: str) -> Frame:
    """The frame of an output in a page of its own, once all of its panels are drawn."""
    page.set_content(f"<!doctype html><body>{html}</body>")
    handle = page.wait_for_selector("iframe[data-heliograph]")
    frame = handle.content_frame() if handle else None
    assert frame is not None
    frame.wait_for_function(READY)
    return frame
