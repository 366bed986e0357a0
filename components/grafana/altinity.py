"""The macros of Altinity's plugin for ClickHouse in ours, where there is one; the rest are told of."""

from __future__ import annotations

import re
from typing import Any, Final

from .given import Given

# Macros of ours by those of the plugin: the column is the target's own.
COLUMNS: Final = re.compile(r"\$(timeFilterByColumn)\(([^()]*)\)")
PLAIN: Final = re.compile(
    r"\$(timeFilter64|timeFilter|timeSeriesMs|timeSeries|dateTimeCol|dateCol|table|from|to|interval)\b"
)
OTHERS: Final = re.compile(
    r"\$(columns|columnsMs|rate|rateColumns|rateColumnsAggregated|perSecond|perSecondColumns|perSecondColumnsAggregated|"
    r"delta|deltaColumns|deltaColumnsAggregated|increase|increaseColumns|increaseColumnsAggregated|lttb|lttbMs|unescape|"
    r"conditionalTest|adhoc|naturalTimeSeries|timeFilterMs|timeFilter64ByColumn)\b"
)


def translated(sql: str, target: Given) -> str:
    """The text with the plugin's macros as ours; those that there are not stay, with a note."""
    time, date = _column(target, "dateTimeColDataType"), _column(target, "dateColDataType")
    table = ".".join(one for one in (_column(target, "database"), _column(target, "table")) if one)
    known = {
        "timeFilter": f"$__timeFilter({time})" if time else "",
        "timeFilter64": f"$__timeFilter({time})" if time else "",
        "timeSeries": f"$__timeInterval({time})" if time else "",
        "timeSeriesMs": f"$__timeInterval({time})" if time else "",
        "dateTimeCol": time,
        "dateCol": date,
        "table": table,
        "from": "intDiv($__from, 1000)",
        "to": "intDiv($__to, 1000)",
        "interval": "$__interval_s",
    }
    text = COLUMNS.sub(lambda match: f"$__timeFilter({match[2]})", sql)
    text = PLAIN.sub(lambda match: known[match[1]] or match[0], text)
    left = sorted(
        {match[0] for match in OTHERS.finditer(text)} | {f"${m[1]}" for m in PLAIN.finditer(text) if not known[m[1]]}
    )
    if left:
        target.notes.say(target.at("query"), f"macros of Altinity's plugin that there are not here: {', '.join(left)}")
    return text


def _column(target: Given, key: str) -> str:
    value: Any = target.values.get(key)
    return value if isinstance(value, str) and re.fullmatch(r"[\w.`\"]{1,200}", value) else ""
