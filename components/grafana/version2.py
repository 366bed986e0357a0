"""Version 2 of Grafana's dashboards, elements and a layout, as the classic one: panels on a grid.

Tabs become rows: the first open, the others closed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from .given import Given, Notes

COLUMNS: Final = 24
MAX_NESTED: Final = 10  # layouts within layouts
AUTO_HEIGHTS: Final[Mapping[str, int]] = {"short": 5, "standard": 9, "tall": 14}
HIDE: Final[Mapping[str, int]] = {"dontHide": 0, "hideLabel": 1, "hideVariable": 2, "inControlsMenu": 0}
SORT: Final[Mapping[str, int]] = {
    "disabled": 0,
    "alphabeticalAsc": 1,
    "alphabeticalDesc": 2,
    "numericalAsc": 3,
    "numericalDesc": 4,
    "alphabeticalCaseInsensitiveAsc": 5,
    "alphabeticalCaseInsensitiveDesc": 6,
    "naturalAsc": 7,
    "naturalDesc": 8,
}
VARIABLES: Final[Mapping[str, str]] = {
    "QueryVariable": "query",
    "CustomVariable": "custom",
    "ConstantVariable": "constant",
    "TextVariable": "textbox",
    "IntervalVariable": "interval",
    "DatasourceVariable": "datasource",
    "AdhocVariable": "adhoc",
    "GroupByVariable": "groupby",
    "SwitchVariable": "switch",
}
CURSORS: Final[Mapping[str, int]] = {"Off": 0, "Crosshair": 1, "Tooltip": 2}
Panels = list[dict[str, Any]]


def as_classic(spec: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
    """The classic document of version 2's spec."""
    given = Given.of(spec, "", notes)
    times = given.inner("timeSettings")
    made = {
        **{key: given.take(key) for key in ("title", "description", "tags", "links", "uid") if key in spec},
        "time": {"from": times.text("from", "now-6h"), "to": times.text("to", "now")},
        "refresh": times.text("autoRefresh"),
        "timezone": times.text("timezone"),
        "weekStart": times.text("weekStart"),
        "graphTooltip": given.choice("cursorSync", CURSORS, 0),
        "annotations": given.take("annotations", []),
        "templating": {"list": [_variable(one) for one in given.each("variables")]},
        "panels": _Laid(given.inner("elements"), notes).panels(given.inner("layout"), 0),
    }
    times.leave("autoRefreshIntervals", "quickRanges", "hideTimepicker", "nowDelay")
    times.defaults(fiscalYearStartMonth=0)
    times.rest()
    given.leave("editable", "preload", "liveNow", "revision")
    given.rest()
    return made


def _variable(given: Given) -> dict[str, Any]:
    """A variable of version 2: its kind beside a spec, with words for what was numbers."""
    spec = given.inner("spec")
    kind = str(given.take("kind", ""))
    made = dict(spec.values)
    made["type"] = VARIABLES.get(kind, kind)
    made["hide"] = HIDE.get(str(made.get("hide", "")), 0)
    if "sort" in made:
        made["sort"] = SORT.get(str(made["sort"]), 0)
    made.pop("refresh", None)
    if made["type"] == "datasource":
        made["query"] = made.pop("pluginId", "")
    query = made.get("query")
    if isinstance(query, Mapping):
        made["query"], source = _asked(query)
        if source:
            made["datasource"] = source
    return made


def _asked(query: Mapping[str, Any], beside: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a query of version 2 asks, and whom."""
    spec = query.get("spec")
    kind = str(query.get("group") or query.get("kind") or "")
    named = query.get("datasource") or beside
    uid = named.get("name") or named.get("uid") if isinstance(named, Mapping) else named
    source = {key: value for key, value in (("type", "" if kind == "DataQuery" else kind), ("uid", uid)) if value}
    return (dict(spec) if isinstance(spec, Mapping) else {}), source


class _Laid:
    """The panels of a layout, one below the other on the grid of the classic document."""

    def __init__(self, elements: Given, notes: Notes) -> None:
        self._elements = elements
        self._notes = notes
        self._taken: set[str] = set()
        self._row_ids = 900_000

    def panels(self, layout: Given, y: int, depth: int = 0, title: str = "") -> Panels:
        """The panels of a layout from the row `y` of the grid on; `title`: of the tabs and rows around it."""
        kind, spec = str(layout.take("kind", "")), layout.inner("spec")
        if depth > MAX_NESTED:
            layout.say("kind", f"layouts are nested deeper than {MAX_NESTED}")
            return []
        if kind == "GridLayout":
            return [one for item in spec.each("items") for one in self._placed(item, y)]
        if kind == "AutoGridLayout":
            return [*self._auto(spec, y)]
        if kind in ("RowsLayout", "TabsLayout"):
            return self._below_each_other([*spec.each("rows" if kind == "RowsLayout" else "tabs")], y, depth, title)
        layout.say("kind", f"{kind or 'a layout of no kind'} is not known")
        return []

    def _placed(self, item: Given, y: int) -> Iterator[dict[str, Any]]:
        spec = item.inner("spec")
        place = {
            ours: spec.number(theirs) for ours, theirs in (("x", "x"), ("y", "y"), ("w", "width"), ("h", "height"))
        }
        place["y"] = (place["y"] or 0) + y
        yield from self._element(spec, place)

    def _auto(self, spec: Given, y: int) -> Iterator[dict[str, Any]]:
        """Panels of one size beside each other, at most so many."""
        columns = max(1, min(COLUMNS, int(spec.number("maxColumnCount") or 3)))
        width, height = COLUMNS // columns, AUTO_HEIGHTS.get(str(spec.take("rowHeightMode", "standard")), 9)
        for index, item in enumerate(spec.each("items")):
            place = {"x": index % columns * width, "y": y + index // columns * height, "w": width, "h": height}
            yield from self._element(item.inner("spec"), place)

    def _below_each_other(self, parts: Sequence[Given], y: int, depth: int, title: str) -> Panels:
        found: Panels = []
        for index, part in enumerate(parts):
            spec = part.inner("spec")
            is_tab = part.take("kind") == "TabsLayoutTab"
            name = " / ".join(one for one in (title, spec.text("title")) if one)
            closed = spec.flag("collapse") or (is_tab and index > 0)
            spec.leave("hideHeader", "fillScreen")
            layout = spec.inner("layout")
            if layout.values.get("kind") in ("RowsLayout", "TabsLayout"):
                inner = self.panels(layout, y, depth + 1, name)
                found += inner
            else:
                inner = self.panels(layout, 0 if closed else y + 1, depth + 1, name)
                found += [self._row(spec, name, y, inner if closed else []), *([] if closed else inner)]
            y = max([y, *(_bottom(one) for one in found)])
            spec.leave("layout")
            spec.rest()
        return found

    def _row(self, spec: Given, title: str, y: int, inside: Panels) -> dict[str, Any]:
        self._row_ids += 1
        repeat = spec.inner("repeat")
        return {
            "id": self._row_ids,
            "type": "row",
            "title": title,
            "collapsed": bool(inside),
            "gridPos": {"x": 0, "y": y, "w": COLUMNS, "h": 1},
            "panels": inside,
            **({"repeat": repeat.take("value")} if repeat.values else {}),
        }

    def _element(self, spec: Given, place: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        name = str(spec.inner("element").take("name", ""))
        element = self._elements.inner(name)
        repeat = spec.inner("repeat")
        if spec.take("conditionalRendering"):
            self._notes.say(spec.at("conditionalRendering"), "the panel is always shown")
        if name in self._taken or not element.values:
            spec.say("element", f"there is no element {name}" if not element.values else f"{name} stands there twice")
            return
        self._taken.add(name)
        made = _panel(element)
        made["gridPos"] = dict(place)
        if repeat.values:
            made |= {"repeat": repeat.take("value"), "repeatDirection": repeat.take("direction", "h")}
            made |= {"maxPerRow": repeat.take("maxPerRow")}
        yield made


def _panel(element: Given) -> dict[str, Any]:
    spec = element.inner("spec")
    if element.take("kind") == "LibraryPanel":
        return {**spec.values, "type": "", "libraryPanel": spec.values.get("libraryPanel") or {"name": "?"}}
    drawn, group = spec.inner("vizConfig"), spec.inner("data").inner("spec")
    look, options = drawn.inner("spec"), group.inner("queryOptions")
    kind = str(drawn.take("group") or drawn.take("kind") or "")
    return {
        **{key: spec.take(key) for key in ("id", "title", "description", "links", "transparent")},
        "type": kind,
        "options": look.take("options", {}),
        "fieldConfig": look.take("fieldConfig", {}),
        "targets": [_target(one) for one in group.each("queries")],
        "transformations": [_transformation(one) for one in group.each("transformations")],
        **{
            key: options.take(key) for key in ("interval", "maxDataPoints", "timeFrom", "timeShift", "hideTimeOverride")
        },
    }


def _target(query: Given) -> dict[str, Any]:
    spec = query.inner("spec")
    inner = spec.inner("query")
    asked, source = _asked(inner.values, spec.take("datasource"))
    made = {**asked, "refId": spec.text("refId", "A"), "hide": spec.flag("hidden")}
    return {**made, "datasource": source} if source else made


def _transformation(one: Given) -> dict[str, Any]:
    """`{"kind": id, "spec": {…}}`, or with the id as its `group`."""
    spec = dict(one.inner("spec").values)
    return {"id": one.take("group") or spec.get("id") or one.take("kind"), **spec}


def _bottom(panel: Mapping[str, Any]) -> int:
    place = panel["gridPos"]
    return int((place["y"] or 0) + (place["h"] or 0))
