"""Grafana's table: its footer and order, and how each column is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .given import Given

Options = dict[str, Any]
CELLS: Final[Mapping[str, str]] = {
    "auto": "auto",
    "color-text": "color",
    "color-background": "background",
    "color-background-solid": "background",
    "gradient-gauge": "gauge",
    "lcd-gauge": "gauge",
    "basic": "gauge",
    "gauge": "gauge",
    "sparkline": "sparkline",
    "json-view": "text",
    "markdown": "text",
}
FOOTERS: Final = ("sum", "mean", "min", "max", "count")
LEAST_WIDTH: Final = 20
MOST_WIDTH: Final = 2000


def table(given: Given) -> Options:
    """The options of the whole table."""
    made: Options = {**_footer(given.inner("footer")), **_sort(given)}
    if given.values.get("showHeader") is False:
        given.say("showHeader", "a table has a header")
    frame = given.number("frameIndex")
    if frame:
        given.say("frameIndex", "the table shows all frames, one of which is chosen")
    given.leave("cellHeight", "showHeader", "showTypeIcons", "fontSize", "enablePagination", "maxRowHeight")
    given.leave("frozenColumns", "disableKeyboardEvents")
    return made


def _footer(footer: Given) -> Options:
    shown = footer.take("show", True)
    reducers = footer.take("reducer") or footer.take("reducers") or []
    footer.leave("fields", "countRows", "enablePagination", "reducer", "reducers")
    first = str(reducers[0]) if isinstance(reducers, list) and reducers else ""
    if not shown or not first:
        return {}
    if first not in FOOTERS:
        footer.say("reducer", f"a footer is no {first}")
        return {}
    return {"footer": first}


def _sort(given: Given) -> Options:
    by = [*given.each("sortBy")]
    if not by:
        return {}
    name, falling = by[0].text("displayName"), by[0].flag("desc")
    return {"sort": f"{'-' if falling else ''}{name}"[:200]} if name else {}


def custom_table(given: Given) -> Options:
    """How cells are drawn."""
    made: Options = {}
    align = given.word("align")
    if align in ("left", "right", "center"):
        made["align"] = align
    width = given.number("width")
    if width is not None:
        made["width"] = int(max(LEAST_WIDTH, min(MOST_WIDTH, width)))
    if given.flag("hidden") or given.inner("hideFrom").flag("viz"):
        made["hidden"] = True
    if given.flag("filterable"):
        made["filter"] = True
    given.leave("inspect", "minWidth", "wrapText", "wrapHeaderText", "headerComponent", "tooltip", "maxHeight")
    footer = given.inner("footer")
    reducers = footer.take("reducers", [])
    if isinstance(reducers, list) and reducers:
        made |= _footer(Given.of({"reducers": reducers}, footer.where, footer.notes))
    made |= _cell(given)
    given.rest()
    return made


def _cell(given: Given) -> Options:
    old = given.word("displayMode")
    options = given.inner("cellOptions")
    kind = options.word("type") or old
    options.leave("mode", "valueDisplayMode", "wrapText", "hideValue", "dynamicHeight", "tooltip")
    if kind in ("", "auto"):
        return {}
    if options.flag("applyToRow"):
        options.say("applyToRow", "the cell alone is coloured, and not the row")
    if kind not in CELLS:
        options.say("type", f"cells of {kind} are drawn as texts")
        return {}
    return {"cell": CELLS[kind]}
