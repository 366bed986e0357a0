"""Panels that say nothing of their place stand below all others, in Python as in the editor's own script."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fixtures.scripts import SCRIPTS, ran

from heliograph.components.saved import as_config
from heliograph.components.spec import parse_dashboard

LINE = {"x": 0, "y": 3, "w": 24, "h": 1}
HALF = {"x": 12, "y": 4, "w": 12, "h": 5}
CASES: list[tuple[list[dict[str, Any]], list[tuple[int, int, int, int]]]] = [
    ([{}], [(0, 0, 12, 8)]),
    ([{}, {}, {}], [(0, 0, 12, 8), (12, 0, 12, 8), (0, 8, 12, 8)]),
    ([{}, {"position": HALF}, {}, {}], [(0, 9, 12, 8), (12, 4, 12, 5), (12, 9, 12, 8), (0, 17, 12, 8)]),
    (
        [{"type": "row"}, {}, {"type": "row"}, {}, {}],
        [(0, 0, 24, 1), (0, 1, 12, 8), (0, 9, 24, 1), (0, 10, 12, 8), (12, 10, 12, 8)],
    ),
    ([{"type": "row", "position": LINE}, {}], [(0, 3, 24, 1), (0, 4, 12, 8)]),
    ([{"position": {"x": 0, "y": 10_000, "w": 24, "h": 100}}, {}], [(0, 10_000, 24, 100), (0, 10_000, 12, 8)]),
]


def document(panels: list[dict[str, Any]]) -> dict[str, Any]:
    numbered = [{"panel_id": 1 + at, "type": "text", **panel} for at, panel in enumerate(panels)]
    return {"title": "Flow", "panels": numbered}


@pytest.mark.parametrize(("panels", "places"), CASES)
def test_a_panel_without_a_place_stands_where_nothing_else_does(
    panels: list[dict[str, Any]], places: list[tuple[int, int, int, int]]
) -> None:
    dashboard = parse_dashboard(document(panels))
    found = [panel.position for panel in dashboard.panels]
    assert [(one.x, one.y, one.w, one.h) for one in found] == places
    script = f"""
import {{ boxesOf }} from {json.dumps(str(SCRIPTS / "editor" / "grid.js"))};
console.log(JSON.stringify(boxesOf(given[0]).map((one) => [one.x, one.y, one.w, one.h])));
"""
    assert [tuple(one) for one in ran(script, document(panels))] == places


@pytest.mark.parametrize(("panels", "places"), CASES)
def test_a_document_without_places_is_kept_as_it_was_sent(panels: list[dict[str, Any]], places: object) -> None:
    assert as_config(parse_dashboard(document(panels))) == document(panels)


@pytest.mark.parametrize("change", ["added(doc, { type: 'text' }).patch", "removed(doc, [2])", "rowAdded(doc).patch"])
def test_panels_without_a_place_stay_where_they_stand_when_others_come_and_go(change: str) -> None:
    folder = SCRIPTS / "editor"
    script = f"""
import {{ boxesOf }} from {json.dumps(str(folder / "grid.js"))};
import {{ added, removed, rowAdded }} from {json.dumps(str(folder / "operations.js"))};
const doc = given[0];
const places = (doc) => Object.fromEntries(boxesOf(doc).map((one) => [one.id, [one.x, one.y, one.w, one.h]]));
const patch = {change};
const settled = patch.filter((one) => one.path.endsWith("/position"));
console.log(JSON.stringify([places(doc), settled.map((one) => [one.path, one.value])]));
"""
    before, settled = ran(script, document([{}, {}, {}]))
    for path, value in settled:
        panel_id = 1 + int(path.split("/")[2])
        if "removed" not in change or panel_id != 3:  # what is below rises
            assert before[str(panel_id)] == [value["x"], value["y"], value["w"], value["h"]]
    assert {path for path, _ in settled} == {f"/panels/{at}/position" for at in range(3)}
