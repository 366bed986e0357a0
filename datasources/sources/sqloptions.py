"""The options of a variable out of rows of SQL."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from ...errors import InvalidError
from ..datemath import zone_of
from ..frame import Field
from ..scripttext import script_text
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
    zone = _zone(str(field.config.get("zone", "")))
    return [_text(value, field.kind, zone) for value in field.readable]


def _zone(name: str) -> tzinfo:
    """That of a column whose server reads texts on the clock of a place, UTC for all others."""
    try:
        return zone_of(name)
    except InvalidError:  # one that this machine does not know
        return UTC


def _text(value: Any, kind: str, zone: tzinfo) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value != value:  # noqa: PLR0124 - a missing number
        return None
    if kind == "time":
        moment = (EPOCH + timedelta(milliseconds=value)).astimezone(zone).replace(tzinfo=None)
        return moment.isoformat(" ", "milliseconds" if moment.microsecond else "seconds")
    if math.isinf(value):
        return script_text(value)
    return str(int(value)) if float(value).is_integer() else repr(value)
