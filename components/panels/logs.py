"""The logs panel: lines with their time, level and labels, as they come in."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Literal

import numpy as np
from bokeh.models import Model
from pydantic import Field

from ...datasources.frame import Field as Column
from ...datasources.frame import Frame, told_apart
from ...datasources.scripttext import script_text
from ...datasources.timerange import TimeRange
from ...declared import Groups
from .base import Columns, Drawn, PanelOptions, PanelType
from .series import lone_source

MAX_LINES = 2000
MAX_LINE_LENGTH = 10_000
MESSAGE_NAMES: Final = ("line", "message", "body", "msg", "text", "log")
LEVEL_NAMES: Final = ("level", "severity", "lvl", "loglevel", "detected_level", "severity_text")
Level = Literal["critical", "error", "warning", "info", "debug", "trace", "unknown"]
SYNONYMS: Final[Mapping[str, Level]] = {
    **dict.fromkeys(("emerg", "emergency", "fatal", "alert", "crit", "critical", "panic"), "critical"),
    **dict.fromkeys(("err", "eror", "error"), "error"),
    **dict.fromkeys(("warn", "warning"), "warning"),
    **dict.fromkeys(("info", "information", "informational", "notice"), "info"),
    **dict.fromkeys(("dbug", "debug"), "debug"),
    "trace": "trace",
}
LEVEL_IN_LINE: Final = re.compile(r"""\b(?:level|lvl|severity)["']?\s*[=:]\s*["']?([A-Za-z]+)""", re.IGNORECASE)
WORD_IN_LINE: Final = re.compile(
    r"\b(EMERG|FATAL|ALERT|CRIT|CRITICAL|PANIC|ERR|ERROR|WARN|WARNING|INFO|NOTICE|DEBUG|TRACE)\b"
)
DATE: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?")
LOOKED_AT = 500  # characters of a line in which a level is looked for


class LogsOptions(PanelOptions):
    """Options of a logs panel."""

    GROUPS: ClassVar[Groups] = {
        "Lines": (
            "order",
            "wrap",
            "show_time",
            "show_labels",
            "dedup",
            "limit",
        ),
        "Columns": (
            "field",
            "level_field",
        ),
    }

    field: str = Field("", max_length=200, description="The column with the line; empty: found by its name.")
    level_field: str = Field("", max_length=200, description="The column with the level; empty: found.")
    order: Literal["newest", "oldest"] = Field("newest", description="Which lines stand first.")
    wrap: bool = Field(True, description="Break long lines; off: they are cut at the edge.")
    show_time: bool = Field(True, description="Show the time of each line.")
    show_labels: bool = Field(False, description="Show labels beside each line; they unfold with it anyway.")
    dedup: Literal["none", "exact", "numbers", "signature"] = Field(
        "none",
        description="Join lines that follow each other: the same, but for numbers, or but for letters and numbers.",
    )
    limit: int = Field(500, ge=1, le=MAX_LINES, description="At most so many lines, the newest.")


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `count` of those that it stands for."""

    time_ms: float
    text: str
    level: Level
    labels: Mapping[str, str]
    count: int = 1


class Logs(PanelType[LogsOptions]):
    """The time source `rows` (t, line, level, labels as JSON, n), in the order of time, so that ticks stream lines."""

    name = "logs"
    title = "Logs"
    needs = ("time", "string")
    rows = "all"
    Options = LogsOptions
    lone = True

    def layout(self, options: LogsOptions, shape: Hashable) -> Model:
        return lone_source("rows")

    def columns(self, options: LogsOptions, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        found, total = lines_of(options, frames)
        lines = joined(found, options.dedup)
        rows: Columns = {
            "t": np.array([one.time_ms for one in lines], dtype=np.float64),
            "line": [one.text for one in lines],
            "level": [one.level for one in lines],
            "labels": [json.dumps(one.labels, ensure_ascii=False) for one in lines],
            "n": [one.count for one in lines],
        }
        shown = options.model_dump(include={"order", "wrap", "show_time", "show_labels"})
        notice = f"newest {options.limit} of {total} lines" if total > options.limit else None
        return Drawn({"rows": rows}, {"options": shown, "notice": notice})


def lines_of(options: LogsOptions, frames: Sequence[Frame]) -> tuple[list[Line], int]:
    """The newest lines of all frames that have a time and a text, in the order of time; and how many there are."""
    picked: list[tuple[float, int, int, Frame]] = []
    for number, frame in enumerate(frames):
        if frame.time is not None and _message(options, frame) is not None:
            times = enumerate(frame.time.values.tolist())
            picked += [(time, number, row, frame) for row, time in times if math.isfinite(time)]
    picked.sort(key=lambda one: one[:3])
    return [_line(options, frame, row) for _, _, row, frame in picked[-options.limit :]], len(picked)


def _message(options: LogsOptions, frame: Frame) -> Column | None:
    texts = [column for column in frame.fields if column.kind == "string"]
    if options.field:
        return next((column for column in texts if column.name == options.field), None)
    by_name = {column.name.lower(): column for column in texts}
    named = next((by_name[name] for name in MESSAGE_NAMES if name in by_name), None)
    return named or (texts[0] if texts else None)


def _line(options: LogsOptions, frame: Frame, row: int) -> Line:
    message = _message(options, frame)
    time = frame.time
    assert message is not None
    assert time is not None
    text = "" if message.values[row] is None else str(message.values[row])[:MAX_LINE_LENGTH]
    labels = {
        name: _label(column, row)
        for name, column in zip(told_apart([one.name for one in frame.fields]), frame.fields, strict=True)
        if column is not message and column is not time and not _is_missing(column.values[row])
    }
    return Line(float(time.values[row]), text, level_of_line(text, labels, options.level_field), labels)


def _is_missing(value: Any) -> bool:
    return value is None or value != value  # noqa: PLR0124 - NaN is a missing number


def _label(column: Column, row: int) -> str:
    exact = None if column.exact is None else column.exact[row]
    if exact is not None:
        return str(exact)
    value = column.values[row]
    return script_text(value.item() if isinstance(value, np.generic) else value)


def level_of_line(text: str, labels: Mapping[str, str], field: str = "") -> Level:
    """The level that a label names, else the one that the line does."""
    wanted = (field,) if field else LEVEL_NAMES
    for name, value in labels.items():
        if name in wanted or (not field and name.lower() in wanted):
            return SYNONYMS.get(value.lower(), "unknown")
    head = text[:LOOKED_AT]
    found = LEVEL_IN_LINE.search(head) or WORD_IN_LINE.search(head)
    return SYNONYMS.get(found[1].lower(), "unknown") if found else "unknown"


SIGNATURES: Final[Mapping[str, re.Pattern[str]]] = {
    "exact": DATE,
    "numbers": re.compile(r"\d"),
    "signature": re.compile(r"\w"),
}


def joined(lines: Sequence[Line], dedup: str) -> list[Line]:
    """Lines that follow each other and are the same once what `dedup` leaves out is gone, as the first with a count."""
    pattern = SIGNATURES.get(dedup)
    if pattern is None:
        return list(lines)
    kept: list[Line] = []
    before: Any = None
    for line in lines:
        same = (line.level, pattern.sub("", line.text))
        if kept and same == before:
            kept[-1] = replace(kept[-1], count=kept[-1].count + 1)
        else:
            kept.append(line)
        before = same
    return kept
