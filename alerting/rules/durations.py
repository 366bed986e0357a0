"""Durations as rules write them: `30s`, `5m`, `1h30m`, `2d`, as Prometheus knows them."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

UNITS_MS = {"y": 31_536_000_000, "w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
# Each unit once at most, the larger first; a bare 0 is no time at all.
DURATION = re.compile(
    r"(?:(\d{1,9})y)?(?:(\d{1,9})w)?(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?(?:(\d{1,9})ms)?",
    re.ASCII,
)
LONGEST_MS = 366 * UNITS_MS["d"]
SHORTEST_MS = 1000
SHORTEST_INTERVAL_MS = 100  # between two evaluations


def duration_ms(text: str) -> int:
    """A duration in ms; ValueError for what is none, and for more than a year."""
    match = DURATION.fullmatch(text)
    if text != "0" and (match is None or not any(match.groups())):
        raise ValueError(f"{text[:40]!r} is not a duration such as 30s, 5m or 1h30m")
    assert match is not None or text == "0"
    counts = match.groups() if match is not None else ()
    total = sum(int(count) * unit for count, unit in zip(counts, UNITS_MS.values(), strict=False) if count)
    if total > LONGEST_MS:
        raise ValueError(f"{text[:40]} is longer than a year")
    return total


def duration_text(ms: int) -> str:
    """The shortest text of a duration: `1h30m`; `0s` for none."""
    parts = []
    for unit, size in UNITS_MS.items():
        if unit == "w":  # Prometheus writes days instead
            continue
        count, ms = divmod(ms, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def _text(value: object) -> object:
    """YAML and people write 0 for no time at all."""
    return "0" if value == 0 and not isinstance(value, bool) else value


def _checked(value: str) -> str:
    duration_ms(value)
    return value


def _often(value: str) -> str:
    if duration_ms(value) < SHORTEST_MS:
        raise ValueError("at least 1s")
    return value


def _evaluated(value: str) -> str:
    if duration_ms(value) < SHORTEST_INTERVAL_MS:
        raise ValueError(f"at least {SHORTEST_INTERVAL_MS}ms")
    return value


Duration = Annotated[str, BeforeValidator(_text), AfterValidator(_checked)]
Interval = Annotated[str, BeforeValidator(_text), AfterValidator(_often)]  # at which people are told
Every = Annotated[str, BeforeValidator(_text), AfterValidator(_evaluated)]  # at which rules are evaluated
