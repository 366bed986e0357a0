"""The format `date` of variables: a time in ms as ISO 8601, in seconds or ms, or after a pattern of Moment's tokens."""

from __future__ import annotations

import re
from typing import Final

from ..moment import MAX_DATE_MS, Local, written

ISO: Final = "YYYY-MM-DDTHH:mm:ss.SSS[Z]"
LEADING_INTEGER: Final = re.compile(r"\s*([+-]?[0-9]+)")


def write_date(value: str, pattern: str) -> str:
    """The time of `value` (its leading integer, ms since 1970) in UTC; `NaN` where there is no number."""
    number = LEADING_INTEGER.match(value)
    if number is None:
        return "NaN"
    if pattern == "ms":
        return value
    ms = int(number[1])
    if pattern == "seconds":
        return str((ms + 500) // 1000)
    if abs(ms) > MAX_DATE_MS:
        return "Invalid date"
    local = Local.of(ms)
    if pattern == "iso":
        return written(local, ISO if 0 <= local.year <= 9999 else f"YY{ISO}")
    return written(local, pattern)
