"""Provisioned folders of a running server: what is in them is there, changes with them, and is nobody else's."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fixtures.product import Product, ProductMaker
from fixtures.waiting import wait

API = "/api/v1"
RULES = "groups:\n  - name: g\n    rules:\n      - record: job:up\n        expr: sum(up)\n"


@pytest.fixture(scope="module")
def boards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("boards")


@pytest.fixture(scope="module")
def server(make_product: ProductMaker, boards: Path, tmp_path_factory: pytest.TempPathFactory) -> Product:
    write(boards, "one", "One")
    (boards / "rules.yml").write_text(RULES)
    config = tmp_path_factory.mktemp("settings") / "heliograph.toml"
    config.write_text(f'[[provisioning]]\npath = "{boards}"\nfolder = "files"\ntitle = "Of files"\n')
    return make_product(HELIOGRAPH_CONFIG=str(config), HELIOGRAPH_ANONYMOUS_ROLE="viewer")


@pytest.fixture(scope="module")
def admin(server: Product) -> Iterator[httpx.Client]:
    with server.client("admin") as client:
        yield client


def write(folder: Path, name: str, title: str, **more: Any) -> None:
    (folder / f"{name}.json").write_text(json.dumps({"dashboard_id": name, "title": title, **more}), "utf-8")


def check(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "heliograph", "check", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def title(client: httpx.Client, name: str) -> str:
    """What a dashboard is called; empty where there is none."""
    answer = client.get(f"{API}/dashboards/{name}")
    return str(answer.json()["title"]) if answer.status_code == 200 else ""


def test_files_are_there_are_changed_by_nobody_else_and_go_with_their_file(
    server: Product, admin: httpx.Client, boards: Path
) -> None:
    wait(lambda: title(admin, "one") == "One", "the files")
    one = admin.get(f"{API}/dashboards/one").json()
    assert one["origin"] == f"{boards}/one.json"
    listed = admin.get(f"{API}/dashboards", params={"folder": "files"}).json()["items"]
    assert [(item["dashboard_id"], item["folder"]["title"]) for item in listed] == [("one", "Of files")]
    assert "origin" not in httpx.get(f"{server.url}{API}/dashboards/one").json(), "viewers learn of no files"
    for answer in (
        admin.put(f"{API}/dashboards/one", json=one),
        admin.put(f"{API}/dashboards/one/folder", json={"folder": None}),
        admin.delete(f"{API}/dashboards/one"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert f"{boards}/one.json" in answer.json()["detail"]
    (rule,) = admin.get(f"{API}/rules").json()["items"]
    assert rule["origin"] == f"{boards}/rules.yml"
    for path in (f"{API}/rules", f"{API}/rules/{rule['rule_id']}", "/prometheus/api/v1/rules", "/alerts"):
        seen = httpx.get(f"{server.url}{path}")
        assert (seen.status_code, str(boards) in seen.text) == (200, False), path
    refused = admin.delete(f"{API}/rules/{rule['rule_id']}")
    assert (refused.status_code, f"{boards}/rules.yml" in refused.json()["detail"]) == (403, True)
    copy = admin.post(f"{API}/dashboards", json={**one, "dashboard_id": "own", "title": "A copy"})
    assert (copy.status_code, copy.json().get("origin")) == (201, None)
    write(boards, "one", "One, again")
    write(boards, "two", "Two")
    wait(lambda: (title(admin, "one"), title(admin, "two")) == ("One, again", "Two"), "the files")
    assert admin.get(f"{API}/dashboards/one").json()["version"] == 2
    (boards / "two.json").unlink()
    wait(lambda: title(admin, "two") == "", "the files")
    assert title(admin, "own") == "A copy"


def test_a_broken_file_changes_nothing_and_is_named_to_admins(
    server: Product, admin: httpx.Client, boards: Path
) -> None:
    def faults() -> list[dict[str, str]]:
        found: list[dict[str, str]] = admin.get(f"{API}/provisioning").json()["faults"]
        return found

    write(boards, "kept", "Kept")
    wait(lambda: title(admin, "kept") == "Kept", "the files")
    panel = {"panel_id": 1, "type": "stat", "options": {"unit": 3}}
    write(boards, "bad", "Bad", panels=[panel])
    write(boards, "kept", "Changed beside a broken one")
    wait(lambda: bool(faults()), "the files")
    (fault,) = faults()
    assert (fault["file"], fault["path"]) == (f"{boards}/bad.json", "$.panels[0].options.unit")
    assert (title(admin, "kept"), title(admin, "bad")) == ("Kept", "")
    assert "heliograph_provisioning_faults 1.0" in admin.get("/metrics").text
    assert f"{boards}/bad.json" in admin.get("/").text
    assert f"{boards}/bad.json" not in httpx.get(f"{server.url}/").text
    assert admin.get(f"{API}/provisioning").json()["brought_at"] is not None
    offline = check("--config", server.environment["HELIOGRAPH_CONFIG"])
    assert offline.returncode == 1
    assert offline.stdout.startswith(f"{boards}/bad.json:$.panels[0].options.unit: ")
    (boards / "bad.json").unlink()
    wait(lambda: title(admin, "kept") == "Changed beside a broken one", "the files")
    assert faults() == []
    assert check("--config", server.environment["HELIOGRAPH_CONFIG"]).returncode == 0
    assert 'heliograph_provisioned{kind="dashboard"} 2.0' in admin.get("/metrics").text
