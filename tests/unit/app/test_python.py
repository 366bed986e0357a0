"""Dashboards in Python: declared, arranged, as JSON and back, drawn with data of one's own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import heliograph as hg
from heliograph.app.live.snapshot import decode_snapshot
from heliograph.app.share.python.board import Dashboard
from heliograph.app.share.python.local import freeze
from heliograph.app.share.python.panels import CLASSES, registry
from heliograph.components.panels.registry import default_registry
from heliograph.datasources.variables.declared import VariableType
from heliograph.errors import InvalidError

ROOT = Path(__file__).parents[3]
SHIPPED = sorted([*ROOT.glob("app/demo/dashboards/*.json"), *ROOT.glob("app/own/dashboards/*.json")])
TIMES = pd.date_range("2026-01-01", periods=100, freq="1min", tz="UTC")
WAVE = np.sin(np.arange(100) / 10)
FIRST_MS, LAST_MS = (int(one.timestamp() * 1000) for one in (TIMES[0], TIMES[-1]))


async def drawn(board: Dashboard) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a file of the board begins with, and the head of its snapshot."""
    found = await freeze(board, sources=(), variables={})
    head, _ = decode_snapshot(found.parts["snapshot"])
    return dict(found.boot), head


def test_importing_the_package_loads_nothing_heavy() -> None:
    script = (
        "import sys, heliograph; print([n for n in ('bokeh', 'pandas', 'pydantic', 'tornado') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


def test_all_public_names_are_there_and_no_others() -> None:
    assert set(hg.__all__) == {*import_module("heliograph.app.share.python").__all__, "__version__"}
    assert all(hasattr(hg, name) for name in hg.__all__)
    assert {name for name in hg.__all__ if name != "__version__"} <= set(dir(hg))
    with pytest.raises(AttributeError, match="heliograph has no Nonsense"):
        _ = hg.Nonsense


def test_every_panel_type_has_a_class_with_its_options() -> None:
    for name in default_registry().names:
        made = CLASSES[name]
        assert getattr(hg, made.__name__) is made
        options = registry().get(name).Options.model_fields
        assert set(options) <= set(made.__signature__.parameters)
        assert all((field.description or "") in (made.__doc__ or "") for field in options.values())


def test_every_type_of_variable_has_a_name_in_python() -> None:
    made = [
        hg.Query("a", "label_values(job)"),
        hg.Custom("b", ["x"]),
        hg.Constant("c", "x"),
        hg.TextBox("d"),
        hg.Interval("e"),
        hg.DataSource("f", "prometheus"),
        hg.AdHoc("g", ["job|=|api"], datasource="prometheus"),
        hg.AdHoc("h"),
    ]
    assert {one.type for one in made} == set(get_args(VariableType))
    document = {"name": "g", "type": "adhoc", "current": ["job|=|api"], "datasource": "prometheus"}
    board = hg.Dashboard("Filtered", variables=made)
    assert board.to_json()["variables"][-2:] == [document, {"name": "h", "type": "adhoc"}]
    assert hg.Dashboard.from_json(board.to_json()) == board


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_document_is_the_same_after_python(path: Path) -> None:
    document = json.loads(path.read_text("utf-8"))
    board = hg.Dashboard.from_json(document)
    again = hg.Dashboard.from_json(board.to_json())
    assert board == again
    assert board.to_json() == again.to_json()
    assert [panel.kind for panel in board.panels] == [panel["type"] for panel in document["panels"]]


def test_what_a_server_tells_beside_a_document_is_no_part_of_the_board() -> None:
    told = {"version": 3, "url": "/d/a", "folder": "shop", "origin": "boards/a.json", "created_by": "files"}
    board = hg.Dashboard.from_json({"dashboard_id": "a", "title": "A", **told})
    assert (board.version, board.to_json()) == (3, {"dashboard_id": "a", "title": "A"})


def test_a_board_is_the_same_after_json() -> None:
    board = hg.Dashboard(
        "Shop",
        dashboard_id="shop",
        time="now-1h",
        refresh="5s",
        variables=[hg.Query("service", "label_values(service)", multi=True), hg.Custom("size", ["s", "m"])],
        panels=[
            hg.Row("Traffic"),
            hg.TimeSeries(
                "Errors",
                hg.PromQL("sum(rate(errors_total[5m]))", legend="{{service}}"),
                hg.Metric("node_load1", agg="max"),
                unit="reqps",
                thresholds=[hg.Threshold(value=3, level="warn")],
                links=[hg.Link(title="Host", url="/d/host")],
                overrides=[hg.Override(match=hg.Match(name="A"), set={"unit": "s"})],
                transformations=[hg.Transform("limit", limitField=3)],
                repeat=hg.Repeat(variable="service"),
            ),
            hg.Stat("Orders", hg.SQL("select 1"), w=4, h=3),
        ],
    )
    assert hg.Dashboard.from_json(json.loads(json.dumps(board.to_json()))) == board


def test_panels_without_a_place_stand_one_behind_the_other() -> None:
    board = hg.Dashboard(
        "Places",
        panels=[
            hg.Row("r"),
            hg.TimeSeries("a"),
            hg.TimeSeries("b"),
            hg.Stat("c"),
            hg.Logs("d"),
            hg.Text("e", x=3, y=40),
        ],
    )
    places = [(one.position.x, one.position.y, one.position.w) for one in board.spec.panels]
    assert places == [(0, 0, 24), (0, 1, 12), (12, 1, 12), (0, 9, 6), (0, 13, 24), (3, 40, 12)]
    assert [one.panel_id for one in board.spec.panels] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("declare", "path"),
    [
        (lambda: hg.TimeSeries("x", fill=7), "$.options.fill"),
        (lambda: hg.TimeSeries("x", unitt="s"), "$.unitt"),
        (lambda: hg.TimeSeries("x", w=30), "$.position.w"),
        (lambda: hg.Stat("x", 5), "$.targets[0]"),
        (lambda: hg.PromQL("up", legendd=""), "$.legendd"),
        (lambda: hg.Query("no name", "x"), "$.name"),
        (lambda: hg.AdHoc("filters", ["job=api"]), "$.current"),
        (lambda: hg.Dashboard("x", refresh="often"), "$.refresh"),
        (lambda: hg.Dashboard("x", panels=cast(Any, ["text"])), "$.panels[0]"),
        (lambda: hg.Dashboard("x", time=(datetime(2026, 1, 1), "now")), "$.time"),  # noqa: DTZ001 - without a zone
        (lambda: hg.Stat("x", np.zeros((2, 2, 2))), "$.data"),
    ],
)
def test_what_is_wrong_says_its_path(declare: Callable[[], Any], path: str) -> None:
    with pytest.raises(InvalidError) as caught:
        declare()
    assert caught.value.path == path
    assert path in caught.value.detail or path in ("$.targets[0]", "$.panels[0]", "$.time", "$.data")


def test_a_misspelt_setting_is_told_what_it_may_mean() -> None:
    with pytest.raises(InvalidError, match="did you mean unit"):
        hg.Gauge("x", unitt="s")


STRUCTURED = np.array([(1.0, 2.0)], dtype=[("a", "f8"), ("b", "f8")])


@pytest.mark.parametrize(
    "data",
    [
        pd.DataFrame({"wave": WAVE}, index=TIMES),
        pd.Series(WAVE, index=TIMES, name="wave"),
        pa.table({"time": pa.array(TIMES.to_pydatetime()), "wave": WAVE}),
        {"time": list(TIMES.to_pydatetime()), "wave": WAVE},
        lambda: {"time": list(TIMES.to_pydatetime()), "wave": WAVE},
    ],
    ids=["pandas", "series of pandas", "arrow", "dict", "function"],
)
async def test_data_of_ones_own_is_drawn(data: Any) -> None:
    span = (TIMES[0].to_pydatetime(), TIMES[-1].to_pydatetime())
    _, head = await drawn(hg.Dashboard("Own", time=span, panels=[hg.TimeSeries("Wave", data), hg.Stat("Last", data)]))
    assert [one["state"] for one in head["panels"].values()] == ["ready", "ready"]
    assert [one["name"] for one in head["panels"]["1"]["texts"]["series"]] == ["wave"]
    assert head["window"] == [FIRST_MS, LAST_MS]


@pytest.mark.parametrize(
    ("data", "columns"),
    [(WAVE, ["value"]), (np.eye(3), ["column 1", "column 2", "column 3"]), (STRUCTURED, ["a", "b"])],
    ids=["one dimension", "two", "structured"],
)
async def test_arrays_are_tables(data: Any, columns: list[str]) -> None:
    _, head = await drawn(hg.Dashboard("Arrays", panels=[hg.Table("T", data)]))
    assert [one["name"] for one in head["panels"]["1"]["texts"]["columns"]] == columns


async def test_frames_of_polars_are_drawn() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"time": list(TIMES.to_pydatetime()), "wave": WAVE})
    boot, head = await drawn(hg.Dashboard("Polars", panels=[hg.TimeSeries("Wave", frame)]))
    assert head["panels"]["1"]["state"] == "ready"
    assert boot["window"] == [FIRST_MS, LAST_MS]


async def test_without_a_range_a_dashboard_shows_all_of_its_own_data() -> None:
    frame = pd.DataFrame({"wave": WAVE}, index=TIMES)
    boot, _ = await drawn(hg.Dashboard("Own", panels=[hg.TimeSeries("Wave", frame)]))
    assert boot["window"] == [FIRST_MS, LAST_MS]


async def test_a_function_is_told_the_range_and_its_fault_is_its_panels_alone() -> None:
    seen: list[hg.Moment] = []

    def ask(moment: hg.Moment) -> dict[str, list[Any]]:
        seen.append(moment)
        return {"time": [moment.start, moment.end], "v": [1.0, 2.0]}

    def broken() -> None:
        raise RuntimeError("no bread today")

    span = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))
    _, head = await drawn(hg.Dashboard("F", time=span, panels=[hg.TimeSeries("a", ask), hg.TimeSeries("b", broken)]))
    assert head["panels"]["1"]["state"] == "ready"
    assert (seen[0].start, seen[0].end, len(seen)) == (*span, 1)
    assert head["panels"]["2"]["state"] == "error"
    assert "no bread today" in head["panels"]["2"]["message"]


async def test_refs_and_legends_of_own_data_are_its_own() -> None:
    frame = pd.DataFrame({"shop": ["a", "b"] * 50, "sold": WAVE}, index=TIMES).rename_axis("time")
    panel = hg.TimeSeries("Sold", hg.Own(frame, legend="at {{shop}}"), hg.Own(frame, ref="X"))
    _, head = await drawn(hg.Dashboard("Shops", panels=[panel]))
    names = [one["name"] for one in head["panels"]["1"]["texts"]["series"]]
    assert names[:2] == ["at a", "at b"]
    assert [target.ref for target in panel.spec.targets] == ["A", "X"]


def test_data_of_ones_own_is_in_no_document() -> None:
    board = hg.Dashboard("Own", panels=[hg.Text("t"), hg.Stat("Last", WAVE)])
    with pytest.raises(InvalidError, match="in this process alone") as caught:
        board.to_json()
    assert caught.value.path == "$.panels[1]"


def test_a_saved_dashboard_is_one_file_that_holds_its_data(tmp_path: Path) -> None:
    path = tmp_path / "shop.html"
    board = hg.Dashboard("A </script> shop", panels=[hg.TimeSeries("Wave", pd.DataFrame({"wave": WAVE}, index=TIMES))])
    said = hg.save(board, path, theme="dark")
    text = path.read_text("utf-8")
    assert said.endswith((" kB", " MB"))
    assert said in text
    assert "<h1" in text
    assert "A &lt;/script&gt; shop" in text
    assert "A </script> shop" not in text
    assert 'id="part-snapshot"' in text
    with pytest.raises(InvalidError):
        hg.save(board, path, theme="pink")


def test_every_public_name_is_documented() -> None:
    docs = "".join((ROOT / "docs" / f"{name}.md").read_text("utf-8") for name in ("python", "notebook"))
    assert [name for name in hg.__all__ if name != "__version__" and f"hg.{name}" not in docs] == []


ALERT: Any = {
    "fires": {"above": 5},
    "resolves": {"below": 3},
    "for_": "5m",
    "labels": {"severity": "page"},
    "annotations": {"summary": "{{ $labels.service }} at {{ $value | humanize }} %"},
}


def test_a_rule_says_what_was_said_and_comes_back_as_it_was() -> None:
    rate = hg.PromQL("sum by (service) (rate(errors_total[5m]))")
    half = {"datasource": "__expr__", "query": "$A / 2", "options": {"type": "math"}}
    rule = hg.Rule("Error rate", rate, half, **ALERT)
    document = rule.to_json()
    assert [one["ref"] for one in document["targets"]] == ["A", "B"]
    assert document["condition"] == {
        "of": "B",
        "reducer": "last",
        "fires": {"above": 5.0},
        "resolves": {"below": 3.0},
    }
    assert (document["for"], document["targets"][0]["datasource"]) == ("5m", "prometheus")
    again = hg.Rule.from_json(json.loads(json.dumps({**document, "version": 4, "kind": "alert"})))
    assert again == rule
    assert again.version == 4
    recorded = hg.RecordingRule("load:mean", hg.Metric("node_load1", agg="avg"), interval="30s")
    assert recorded.to_json()["target"]["datasource"] == "store"
    assert hg.RecordingRule.from_json(recorded.to_json()) == recorded


@pytest.mark.parametrize(
    ("made", "path"),
    [
        (lambda: hg.Rule("x", fires={"above": 1}), "$.targets"),
        (lambda: hg.Rule("x", hg.PromQL("up", legend="{{job}}"), fires={"above": 1}), "$.targets[0].legend"),
        (lambda: hg.Rule("x", hg.PromQL("up"), fires={"abov": 1}), "$.condition.fires.abov"),
        (lambda: hg.Rule("x", hg.PromQL("up"), fires={"above": 1}, resolves={"above": 0}), "$.condition.resolves"),
        (lambda: hg.Rule("x", hg.PromQL("up"), fires={"above": 1}, for_="soon"), "$.for"),
        (lambda: hg.Rule("x", hg.PromQL("up"), **{**ALERT, "annotations": {"s": "{{ $x }}"}}), "$.annotations.s"),
        (lambda: hg.RecordingRule("no name", hg.PromQL("up")), "$.record"),
        (lambda: hg.RecordingRule.from_json(hg.Rule("x", hg.PromQL("up"), fires={}).to_json()), "$"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said_by_its_path(made: Callable[[], Any], path: str) -> None:
    with pytest.raises(InvalidError) as caught:
        made()
    assert caught.value.path == path
