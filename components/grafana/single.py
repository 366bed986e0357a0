"""Grafana's panels of which each shows one value of a series: stat, gauges, pie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .given import Given
from .lines import shown_legend

Options = dict[str, Any]
CALC_NAMES: Final = "lastNotNull last firstNotNull mean min max sum median range count diff"
CALCS: Final[Mapping[str, str]] = {
    **{one: one for one in CALC_NAMES.split()},
    "first": "firstNotNull",
    "total": "sum",
}
# Of values, each of which is stretched that way: what is wide stands below each other.
ORIENTATION: Final[Mapping[str, str]] = {"auto": "auto", "horizontal": "vertical", "vertical": "horizontal"}
EVERY_FIELD: Final = ("", "/.*/", "/^.*$/")


def _reduced(given: Given) -> Options:
    """Which value stands for a series. All values of one are not shown each."""
    reduce = given.inner("reduceOptions")
    calcs = reduce.take("calcs", [])
    made: Options = {}
    if isinstance(calcs, list) and calcs:
        calc = CALCS.get(str(calcs[0]))
        if calc is None:
            reduce.say("calcs", f"values are not reduced by {calcs[0]} here")
        else:
            made["calc"] = calc
    if reduce.values.get("fields", "") in EVERY_FIELD:
        reduce.leave("fields")
    else:
        reduce.say("fields", "all fields of numbers are shown")
    if reduce.flag("values"):
        reduce.say("values", "a value of each row is not shown: each field is one value")
    reduce.leave("limit")
    reduce.rest()
    given.leave("fieldOptions", "text", "sizing", "minVizWidth", "minVizHeight", "maxVizHeight", "tooltip")
    return made


def stat(given: Given) -> Options:
    """Options of a stat."""
    modes = {"value": "value", "background": "background", "background_solid": "background", "none": "none"}
    texts = {one: one for one in ("auto", "value", "name", "value_and_name")}
    made = {
        **_reduced(given),
        "graph": given.choice("graphMode", {"area": True, "none": False}, default=False),
        "color_mode": given.choice("colorMode", modes, default="value"),
        "text": given.choice("textMode", texts, default="auto"),
        "orientation": given.choice("orientation", {**ORIENTATION, "": "auto"}, default="auto"),
    }
    if given.flag("showPercentChange"):
        made["change"] = True
    given.leave("justifyMode", "wideLayout", "percentChangeColorMode")
    return made


def gauge(given: Given) -> Options:
    """Options of a gauge."""
    given.leave("orientation", "shape", "barShape", "barWidthFactor", "effects", "segmentCount", "segmentSpacing")
    given.leave("sparkline", "endpointMarker", "textMode", "neutral")
    return {
        **_reduced(given),
        "labels": given.flag("showThresholdLabels"),
        "ring": given.flag("showThresholdMarkers", True),
    }


def bargauge(given: Given) -> Options:
    """Options of a bar gauge."""
    given.leave("displayMode", "showUnfilled", "valueMode", "namePlacement", "legend")
    towards = {"horizontal": "horizontal", "vertical": "vertical", "auto": "horizontal", "": "horizontal"}
    return {**_reduced(given), "orientation": given.choice("orientation", towards, default="horizontal")}


def pie(given: Given) -> Options:
    """Options of a pie chart."""
    legend = given.inner("legend")
    labels, values = given.listed("displayLabels"), legend.listed("values")
    place = {"right": "right", "bottom": "bottom"}.get(legend.text("placement", "bottom"), "bottom")
    legend.leave("calcs", "width", "sortBy", "sortDesc")
    made = {
        **_reduced(given),
        "kind": given.choice("pieType", {"donut": "donut", "pie": "pie"}, default="pie"),
        "labels": [one for one in ("name", "value", "percent") if one in labels],
        "legend": place if shown_legend(legend) else "hidden",
        "legend_values": [one for one in ("value", "percent") if one in values],
        "sort": given.choice("sort", {"desc": "-value", "asc": "value", "none": ""}, default="-value"),
        "small": 0,
    }
    legend.rest()
    return made
