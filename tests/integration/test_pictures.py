"""Pictures, reports and archives of dashboards: what is in them, and what the browser that draws them may not do."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pypdfium2
import pytest
from fixtures.api import serving
from fixtures.naming import fresh
from fixtures.product import Product
from PIL import Image

from heliograph.app.share.pictures import Pictures
from heliograph.errors import NotInstalledError, WorkUnavailableError

HOSTILE = "</script><script>window.heliograph = null</script>"
drawing = pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed: apt install chromium")


def rows(name: str, count: int = 6) -> dict[str, object]:
    """A table whose every line says whose it is."""
    query = f"select concat('{name}-', toString(number)) as line, number as n from numbers({count})"
    return {"type": "table", "title": f"Table {name}", "targets": [{"query": query, "options": {"format": "table"}}]}


def board(product: Product) -> str:
    name = fresh("drawn")
    panels: list[dict[str, object]] = [
        {"panel_id": 1 + n, "position": {"x": 12 * (n % 2), "y": 9 * (n // 2), "w": 12, "h": 9}, **rows(f"t{n}")}
        for n in range(6)
    ]
    panels.append({"panel_id": 50, "type": "row", "title": "Folded", "collapsed": True, "position": {"y": 27, "h": 1}})
    panels.append({"panel_id": 51, "position": {"y": 28, "w": 24, "h": 9}, **rows("folded")})
    panels.append({"panel_id": 60, "type": "text", "title": HOSTILE, "options": {"content": "words"},
                   "position": {"y": 37, "h": 4}})  # fmt: skip
    panels.append({"panel_id": 61, "type": "stat", "title": "Wrong", "query": "select 1 +", "position": {"y": 41}})
    panels.append({"panel_id": 70, "type": "row", "title": "Head of high", "position": {"y": 49, "h": 1}})
    panels.append({"panel_id": 71, "position": {"y": 50, "w": 12, "h": 44}, **rows("high", 80)})
    product.save({"dashboard_id": name, "title": "Drawn", "panels": panels})
    return str(name)


@drawing
@pytest.mark.timeout(240)
def test_pictures_show_panels_and_reports_break_between_them(product: Product, tmp_path: Path) -> None:
    name = board(product)
    path = f"/api/v1/dashboards/{name}/export"
    with product.client("viewer") as viewer:
        panel = viewer.get(f"{path}.png", params={"panel": 1, "width": 700, "theme": "dark"}, timeout=90)
        assert panel.status_code == 200, panel.text
        assert panel.headers["Content-Disposition"] == 'attachment; filename="drawn.png"'
        picture = Image.open(io.BytesIO(panel.content))
        assert picture.width == 700
        assert np.asarray(picture.convert("L")).mean() < 80, "dark"
        report = viewer.get(f"{path}.pdf", timeout=90)
        assert report.status_code == 200, report.text
        for wrong in ("panel=77", "width=3", "widht=700", "theme=pink"):
            assert viewer.get(f"{path}.png?{wrong}").status_code in (404, 422), wrong
        assert viewer.get(f"{path}.html?width=700").status_code == 200, "arguments are those of all forms"
    with contextlib.closing(pypdfium2.PdfDocument(report.content)) as document:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    assert len(pages) > 1
    assert "Made" in pages[-1]
    assert "network" not in pages[-1], "that is said of files of HTML"
    for one in (*(f"t{n}" for n in range(6)), "folded"):
        own = [number for number, text in enumerate(pages) if f"{one}-" in text or f"Table {one}" in text]
        assert len(own) == 1, (one, own)
        assert all(f"{one}-{line}" in pages[own[0]] for line in range(6)), "all of it, of a row that opens folded too"
    for one, head in (("folded", "Folded"), ("high", "Head of high")):
        (page,) = ["".join(text.split()) for text in pages if f"{one}-" in text]
        assert "".join(head.split()) in page, (
            "the head of a row stands above its panels; and a panel higher than a page is on one"
        )
    saved = tmp_path / "drawn.png"
    command = [sys.executable, "-m", "heliograph", "export", name, "-o", str(saved), "--panel", "2", "--width", "400"]
    done = subprocess.run([*command, "--url", product.url, "--token", product.token("viewer")], capture_output=True,
                          text=True, timeout=90)  # fmt: skip
    assert done.returncode == 0, done.stderr
    with Image.open(saved) as picture:
        assert picture.width == 400


def test_an_archive_has_the_data_of_all_panels_and_says_what_failed(product: Product) -> None:
    name = board(product)
    with product.client("viewer") as viewer:
        answer = viewer.get(f"/api/v1/dashboards/{name}/export.zip", timeout=60)
        assert answer.status_code == 200, answer.text
        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        contents = json.loads(archive.read("contents.json"))
        files = {one["panel_id"]: one["files"] for one in contents["panels"]}
        assert files[1] == ["01-table-t0.csv", "01-table-t0.json", "01-table-t0.arrow"]
        assert set(archive.namelist()) == {"contents.json", *(name for one in files.values() for name in one)}
        lines = list(csv.reader(io.StringIO(archive.read("51-table-folded.csv").decode())))
        assert lines[:2] == [["line", "n"], ["folded-0", "0"]]
        assert json.loads(archive.read("01-table-t0.json"))["rows"][5] == ["t0-5", 5]
        with pa.ipc.open_file(archive.read("01-table-t0.arrow")) as table:
            assert table.read_all().to_pydict()["line"][5] == "t0-5"
        (wrong,) = [one for one in contents["panels"] if one["panel_id"] == 61]
        assert wrong["files"] == []
        assert wrong["error"]
        alone = viewer.get(f"/api/v1/dashboards/{name}/export.zip?panel=2", timeout=60)
        assert len(zipfile.ZipFile(io.BytesIO(alone.content)).namelist()) == 4


@drawing
@pytest.mark.timeout(240)
async def test_one_viewers_pictures_leave_the_others_theirs(product: Product) -> None:
    path = f"/api/v1/dashboards/{board(product)}/export.png?panel=1&width=300"
    async with product.async_client("viewer") as greedy, product.async_client("viewer") as other:
        tasks = [asyncio.create_task(greedy.get(path)) for _ in range(30)]
        waiting, refused = set(tasks), None
        while refused is None:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            refused = next((task.result() for task in done if task.result().status_code != 200), None)
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert refused.headers["Retry-After"]
        assert (await other.get(path)).status_code == 200
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


@drawing
async def test_a_page_that_is_drawn_reaches_nobody() -> None:
    async with serving() as api:
        api.answers["/x"] = "taken"
        page = (
            f'<body><img src="{api.url}/x"><script>window.heliograph = {{ whole: async () => {{'
            f'await Promise.all(["{api.url}/x", "http://example.com/"].map((one) => fetch(one, {{ mode: "no-cors" }})'
            ".catch(() => null))); return { x: 0, y: 0, width: 50, height: 40 }; } };</script>"
        )
        pictures = Pictures.of("")
        try:
            picture = await pictures.take(page, "png", width=300, alone=False, who="user:1")
        finally:
            pictures.close()
        assert Image.open(io.BytesIO(picture)).size == (50, 40)
        assert api.asked == []


@drawing
@pytest.mark.parametrize("body", ["new Promise(() => 0)", "(() => { for (;;); })()"])
async def test_a_page_that_never_ends_is_ended_with_its_browser(body: str) -> None:
    pictures = Pictures(shutil.which("chromium"), within_s=4)
    page = f"<script>window.heliograph = {{ whole: () => {body} }};</script>"
    try:
        with pytest.raises(WorkUnavailableError):
            await pictures.take(page, "png", width=300, alone=False, who="user:1")
    finally:
        pictures.close()
    left = [one for one in psutil.Process().children(recursive=True) if "heliograph-picture" in " ".join(one.cmdline())]
    assert left == []


async def test_without_a_browser_it_is_said_what_is_missing() -> None:
    with pytest.raises(NotInstalledError, match="apt install chromium"):
        await Pictures.of("/no/such/program").take("", "png", width=300, alone=False, who="user:1")
