"""The tutorial notebook in a real JupyterLab: a person opens it, runs all cells, and sees charts that move."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest
from fixtures.product import free_port
from fixtures.waiting import WAIT_MS, wait
from playwright.sync_api import Browser, Frame, Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_spec("jupyterlab") is None, reason="JupyterLab is not installed: pip install jupyterlab"),
]
NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebook.ipynb"
TOKEN = "of-this-test"
LOOK_MS = 200
READY = """() => {
  const panels = [...document.querySelectorAll("main .panel")];
  return panels.length > 0 && panels.every((one) => one.dataset.panelState === "ready");
}"""
# Whether something is drawn in the first chart: pixels of its canvas that are not all alike.
DRAWN = """() => {
  const within = (one) => [one, ...(one.shadowRoot ? below(one.shadowRoot) : [])];
  const below = (root) => [...root.querySelectorAll("*")].flatMap(within);
  const canvas = below(document.querySelector("main .panel"))
    .find((one) => one.tagName === "CANVAS" && one.width > 100);
  if (!canvas) return false;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size > 20;
}"""


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """The address of the tutorial in a JupyterLab of its own."""
    shutil.copy(NOTEBOOK, tmp_path / "tutorial.ipynb")
    port = free_port()
    offline = ["--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    quiet = ["--no-browser", "--allow-root", "--ServerApp.log_level=ERROR", *offline]
    where = [
        f"--port={port}",
        "--ip=127.0.0.1",
        f"--ServerApp.root_dir={tmp_path}",
        f"--IdentityProvider.token={TOKEN}",
    ]
    environment = {"HOME": str(tmp_path), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    with (tmp_path / "lab.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *quiet, *where], cwd=tmp_path, env=environment, stdout=log, stderr=log
        )
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        assert process.poll() is None, (tmp_path / "lab.log").read_text()
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{url}/api", timeout=5).is_success
        return False

    try:
        wait(answers, "JupyterLab", 150)
        yield f"{url}/lab/tree/tutorial.ipynb?token={TOKEN}"
    finally:
        process.terminate()
        process.wait(120)


def shown(tab: Page, number: int) -> Frame:
    """The frame of the dashboard in an output, seen by a person, once all of its panels are drawn."""
    place = tab.locator("iframe[data-heliograph]").nth(number)
    place.wait_for(state="attached", timeout=WAIT_MS)
    handle = place.element_handle()
    handle.scroll_into_view_if_needed(timeout=WAIT_MS)
    frame = handle.content_frame()
    assert frame is not None
    # What nobody sees draws no frames: the conditions are looked at now and then.
    for condition in (READY, DRAWN):
        frame.wait_for_function(condition, timeout=WAIT_MS, polling=LOOK_MS)
    return frame


@pytest.mark.timeout(400)
def test_the_tutorial_runs_in_jupyterlab_and_its_chart_moves(lab: str, chromium: Browser) -> None:
    tab = chromium.new_page(viewport={"width": 1440, "height": 1200})
    tab.goto(lab, timeout=WAIT_MS)
    # Who runs cells before there is a kernel is asked which one is meant.
    tab.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=WAIT_MS)
    tab.get_by_role("menuitem", name="Run", exact=True).click(timeout=WAIT_MS)
    tab.get_by_role("menuitem", name="Run All Cells", exact=True).click(timeout=WAIT_MS)
    still, live = shown(tab, 0), shown(tab, 1)
    assert still.locator("h1").inner_text() == "Sales"
    before = live.evaluate("heliograph.range()")[1]
    for moves in ("heliograph.range()[1]", "heliograph.panels.get(1).body.drawing.root.x_range.end"):
        live.wait_for_function(f"(before) => {moves} > before + 2000", arg=before, timeout=WAIT_MS, polling=LOOK_MS)
    assert tab.locator("[data-mime-type='application/vnd.jupyter.error']").all_inner_texts() == []
