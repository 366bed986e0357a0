"""Panels of former types, singlestat, the first table and others, as those that Grafana itself makes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from . import old_graph, old_table
from .given import Given, as_number

CALCS: Final[Mapping[str, str]] = {
    "avg": "mean",
    "current": "lastNotNull",
    "total": "sum",
    "min": "min",
    "max": "max",
    "first": "first",
    "delta": "delta",
    "diff": "diff",
    "range": "range",
    "name": "lastNotNull",
}
COLORS: Final = ("green", "orange", "red")
Config = dict[str, Any]
# What generators of the time wrote into every panel, whatever its type: Grafana itself passes it by.
FORMER_KEYS: Final = (
    "aliasColors bars dashLength dashes fill legend lines linewidth percentage pointradius points renderer "
    "seriesOverrides spaceLength stack steppedLine tooltip xaxis yaxes thresholds styles columns transform fontSize "
    "pageSize scroll showHeader sort nullPointMode"
)
FORMER: Final = frozenset(FORMER_KEYS.split())


def upgraded(panel: Given) -> Config:
    """The panel in the form of today: its own keys, with those of the former form taken out."""
    kind = str(panel.values.get("type") or "")
    if kind == "table" and panel.values.get("styles") and not _has_fields(panel):
        kind = "table-old"
    change = OLD.get(kind)
    made = {} if change is None else change(panel)
    kept = panel.left if kind == "graph" else panel.left - FORMER
    return {**{key: value for key, value in panel.values.items() if key in kept}, **made}


def _has_fields(panel: Given) -> bool:
    config = panel.values.get("fieldConfig")
    defaults = config.get("defaults") if isinstance(config, Mapping) else None
    return bool(isinstance(defaults, Mapping) and set(defaults) - {"custom", "links"}) or bool(
        isinstance(config, Mapping) and config.get("overrides")
    )


def _singlestat(panel: Given) -> Config:
    gauge, name = panel.inner("gauge"), panel.text("valueName", "avg")
    is_gauge = gauge.flag("show")
    defaults: Config = {"color": {"mode": "thresholds"}, "mappings": old_table.old_mappings(panel), **_unit(panel)}
    steps = _levels(panel)
    if steps:
        defaults["thresholds"] = {"mode": "absolute", "steps": steps}
    nothing = panel.text("nullText")
    if nothing:
        defaults["noValue"] = nothing
    if is_gauge:
        defaults |= {key: gauge.number(f"{key}Value") for key in ("min", "max")}
    sparkline, column = panel.inner("sparkline").flag("show"), panel.text("tableColumn")
    colored, behind = panel.flag("colorValue"), panel.flag("colorBackground")
    options: Config = {"reduceOptions": {"calcs": [CALCS.get(name, name)], "fields": f"/^{column}$/" if column else ""}}
    if is_gauge:
        options |= {"showThresholdLabels": gauge.flag("thresholdLabels"), "showThresholdMarkers": True}
    else:
        options |= {"graphMode": "area" if sparkline else "none", "textMode": "name" if name == "name" else "auto"}
        options["colorMode"] = "background" if behind else "value" if colored else "none"
    panel.leave("colors", "mappingType", "mappingTypes", "fontSize", "nullPointMode", "valueFontSize", "prefixFontSize")
    panel.leave(
        "postfixFontSize", "options", "fieldConfig", "cacheTimeout", "sparkline", "gauge", "format", "pluginVersion"
    )
    return {
        "type": "gauge" if is_gauge else "stat",
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": options,
    }


def _unit(panel: Given) -> Config:
    """Unit and digits; a text before or behind the number is a unit of its own where there is no other."""
    unit, decimals = panel.text("format"), panel.number("decimals")
    made: Config = {} if decimals is None else {"decimals": decimals}
    if unit in ("", "none", "short"):
        for key, form in (("postfix", "suffix"), ("prefix", "prefix")):
            text = panel.values.get(key)
            if isinstance(text, str) and text.strip():
                panel.take(key)
                return {**made, "unit": f"{form}:{text}"}
    return {**made, **({"unit": unit} if unit else {})}


def _levels(panel: Given) -> list[Config]:
    """`"50,80"` with three colours as steps."""
    text = panel.text("thresholds")
    limits = [number for one in text.split(",") if (number := as_number(one.strip())) is not None]
    colors = panel.take("colors", [])
    listed = [str(one) for one in colors] if isinstance(colors, list) else []
    if not limits:
        return []
    names = [*listed, *COLORS[len(listed) :]]
    return [
        {"value": None if at == 0 else limits[at - 1], "color": names[min(at, len(names) - 1)]}
        for at in range(len(limits) + 1)
    ]


def _text(panel: Given) -> Config:
    options = panel.values.get("options")
    if isinstance(options, Mapping) and "content" in options:
        return dict(panel.values)
    return {"type": "text", "options": {"mode": panel.text("mode", "markdown"), "content": panel.text("content")}}


def _pie(panel: Given) -> Config:
    legend = panel.inner("legend")
    shown = legend.flag("show", True)
    values = [name for name, on in (("value", legend.flag("values")), ("percent", legend.flag("percentage"))) if on]
    place = "right" if "ight" in panel.text("legendType") else "bottom"
    options = {
        "pieType": "donut" if panel.text("pieType", "pie") == "donut" else "pie",
        "reduceOptions": {"calcs": [CALCS.get(panel.text("valueName", "current"), "lastNotNull")]},
        "legend": {"displayMode": "list" if shown else "hidden", "placement": place, "values": values},
    }
    overrides = [*old_graph.aliases(panel)]
    panel.leave("breakPoint", "combine", "fontSize", "strokeWidth", "cacheTimeout", "aliasColors", "nullPointMode")
    panel.leave("fieldConfig", "options", "format", "pluginVersion")
    unit = _unit(Given.of(panel.values, "", panel.notes))
    return {"type": "piechart", "options": options, "fieldConfig": {"defaults": unit, "overrides": overrides}}


def _heatmap(panel: Given) -> Config:
    if panel.values.get("options"):
        panel.leave("cards", "color", "dataFormat", "heatmap", "hideZeroBuckets", "highlightCards", "legend")
        panel.leave("reverseYBuckets", "tooltip", "tooltipDecimals", "xAxis", "yAxis", "yBucketBound", "xBucketSize")
        panel.leave("xBucketNumber", "yBucketSize", "yBucketNumber")
        return {}
    axis, legend = panel.inner("yAxis"), panel.inner("legend")
    options = {
        "calculate": panel.text("dataFormat", "timeseries") != "tsbuckets",
        "yAxis": {"unit": axis.text("format"), "decimals": axis.number("decimals")},
        "legend": {"show": legend.flag("show")},
    }
    panel.leave("cards", "color", "heatmap", "hideZeroBuckets", "highlightCards", "reverseYBuckets", "tooltip", "xAxis")
    panel.leave("tooltipDecimals", "yBucketBound", "xBucketSize", "xBucketNumber", "yBucketSize", "yBucketNumber")
    return {"type": "heatmap", "options": options, "fieldConfig": {}}


OLD: Final[Mapping[str, Callable[[Given], Config]]] = {
    "graph": old_graph.upgraded,
    "singlestat": _singlestat,
    "grafana-singlestat-panel": _singlestat,
    "table-old": old_table.upgraded,
    "text": _text,
    "grafana-piechart-panel": _pie,
    "heatmap": _heatmap,
}
