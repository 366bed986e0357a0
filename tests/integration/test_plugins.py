"""A plugin that is installed from its wheel: the product has its source and its panel type, as it has its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fixtures.browser import show_whole
from fixtures.plugin import installed_plugin
from fixtures.product import Product, ProductMaker
from fixtures.waiting import wait
from playwright.sync_api import Page

from heliograph.app.live.snapshot import decode_snapshot

API = "/api/v1"
PANEL = {"panel_id": 1, "title": "Dice", "type": "shout", "datasource": "dice", "query": "hours"}

ROLLS = {"title": "Dice", "datasource": "dice", "query": "hours", "position": {"w": 12, "h": 8}}
# The states of panels by title, and the latest time of all their sources.
STATES = """() => Object.fromEntries([...document.querySelectorAll("main .panel")].map(
  (panel) => [panel.querySelector("h2").textContent.trim(), panel.dataset.panelState]))"""
LATEST = """(least) => Math.max(...Bokeh.documents.flatMap((one) => [...one._all_models.values()])
  .filter((one) => one.type === "ColumnDataSource")
  .flatMap((one) => Object.values(one.data).flatMap((column) => [...column])).filter((one) => one > 1e12)) - least"""

# The first pixel of the picture, whose values are seconds.
PIXEL = """() => {
  const sources = [...heliograph.panels.get(3).body.drawing.doc._all_models.values()].filter((one) => one.data?.image);
  return sources[0].data.image[0][0]; }"""


@pytest.fixture(scope="module")
def product(make_product: ProductMaker, tmp_path_factory: pytest.TempPathFactory) -> Product:
    """A server beside which the plugin is installed."""
    site = installed_plugin(tmp_path_factory.mktemp("plugin"))
    return make_product(HELIOGRAPH_ANONYMOUS_ROLE="viewer", PYTHONPATH=str(site))


def test_its_source_is_made_tested_and_asked_as_any(product: Product) -> None:
    with product.client("admin") as admin:
        types = {one["type"]: one for one in admin.get(f"{API}/datasources/types").json()["items"]}
        assert types["dice"]["title"] == "Dice"
        made = admin.post(
            f"{API}/datasources", json={"uid": "dice", "name": "Dice", "type": "dice", "options": {"sides": 3}}
        )
        assert made.status_code == 201, made.text
        assert admin.post(f"{API}/datasources/dice/test").json()["message"] == "dice lie on the table"
        refused = admin.post(
            f"{API}/datasources", json={"uid": "d2", "name": "D2", "type": "dice", "options": {"sides": 1}}
        )
        assert (refused.status_code, refused.json()["path"]) == (422, "$.options.sides")
        asked = {"datasource": "dice", "query": "hours", "from": 0, "to": 14_400, "interval": "1h"}
        answer = admin.post(f"{API}/query", json=asked).json()
    assert [point["value"] for point in answer["data"]] == [0, 1, 2, 0, 1]


def test_its_panel_type_draws_in_a_live_view(product: Product) -> None:
    with product.client("admin") as admin:
        admin.post(f"{API}/datasources", json={"uid": "dice", "name": "Dice", "type": "dice"})
    product.save({"dashboard_id": "dice", "title": "Dice", "panels": [PANEL]})
    with product.client(None) as viewer:
        boot = viewer.get("/live/open", params={"dashboard": "dice"}).raise_for_status().json()
        viewer.headers["X-Heliograph-Token"] = boot["token"]

        def drawn() -> bytes:
            content: bytes = viewer.get(f"/live/{boot['view']}/panels", params={"ids": "1"}).raise_for_status().content
            return b"" if b'"loading"' in content else content

        content = wait(drawn, "the panel")
    assert b"DICE!" in content
    assert b'"stat"' in content, "the page draws it as a stat"


def panels_of(product: Product, dashboard: str) -> dict[str, dict[str, Any]]:
    """The panels of a dashboard's view once each is drawn or says why it is not, by id."""
    with product.client(None) as viewer:
        boot = viewer.get("/live/open", params={"dashboard": dashboard}).raise_for_status().json()
        viewer.headers["X-Heliograph-Token"] = boot["token"]
        ids = ",".join(str(head["id"]) for head in boot["panels"])

        def drawn() -> dict[str, dict[str, Any]]:
            answer = viewer.get(f"/live/{boot['view']}/panels", params={"ids": ids}).raise_for_status()
            found: dict[str, dict[str, Any]] = decode_snapshot(answer.content)[0]["panels"]
            return {} if any(one["state"] == "loading" for one in found.values()) else found

        made: dict[str, dict[str, Any]] = wait(drawn, "the panels", 90)
        return made


def test_functions_of_holoviews_and_panel_are_live_panels(product: Product, page: Page, tmp_path: Path) -> None:
    with product.client("admin") as admin:
        admin.post(f"{API}/datasources", json={"uid": "dice", "name": "Dice", "type": "dice"})
        types = admin.get(f"{API}/declarations").raise_for_status().text
        assert '"Of the area."' in types, "the options of a figure are a form"
    rolls = [
        {**ROLLS, "panel_id": 1, "type": "rolls", "options": {"color": "crimson"}},
        {**ROLLS, "panel_id": 2, "title": "Beside", "type": "beside", "position": {"x": 12, "w": 12, "h": 8}},
        {**ROLLS, "panel_id": 3, "title": "Picture", "type": "picture", "position": {"y": 8, "w": 12, "h": 8}},
    ]
    live = {"time": {"from": "now-1m", "to": "now"}, "refresh": "1s"}
    product.save({"dashboard_id": "rolls", "title": "Rolls", "panels": rolls, **live})
    page.goto(f"{product.url}/d/rolls")
    show_whole(page)
    assert page.evaluate(STATES) == {"Dice": "ready", "Beside": "ready", "Picture": "ready"}
    page.screenshot(path=tmp_path / "rolls.png")
    page.evaluate("one => window.drawnFirst = one", page.locator("main .panel canvas").first.element_handle())
    before, shown = page.evaluate(LATEST, 0), page.evaluate(PIXEL)
    page.wait_for_function(f"(least) => ({LATEST})(least) > 3000", arg=before, timeout=60_000)
    page.wait_for_function(f"(least) => ({PIXEL})() > least", arg=shown, timeout=60_000)
    assert page.evaluate("window.drawnFirst.isConnected"), "the models stayed: data alone came"


def test_what_a_function_does_wrong_stays_on_its_panel(product: Product) -> None:
    made = [
        {**ROLLS, "panel_id": 1, "type": "stuck"},
        {**ROLLS, "panel_id": 2, "type": "counted"},
        {**ROLLS, "panel_id": 3, "type": "rolls", "options": {"color": "no colour"}},
        {**ROLLS, "panel_id": 4, "type": "shout"},
    ]
    with product.client("admin") as admin:
        admin.post(f"{API}/datasources", json={"uid": "dice", "name": "Dice", "type": "dice"})
        refused = admin.post(
            f"{API}/dashboards", json={"title": "x", "panels": [{**made[2], "options": {"colour": 1}}]}
        )
        assert (refused.status_code, refused.json()["path"]) == (422, "$.panels[0].options.colour")
    product.save({"dashboard_id": "wrong", "title": "Wrong", "panels": made})
    found = panels_of(product, "wrong")
    assert {one: panel["state"] for one, panel in found.items()} == {
        "1": "timeout",
        "2": "ready",
        "3": "error",
        "4": "ready",
    }
    assert "ended its process" in found["1"]["message"]
    assert found["2"]["notice"].endswith("differs from call to call at Title.text")
    assert "no colour" in found["3"]["message"]


def test_figures_that_take_long_are_the_wait_of_their_own_dashboard(product: Product) -> None:
    with product.client("admin") as admin:
        admin.post(f"{API}/datasources", json={"uid": "dice", "name": "Dice", "type": "dice"})
    slow = [{**ROLLS, "panel_id": number, "type": "slow"} for number in range(1, 9)]
    product.save({"dashboard_id": "slow", "title": "Slow", "panels": slow})
    with product.client("editor") as other:
        quick = {"dashboard_id": "quick", "title": "Quick", "panels": [{**ROLLS, "panel_id": 1, "type": "rolls"}]}
        other.post(f"{API}/dashboards", json=quick).raise_for_status()
    with product.client(None) as viewer:
        boots = {}
        for name in ("slow", "quick"):
            boots[name] = viewer.get("/live/open", params={"dashboard": name}).raise_for_status().json()

        def states(name: str) -> list[str]:
            boot, ids = boots[name], ",".join(str(head["id"]) for head in boots[name]["panels"])
            headers = {"X-Heliograph-Token": boot["token"]}
            answer = viewer.get(f"/live/{boot['view']}/panels", params={"ids": ids}, headers=headers).raise_for_status()
            return [one["state"] for one in decode_snapshot(answer.content)[0]["panels"].values()]

        assert states("slow") == ["loading"] * 8
        wait(lambda: states("quick") == ["ready"], "a figure of another dashboard")
        assert "loading" in states("slow"), "eight figures of four seconds, and it did not wait for all of them"


def test_a_plugin_that_cannot_be_loaded_stops_the_start_with_a_line_that_names_it(tmp_path: Path) -> None:
    site = installed_plugin(tmp_path)
    (site / "heliograph_dice.py").write_text("raise RuntimeError('no dice')\n", "utf-8")
    command = [sys.executable, "-m", "heliograph", "check", str(tmp_path / "none.json")]
    environment = Product(tmp_path / "data", environment={"PYTHONPATH": str(site)}).variables()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "the plugin dice (heliograph_dice:register) cannot be loaded: RuntimeError('no dice')" in done.stderr
    assert "Traceback" not in done.stderr
