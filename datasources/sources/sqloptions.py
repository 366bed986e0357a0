"""The options of a variable out of rows of SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ..frame import Field
from .base import VariableOption

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def options_of(fields: Sequence[Field]) -> list[VariableOption]:
    """Columns `value` and `text` (`__value` and `__text` as Grafana has them), or one for both; NULL is no option."""
    if not fields:
        return []
    by_name = {field.name: field for field in reversed(fields)}
    values = by_name.get("__value") or by_name.get("value") or by_name.get("__text") or fields[0]
    texts = by_name.get("__text") or by_name.get("text") or values
    pairs = zip(option_texts(values), option_texts(texts), strict=True)
    return [VariableOption(value, value if text is None else text) for value, text in pairs if value is not None]


def option_texts(field: Field) -> list[str | None]:
    """The values as SQL reads them when they are filled into a query."""
    return [_text(value, field.kind) for value in field.readable]


def _text(value: Any, kind: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value != value:  # noqa: PLR0124 - a missing number
        return None
    if kind == "time":
        moment = EPOCH + timedelta(milliseconds=value)
        return moment.isoformat(" ", "milliseconds" if moment.microsecond else "seconds").removesuffix("+00:00")
    return str(int(value)) if float(value).is_integer() else repr(value)
