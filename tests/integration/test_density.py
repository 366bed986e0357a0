"""Pictures of density over the whole product: thousands of series in its store, drawn by its own work role."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
import pytest
from fixtures.many_series import METRIC, OUTLIER, bring, walks
from fixtures.product import Product, ProductMaker
from fixtures.waiting import WAIT_S

from heliograph.app.http.framed import unpack
from heliograph.storage.metrics.client import MetricClient

pytest.importorskip("datashader", reason="datashader is not installed: pip install 'heliograph[work]'")
SERIES, POINTS, STEP_MS = 300, 300, 2000
PANEL = {"type": "density", "query": {"metric": METRIC}}
MANY = {"type": "timeseries", "options": {"many": "density"}, "query": {"metric": METRIC}}
DRAWN_WITHIN_S = 90


@pytest.fixture(scope="module")
def product(make_product: ProductMaker) -> Product:
    """A server that collects nothing of this machine: its work role is there to draw."""
    return make_product(HELIOGRAPH_ANONYMOUS_ROLE="viewer", HELIOGRAPH_COLLECT_HOST="false")


LOADED = "drawing ready"


async def until_loaded(product: Product) -> None:
    async with asyncio.timeout(WAIT_S):
        while LOADED not in product.log.read_text("utf-8"):
            await asyncio.sleep(0.1)


@pytest.fixture(params=[PANEL, MANY], ids=["density", "many"])
def first(request: pytest.FixtureRequest, product: Product, make_product: ProductMaker) -> tuple[Product, Any]:
    """A kind of panel that may need it, and a server that has not had one: this module's, as its tests begin."""
    return product if request.param is PANEL else make_product(HELIOGRAPH_ANONYMOUS_ROLE="viewer"), request.param


async def test_what_draws_is_loaded_once_a_dashboard_that_may_need_it_is_saved_or_opened(
    first: tuple[Product, dict[str, Any]],
) -> None:
    product, panel = first
    with product.client("editor") as editor, product.client(None) as viewer:
        for name, one in (("lines", {"type": "timeseries", "query": {"metric": METRIC}}), ("many", panel)):
            assert LOADED not in product.log.read_text("utf-8")
            document = {"dashboard_id": name, "title": name, "panels": [{"panel_id": 1, **one}]}
            editor.post("/api/v1/dashboards", json=document).raise_for_status()
            viewer.get("/live/open", params={"dashboard": name}).raise_for_status()
    await until_loaded(product)


@pytest.fixture(scope="module")
def span(product: Product) -> tuple[int, int]:
    """The range of the samples, which were written for this."""
    start = (int(time.time() * 1000) - POINTS * STEP_MS) // 60_000 * 60_000

    async def write() -> None:
        client = MetricClient((product.data_dir / "store.url").read_text("utf-8").strip())
        await bring(client, walks(SERIES, POINTS), start, STEP_MS)
        await client.close()

    asyncio.run(write())
    return start, start + POINTS * STEP_MS


@pytest.fixture(scope="module")
def viewer(product: Product, span: tuple[int, int]) -> Iterator[httpx.Client]:
    with product.client("editor") as editor:
        document = {
            "dashboard_id": f"density-{time.monotonic_ns()}",
            "title": "Density",
            "panels": [{"panel_id": 1, **PANEL}, {"panel_id": 2, "type": "stat", "query": {"metric": METRIC}}],
        }
        editor.post("/api/v1/dashboards", json=document).raise_for_status()
    with product.client(None) as client:
        query = {"dashboard": document["dashboard_id"], "from": span[0], "to": span[1]}
        boot = client.get("/live/open", params=query).raise_for_status().json()
        client.headers["X-Heliograph-Token"] = boot["token"]
        client.base_url = client.base_url.join(f"/live/{boot['view']}/")
        client.timeout = httpx.Timeout(DRAWN_WITHIN_S)
        yield client


def ask(
    client: httpx.Client, span: tuple[int, int], headers: dict[str, str] | None = None, **more: Any
) -> httpx.Response:
    query = {"panel": 1, "from": span[0], "to": span[1], "width": 600, "height": 300, **more}
    return client.get("density", params=query, headers=headers or {})


def work_process(product: Product) -> psutil.Process | None:
    assert product.process is not None
    children = psutil.Process(product.process.pid).children()
    return next((child for child in children if child.cmdline()[-1:] == ["work"]), None)


def test_a_picture_has_all_series_and_the_one_far_from_all_others(viewer: httpx.Client, span: tuple[int, int]) -> None:
    answer = ask(viewer, span).raise_for_status()
    head, (codes,) = unpack(answer.content)
    assert (head["series"], head["samples"]) == (SERIES, SERIES * POINTS)
    picture = np.frombuffer(codes, np.uint8).reshape(head["height"], head["width"])
    row = int((OUTLIER - head["low"]) / (head["high"] - head["low"]) * head["height"])
    shown = slice(
        *(
            int((ms - head["from"]) / (head["to"] - head["from"]) * head["width"])
            for ms in (span[0] + 4000, span[1] - 4000)
        )
    )
    assert (picture[row, shown] == 1).all()
    assert head["levels"][0] == 1
    counts = np.concatenate([[0], head["levels"]])[picture[:, shown]]
    # Each line is in each column once at least.
    assert (counts.sum(axis=0) >= SERIES).all()


def test_who_has_the_picture_already_is_told_so(viewer: httpx.Client, span: tuple[int, int]) -> None:
    first = ask(viewer, span)
    again = ask(viewer, span, {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    # Others whose window differs by some pixels, and whose range by a little, share it.
    other = ask(viewer, (span[0] + 700, span[1] - 900), width=603, height=302)
    assert other.headers["ETag"] == first.headers["ETag"]
    assert ask(viewer, span, width=300).headers["ETag"] != first.headers["ETag"]
    assert ask(viewer, (span[0], span[0] + 60_000)).headers["ETag"] != first.headers["ETag"]


def test_a_zoomed_picture_is_finer(viewer: httpx.Client, span: tuple[int, int]) -> None:
    head, _ = unpack(ask(viewer, (span[0], span[0] + 60_000)).content)
    assert head["to"] - head["from"] < 90_000
    assert head["series"] == SERIES
    assert head["samples"] <= SERIES * 46


def test_only_who_may_see_the_view_may_fetch_its_pictures(
    product: Product, viewer: httpx.Client, span: tuple[int, int]
) -> None:
    assert ask(viewer, span, {"X-Heliograph-Token": "made-up"}).status_code == 401
    assert ask(viewer, span, {"X-Heliograph-Token": ""}).status_code == 401


@pytest.mark.parametrize("name", ["width", "height", "panel"])
def test_a_bad_argument_is_named(viewer: httpx.Client, span: tuple[int, int], name: str) -> None:
    bad: dict[str, Any] = {name: "-3"}
    answer = ask(viewer, span, **bad)
    assert (answer.status_code, answer.json()["path"]) == (422, f"$.{name}")


def test_a_panel_that_is_not_there_or_not_density_is_not_found(viewer: httpx.Client, span: tuple[int, int]) -> None:
    assert ask(viewer, span, panel=2).status_code == 404
    assert ask(viewer, span, panel=77).status_code == 404


def test_a_bad_option_is_refused_with_its_path(product: Product) -> None:
    with product.client("editor") as editor:
        panel = {"panel_id": 1, **PANEL, "options": {"palette": "rainbow"}}
        answer = editor.post("/api/v1/dashboards", json={"title": "x", "panels": [panel]})
    assert (answer.status_code, answer.json()["path"]) == (422, "$.panels[0].options.palette")


def test_the_view_goes_on_without_the_work_role_and_draws_again_when_it_is_back(
    product: Product, viewer: httpx.Client, span: tuple[int, int]
) -> None:
    work = work_process(product)
    assert work is not None
    work.kill()
    work.wait(10)
    # A range that nobody has asked for yet: what was drawn is still there without the role.
    fresh = (span[0] + 60_000, span[1] - 120_000)
    answer = ask(viewer, fresh)
    assert ask(viewer, span).status_code == 200
    if answer.status_code != 200:
        assert (answer.status_code, answer.json()["code"]) == (503, "work_unavailable")
        assert int(answer.headers["Retry-After"]) >= 1
    deadline = time.monotonic() + DRAWN_WITHIN_S
    while (answer := ask(viewer, fresh)).status_code != 200 and time.monotonic() < deadline:
        time.sleep(1)
    assert answer.status_code == 200


def test_nothing_of_the_drawing_is_loaded_in_the_view_role(product: Product) -> None:
    assert product.process is not None
    view = next(c for c in psutil.Process(product.process.pid).children() if c.cmdline()[-1] == "view")
    loaded = {Path(mapped.path).name for mapped in view.memory_maps()}
    assert not [name for name in loaded if "llvmlite" in name or "numba" in name]
