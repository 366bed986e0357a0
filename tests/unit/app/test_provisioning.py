"""Files of dashboards and rules: found, read, and whole only where nothing is wrong with any of them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from heliograph.app.provisioning.finding import MAX_BYTES, FileFault, Place, find
from heliograph.app.provisioning.whole import Files, Whole
from heliograph.app.provisioning.yamldoc import parse_yaml
from heliograph.components.panels.registry import default_registry
from heliograph.errors import MalformedError

BOARD: dict[str, Any] = {"title": "Load", "panels": [{"panel_id": 1, "type": "stat", "query": {"metric": "up"}}]}
YAML_BOARD = """
dashboard_id: written
title: Written by hand
refresh: 5s
panels:
  - {panel_id: 1, type: text, options: {content: "on"}}
"""
PROMETHEUS = """
groups:
  - name: http
    rules:
      - alert: Slow
        expr: up == 0
        for: 5m
"""
RULE = {
    "rule_id": "load",
    "title": "Load",
    "group": "host",
    "targets": [{"ref": "A", "datasource": "promql", "query": "node_load1"}],
    "condition": {"of": "A", "reducer": "last", "fires": {"above": 5}},
}
PANELS = default_registry()


def whole(path: Path, **place: str) -> Whole:
    files = Files([Place(str(path), **place)], PANELS)
    return files.read(*files.look())


def write(folder: Path, **files: Any) -> None:
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / name.replace("__", ".")).write_text(text, "utf-8")


def test_dashboards_and_rules_of_all_forms_are_read(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    write(tmp_path, a__json=BOARD, b__yaml=YAML_BOARD, http__yml=PROMETHEUS, own__json=[RULE], notes__txt="no")
    write(tmp_path / "deep", c__json={**BOARD, "dashboard_id": "c", "version": 7, "url": "/d/c", "updated_by": "x"})
    found = whole(tmp_path, folder="shop", title="Shop")
    assert found.faults == []
    assert found.files == 5
    ids = [one.dashboard_id for one in found.wanted.dashboards]
    assert ids[1:] == ["written", "c"]
    assert ids[0].startswith("a-")
    assert found.wanted.dashboards[1].config["panels"][0]["options"] == {"content": "on"}
    assert [(one.rule.title, one.folder) for one in found.wanted.rules] == [("Slow", "shop"), ("Load", "shop")]
    assert found.wanted.folders == {"shop": "Shop"}
    assert found.wanted.dashboards[2].origin == f"{tmp_path}/deep/c.json"


def test_a_dashboard_of_grafana_is_taken_with_warnings_of_what_is_not_carried_over(tmp_path: Path) -> None:
    panel = {"id": 2, "type": "stat", "title": "Up", "targets": [{"refId": "A", "expr": "up"}], "timeFrom": "1h"}
    write(tmp_path, there__json={"title": "There", "uid": "there", "schemaVersion": 39, "panels": [panel]})
    found = whole(tmp_path)
    assert found.faults == []
    assert found.wanted.dashboards[0].dashboard_id == "there"
    assert found.wanted.dashboards[0].config["panels"][0]["type"] == "stat"
    assert [str(one).partition(":$: ")[2].partition(": ")[0] for one in found.warnings] == ["panel 2 (Up)"]


@pytest.mark.parametrize(
    ("name", "text", "path", "said"),
    [
        ("x.json", "{", "$", "not JSON"),
        ("x.json", '{"title": NaN}', "$", "not JSON"),
        ("x.json", '{"title": "a", "title": "b"}', "$", "twice"),
        ("x.json", '{"title": 1e999}', "$", "too large"),
        ("x.json", "[" * 100_000, "$", "nested"),
        ("x.json", '{"title": "x", "refresh": "\\u0000"}', "$.refresh", "U+0000"),
        ("x.json", '{"title": "x", "panels": [{"panel_id": 1, "type": "stat", "options": {"unit": 3}}]}',
         "$.panels[0].options.unit", "a text"),
        ("x.json", '{"title": "x", "apiVersion": "v1"}', "$", "neither panels nor rows"),
        ("x.json", "7", "$", "JSON object"),
        ("x.json", '[{"title": "no"}]', "$[0].targets", "missing"),
        ("x.yml", "", "$", "empty"),
        ("x.yml", "a: [", "$", "not YAML"),
        ("x.yml", "a: 1\na: 2", "$", "twice"),
        ("x.yml", "a: &a {x: 1}\nb: {<<: a}", "$", "merged"),
        ("x.yml", "!!python/object/apply:os.system ['true']", "$", "tag"),
        ("x.yml", "a: 1\n---\nb: 2", "$", "one document"),
        ("x.yml", PROMETHEUS.replace("up == 0", "up =="), "$.groups[0].rules[0].expr", ""),
    ],
)  # fmt: skip
def test_a_fault_names_file_path_and_reason(tmp_path: Path, name: str, text: str, path: str, said: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    found = whole(tmp_path)
    assert [(one.file, one.path) for one in found.faults[:1]] == [(f"{tmp_path}/{name}", path)]
    assert said in found.faults[0].detail
    assert str(found.faults[0]).startswith(f"{tmp_path}/{name}:{path}: ")


def test_a_yaml_bomb_is_refused_before_it_goes_off() -> None:
    lines = ["a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"{new}: &{new} [{', '.join(['*' + old] * 9)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)]
    with pytest.raises(MalformedError, match="more than"):
        parse_yaml("\n".join(lines))
    with pytest.raises(MalformedError, match="nested"):
        parse_yaml("&a [*a]")
    keys = ", ".join(f"k{number}: 1" for number in range(1000))
    many = f"a: &a {{{keys}}}\nb: {{<<: [{', '.join(['*a'] * 1000)}]}}"
    with pytest.raises(MalformedError, match="too much is merged"):
        parse_yaml(many)
    with pytest.raises(MalformedError, match="not YAML"):
        parse_yaml("a: &a {<<: *a}")
    with pytest.raises(MalformedError, match="characters together"):
        parse_yaml(f"a: &a {'x' * 10_000}\nb: [{', '.join(['*a'] * 4_000)}]")


def test_what_a_mapping_merges_stands_behind_its_own_keys() -> None:
    text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: 3}\nd: {<<: *b}"
    found = parse_yaml(text)[0]
    assert (found["c"], found["d"]) == ({"x": 3, "y": 1, "z": 2}, {"y": 2, "z": 2})


def test_a_file_that_is_too_large_or_no_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "large.json").write_bytes(b" " * (MAX_BYTES + 1))
    os.mkfifo(tmp_path / "pipe.json")
    assert {one.file.rsplit("/", 1)[1]: one.detail for one in whole(tmp_path).faults} == {
        "large.json": "a file has at most 4 MB",
        "pipe.json": "not a file",
    }


def test_links_are_followed_within_the_folder_and_not_out_of_it(tmp_path: Path) -> None:
    folder, outside = tmp_path / "in", tmp_path / "out"
    (folder / "..2026").mkdir(parents=True)
    outside.mkdir()
    write(folder / "..2026", map__json={**BOARD, "dashboard_id": "map"})
    (folder / "..data").symlink_to("..2026")
    (folder / "map.json").symlink_to("..data/map.json")  # as Kubernetes has config maps
    (folder / "round").symlink_to(folder)
    assert [one.dashboard_id for one in whole(folder).wanted.dashboards] == ["map"]
    assert whole(folder).faults == []
    write(outside, secret__json=BOARD)
    (folder / "secret.json").symlink_to(outside / "secret.json")
    (folder / "other").symlink_to(outside)
    (folder / "gone.json").symlink_to("nowhere.json")
    said = {one.file.rsplit("/", 1)[1]: one.detail for one in whole(folder).faults}
    assert said == {
        "secret.json": "a link that leads out of the folder",
        "other": "a link that leads out of the folder",
        "gone.json": "there is no such file or folder",
    }


def test_a_folder_that_is_not_there_is_a_fault_and_an_empty_one_is_none(tmp_path: Path) -> None:
    assert whole(tmp_path / "away").faults == [
        FileFault(str(tmp_path / "away"), "$", "there is no such file or folder")
    ]
    assert (whole(tmp_path).faults, whole(tmp_path).files) == ([], 0)


def test_an_id_that_two_files_have_names_both(tmp_path: Path) -> None:
    write(tmp_path, a__json={**BOARD, "dashboard_id": "one"}, b__json={**BOARD, "dashboard_id": "one"})
    write(tmp_path, r__yml=PROMETHEUS, s__yml=PROMETHEUS, own__json=[RULE, RULE])
    faults = {(one.file.rsplit("/", 1)[1], one.path): one.detail for one in whole(tmp_path).faults}
    assert faults["b.json", "$.dashboard_id"].startswith(f"{tmp_path}/a.json has a dashboard")
    assert faults["s.yml", "$.rule_id"].startswith(f"{tmp_path}/r.yml has a rule")
    assert faults["own.json", "$.rule_id"].startswith("this file has a rule")


def test_a_file_that_goes_while_it_is_read_is_a_fault_and_the_next_look_has_none(tmp_path: Path) -> None:
    write(tmp_path, a__json=BOARD, b__json={**BOARD, "title": "B"})
    files = Files([Place(str(tmp_path))], PANELS)
    seen = files.look()
    (tmp_path / "b.json").unlink()
    assert [one.detail for one in files.read(*seen).faults] == ["it went while it was read"]
    assert files.look() != seen
    again = files.read(*files.look())
    assert (again.faults, len(again.wanted.dashboards)) == ([], 1)


def test_only_what_was_written_is_read_again(tmp_path: Path) -> None:
    write(tmp_path, a__json=BOARD, b__json={**BOARD, "title": "B"})
    files = Files([Place(str(tmp_path))], PANELS)
    first = files.read(*files.look()).wanted.dashboards
    assert files.look() == files.look()
    write(tmp_path, b__json={**BOARD, "title": "C"})
    os.utime(tmp_path / "b.json", ns=(1, 1))
    second = files.read(*files.look()).wanted.dashboards
    assert second[0] is first[0]
    assert [one.config["title"] for one in second] == ["Load", "C"]


def test_a_group_that_prometheus_would_limit_is_taken_with_a_warning(tmp_path: Path) -> None:
    write(tmp_path, r__yml=PROMETHEUS.replace("name: http", "name: http\n    limit: 5"))
    found = whole(tmp_path)
    assert (found.faults, len(found.wanted.rules)) == ([], 1)
    assert "limit is not kept" in found.warnings[0].detail


def test_places_are_found_in_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, x__json=BOARD)
    found, faults = find([Place(str(tmp_path / "b")), Place(str(tmp_path / "a" / "x.json"))])
    assert faults == []
    assert [one.name.removeprefix(str(tmp_path)) for one in found] == ["/a/x.json", "/b/x.json"]
