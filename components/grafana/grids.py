"""Grafana's bars, histograms, heatmaps and timelines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .given import Given, as_number
from .lines import STACKS, shown_legend
from .single import CALCS

Options = dict[str, Any]
SHOWN: Final[Mapping[str, str]] = {"auto": "auto", "always": "always", "never": "never"}


def bar(given: Given) -> Options:
    """Options of a bar chart."""
    legend = given.inner("legend")
    values = given.choice("showValue", {"auto": False, "always": True, "never": False}, default=False)
    bars = given.number("barWidth")
    made: Options = {
        "category": given.text("xField"),
        "direction": "horizontal" if given.take("orientation") == "horizontal" else "vertical",
        "stack": given.choice("stacking", STACKS, default="none"),
        "values": values,
        "legend": "list" if shown_legend(legend) else "hidden",
    }
    if given.values.get("calc") in CALCS.values():  # of a graph whose axis is that of series
        made["calc"] = given.take("calc")
    if bars is not None:
        made["gap"] = max(0.0, min(0.9, round(1 - bars, 3)))
    legend.leave("placement", "calcs", "width")
    legend.rest()
    given.leave(
        "tooltip", "groupWidth", "text", "fullHighlight", "xTickLabelRotation", "xTickLabelMaxLength", "barRadius"
    )
    given.leave("xTickLabelSpacing")
    return made


def custom_bar(given: Given) -> Options:
    """Options of one field of a bar chart."""
    hidden, scale = given.inner("hideFrom").flag("viz"), given.inner("scaleDistribution")
    given.leave("fillOpacity", "lineWidth", "gradientMode", "axisBorderShow", "axisColorMode", "axisPlacement")
    given.defaults(thresholdsStyle={"mode": "off"}, axisCenteredZero=False, axisLabel="")
    made: Options = {"hide": True} if hidden else {}
    return {**made, "log": True} if scale.text("type", "linear") == "log" else made


def histogram(given: Given) -> Options:
    """Options of a histogram."""
    legend = given.inner("legend")
    count = given.number("bucketCount")
    made: Options = {
        "bucket_size": given.number("bucketSize"),
        "bucket_offset": given.number("bucketOffset") or 0,
        "combine": given.flag("combine"),
        "legend": "list" if shown_legend(legend) else "hidden",
        **({"bucket_count": int(count)} if count else {}),
    }
    legend.leave("placement", "calcs", "width")
    legend.rest()
    given.leave("tooltip")
    return made


def heatmap(given: Given) -> Options:
    """Options of a heatmap."""
    color, axis, cells = given.inner("color"), given.inner("yAxis"), given.inner("cellValues")
    unit, digits, cell_unit = axis.text("unit"), axis.number("decimals"), cells.text("unit")
    made: Options = {
        "data": "values" if given.flag("calculate") else "auto",
        "scale_legend": given.inner("legend").flag("show", True),
        **({"unit": unit} if unit else {}),
        **({"decimals": int(digits)} if digits is not None else {}),
        **({"cell_unit": cell_unit} if cell_unit else {}),
        **{f"scale_{key}": value for key in ("min", "max") if (value := color.number(key)) is not None},
    }
    if color.take("scale") == "exponential" and (color.number("exponent") or 1) < 1:
        made["scale"] = "sqrt"
    color.leave("exponent", "fill", "mode", "scheme", "steps", "reverse")
    axis.leave("axisPlacement", "axisLabel", "axisWidth", "logBase", "show", "splitFactor")
    buckets = given.inner("calculation").inner("yBuckets")
    if buckets.values.get("mode") == "count" and (number := as_number(buckets.values.get("value"))):
        made["buckets"] = int(max(2, min(100, number)))
    for one in (color, axis, cells):
        one.rest()
    given.leave(
        "cellGap", "cellRadius", "exemplars", "filterValues", "rowsFrame", "tooltip", "showValue", "calculation"
    )
    return made


def states(given: Given) -> Options:
    """Options of a status history."""
    legend = given.inner("legend")
    height = given.number("rowHeight")
    made: Options = {
        "legend": "list" if shown_legend(legend) else "hidden",
        "show_value": given.choice("showValue", SHOWN, default="auto"),
        **({"row_height": max(0.1, min(1.0, height))} if height is not None else {}),
    }
    legend.leave("placement", "calcs", "width")
    legend.rest()
    given.leave("tooltip", "alignValue", "colWidth", "perPage", "timezone")
    return made


def timeline(given: Given) -> Options:
    """Options of a state timeline."""
    return {**states(given), "merge": given.flag("mergeValues", True)}
