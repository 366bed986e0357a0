"""Files of dashboards over the API and from the command line: who may have them, and what stands in them."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from fixtures.naming import fresh
from fixtures.product import Product
from fixtures.prometheus import Prometheus

import heliograph as hg
from heliograph.app.live.snapshot import decode_snapshot
from heliograph.app.share.python.loaded import RemoteFeed
from heliograph.app.share.python.local import freeze
from heliograph.errors import HeliographError, NotFoundError, VersionConflictError

PANELS = [
    {"panel_id": 1, "title": "Load of $host", "type": "stat", "query": {"metric": "node_load1"}},
    {"panel_id": 2, "title": "Words", "type": "text", "position": {"y": 8}, "options": {"content": "words"}},
]
HOST = {"name": "host", "type": "custom", "query": "a,b,c-secret", "current": "a"}


def boot_of(text: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="boot">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    document: dict[str, object] = json.loads(found[1])
    return document


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "heliograph", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_a_file_says_range_values_version_and_where_it_is_from(product: Product) -> None:
    product.save({"dashboard_id": "told", "title": "Told", "panels": PANELS, "variables": [HOST]})
    with product.client("viewer") as viewer:
        answer = viewer.get("/api/v1/dashboards/told/export.html", params={"from": "now-1h", "var-host": "b"})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="told.html"'
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    boot = boot_of(answer.text)
    window = boot["window"]
    assert isinstance(window, list)
    assert 3_500_000 < window[1] - window[0] < 3_700_000
    assert (boot["version"], boot["title"]) == (1, "Told")
    assert f"{product.url}/d/told/told?from={window[0]}&amp;to={window[1]}&amp;var-host=b" in answer.text
    assert "c-secret" not in answer.text  # options that were not chosen are not part of it
    assert "Load of b" in answer.text


def test_a_file_of_one_panel_has_no_other(product: Product) -> None:
    product.save({"dashboard_id": "one-of-two", "title": "One", "panels": PANELS, "variables": [HOST]})
    with product.client("viewer") as viewer:
        text = viewer.get("/api/v1/dashboards/one-of-two/export.html", params={"panel": 2}).text
        assert re.findall(r'data-panel-id="(\d+)"', text) == ["2"]
        assert viewer.get("/api/v1/dashboards/one-of-two/export.html", params={"panel": 9}).status_code == 404


def test_what_is_no_argument_is_named(product: Product) -> None:
    with product.client("viewer") as viewer:
        for name, value in (("colour", "red"), ("panel", "x"), ("theme", "pink")):
            answer = viewer.get("/api/v1/dashboards/gallery/export.html", params={name: value})
            assert (answer.status_code, answer.json()["path"]) == (422, f"$.{name}")


def test_a_file_is_for_those_who_see_the_dashboard(product: Product) -> None:
    folder, dashboard = fresh("closed"), fresh("inside")
    with product.client("admin") as admin, product.client("viewer") as viewer:
        made = admin.post("/api/v1/folders", json={"uid": folder, "title": "C", "permissions": {"role:admin": "admin"}})
        assert made.status_code == 201, made.text
        document = {"dashboard_id": dashboard, "title": "Inside", "folder": folder, "panels": PANELS[1:]}
        assert admin.post("/api/v1/dashboards", json=document).status_code == 201
        path = f"/api/v1/dashboards/{dashboard}/export.html"
        assert viewer.get(path).status_code == 404
        assert admin.get(path).status_code == 200


def test_the_command_saves_a_file_and_says_what_went_wrong(product: Product, tmp_path: Path) -> None:
    product.save({"dashboard_id": "by-command", "title": "By command", "panels": PANELS, "variables": [HOST]})
    told = ["--url", product.url, "--token", product.token("viewer")]
    path = tmp_path / "shop.html"
    done = run("export", "by-command", "-o", str(path), "--from", "now-5m", "--var", "host=b", *told)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(rf"{re.escape(str(path))}: [\d.]+ (kB|MB)", done.stdout.strip())
    assert "Load of b" in path.read_text("utf-8")
    for arguments in (["none-such", "-o", str(path)], ["by-command", "-o", str(tmp_path / "x.doc")]):
        failed = run("export", *arguments, *told)
        assert (failed.returncode, len(failed.stderr.strip().splitlines())) == (1, 1)


def test_a_rule_is_pushed_pulled_and_pushed_again_but_not_over_somebodys_change(product: Product) -> None:
    token, rule_id = product.token("editor"), fresh("rule")
    rule = hg.Rule("Busy", hg.Metric("node_load1"), fires={"above": 1e9}, for_="1m", rule_id=rule_id)
    assert hg.push(rule, product.url, token) == f"{product.url}/alerts/{rule_id}"
    mine, theirs = (hg.pull_rule(product.url, rule_id, token) for _ in range(2))
    assert mine == rule
    hg.push(theirs, product.url, token)
    with pytest.raises(VersionConflictError):
        hg.push(mine, product.url, token)
    hg.push(mine, product.url, token, replace=True)
    recorded = hg.RecordingRule(f"{fresh('load')}:mean".replace("-", "_"), hg.Metric("node_load1", agg="avg"))
    hg.push(recorded, product.url, token)
    assert recorded.spec.rule_id
    assert hg.pull_rule(product.url, recorded.spec.rule_id, token) == recorded
    with pytest.raises(NotFoundError):
        hg.pull_rule(product.url, fresh("none"), token)


def test_a_board_is_pushed_pulled_and_pushed_again_but_not_over_somebodys_change(product: Product) -> None:
    token, dashboard = product.token("editor"), fresh("pushed")
    board = hg.Dashboard("Pushed", dashboard_id=dashboard, panels=[hg.Text("Words", content="words")])
    address = hg.push(board, product.url, token)
    assert address == f"{product.url}/d/{dashboard}/pushed"
    mine, theirs = (hg.pull(product.url, dashboard, token) for _ in range(2))
    assert mine == board
    assert (mine.version, mine.panels[0].kind) == (1, "text")
    hg.push(theirs, product.url, token)
    with pytest.raises(VersionConflictError):
        hg.push(mine, product.url, token)
    fresh_one = hg.Dashboard("Pushed", dashboard_id=dashboard, panels=[hg.Text("Words", content="other words")])
    with pytest.raises(HeliographError, match="already"):
        hg.push(fresh_one, product.url, token)
    hg.push(fresh_one, product.url, token, replace=True)
    assert hg.pull(product.url, dashboard, token).version == 3
    with pytest.raises(NotFoundError):
        hg.pull(product.url, "none-such", token)


def test_a_file_of_python_is_checked(tmp_path: Path) -> None:
    head = "import heliograph as hg\n"
    programs = {
        "good.py": 'hg.Dashboard("Good", panels=[hg.Stat("a", {"v": [1]}, unit="s")])',
        "option.py": 'hg.Dashboard("Bad", panels=[hg.TimeSeries("a", fill=7)])',
        "broken.py": "1 / 0",
        "syntax.py": "def",
    }
    said = {}
    for name, text in programs.items():
        path = tmp_path / name
        path.write_text(head + text, "utf-8")
        done = run("check", str(path))
        said[name] = (done.returncode, done.stdout.replace(str(path), "").strip())
    assert said == {
        "good.py": (0, ""),
        "option.py": (1, ":$.options.fill: TimeSeries 'a': $.options.fill: at most 1"),
        "broken.py": (1, ":$: ZeroDivisionError: division by zero"),
        "syntax.py": (1, ":$: line 2: invalid syntax"),
    }


def test_files_of_python_find_what_lies_beside_them_and_end_no_check(tmp_path: Path) -> None:
    paths = []
    for name, unit in (("one", "s"), ("other", 7)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "common.py").write_text(f"UNIT = {unit!r}", "utf-8")
        paths.append(folder / "board.py")
        board = 'hg.Dashboard("Board", panels=[hg.Stat("a", {"v": [1]}, unit=UNIT)])'
        ends = "import sys\nsys.exit(0)"
        paths[-1].write_text(f"import heliograph as hg\nfrom common import UNIT\n{board}\n{ends}", "utf-8")
    done = run("check", *map(str, paths))
    assert done.returncode == 1, done.stderr
    (fault,) = done.stdout.splitlines()
    assert fault.startswith(f"{paths[1]}:$.options.unit: ")


def test_the_data_of_a_panel_is_a_file(product: Product) -> None:
    rows = {"query": "select number as id, concat('=', toString(number)) as name from numbers(3)"}
    panels = [
        {
            "panel_id": 1,
            "title": "Rows of $host",
            "type": "table",
            "targets": [{**rows, "options": {"format": "table"}}],
        },
        {"panel_id": 2, "title": "Words", "type": "text"},
    ]
    product.save({"dashboard_id": "data", "title": "Data", "variables": [HOST], "panels": panels})
    with product.client("viewer") as viewer:
        csv = viewer.get("/d/data/panels/1.csv", params={"var-host": "b"})
        assert csv.headers["Content-Disposition"] == 'attachment; filename="data-rows-of-b.csv"'
        assert csv.text == "id,name\r\n0,'=0\r\n1,'=1\r\n2,'=2\r\n"
        assert viewer.get("/d/data/panels/1.json").json()["rows"] == [[0, "=0"], [1, "=1"], [2, "=2"]]
        table = pa.ipc.open_file(viewer.get("/d/data/panels/1.arrow").content).read_all()
        assert table.to_pydict() == {"id": [0.0, 1.0, 2.0], "name": ["=0", "=1", "=2"]}
        for path in ("1.csv?table=1", "2.csv", "3.csv", "1.xml"):
            assert viewer.get(f"/d/data/panels/{path}").status_code == 404, path
        assert viewer.get("/d/data/panels/1.csv?table=x").status_code == 422


async def test_a_servers_dashboard_is_shown_in_a_notebook_and_renewed(product: Product) -> None:
    panel = {"panel_id": 1, "title": "Load of $host", "type": "timeseries", "query": {"metric": "node_load1"}}
    document = {"dashboard_id": "loaded", "title": "Loaded", "refresh": "1s", "variables": [HOST], "panels": [panel]}
    await asyncio.to_thread(product.save, document)
    token = await asyncio.to_thread(product.token, "viewer")
    shown = await asyncio.to_thread(hg.load, product.url, "loaded", token, variables={"host": "b"}, refresh_s=0)
    bundle = shown._repr_mimebundle_()
    assert bundle["text/plain"] == "<Loaded>"
    assert "Load of b" in bundle["text/html"]
    feed = RemoteFeed(product.url, "loaded", token, [("var-host", "b")], "")
    try:
        first = await feed.next()
        later = await feed.next()
        while later.boot["window"] == first.boot["window"]:
            later = await feed.next()
        head, _ = decode_snapshot(later.parts["snapshot"])
        assert head["window"] == later.boot["window"]
        assert head["panels"]["1"]["state"] in ("ready", "empty")
    finally:
        await feed.close()
    with pytest.raises(NotFoundError):
        await asyncio.to_thread(hg.load, product.url, "none-such", token)


async def test_a_board_asks_its_sources_in_this_process(prometheus: Prometheus) -> None:
    sources = [{"uid": "prometheus", "type": "prometheus", "url": prometheus.url}]
    board = hg.Dashboard(
        "Asked",
        time="now-1m",
        variables=[hg.Query("job", "label_values(up, job)", datasource="prometheus")],
        panels=[hg.TimeSeries("Up of $job", hg.PromQL('up{job="$job"}', legend="{{job}}"))],
    )
    found = await freeze(board, sources=sources, variables={})
    head, _ = decode_snapshot(found.parts["snapshot"])
    assert found.boot["panels"][0]["title"] == "Up of prometheus"
    assert head["panels"]["1"]["state"] == "ready"
    assert [one["name"] for one in head["panels"]["1"]["texts"]["series"]] == ["prometheus"]


async def test_ad_hoc_filters_of_a_board_hold_in_this_process(prometheus: Prometheus) -> None:
    sources = [{"uid": "prometheus", "type": "prometheus", "url": prometheus.url}]
    board = hg.Dashboard(
        "Filtered",
        time="now-1m",
        variables=[hg.AdHoc("Filters", ["code|=|200"], datasource="prometheus")],
        panels=[hg.TimeSeries("Requests", hg.PromQL("sum by (code) (prometheus_http_requests_total)"))],
    )

    async def names(**variables: str) -> list[str]:
        found = await freeze(board, sources=sources, variables=variables)
        assert [one["current"] for one in found.boot["variables"]] == [[variables.get("Filters", "code|=|200")]]
        head, _ = decode_snapshot(found.parts["snapshot"])
        return [one["name"] for one in head["panels"]["1"].get("texts", {}).get("series", [])]

    assert ["200" in one for one in await names()] == [True]
    assert await names(Filters="code|=|none") == []
