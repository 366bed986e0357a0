"""Names of indices: patterns such as `logs-*`, and those whose names hold dates: `[logs-]YYYY.MM.DD`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote

from ...errors import InvalidError
from ..timerange import TimeRange

MAX_INDICES: Final = 60  # asked for by name; of more, the finest part of the date becomes `*`
NAME: Final = re.compile(r"(?!\.\.?$)[^\s/\\?#%\"<>|&\x00-\x1f_+-][^\s/\\?#%\"<>|&\x00-\x1f]*")
PIECE: Final = re.compile(r"\[(?P<plain>[^\]]*)\]|(?P<date>YYYY|GGGG|MM|DD|HH|WW)|(?P<mark>.)")
DATED: Final = re.compile(r"YYYY|GGGG")
WRITTEN: Final = {"YYYY": "%Y", "GGGG": "%G", "MM": "%m", "DD": "%d", "HH": "%H", "WW": "%V"}
FINEST: Final = ("HH", "DD", "WW", "MM", "YYYY", "GGGG")
WIDTHS: Final = {"HH": timedelta(hours=1), "DD": timedelta(days=1), "WW": timedelta(days=1)}
MONTH: Final = timedelta(days=1)


def is_dated(pattern: str) -> bool:
    """Whether a pattern has dates in it: `[logs-]YYYY.MM.DD`."""
    return "[" in pattern and DATED.search(re.sub(r"\[[^\]]*\]", "", pattern)) is not None


def checked(pattern: str, where: str) -> str:
    """The pattern. InvalidError where it is none that can stand in a path as it is."""
    names = [_plain(pattern)] if is_dated(pattern) else pattern.split(",")
    if not pattern or not all(NAME.fullmatch(name) for name in names) or len(names) > MAX_INDICES:
        raise InvalidError(f"{pattern[:80]!r} is no index, no pattern such as logs-* or [logs-]YYYY.MM.DD", path=where)
    return pattern


def _plain(pattern: str) -> str:
    return PIECE.sub(lambda match: match["plain"] if match["plain"] is not None else "0", pattern)


def path_of(pattern: str, range_: TimeRange) -> str:
    """The indices for a range as they stand in a path, percent-encoded."""
    return ",".join(quote(name, safe="*:") for name in names_of(pattern, range_))


def names_of(pattern: str, range_: TimeRange) -> Sequence[str]:
    """The names of a pattern for a range (UTC): as it is, or one for each date; at most MAX_INDICES, or as few as
    years are."""
    if not is_dated(pattern):
        return pattern.split(",")
    hidden: set[str] = set()
    for finest in (one for one in FINEST if one in re.sub(r"\[[^\]]*\]", "", pattern)):
        names = _named(pattern, range_, finest, hidden)
        if len(names) <= MAX_INDICES:
            return names
        hidden.add(finest)
    return _named(pattern, range_, "DD", hidden)


def _named(pattern: str, range_: TimeRange, finest: str, hidden: set[str]) -> Sequence[str]:
    end = datetime.fromtimestamp(range_.to_ms / 1000, UTC)
    width = WIDTHS.get(finest, MONTH)
    at = datetime.fromtimestamp(range_.from_ms / 1000, UTC)
    if (end - at) / width > 50_000:
        return [_written(pattern, end, {*WRITTEN})]
    names: dict[str, None] = {}
    while at < end + width:
        names[_written(pattern, min(at, end), hidden)] = None
        at += width
    return list(names)


def _written(pattern: str, at: datetime, hidden: set[str]) -> str:
    def piece(match: re.Match[str]) -> str:
        if match["date"] is None:
            return match["plain"] if match["plain"] is not None else match["mark"]
        return "*" if match["date"] in hidden else at.strftime(WRITTEN[match["date"]])

    return PIECE.sub(piece, pattern)
