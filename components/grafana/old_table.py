"""The first table of Grafana, with its styles of columns, as the table that Grafana itself makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .given import Given, as_number

COLORS: Final = ("green", "orange", "red")
CELLS: Final[Mapping[str, str]] = {"cell": "color-background", "value": "color-text", "row": "color-background"}
TRANSFORMS: Final[Mapping[str, list[dict[str, Any]]]] = {
    "timeseries_to_rows": [{"id": "seriesToRows", "options": {}}],
    "timeseries_to_columns": [{"id": "seriesToColumns", "options": {}}],
    "table": [{"id": "merge", "options": {}}],
}
AGGREGATES: Final[Mapping[str, str]] = {
    "avg": "mean",
    "current": "lastNotNull",
    "total": "sum",
    "min": "min",
    "max": "max",
}
Config = dict[str, Any]


def old_mappings(given: Given) -> list[Config]:
    """Mappings of values, then of ranges, as they were once kept apart."""
    only = given.values.get("mappingType")
    values = [*given.each("valueMaps")] if only != 2 else []
    ranges = [*given.each("rangeMaps")] if only != 1 else []
    given.leave("valueMaps", "rangeMaps", "mappingType")
    found: list[Config] = [
        {"type": 1, "value": str(one.take("value", "")), "text": str(one.take("text", ""))} for one in values
    ]
    return found + [
        {"type": 2, "from": one.take("from"), "to": one.take("to"), "text": str(one.take("text", ""))} for one in ranges
    ]


def upgraded(panel: Given) -> Config:
    """The old table as one of today: its transform as transformations, its styles as overrides."""
    transform, columns = panel.text("transform", "table"), [*panel.each("columns")]
    steps = TRANSFORMS.get(transform, [])
    if transform == "timeseries_aggregations":
        reducers = [AGGREGATES.get(str(one.take("value")), str(one.take("value"))) for one in columns]
        steps = [{"id": "reduce", "options": {"reducers": reducers or ["mean"]}}]
    elif transform not in TRANSFORMS and transform != "json":
        panel.say("transform", f"{transform} is not carried over")
    defaults: Config = {"custom": {}}
    overrides: list[Config] = []
    for style in panel.each("styles"):
        pattern = style.text("pattern")
        found = _style(style)
        if pattern == "/.*/" and not found.get("custom.hidden"):
            defaults |= {key: value for key, value in found.items() if not key.startswith("custom.")}
            defaults["custom"] |= {
                key.removeprefix("custom."): value for key, value in found.items() if key.startswith("custom.")
            }
        elif found:
            is_pattern = pattern.startswith("/") and pattern.rfind("/") > 0
            matcher = {"id": "byRegexp" if is_pattern else "byName", "options": pattern}
            overrides.append({"matcher": matcher, "properties": [{"id": k, "value": v} for k, v in found.items()]})
    panel.leave(
        "fontSize", "pageSize", "scroll", "showHeader", "sort", "filterNull", "fieldConfig", "options", "columns"
    )
    panel.leave("pluginVersion")
    more = panel.take("transformations", [])
    return {
        "type": "table",
        "fieldConfig": {"defaults": defaults, "overrides": overrides},
        "options": {},
        "transformations": [*steps, *(more if isinstance(more, list) else [])],
    }


def _style(style: Given) -> Config:
    """What a column looked like, by the properties of today."""
    kind = style.text("type", "number")
    found: Config = {}
    alias, align = style.text("alias"), style.text("align")
    if alias:
        found["displayName"] = alias
    if align and align != "auto":
        found["custom.align"] = align
    if style.flag("link"):
        link = {"title": style.text("linkTooltip"), "url": style.text("linkUrl")}
        found["links"] = [{**link, "targetBlank": style.flag("linkTargetBlank")}]
    if kind == "hidden":
        found["custom.hidden"] = True
    elif kind == "date":
        form = style.text("dateFormat")
        found["unit"] = f"time: {form}" if form and form != "YYYY-MM-DD HH:mm:ss" else "dateTimeAsSystem"
    else:
        found |= _numbers(style, kind)
    style.leave(
        "link", "linkUrl", "linkTooltip", "linkTargetBlank", "dateFormat", "unit", "decimals", "colors", "thresholds"
    )
    style.leave("colorMode", "$$hashKey", "sanitize", "preserveFormat", "mappingType", "valueMaps", "rangeMaps")
    style.rest()
    return found


def _numbers(style: Given, kind: str) -> Config:
    found: Config = {}
    unit, decimals = style.text("unit"), style.number("decimals")
    if kind == "number" and unit:
        found["unit"] = unit
    if kind == "number" and decimals is not None:
        found["decimals"] = decimals
    mappings = old_mappings(style)
    if mappings:
        found["mappings"] = mappings
    mode, limits = style.values.get("colorMode"), style.values.get("thresholds")
    if isinstance(mode, str) and mode:
        if mode == "row":
            style.say("colorMode", "the cell alone is coloured, and not the row")
        found["custom.cellOptions"] = {"type": CELLS.get(mode, "auto")}
        numbers = [as_number(one) for one in limits] if isinstance(limits, list) else []
        colors = style.values.get("colors")
        names = [str(one) for one in colors] if isinstance(colors, list) else [*COLORS]
        steps = [{"value": value, "color": names[at % len(names)]} for at, value in enumerate([None, *numbers])]
        found["thresholds"] = {"mode": "absolute", "steps": steps}
    return found
