"""Grafana's time series: the options of the panel, and how each series is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .given import Given, as_number

Options = dict[str, Any]
CALCS: Final[Mapping[str, str]] = {
    "last": "last",
    "lastNotNull": "last",
    "min": "min",
    "max": "max",
    "mean": "mean",
    "sum": "total",
}
SORTS: Final[Mapping[str, str]] = {
    "Name": "name",
    "Last": "last",
    "Last *": "last",
    "Min": "min",
    "Max": "max",
    "Mean": "mean",
    "Total": "total",
}
STYLES: Final[Mapping[str, str]] = {"line": "line", "bars": "bars", "points": "points"}
STEPS: Final[Mapping[str, str]] = {"stepAfter": "steps", "stepBefore": "steps_before"}
STACKS: Final[Mapping[str, str]] = {"none": "none", "normal": "normal", "percent": "percent"}
DASHES: Final[Mapping[str, str]] = {"solid": "solid", "dash": "dashed", "dot": "dotted"}
THRESHOLDS: Final[Mapping[str, str]] = {
    "off": "hidden",
    "series": "hidden",
    "line": "line",
    "dashed": "line",
    "area": "band",
    "line+area": "both",
    "dashed+area": "both",
}
POINTS: Final[Mapping[str, str]] = {"auto": "auto", "always": "always", "never": "never"}
MOST_WIDTH: Final = 10.0


def lines(given: Given) -> Options:
    """Legend and tooltip."""
    tooltip = given.inner("tooltip")
    tooltip.leave("sort", "hideZeros", "maxHeight", "maxWidth", "axisValue")
    made = {
        **_legend(given.inner("legend")),
        "tooltip": tooltip.choice("mode", {"single": "nearest", "multi": "all", "none": "hidden"}, default="nearest"),
    }
    tooltip.rest()
    zones = given.take("timezone", [])
    if zones and zones != ["browser"]:
        given.say("timezone", "a panel has no time zone of its own")
    given.leave("graph", "orientation", "dataLinks", "annotations", "timeCompare")
    return made


def _legend(legend: Given) -> Options:
    shown = shown_legend(legend)
    is_table = legend.values.get("displayMode") == "table"
    calcs = [str(one) for one in legend.listed("calcs")]
    names = [CALCS[one] for one in calcs if one in CALCS]
    left = [one for one in calcs if one not in CALCS] if shown else []
    if left:
        legend.say("calcs", f"{', '.join(left)[:100]} cannot stand in a legend")
    elif names and not is_table and shown and set(names) - {"last"}:
        legend.say("calcs", "a legend that is no table shows names alone")
    place = legend.text("placement", "bottom")
    made: Options = {
        "legend": ("table" if is_table else "list") if shown else "hidden",
        "legend_place": "right" if place == "right" else "bottom",
        "calcs": list(dict.fromkeys(names)),
    }
    sort, falling = legend.text("sortBy"), legend.flag("sortDesc")
    if is_table and sort in SORTS:
        made["legend_sort"] = ("-" if falling else "") + SORTS[sort]
    legend.leave("width", "isVisible", "asTable", "limit", "enableFacetedFilter")
    if shown:
        legend.rest()
    return made


def shown_legend(legend: Given) -> bool:
    """Whether a legend stands there."""
    mode, shown = legend.text("displayMode", "list"), legend.take("showLegend", True)
    legend.leave("isVisible", "asTable")
    return bool(shown) and mode != "hidden"


def custom_lines(given: Given) -> Options:
    """How series are drawn: in the defaults of a panel, or in an override, where it says so."""
    made = {**_style(given), **_fill(given), **_gaps(given), **_axis(given), **_hidden(given)}
    points = given.choice("showPoints", POINTS)
    if points:
        made["points"] = points
    stacking = given.inner("stacking")
    stack = stacking.choice("mode", STACKS)
    if stack:
        made["stack"] = stack
    style = given.inner("thresholdsStyle").choice("mode", THRESHOLDS)
    if style:
        made["threshold_style"] = style
    given.leave(
        "pointSize", "pointSymbol", "barAlignment", "barWidthFactor", "barMaxWidth", "axisGridShow", "axisWidth"
    )
    given.leave(
        "axisBorderShow", "axisColorMode", "axisWidth", "pointColor", "lineColor", "stacking", "thresholdsStyle"
    )
    given.leave("showValues")
    for key in ("axisSoftMin", "axisSoftMax"):
        if given.values.get(key) is not None:
            given.say(key, f"the axis follows the values, whatever {given.values[key]} is")
    given.rest()
    return made


def _style(given: Given) -> Options:
    made: Options = {}
    style = given.choice("drawStyle", STYLES)
    way = given.word("lineInterpolation")
    if style:
        made["style"] = style
    if way in STEPS and style in (None, "line"):
        made["style"] = STEPS[way]
    elif way == "smooth" and style in (None, "line"):
        given.say("lineInterpolation", "smooth lines are drawn straight between points")
    width = given.number("lineWidth")
    if width is not None:
        made["line_width"] = max(0.0, min(MOST_WIDTH, width))
    dash = given.inner("lineStyle")
    dash.leave("dash")
    fill = dash.choice("fill", DASHES)
    return {**made, "dash": fill} if fill else made


def _fill(given: Given) -> Options:
    made: Options = {}
    opacity = given.number("fillOpacity")
    if opacity is not None:
        made["fill"] = max(0.0, min(1.0, round(opacity / 100, 4)))
    mode = given.word("gradientMode")
    if mode in ("opacity", "hue"):
        made["gradient"] = True
    elif mode == "scheme":
        given.say("gradientMode", "a line has one colour")
    given.leave("gradientMode")
    return made


def _gaps(given: Given) -> Options:
    span = given.take("spanNulls")
    if span is True:
        return {"nulls": "connect"}
    number = as_number(span) if not isinstance(span, bool) else None
    if number and number > 0:
        return {"nulls": f"{int(number)}ms"}
    return {} if span is None else {"nulls": "gap"}


def _axis(given: Given) -> Options:
    made: Options = {}
    place = given.word("axisPlacement")
    if place in ("left", "right"):
        made["axis"] = place
    elif place == "hidden":
        given.say("axisPlacement", "an axis is not hidden")
    elif place == "bottom":
        given.say("axisPlacement", "values stand left or right")
    if label := given.text("axisLabel"):
        made["axis_label"] = label[:100]
    scale = given.inner("scaleDistribution")
    kind = scale.text("type", "linear")
    if kind == "log":
        made |= {"log": True, "log_base": 2 if scale.number("log") == 2 else 10}
    elif kind == "symlog":
        scale.say("type", "the axis is linear")
    scale.leave("log", "linearThreshold")
    return made


def _hidden(given: Given) -> Options:
    hidden = given.inner("hideFrom")
    if hidden.flag("viz"):
        hidden.leave("legend", "tooltip")
        return {"hide": True}
    if hidden.flag("legend") or hidden.flag("tooltip"):
        hidden.say("legend", "what is drawn stands in the legend and the tooltip too")
    return {}


def without_custom(given: Given) -> Options:
    """Of types that draw in one way: hidden series are told of, looks are not."""
    made = _hidden(given)
    given.leave(
        "fillOpacity", "lineWidth", "gradientMode", "axisBorderShow", "axisColorMode", "axisPlacement", "axisLabel"
    )
    given.leave(
        "neutral", "scaleDistribution", "spanNulls", "insertNulls", "axisCenteredZero", "axisGridShow", "stacking"
    )
    given.leave("hideFrom", "thresholdsStyle", "lineStyle", "lineInterpolation", "drawStyle", "showPoints", "pointSize")
    given.leave("barAlignment", "align", "displayMode", "inspect", "cellOptions", "filterable")
    given.rest()
    return made
