"""Steps between points: how a range and a number of points become a round interval, and how intervals are written."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from typing import Final

from ..errors import InvalidError

UNITS_S: Final = {
    "y": 31_536_000.0,
    "M": 2_592_000.0,
    "w": 604_800.0,
    "d": 86_400.0,
    "h": 3600.0,
    "m": 60.0,
    "s": 1.0,
    "ms": 0.001,
}
MAX_LENGTH: Final = 100  # of a text that an error repeats
INTERVAL: Final = re.compile(r"^(-?\d+)(?:\.\d+)?(ms|[Mwdhmsy])")
NUMBER: Final = re.compile(r"^\s*(-?)(0x[0-9a-fA-F]+|\d+(?:\.\d*)?(?:e[+-]?\d+)?)\s*$")

# Below each limit (ms) the interval is the value beside it.
ROUNDING_MS: Final = (
    (10, 1),
    (15, 10),
    (35, 20),
    (75, 50),
    (150, 100),
    (350, 200),
    (750, 500),
    (1500, 1000),
    (3500, 2000),
    (7500, 5000),
    (12_500, 10_000),
    (17_500, 15_000),
    (25_000, 20_000),
    (45_000, 30_000),
    (90_000, 60_000),
    (210_000, 120_000),
    (450_000, 300_000),
    (750_000, 600_000),
    (1_050_000, 900_000),
    (1_500_000, 1_200_000),
    (2_700_000, 1_800_000),
    (5_400_000, 3_600_000),
    (9_000_000, 7_200_000),
    (16_200_000, 10_800_000),
    (32_400_000, 21_600_000),
    (86_400_000, 43_200_000),
    (604_800_000, 86_400_000),
    (1_814_400_000, 604_800_000),
    (3_628_800_000, 2_592_000_000),
)
LARGEST_MS: Final = 31_536_000_000
LIMITS_MS: Final = [limit for limit, _ in ROUNDING_MS]


def round_interval(interval_ms: float) -> int:
    """The round interval nearest to one in ms, from 1 ms to a year."""
    index = bisect_right(LIMITS_MS, interval_ms)
    return ROUNDING_MS[index][1] if index < len(ROUNDING_MS) else LARGEST_MS


def interval_ms(text: str) -> float:
    """An interval such as `15s` or `1h` in ms; a plain number is seconds. InvalidError for anything else.

    A fraction is dropped, and what follows the first unit is ignored, as users of Grafana know it.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidError(f"{text[:MAX_LENGTH]!r}… is not an interval such as 15s, 1m or 1h")
    number = NUMBER.match(text)
    if number and float(int(number[2], 16) if number[2].startswith("0x") else number[2]) != 0:
        leading = re.match(r"\s*(-?\d+)", text)
        assert leading is not None
        return int(leading[1]) * 1000.0
    match = INTERVAL.match(text)
    if match is None:
        raise InvalidError(f"{text[:MAX_LENGTH]!r} is not an interval such as 15s, 1m or 1h")
    return int(match[1]) * UNITS_S[match[2]] * 1000


def calculate_interval(range_ms: float, points: int, least: str | None = None) -> int:
    """The interval in ms that gives about `points` points over a range, at least `least` (`15s`, `>15s`)."""
    interval = round_interval(range_ms / points)
    if least:
        return max(interval, int(interval_ms(least)))
    return interval


def interval_text(ms: float) -> str:
    """An interval as text in its largest whole unit: `15s`, `1m`, `30d`."""
    seconds = ms / 1000
    for unit in ("y", "d", "h", "m", "s"):
        count = math.floor(seconds / UNITS_S[unit])
        if count:
            return f"{count}{unit}"
    milliseconds = math.floor(seconds * 1000)
    return f"{milliseconds}ms" if milliseconds else "less than a millisecond"
