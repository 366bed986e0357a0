"""Rows of documents as columns of frames: by the fields that a query names, else by all that the rows have."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

import numpy as np
from pydantic import Field as Declared

from ...declared import Spec
from ...errors import SourceError
from ..frame import Field
from .arrow_columns import DAY_MS, decimal_field, number_field
from .epochs import FINER_ABOVE, TIME_NAMES
from .jmes import Counted, path_of
from .json_formats import Digits, written

Kind = Literal["time", "number", "string", "boolean"]
MAX_COLUMNS: Final = 500
MAX_WRITTEN: Final = 128 * 2**20  # characters of a column of texts: rows may all hold the same large structure
NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
UNITS_MS: Final = {"s": 1000.0, "ms": 1.0, "us": 1e-3, "ns": 1e-6}
TRUE, FALSE = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})


class Picked(Spec):
    """Where in a row a column's value stands, and what it is."""

    path: str = Declared(min_length=1, description="JMESPath in the row.")
    kind: Kind | None = Declared(None, description="What the values are; told by the values where it is not said.")
    unit: Literal["s", "ms", "us", "ns"] | None = Declared(None, description="Of times that are numbers.")


def rows_of(document: Any, rows: str, counted: Counted) -> list[Any]:
    """The rows of an answer: what the expression finds; one that is no list is one row."""
    found = path_of(rows, "$.query.rows").search(document, counted) if rows else document
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def columns_of(
    rows: Sequence[Any], fields: Mapping[str, Picked], counted: Counted, *, typed: bool = True
) -> tuple[Field, ...]:
    """Typed columns; not `typed`: the format has texts alone, so that those of numbers are numbers.

    SourceError where the rows' own names are too many.
    """
    if not fields:
        return tuple(column(name, [_own(row, name) for row in rows], typed=typed) for name in _names(rows))
    made, size = [], 0
    for name, picked in fields.items():
        path = path_of(picked.path, f"$.query.fields.{name}")
        values = [path.search(row, counted) for row in rows]
        made.append(column(name, values, picked.kind, picked.unit, typed=typed))
        size += _written(made[-1])
        if size > MAX_WRITTEN:
            raise SourceError(f"the columns are more than {MAX_WRITTEN >> 20} MB of text together")
    return tuple(made)


def _written(made: Field) -> int:
    """Characters of a column of texts: one text may stand in all rows of many columns."""
    return sum(len(text) for text in made.values.tolist() if text is not None) if made.kind == "string" else 0


def _names(rows: Sequence[Any]) -> list[str]:
    names: dict[str, None] = {}
    for row in rows:
        names.update(dict.fromkeys(row if isinstance(row, dict) else ["value"]))
        if len(names) > MAX_COLUMNS:
            raise SourceError(f"the rows have more than {MAX_COLUMNS} fields: name those that you want in fields")
    return list(names)


def _own(row: Any, name: str) -> Any:
    if isinstance(row, dict):
        return row.get(name)
    return row if name == "value" else None


def column(
    name: str, values: Sequence[Any], kind: Kind | None = None, unit: str | None = None, *, typed: bool = True
) -> Field:
    """A column of a kind; None: told by the values that are there."""
    return KINDS[kind or _told(name, values, typed=typed)](name, values, unit)


def _told(name: str, values: Sequence[Any], *, typed: bool) -> Kind:
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, bool) for value in known):
        return "boolean"
    if known and all(_is_number(value, typed=typed) for value in known):
        return "number"
    is_time = name.lower() in TIME_NAMES and known
    return "time" if is_time and all(isinstance(value, str) and _moment(value) for value in known) else "string"


def _is_number(value: Any, *, typed: bool) -> bool:
    if isinstance(value, str):
        return not typed and NUMBER.fullmatch(value) is not None
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _numbers(name: str, values: Sequence[Any], _: str | None) -> Field:
    if all(value is None or type(value) is float for value in values):
        return number_field(name, np.array([math.nan if value is None else value for value in values], np.float64))
    return decimal_field(name, [_number(value) for value in values])


def _number(value: Any) -> Decimal | int | None:
    """A number with all its digits; None for what is none."""
    if isinstance(value, int):
        return int(value)
    text = value.text if isinstance(value, Digits) else repr(value) if isinstance(value, float) else value
    if not isinstance(text, str):
        return None
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        return None
    return found if abs(found.adjusted()) < 400 or not found.is_finite() else Decimal(float(found))


def _times(name: str, values: Sequence[Any], unit: str | None) -> Field:
    moments = [_instant(value, unit) for value in values]
    return Field.time([ms for ms, _ in moments], name, [text for _, text in moments])


def _instant(value: Any, unit: str | None) -> tuple[float, str | None]:
    """A time in ms, with the text of a day; NaN for what is none."""
    if isinstance(value, str) and NUMBER.fullmatch(value) is None:
        return _moment(value) or (math.nan, None)
    number = _number(value)
    if number is None or isinstance(value, bool) or not math.isfinite(number):
        return math.nan, None
    finer = sum(abs(float(number)) > bound for bound in FINER_ABOVE)
    scale = UNITS_MS[unit] if unit else 1000.0 ** (1 - finer)
    return float(math.floor(number * Decimal(scale))), None


def _moment(text: str) -> tuple[float, str | None] | None:
    """A time of ISO 8601, UTC where it names no zone; a day says so itself; what is finer than ms is cut off."""
    try:
        if len(text) == len("2026-03-14"):
            return float((date.fromisoformat(text).toordinal() - EPOCH_DAY) * DAY_MS), text
        moment = datetime.fromisoformat(_cut(text))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return float(since.days * DAY_MS + since.seconds * 1000 + since.microseconds // 1000), None


def _cut(text: str) -> str:
    """Without the digits behind microseconds, which Python does not read."""
    return re.sub(r"(\.\d{6})\d+", r"\1", text.strip())


def _texts(name: str, values: Sequence[Any], _: str | None) -> Field:
    texts, size = [], 0
    for value in values:
        texts.append(_text(value))
        size += len(texts[-1] or "")
        if size > MAX_WRITTEN:
            raise SourceError(f"the column {name[:80]} is more than {MAX_WRITTEN >> 20} MB of text")
    return Field.string(name, texts)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return written(value)


def _booleans(name: str, values: Sequence[Any], _: str | None) -> Field:
    return Field.boolean(name, [_boolean(value) for value in values])


def _boolean(value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    text = str(value).lower()
    return True if text in TRUE else False if text in FALSE else None


KINDS: Final[Mapping[Kind, Callable[[str, Sequence[Any], str | None], Field]]] = {
    "time": _times,
    "number": _numbers,
    "string": _texts,
    "boolean": _booleans,
}
