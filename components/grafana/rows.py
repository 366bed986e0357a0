"""Where Grafana's panels stand: old rows laid on the grid, and closed rows with what is in them unfolded."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ..panel_spec import GRID_COLUMNS
from .given import Given, Notes, as_number

ROW: Final = "row"
GRID_PX: Final = 38  # a row of the grid with the gap below it
LEAST_PX: Final = 90
USUAL_PX: Final = 250
SPANS: Final = 12
USUAL_SPAN: Final = 4
MOST_Y: Final = 10_000
MOST_H: Final = 100
USUAL_W: Final = 6  # of a panel that does not say its place
USUAL_H: Final = 3
Panel = dict[str, Any]


def panels_of(document: Given, notes: Notes) -> list[Panel]:
    """All panels and rows in one list, with whole places: those of a closed row behind it."""
    rows = [*document.each("rows")]
    listed = [dict(one.values) for one in document.each("panels") if one.values]
    if rows and not any(isinstance(one.get("gridPos"), Mapping) for one in listed):
        listed = [*listed, *_of_rows(rows, notes)]
    made = [one for one in listed if not one.get("repeatPanelId")]  # copies that a repeat once made, and was saved with
    return _risen(_unfolded(made))


def _of_rows(rows: Sequence[Given], notes: Notes) -> Iterator[Panel]:
    """The panels of rows, of before the grid (schema 16), as Grafana's own migration places them."""
    with_heads = any(
        row.values.get("collapse") or row.values.get("showTitle") or row.values.get("repeat") for row in rows
    )
    ids = [
        as_number(one.get("id"))
        for row in rows
        for one in _listed(row.values.get("panels"))
        if isinstance(one, Mapping)
    ]
    next_id = int(max([0, *(one for one in ids if one is not None)])) + 1
    y = 0
    for row in rows:
        height, closed = _grid_height(row.take("height")), row.flag("collapse")
        inside = [dict(one.values) for one in row.each("panels")]
        head: Panel | None = None
        if with_heads:
            head = {"id": next_id, "type": ROW, "title": row.text("title"), "collapsed": closed, "panels": []}
            head |= {"repeat": row.take("repeat"), "gridPos": {"x": 0, "y": y, "w": GRID_COLUMNS, "h": 1}}
            next_id, y = next_id + 1, y + 1
            yield head
        shelf = _Shelf(height, y)
        for panel in inside:
            panel["gridPos"] = shelf.place(panel)
        if head is not None and closed:
            head["panels"] = inside
        else:
            yield from inside
            y = shelf.bottom
        row.leave("title", "showTitle", "titleSize", "editable", "isNew", "repeatRowId", "repeatIteration", "repeat")
        row.leave("collapsed", "type", "id")
        row.rest()


class _Shelf:
    """The place of one row's panels: beside each other where there is room, as Grafana's RowArea packs them."""

    def __init__(self, height: int, y: int) -> None:
        self._height = height
        self._y = y
        self._filled = [0] * GRID_COLUMNS

    def place(self, panel: Mapping[str, Any]) -> dict[str, int]:
        span = as_number(panel.get("span")) or USUAL_SPAN
        width = max(1, min(GRID_COLUMNS, math.floor(span) * GRID_COLUMNS // SPANS))
        height = _grid_height(panel["height"]) if panel.get("height") else self._height
        found = self._room(width)
        if found is None:
            self._y, self._filled = self.bottom, [0] * GRID_COLUMNS
            found = (0, 0)
        x, top = found
        self._filled[x : x + width] = [max(one, top + height) for one in self._filled[x : x + width]]
        return {"x": x, "y": self._y + top, "w": width, "h": height}

    @property
    def bottom(self) -> int:
        return self._y + max(self._height, *self._filled)

    def _room(self, width: int) -> tuple[int, int] | None:
        """Where a panel stands: from the right, on what is not full, as long as nothing higher stands there."""
        start = end = -1
        for at in range(GRID_COLUMNS - 1, -1, -1):
            if self._height - self._filled[at] <= 0:
                break
            if end < 0:
                start = end = at
            elif self._filled[at] <= self._filled[at + 1]:
                start = at
            else:
                break
        if end < 0 or end - start < width - 1:
            return None
        return start, max(self._filled[start : end + 1])


def _grid_height(value: Any) -> int:
    """Rows of the grid for a height in pixels: `250px`, or a number."""
    match = re.match(r"\s*(\d{1,6})", value) if isinstance(value, str) else None
    number = float(match[1]) if match else as_number(value) if not isinstance(value, str) else None
    pixels = max(number or USUAL_PX, LEAST_PX)
    return min(math.ceil(pixels / GRID_PX), MOST_H)


def _unfolded(panels: Sequence[Panel]) -> list[Panel]:
    """Every panel with its place, in order; what is in a closed row stands below it, and pushes down what follows."""
    found: list[Panel] = []
    shift = 0
    for panel in sorted(panels, key=_order):
        place = position(panel)
        inside = [one for one in _listed(panel.get("panels")) if isinstance(one, Mapping) and one]
        found.append({**panel, "gridPos": {**place, "y": place["y"] + shift}, "panels": []})
        if panel.get("type") != ROW or not inside:
            continue
        places = [position(one) for one in inside]
        top, bottom = min(one["y"] for one in places), max(one["y"] + one["h"] for one in places)
        below = place["y"] + shift + 1 - top
        found += [{**one, "gridPos": {**own, "y": own["y"] + below}} for one, own in zip(inside, places, strict=True)]
        shift += bottom - top
    return found


def _risen(panels: Sequence[Panel]) -> list[Panel]:
    """Each panel, from the top on, as high as those above it let it stand, as Grafana's grid has them: none over
    another, and nothing left empty between them."""
    filled = [0] * GRID_COLUMNS
    tops: dict[int, int] = {}
    for panel in sorted(panels, key=_order):
        place = position(panel)
        columns = range(place["x"], place["x"] + place["w"])
        tops[id(panel)] = top = max(filled[at] for at in columns)
        for at in columns:
            filled[at] = top + place["h"]
    return [{**panel, "gridPos": {**position(panel), "y": tops[id(panel)]}} for panel in panels]


def _order(panel: Mapping[str, Any]) -> tuple[int, int]:
    place = position(panel)
    return place["y"], place["x"]


def position(panel: Mapping[str, Any]) -> dict[str, int]:
    """The place of a panel on the grid, within its bounds."""
    given = panel.get("gridPos")
    place = given if isinstance(given, Mapping) else {}
    x, y, w, h = (as_number(place.get(key)) for key in "xywh")
    if panel.get("type") == ROW:
        x, w, h = 0, GRID_COLUMNS, 1
    width = _within(w, 1, GRID_COLUMNS, USUAL_W)
    return {
        "x": min(_within(x, 0, GRID_COLUMNS - 1, 0), GRID_COLUMNS - width),
        "y": _within(y, 0, MOST_Y, 0),
        "w": width,
        "h": _within(h, 1, MOST_H, USUAL_H),
    }


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _within(value: float | None, least: int, most: int, usual: int) -> int:
    return usual if value is None else max(least, min(most, math.floor(value)))
