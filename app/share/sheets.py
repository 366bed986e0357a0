"""The data of a panel as one table, and that table as CSV, Arrow and JSON."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from ...datasources.frame import Array, Field, Frame, objects, told_apart
from ...datasources.scripttext import script_text
from ...datasources.transform.bounds import check_size
from ...errors import NotFoundError
from ..http.strict_json import strict_json

Sheet = tuple[Field, ...]
TIME: Final = "Time"
# As static/js/csv.js has them: a text that a spreadsheet would run as a formula begins with an apostrophe, and so does
# each part of one where semicolons or tabs part cells.
FORMULA: Final = re.compile(r"^[=+\-@\t\r＝＋－＠]")
BLANKS: Final = re.compile(r"(?<![\s\";])[\s\";]++(?=[=+\-@＝＋－＠])")
PARTS: Final = re.compile(r"[;\t\r\n]")
NUMBER: Final = re.compile(r"-?(?:\d+(?:\.\d+)?|Infinity)")
QUOTED: Final = re.compile(r"[\",;\t\r\n]")


@dataclass(frozen=True, slots=True)
class Form:
    """How a table is written. `write` takes a while where it is long: call it from a thread."""

    media: str
    write: Callable[[Sheet], bytes]
    saved: bool = True  # whether a browser saves it or shows it


def sheet_of(frames: Sequence[Frame], table: int = 0) -> Sheet:
    """One of the tables among the frames by its number; series stand side by side over time. NotFoundError."""
    tables = [frame for frame in frames if frame.fields and not frame.is_series]
    if tables:
        if table >= len(tables):
            raise NotFoundError(f"there are {len(tables)} tables here, the first is 0")
        return tables[table].fields
    series = [(frame, column) for frame in frames if frame.is_series for column in frame.numbers]
    if not series or table:
        raise NotFoundError("this panel has no data in that range")
    return joined(series)


def joined(series: Sequence[tuple[Frame, Field]]) -> Sheet:
    """Series as the columns of one table, with a row for each instant that any of them has; InvalidError where series
    without instants in common would make too large a table."""
    names = told_apart([frame.name or column.name for frame, column in series])
    own = [_times(frame) for frame, _ in series]
    times = np.unique(np.concatenate(own))
    check_size(len(times), len(series) + 1)
    columns = [Field.time(times, TIME)]
    for name, at, (_, column) in zip(names, own, series, strict=True):
        places = np.searchsorted(times, at)
        values = np.full(len(times), np.nan)
        values[places] = column.values
        exact = objects([None] * len(times))
        if column.exact is not None:
            exact[places] = column.exact
        columns.append(Field.number(name, values, exact=exact.tolist()))
    return tuple(columns)


def _times(frame: Frame) -> Array:
    assert frame.time is not None
    return frame.time.values


def csv_of(sheet: Sheet) -> bytes:
    """RFC 4180 with a line of names; times as ISO 8601 in UTC; safe to open in a spreadsheet."""
    lines = [",".join(cell(column.name) for column in sheet)]
    texts = [_texts(column) for column in sheet]
    lines += [",".join(row) for row in zip(*texts, strict=True)]
    return ("\r\n".join(lines) + "\r\n").encode()


def _texts(column: Field) -> list[str]:
    if column.kind != "time":
        return [cell(value) for value in column.readable]
    return [cell(one) if isinstance(one, str) else iso_time(one) for one in column.readable]


def iso_time(ms: float) -> str:
    """An instant as JavaScript's `toISOString` writes it; empty where it is missing, its number where it has no day."""
    if math.isnan(ms):
        return ""
    text = np.datetime_as_string(np.datetime64(int(ms), "ms"), unit="ms") if abs(ms) < 8.64e15 else script_text(ms)
    return f"{text}Z" if abs(ms) < 8.64e15 else text


def cell(value: Any) -> str:
    """A cell of CSV: quoted where it must be, and nothing that a spreadsheet would run."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, (bool, int, float)) or (isinstance(value, str) and NUMBER.fullmatch(value)):
        return script_text(value)
    text = value if isinstance(value, str) else json.dumps(value)
    safe = BLANKS.sub(_apostrophe, f"'{text}" if FORMULA.match(text) else text)
    return '"' + safe.replace('"', '""') + '"' if QUOTED.search(safe) else safe


def _apostrophe(blanks: re.Match[str]) -> str:
    """What stands before a formula: with an apostrophe, where it parts cells."""
    return f"{blanks[0]}'" if PARTS.search(blanks[0]) else blanks[0]


def json_of(sheet: Sheet) -> bytes:
    """`{"columns": [{"name", "type"}], "rows": [[…]]}`; times in ms, null for what is missing."""
    columns = [[_plain(value) for value in column.readable] for column in sheet]
    return strict_json(
        {
            "columns": [{"name": column.name, "type": column.kind} for column in sheet],
            "rows": [list(row) for row in zip(*columns, strict=True)],
        }
    ).encode()


def _plain(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):
        return None if math.isnan(value) else script_text(value)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


ARROW_TYPES: Final[Mapping[str, pa.DataType]] = {
    "time": pa.timestamp("ms", "UTC"),
    "number": pa.float64(),
    "string": pa.string(),
    "boolean": pa.bool_(),
}


def arrow_of(sheet: Sheet) -> bytes:
    """An Arrow IPC file. Digits that no float holds are in the two other forms."""
    names = told_apart([column.name for column in sheet])
    columns = [_arrow(column) for column in sheet]
    table = pa.table(dict(zip(names, columns, strict=True)))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def _arrow(column: Field) -> pa.Array:
    kind = ARROW_TYPES[column.kind]
    if column.kind != "time":
        return pa.array(column.values, kind, from_pandas=True)
    known = np.isfinite(column.values)
    return pa.array(np.where(known, column.values, 0).astype(np.int64), pa.int64(), mask=~known).cast(kind)


FORMS: Final[Mapping[str, Form]] = {
    "csv": Form("text/csv; charset=utf-8", csv_of),
    "arrow": Form("application/vnd.apache.arrow.file", arrow_of),
    "json": Form("application/json; charset=utf-8", json_of, saved=False),
}
