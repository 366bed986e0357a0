"""The macros of Altinity's plugin for ClickHouse in ours, where there is one; the rest are told of."""

from __future__ import annotations

import re
from collections.abc import Iterator
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

TEST: Final = re.compile(r"\$conditionalTest\s*\(")
PIECES: Final = re.compile(r"'(?:[^'\\]|\\.)*'|`[^`]*`|\"[^\"]*\"|[(),]|[^'`\"(),]+|.", re.DOTALL)
JOINED: Final = re.compile(r"\s*(AND|WHERE|PREWHERE|HAVING)\b\s*(.+)", re.IGNORECASE | re.DOTALL)
VARIABLE: Final = re.compile(r"\s*(\$\w+|\$\{\w+\})\s*", re.ASCII)


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
    text = COLUMNS.sub(lambda match: f"$__timeFilter({match[2]})", "".join(_tested(sql)))
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


def _tested(sql: str) -> Iterator[str]:
    """The text with `$conditionalTest(AND condition, $x)` as `AND $__conditionalAll(condition, $x)`.

    One that joins what it tests in another way stays.
    """
    at = 0
    while (found := TEST.search(sql, at)) is not None:
        arguments, end = _arguments(sql, found.end())
        joined = JOINED.fullmatch(",".join(arguments[:-1])) if len(arguments) > 1 else None
        variable = VARIABLE.fullmatch(arguments[-1]) if joined else None
        yield sql[at : found.start()]
        if joined and variable:
            yield f"{joined[1]} $__conditionalAll({joined[2].strip()}, {variable[1]})"
        else:
            yield sql[found.start() : end]
        at = end
    yield sql[at:]


def _arguments(sql: str, start: int) -> tuple[list[str], int]:
    """What stands between the commas of parentheses that opened before `start`, and where they end."""
    arguments, depth = [""], 1
    for piece in PIECES.finditer(sql, start):
        depth += (piece[0] == "(") - (piece[0] == ")")
        if not depth:
            return arguments, piece.end()
        if piece[0] == "," and depth == 1:
            arguments.append("")
        else:
            arguments[-1] += piece[0]
    return [], len(sql)
