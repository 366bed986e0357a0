"""What a number looks like in a unit. The table stands in `units.json`, which the page reads too."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

TABLE_FILE: Final = Path(__file__).with_name("units.json")
TABLE: Final[Mapping[str, Mapping[str, Any]]] = json.loads(TABLE_FILE.read_text("utf-8"))
SI_PREFIXES: Final = ("f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y")
SI_ONE: Final = 5
# Below each number of seconds: how many seconds its unit has, and its suffix.
TIME_STEPS: Final = (
    (1e-6, 1e-9, " ns"),
    (1e-3, 1e-6, " µs"),
    (1, 1e-3, " ms"),
    (60, 1, " s"),
    (3600, 60, " min"),
    (86_400, 3600, " hour"),
    (604_800, 86_400, " day"),
    (31_536_000, 604_800, " week"),
    (math.inf, 31_557_600, " year"),
)
DURATIONS: Final = (
    ("year", 31_536_000.0),
    ("month", 2_628_000.0),
    ("week", 604_800.0),
    ("day", 86_400.0),
    ("hour", 3600.0),
    ("minute", 60.0),
    ("second", 1.0),
    ("millisecond", 0.001),
)


@dataclass(frozen=True, slots=True)
class Formatted:
    """A number in a unit; shown are prefix, text and suffix, joined."""

    text: str
    suffix: str = ""
    prefix: str = ""

    def __str__(self) -> str:
        return self.prefix + self.text + self.suffix


def format_value(value: float | None, unit: str = "none", decimals: int | None = None) -> Formatted:
    """A number in a unit by Grafana's id; `suffix:x` and `prefix:x` too, an unknown id is its own suffix."""
    if value is None:
        return Formatted("–")
    for kind in ("suffix", "prefix"):
        if unit.startswith(kind + ":"):
            text, word = to_fixed(value, decimals), unit.removeprefix(kind + ":")
            return Formatted(text, " " + word) if kind == "suffix" else Formatted(text, prefix=word)
    rule = TABLE.get(unit, {"kind": "fixed", "suffix": f" {unit}" if unit else ""})
    return RULES[rule["kind"]](value, rule, decimals)


def _fixed(value: float, rule: Mapping[str, Any], decimals: int | None) -> Formatted:
    return Formatted(to_fixed(value * rule.get("times", 1), decimals), rule["suffix"])


def _scaled(value: float, rule: Mapping[str, Any], decimals: int | None) -> Formatted:
    return scale(value, rule["factor"], rule["suffixes"], rule.get("offset", 0), decimals)


def _si(value: float, rule: Mapping[str, Any], decimals: int | None) -> Formatted:
    return scale(value, 1000, [f" {prefix}{rule['unit']}" for prefix in SI_PREFIXES], SI_ONE, decimals)


def _time(value: float, rule: Mapping[str, Any], decimals: int | None) -> Formatted:
    seconds = value * rule["seconds"]
    own = next(step for step in TIME_STEPS if step[1] >= rule["seconds"] * 0.999)
    for limit, length, suffix in TIME_STEPS:
        if length >= own[1] * 0.999 and (abs(seconds) < limit or value == 0):
            text = to_fixed(seconds / length, decimals)
            many = length >= 60 and text not in ("1", "-1")
            return Formatted(
                text, suffix + ("s" if (many and suffix != " min") or (many and value and length == 60) else "")
            )
    return Formatted(to_fixed(value, decimals), " years")


def _duration(value: float, rule: Mapping[str, Any], decimals: int | None) -> Formatted:
    """Words for the largest units, `decimals` more of them: `2 days, 3 hours`."""
    if not math.isfinite(value):
        return Formatted(to_fixed(value))
    seconds = abs(value) * rule["seconds"]
    if value == 0:
        return Formatted("0", " seconds")
    parts: list[str] = []
    for name, length in DURATIONS:
        count = math.floor(seconds / length + 1e-9)
        if count or parts:
            if count:
                parts.append(f"{count} {name}{'s' if count != 1 else ''}")
            seconds -= count * length
            if len(parts) > (decimals or 0):
                break
    return Formatted(", ".join(parts), " ago" if value < 0 else "")


RULES: Final = {"fixed": _fixed, "scaled": _scaled, "si": _si, "time": _time, "duration": _duration}


def scale(value: float, factor: int, suffixes: Sequence[str], offset: int, decimals: int | None) -> Formatted:
    """The value over that power of `factor` which leaves the fewest digits before the point."""
    if not math.isfinite(value):
        return Formatted(to_fixed(value, decimals), suffixes[offset])
    power = math.floor(math.log(abs(value), factor) + 1e-12) if value else 0
    power = max(-offset, min(power, len(suffixes) - offset - 1))
    return Formatted(to_fixed(value / factor**power, decimals), suffixes[offset + power])


def to_fixed(value: float, decimals: int | None = None) -> str:
    """The number with so many decimals, by default as many as make three significant digits."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    places = significant_decimals(value) if decimals is None else decimals
    if abs(value) >= 1e21:
        return f"{value:g}"
    rounded = math.floor(value * 10**places + 0.5) / 10**places
    return f"{rounded:.{places}f}" if rounded else f"{0:.{places}f}"


def significant_decimals(value: float) -> int:
    if value == 0 or value % 1 == 0:
        return 0
    return max(0, 2 - math.floor(math.log10(abs(value))))
