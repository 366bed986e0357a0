"""Lengths of time as texts: in the largest unit that fits, in words, as clocks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from ..datasources.moment import MAX_DATE_MS
from ..datasources.scripttext import number_text
from .numerals import to_fixed

Texts = tuple[str, str]
# Of each unit: below which number of it, what it is divided by, and its name; the last holds for all larger ones.
STEPS: Final[Mapping[str, Sequence[tuple[float, float, str]]]] = {
    "ns": (
        (1e3, 1, " ns"),
        (1e6, 1e3, " µs"),
        (1e9, 1e6, " ms"),
        (6e10, 1e9, " s"),
        (3.6e12, 6e10, " min"),
        (8.64e13, 3.6e12, " hour"),
        (math.inf, 8.64e13, " day"),
    ),
    "µs": ((1e3, 1, " µs"), (1e6, 1e3, " ms"), (math.inf, 1e6, " s")),
    "ms": (
        (1e3, 1, " ms"),
        (6e4, 1e3, " s"),
        (3.6e6, 6e4, " min"),
        (8.64e7, 3.6e6, " hour"),
        (3.1536e10, 8.64e7, " day"),
        (math.inf, 3.1536e10, " year"),
    ),
    "s": (
        (1e-6, 1e-9, " ns"),
        (1e-3, 1e-6, " µs"),
        (1, 1e-3, " ms"),
        (60, 1, " s"),
        (3600, 60, " min"),
        (86_400, 3600, " hour"),
        (604_800, 86_400, " day"),
        (31_536_000, 604_800, " week"),
        (math.inf, 3.15569e7, " year"),
    ),
    "m": (
        (60, 1, " min"),
        (1440, 60, " hour"),
        (10_080, 1440, " day"),
        (604_800, 10_080, " week"),
        (math.inf, 5.25948e5, " year"),
    ),
    "h": ((24, 1, " hour"), (168, 24, " day"), (8760, 168, " week"), (math.inf, 8760, " year")),
    "d": ((7, 1, " day"), (365, 7, " week"), (math.inf, 365, " year")),
}
# Minutes counted in minutes, and hours in hours, have none.
WITHOUT_PLURAL: Final = frozenset({"m", "h"})
HAVE_PLURALS: Final = frozenset({" min", " hour", " day", " week", " year"})
WORDS: Final = (
    ("year", 31_536_000_000.0),
    ("month", 2_592_000_000.0),
    ("week", 604_800_000.0),
    ("day", 86_400_000.0),
    ("hour", 3_600_000.0),
    ("minute", 60_000.0),
    ("second", 1000.0),
    ("millisecond", 1.0),
)
HOUR_S: Final = 3600
DAY_S: Final = 86_400


def in_largest_unit(value: float, unit: str, decimals: int | None) -> Texts:
    """`16.7`, ` mins`."""
    if value == 0 and unit == "s":
        return "0", " s"
    steps = STEPS[unit]
    _, length, name = next((step for step in steps if abs(value) < step[0]), steps[-1])
    # A length below one multiplies: 5e-7 / 1e-9 would not be 500.
    size = value * round(1 / length) if length < 1 else value / length
    many = name in HAVE_PLURALS and abs(size) > 1 and not (length == 1 and unit in WITHOUT_PLURAL)
    return to_fixed(size, decimals), name + ("s" if many else "")


def in_words(value: float, unit: str, decimals: int | None) -> Texts:
    """The largest unit and `decimals` more, in words: `2 days, 3 hours`; of negative ones ` ago` is the suffix."""
    if value == 0:
        return "0", f" {unit}s"
    if value < 0:
        return in_words(-value, unit, decimals)[0], " ago"
    rest = value * (1000 if unit == "second" else 1)
    parts: list[str] = []
    for name, length in WORDS:
        count = rest / length
        if not (count >= 1 or parts):
            continue
        whole = _whole(count)
        parts.append(f"{whole} {name}{'' if whole == '1' else 's'}")
        rest = math.fmod(rest, length) if math.isfinite(rest) else math.nan
        if len(parts) > (decimals or 0):
            break
    return ", ".join(parts), ""


def as_hours(seconds: float) -> Texts:
    """`25:01:01`; of negative ones ` ago` is the suffix."""
    if seconds < 0:
        return as_hours(-seconds)[0], " ago"
    rest = math.fmod(seconds, HOUR_S) if math.isfinite(seconds) else math.nan
    parts = (seconds / HOUR_S, rest / 60, math.fmod(rest, 60))
    return ":".join(_two_digits(part) for part in parts), ""


def as_days(seconds: float) -> Texts:
    """`1 d 00:00:00`; of negative ones ` ago` is the suffix."""
    if seconds < 0:
        return as_days(-seconds)[0], " ago"
    days = float(math.floor(seconds / DAY_S)) if math.isfinite(seconds) else seconds
    day = f"{_whole(days)} d " if days > 0 else ""
    rest = seconds - days * DAY_S if math.isfinite(seconds) else math.nan
    return day + as_hours(rest)[0], ""


def as_clock(ms: float, decimals: int | None) -> str:
    """`16m:40s:000ms`, from the largest unit on; `decimals` says how many units after it."""
    shown = math.trunc(ms) if math.isfinite(ms) and abs(ms) <= MAX_DATE_MS else None
    if ms < 1000:
        return "Invalid date" if shown is None else f"{shown % 1000:03d}ms"
    places = 3 if decimals is None else decimals
    if shown is None:
        return f"{_whole(ms / 3.6e6)}h" + ("" if places == 0 else ":Invalid date")
    units = [f"{shown // 60_000 % 60:02d}m", f"{shown // 1000 % 60:02d}s", f"{shown % 1000:03d}ms"]
    if ms < 60_000:
        return units[1] if places == 0 else ":".join(units[1:])
    if ms < 3_600_000:
        return ":".join(units if places > 1 else units[: places + 1])
    return ":".join([f"{_whole(ms / 3.6e6)}h", *units[: max(places, 0)]])


def _whole(value: float) -> str:
    return number_text(float(math.floor(value)) if math.isfinite(value) else value)


def _two_digits(value: float) -> str:
    return _whole(value) if value >= 10 else f"0{_whole(value)}"
