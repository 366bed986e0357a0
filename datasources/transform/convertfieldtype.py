"""`convertFieldType`: columns as numbers, texts, times, booleans, or what JSON says."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from ...declared import Spec, hint
from ...errors import HeliographError
from ...unpaired import from_json
from ..datemath import parse_iso, zone_of
from ..momenttext import moment_ms, moment_text, moment_texts
from ..scripttext import to_number
from .base import Transformation
from .bounds import check_column
from .matchers import by_names
from .naming import Naming
from .table import Column, Table, Tables, as_text

DATE_FORMAT: Final = "YYYY-MM-DD HH:mm:ss"  # how times are read that say nothing of theirs
ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{3,})?(?:Z|[-+]\d{2}:?\d{2})", re.ASCII)
DAY: Final = re.compile(r"\d{4}-\d{2}", re.ASCII)
SECONDS: Final = "X"
LOCAL: Final = ("", "utc", "browser")


class Labels(Spec):
    """The texts of an enumeration, in the order of their numbers."""

    text: list[str] | None = Field(None, max_length=10_000, description="The texts, in the order of their numbers.")
    color: list[str] | None = Field(None, description="Their colours.")
    icon: list[str] | None = Field(None, description="Their icons.")
    description: list[str] | None = Field(None, description="What each means.")


class Conversion(Spec):
    """One column by its name, and what becomes of it. `dateFormat`: Moment's tokens, `X` for seconds since 1970."""

    targetField: str | None = Field(None, description="The column.")
    destinationType: Literal["time", "number", "string", "boolean", "enum", "other"] | None = Field(
        None, description="What becomes of its values."
    )
    dateFormat: str | None = Field(
        None, max_length=200, description="How texts of times are written: Moment's tokens, `X` for seconds since 1970."
    )
    timezone: str | None = Field(
        None,
        max_length=64,
        description="The zone of texts of times, such as `Europe/Paris`.",
        json_schema_extra=hint("zone"),
    )
    joinWith: str | None = Field(
        None, max_length=100, description="What stands between the parts of a list that becomes a text."
    )
    enumConfig: Labels | None = Field(None, description="The texts of an enumeration.")

    @field_validator("timezone")
    @classmethod
    def a_zone(cls, value: str | None) -> str | None:
        zone_in(value)
        return value


class Options(Spec):
    """Conversions, one after the other."""

    conversions: list[Conversion] = Field(
        default_factory=list, max_length=100, description="Conversions, one after the other."
    )
    fields: dict[str, Any] | None = Field(None, description="Kept as Grafana wrote it; not read.")


def zone_in(name: str | None) -> ZoneInfo:
    """The zone of a name; UTC where it is the viewer's own. InvalidError where there is none of that name."""
    return zone_of("UTC" if not name or name in LOCAL else name)


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """The tables with the columns meant converted, one conversion after the other; what cannot be is NULL.

    InvalidError where its texts grow too long: each conversion may write quotes around the quotes of the one before.
    """
    for one in options.conversions:
        if not one.targetField or one.destinationType is None:
            continue
        matches, naming, change = by_names([one.targetField]), Naming(tables), CHANGES[one.destinationType]
        tables = [
            table.with_columns(
                check_column(change(column, one)) if matches(column, table, naming) else column
                for column in table.columns
            )
            for table in tables
        ]
    return tables


def _time(column: Column, how: Conversion) -> Column:
    """Numbers are times already, unless they are seconds; texts are read."""
    first = column.values[0] if len(column) else None
    if column.is_float and (column.kind == "time" or how.dateFormat != SECONDS) and not _is_missing(first):
        return column.but(kind="time")
    known = next((value for value in column.listed if value is not None), None)
    iso = isinstance(known, str) and ISO.fullmatch(known) is not None
    return column.with_values([_instant(value, how, iso) for value in column.listed], "time")


def _instant(value: Any, how: Conversion, iso: bool) -> float | None:
    if not value:
        return None
    if isinstance(value, (int, float)):
        return float(value) * (1000 if how.dateFormat == SECONDS else 1)
    text = as_text(value)
    if iso:
        return _iso_ms(text)
    found = moment_ms(text, how.dateFormat or DATE_FORMAT, zone_in(how.timezone))
    return None if math.isnan(found) else found


def _iso_ms(text: str) -> float | None:
    try:
        return float(parse_iso(text)) if DAY.match(text) else None
    except HeliographError:
        return None


def _number(column: Column, how: Conversion) -> Column:
    if column.is_float:
        return column.but(kind="number", exact=column.exact)
    return column.with_values([_numeric(value) for value in column.listed], "number")


def _numeric(value: Any) -> float | None:
    if value is None or value == "" or isinstance(value, dict):
        return None
    if isinstance(value, list):
        value = ",".join(map(as_text, value))
    number = to_number(value.replace(",", "") if isinstance(value, str) else value)
    return number if math.isfinite(number) else None


def _boolean(column: Column, how: Conversion) -> Column:
    return column.with_values([bool(value) for value in column.listed], "boolean")


def _string(column: Column, how: Conversion) -> Column:
    if column.kind == "time":
        zone, pattern = zone_in(how.timezone), how.dateFormat or ""
        if column.is_float:
            return column.but(values=moment_texts(column.values, pattern, zone), kind="string")
        return column.with_values([moment_text(value, pattern, zone) for value in column.values.tolist()], "string")
    if column.kind in ("string", "other"):
        return column.with_values([_quoted(value, how.joinWith) for value in column.listed], "string")
    exact = column.exact.tolist() if column.exact is not None else [None] * len(column)
    texts = [text or as_text(value) for value, text in zip(column.listed, exact, strict=True)]
    return column.with_values(texts, "string")


def _quoted(value: Any, joined: str | None) -> str:
    if joined and isinstance(value, list):
        return joined.join(map(as_text, value))
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _enum(column: Column, how: Conversion) -> Column:
    """The texts that the enumeration knows; a column stays as it is where it names none."""
    known = frozenset((how.enumConfig.text if how.enumConfig else None) or ())
    if not known:
        return column
    return column.with_values([value if value in known else None for value in map(_label, column.listed)], "string")


def _label(value: Any) -> str | None:
    return None if value is None else as_text(value)


def _other(column: Column, how: Conversion) -> Column:
    return column.with_values([_parsed(value) for value in column.listed], "other")


def _parsed(value: Any) -> Any:
    try:
        return from_json(value if isinstance(value, str) else as_text(value))
    except (ValueError, RecursionError):
        return None


def _is_missing(value: Any) -> bool:
    return value is None or bool(value != value)  # noqa: PLR0124 - NaN


CHANGES: Final[Mapping[str, Callable[[Column, Conversion], Column]]] = {
    "time": _time,
    "number": _number,
    "boolean": _boolean,
    "string": _string,
    "enum": _enum,
    "other": _other,
}
TRANSFORMATION = Transformation(
    "convertFieldType",
    "Convert field type",
    "Columns as numbers, texts, times, booleans, or what JSON says.",
    Options,
    run,
)
