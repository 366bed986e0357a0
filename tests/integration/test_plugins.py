"""A plugin that is installed from its wheel: the product has its source and its panel type, as it has its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from fixtures.plugin import installed_plugin
from fixtures.product import Product, ProductMaker
from fixtures.waiting import wait

API = "/api/v1"
PANEL = {"panel_id": 1, "title": "Dice", "type": "shout", "datasource": "dice", "query": "hours"}


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


def test_a_plugin_that_cannot_be_loaded_stops_the_start_with_a_line_that_names_it(tmp_path: Path) -> None:
    site = installed_plugin(tmp_path)
    (site / "heliograph_dice.py").write_text("raise RuntimeError('no dice')\n", "utf-8")
    command = [sys.executable, "-m", "heliograph", "check", str(tmp_path / "none.json")]
    environment = Product(tmp_path / "data", environment={"PYTHONPATH": str(site)}).variables()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "the plugin dice (heliograph_dice:register) cannot be loaded: RuntimeError('no dice')" in done.stderr
    assert "Traceback" not in done.stderr
