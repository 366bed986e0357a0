"""Where panels stand on the grid when two layouts are joined: none over another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..panel_spec import GRID_COLUMNS, ROW, Position

Box = tuple[int, int, int, int]  # x, y, w, h


def overlaps(document: Mapping[str, Any]) -> bool:
    """Whether two panels cover each other."""
    boxes = [_box(panel) for panel in document.get("panels", [])]
    return any(_meet(one, other) for index, one in enumerate(boxes) for other in boxes[:index])


def pushed_apart(panels: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The panels, from the top on each as far down as it takes to stand free; their order stays."""
    placed: list[Box] = []
    tops: dict[int, int] = {}
    for panel in sorted(panels, key=lambda one: (_box(one)[1], one.get("type") != ROW, _box(one)[0])):
        x, y, w, h = _box(panel)
        while met := [other for other in placed if _meet((x, y, w, h), other)]:
            y = max(other[1] + other[3] for other in met)
        placed.append((x, y, w, h))
        tops[panel["panel_id"]] = y
    return [_at(panel, tops[panel["panel_id"]]) for panel in panels]


def _at(panel: Mapping[str, Any], y: int) -> dict[str, Any]:
    return dict(panel) if _box(panel)[1] == y else {**panel, "position": {**panel.get("position", {}), "y": y}}


def _box(panel: Mapping[str, Any]) -> Box:
    position = Position.model_validate(panel.get("position", {}))
    if panel.get("type") == ROW:
        return 0, position.y, GRID_COLUMNS, 1
    return position.x, position.y, position.w, position.h


def _meet(one: Box, other: Box) -> bool:
    beside = one[0] + one[2] <= other[0] or other[0] + other[2] <= one[0]
    above = one[1] + one[3] <= other[1] or other[1] + other[3] <= one[1]
    return not beside and not above
