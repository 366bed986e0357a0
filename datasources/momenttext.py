"""Times as texts after a pattern of Moment's tokens, and back: `YYYY-MM-DD HH:mm`. After Moment.js's documentation."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from ..errors import InvalidError
from .frame import Array
from .moment import EPOCH, MAX_DATE_MS, MONTHS, Local, tokens, written

INVALID: Final = "Invalid date"
ISO: Final = "YYYY-MM-DDTHH:mm:ssZ"
FINE: Final = re.compile(r"ss?|S+|[Xx]|[Hh]mmss")  # tokens of what is finer than a minute
MINUTE_MS: Final = 60_000
MAX_WRITTEN: Final = 10_000_000  # tokens of all times: some ten seconds
WHOLE_MINUTES_FROM_MS: Final = 100_000_000_000  # 1973: Liberia was the last to leave an offset with seconds
# What is read for a token, and which part of a time it is.
READ: Final[Mapping[str, tuple[re.Pattern[str], str]]] = {
    "YYYY": (re.compile(r"[+-]?\d{1,4}"), "year"),
    "YY": (re.compile(r"\d\d"), "short_year"),
    "MMMM": (re.compile("|".join(MONTHS), re.IGNORECASE), "month_name"),
    "MMM": (re.compile("|".join(f"{month[:3]}" for month in MONTHS), re.IGNORECASE), "month_name"),
    "Do": (re.compile(r"\d\d?"), "day"),
    **{token: (re.compile(r"\d\d?"), "month") for token in ("MM", "M")},
    **{token: (re.compile(r"\d\d?"), "day") for token in ("DD", "D")},
    **{token: (re.compile(r"\d\d?"), "hour") for token in ("HH", "H", "hh", "h")},
    **{token: (re.compile(r"\d\d?"), "minute") for token in ("mm", "m")},
    **{token: (re.compile(r"\d\d?"), "second") for token in ("ss", "s")},
    **{token: (re.compile(r"\d{1,9}"), "fraction") for token in ("S", "SS", "SSS")},
    **{token: (re.compile(r"[ap]\.?m?\.?", re.IGNORECASE), "half") for token in ("A", "a")},
    **{token: (re.compile(r"Z|[+-]\d\d:?\d\d"), "offset") for token in ("Z", "ZZ")},
    "X": (re.compile(r"[+-]?\d+(?:\.\d{1,3})?"), "unix_s"),
    "x": (re.compile(r"[+-]?\d+"), "unix_ms"),
}


def moment_text(ms: float, pattern: str, zone: ZoneInfo) -> str:
    """A time in ms as a text; without a pattern as ISO 8601 with its offset. `Invalid date` for what is no time."""
    if not abs(ms) <= MAX_DATE_MS:
        return INVALID
    return written(Local.of(math.floor(ms), zone), pattern or ISO)


def moment_texts(times_ms: Array, pattern: str, zone: ZoneInfo) -> Array:
    """The same of many times (floats), as an array of texts.

    Where no token is finer than a minute, each minute is written once: offsets are whole ones from
    WHOLE_MINUTES_FROM_MS on. InvalidError where the pattern has too many tokens for so many times.
    """
    asked = tokens(pattern or ISO)
    fine = any(FINE.fullmatch(token) for token in asked)
    old = bool(np.any(times_ms < WHOLE_MINUTES_FROM_MS))
    grain_ms = 1 if fine or old else MINUTE_MS
    different, places = np.unique(np.floor(times_ms / grain_ms), return_inverse=True)
    if different.size * len(asked) > MAX_WRITTEN:
        raise InvalidError(f"{different.size} times of {len(asked)} tokens: {MAX_WRITTEN} of them may be written")
    texts = np.empty(different.size, dtype=object)
    texts[:] = [moment_text(number * grain_ms, pattern, zone) for number in different.tolist()]
    all_texts: Array = texts[places]
    return all_texts


def moment_ms(text: str, pattern: str, zone: ZoneInfo) -> float:
    """A text as a time in ms; NaN where it is none. Each token takes what fits next; the rest of either counts not."""
    found: dict[str, str] = {}
    rest = text
    for token in tokens(pattern):
        reader, part = READ.get(token, (None, ""))
        taken = reader.search(rest) if reader is not None else None
        if taken is not None:
            found[part] = taken[0]
            rest = rest[taken.end() :]
    try:
        return _instant(found, zone) if found else math.nan
    except (ValueError, OverflowError):
        return math.nan


def _instant(found: Mapping[str, str], zone: ZoneInfo) -> float:
    if "unix_s" in found:
        return float(found["unix_s"]) * 1000
    if "unix_ms" in found:
        return float(found["unix_ms"])
    if "short_year" in found:
        short = int(found["short_year"])
        year = short + (1900 if short > 68 else 2000)  # as POSIX reads two digits
    elif "year" in found:
        year = int(found["year"])
    else:
        return math.nan
    month = int(found.get("month", 1))
    if "month_name" in found:
        names = [name[:3].lower() for name in MONTHS]
        month = names.index(found["month_name"][:3].lower()) + 1
    hour = int(found.get("hour", 0))
    if "half" in found:
        hour = hour % 12 + (12 if found["half"][:1].lower() == "p" else 0)
    second, fraction = int(found.get("second", 0)), float(f"0.{found.get('fraction', '0')}")
    at = datetime(year, month, int(found.get("day", 1)), hour, int(found.get("minute", 0)), second, tzinfo=zone)
    if "offset" in found:
        at = at.replace(tzinfo=UTC) - _read_offset(found["offset"])
    return (at - EPOCH) / timedelta(milliseconds=1) + math.floor(fraction * 1000)


def _read_offset(text: str) -> timedelta:
    if text == "Z":
        return timedelta()
    sign = -1 if text[0] == "-" else 1
    return sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
