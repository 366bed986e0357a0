"""The graph panel of Grafana 7 and before as the time series that Grafana itself makes of it.

Source: `graphToTimeseriesOptions` of Grafana's own migration.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from .given import Given, as_number

CALCS: Final[Mapping[str, str]] = {
    "min": "min",
    "max": "max",
    "avg": "mean",
    "current": "lastNotNull",
    "total": "sum",
}
SORTS: Final[Mapping[str, str]] = {"current": "Last", "avg": "Mean", "min": "Min", "max": "Max", "total": "Total"}
LEVELS: Final[Mapping[str, str]] = {"critical": "red", "warning": "orange", "ok": "green"}
Config = dict[str, Any]


def upgraded(panel: Given) -> dict[str, Any]:
    """A time series panel, or the bar chart or histogram that an axis of series or values means."""
    axes = [*panel.each("yaxes")]
    left, right = (axes[0] if axes else None), (axes[1] if len(axes) > 1 else None)
    thresholds, style = _thresholds(panel)
    defaults: Config = {
        "color": {"mode": "palette-classic"},
        **_axis(left, panel),
        "custom": {**_drawn(panel), **_axis_custom(left), "thresholdsStyle": {"mode": style}},
    }
    if thresholds:
        defaults["thresholds"] = {"mode": "absolute", "steps": thresholds}
    links = panel.inner("options").take("dataLinks") or panel.inner("fieldConfig").inner("defaults").take("links")
    if links:
        defaults["links"] = links
    overrides = [*aliases(panel), *_series(panel, right)]
    options: Config = {"legend": _legend(panel), "tooltip": _tooltip(panel)}
    kind, more = _kind(panel)
    panel.leave("options", "fieldConfig", "yaxis", "grid", "renderer", "dashLength", "spaceLength", "dashes", "error")
    panel.leave("hiddenSeries", "pluginVersion", "alertThreshold", "x-axis", "y-axis", "y_formats", "bars", "lines")
    panel.leave("fillGradient")
    return {"type": kind, "fieldConfig": {"defaults": defaults, "overrides": overrides}, "options": {**options, **more}}


def _kind(panel: Given) -> tuple[str, Config]:
    axis = panel.inner("xaxis")
    axis.leave("buckets", "name", "show", "min", "max", "format", "logBase")
    mode, values = axis.text("mode", "time"), axis.take("values", [])
    if mode == "series":
        calc = CALCS.get(str(values[0]) if isinstance(values, list) and values else "total", "sum")
        return "barchart", {"calc": calc}
    return ("histogram", {}) if mode == "histogram" else ("timeseries", {})


def _axis(axis: Given | None, panel: Given) -> Config:
    """Unit, bounds and digits of values."""
    decimals = panel.number("decimals")
    made: Config = {} if decimals is None else {"decimals": decimals}
    if axis is None:
        return made
    unit, digits = axis.text("format"), axis.number("decimals")
    bounds = {key: axis.number(key) for key in ("min", "max")}
    return {
        **made,
        **({"unit": unit} if unit else {}),
        **{key: value for key, value in bounds.items() if value is not None},
        **({"decimals": digits} if digits is not None else {}),
    }


def _axis_custom(axis: Given | None) -> Config:
    if axis is None:
        return {}
    base, label = axis.number("logBase") or 1, axis.text("label")
    made: Config = {"axisLabel": label} if label else {}
    if base > 1:
        made["scaleDistribution"] = {"type": "log", "log": base}
    if axis.values.get("show") is False:
        made["axisPlacement"] = "hidden"
    axis.leave("show", "$$hashKey")
    return made


def _drawn(panel: Given) -> Config:
    lines, bars, points = panel.flag("lines", True), panel.flag("bars"), panel.flag("points")
    style = "bars" if bars else "points" if points and not lines else "line"
    fill, gradient = panel.number("fill"), panel.number("fillGradient") or 0
    made: Config = {
        "drawStyle": style,
        "lineWidth": panel.number("linewidth") if lines else 0 if style == "line" else 1,
        "fillOpacity": (1 if fill is None else fill) * 10,
        "showPoints": "always" if points else "never",
        "spanNulls": panel.text("nullPointMode", "null") == "connected",
    }
    if panel.values.get("nullPointMode") == "null as zero":
        panel.say("nullPointMode", "missing values are no zeros: they are gaps")
    if made["lineWidth"] is None:
        made["lineWidth"] = 1
    if style == "bars" and made["fillOpacity"] < 10:
        made["fillOpacity"] = 100  # bars without a fill would be empty
    if gradient:
        made |= {"gradientMode": "opacity", "fillOpacity": gradient * 10}
    if panel.flag("steppedLine"):
        made["lineInterpolation"] = "stepAfter"
    if panel.values.get("dashes"):
        made["lineStyle"] = {"fill": "dash"}
    percent = panel.flag("percentage")
    if panel.flag("stack"):
        made["stacking"] = {"mode": "percent" if percent else "normal"}
    panel.leave("pointradius", "dashes", "linewidth")
    return made


def _legend(panel: Given) -> Config:
    legend = panel.inner("legend")
    calcs = [ours for theirs, ours in CALCS.items() if legend.flag(theirs)] if legend.flag("values") else []
    shown, table, right = legend.flag("show", True), legend.flag("alignAsTable"), legend.flag("rightSide")
    made: Config = {
        "displayMode": ("table" if table else "list") if shown else "hidden",
        "placement": "right" if right else "bottom",
        "calcs": calcs,
    }
    sort = SORTS.get(legend.text("sort"))
    if sort and table:
        made |= {"sortBy": sort, "sortDesc": legend.flag("sortDesc")}
    legend.leave("sideWidth", "sortDesc", "avg", "min", "max", "current", "total", "hideEmpty")
    if shown:
        legend.rest()
    return made


def _tooltip(panel: Given) -> Config:
    tooltip = panel.inner("tooltip")
    tooltip.leave("sort", "value_type", "msResolution", "query_as_alias")
    return {"mode": "multi" if tooltip.flag("shared", True) else "single"}


def aliases(panel: Given) -> Iterator[Config]:
    """Overrides for the colours that the old graph gave to series by name."""
    colors = panel.inner("aliasColors")
    for name in list(colors.values):
        color = colors.take(name)
        yield {
            "matcher": {"id": "byName", "options": name},
            "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": color}}],
        }


def _series(panel: Given, right: Given | None) -> Iterator[Config]:
    """Overrides of series by their alias; a series on the right axis has that one's unit and bounds."""
    for one in panel.each("seriesOverrides"):
        alias = one.text("alias")
        if not alias:
            one.rest()
            continue
        is_pattern = alias.startswith("/") and alias.rfind("/") > 0
        found = dict(_properties(one))
        if one.number("yaxis") == 2:
            found["custom.axisPlacement"] = "right"
            if right is not None:
                found |= _axis(right, Given.of({}, "", panel.notes))
                if label := right.text("label"):
                    found["custom.axisLabel"] = label
        one.leave("$$hashKey", "zindex", "yaxis", "dashLength", "spaceLength", "pointradius", "hideTooltip")
        one.rest()
        if found:
            yield {
                "matcher": {"id": "byRegexp" if is_pattern else "byName", "options": alias},
                "properties": [{"id": key, "value": value} for key, value in found.items()],
            }
    if right is not None:
        right.leave(*right.values)  # of an axis that nothing stands on, or whose series have what it says


def _properties(one: Given) -> Iterator[tuple[str, Any]]:
    """What an override of a series says, by the properties of today."""
    color, width, fill = one.take("color"), one.number("linewidth"), one.number("fill")
    if color:
        yield "color", {"mode": "fixed", "fixedColor": color}
    if width is not None:
        yield "custom.lineWidth", width
    if fill is not None:
        yield "custom.fillOpacity", fill * 10
    yield from _series_style(one)
    if one.take("nullPointMode") == "connected":
        yield "custom.spanNulls", True
    if one.values.get("stack") is False:
        yield "custom.stacking", {"mode": "none"}
    if one.values.get("legend") is False:
        yield "custom.hideFrom", {"legend": True, "tooltip": False, "viz": False}
    one.leave("legend", "stack")


def _series_style(one: Given) -> Iterator[tuple[str, Any]]:
    bars, lines, points = one.flag("bars"), one.take("lines"), one.take("points")
    if bars or lines or points:
        yield "custom.drawStyle", "bars" if bars else "points" if points and lines is False else "line"
    if points is not None:
        yield "custom.showPoints", "always" if points else "never"
    if one.flag("steppedLine"):
        yield "custom.lineInterpolation", "stepAfter"
    if one.flag("dashes"):
        yield "custom.lineStyle", {"fill": "dash"}


def _thresholds(panel: Given) -> tuple[list[Config], str]:
    """Steps as Grafana makes them of limits that each hold above or below a value, and how they are drawn."""
    found: list[tuple[float, str]] = []
    line = area = False
    limits = [*panel.each("thresholds")]
    for one in limits:
        value, op = as_number(one.take("value")), one.text("op", "gt")
        mode = one.text("colorMode", "critical")
        color = LEVELS.get(mode) or one.take("fillColor") or one.take("lineColor") or "red"
        line, area = line or one.flag("line"), area or one.flag("fill")
        one.leave("fillColor", "lineColor", "yaxis", "visible", "$$hashKey", "fill", "line")
        one.rest()
        if value is None:
            continue
        if op == "gt":
            found.append((value, str(color)))
        else:
            found += [(float("-inf"), str(color)), (value, "transparent")]
    if not found:
        return [], "off"
    if not any(value == float("-inf") for value, _ in found):
        found.append((float("-inf"), "transparent"))
    steps = [{"value": None if value == float("-inf") else value, "color": color} for value, color in sorted(found)]
    return steps, "line+area" if line and area else "area" if area else "line"
