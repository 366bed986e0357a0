"""What a number looks like in a unit: Grafana's ids and its texts. The page reads the table, `units.json`, too."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from ..datasources.scripttext import script_text
from . import durations, moments, numerals
from .numerals import significant_decimals, to_fixed

__all__ = ["TABLE", "Formatted", "format_value", "is_time", "null_text", "rule_of", "significant_decimals", "to_fixed"]

Rule = Sequence[Any]
TABLE_FILE: Final = Path(__file__).with_name("units.json")
TABLE: Final[Mapping[str, Rule]] = json.loads(TABLE_FILE.read_text("utf-8"))
ISO: Final = "YYYY-MM-DDTHH:mm:ssZ"  # of a time that no pattern is given for
SI_PREFIXES: Final = ("f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y")
SI_ONE: Final = SI_PREFIXES.index("")
BINARY_PREFIXES: Final = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi")
COUNTS: Final = ("", "K", "M", "B", "T")
FINANCIAL_DECIMALS: Final = 1


@dataclass(frozen=True, slots=True)
class Formatted:
    """A number in a unit; shown are prefix, text and suffix, joined."""

    text: str
    suffix: str = ""
    prefix: str = ""

    def __str__(self) -> str:
        return self.prefix + self.text + self.suffix


@dataclass(frozen=True, slots=True)
class Asked:
    """What a rule may depend on beside the number."""

    decimals: int | None
    zone: tzinfo = UTC
    now_ms: float | None = None


def format_value(
    value: float | None,
    unit: str = "none",
    decimals: int | None = None,
    zone: tzinfo = UTC,
    now_ms: float | None = None,
) -> Formatted:
    """A number in a unit by id: one of the table, or `suffix: prefix: time: si: count: currency: bool:` and a word.

    Any other word is its own suffix. No number is a dash.
    """
    if value is None:
        return Formatted("–")
    rule = rule_of(unit)
    return RULES[rule[0]](float(value), rule[1:], Asked(decimals, zone, now_ms))


def null_text(unit: str) -> str:
    """What Grafana writes for null in a unit: nothing, but where its rules take null for zero."""
    kind, *rest = rule_of(unit)
    if kind == "clock":
        return "" if rest == [1] else "000ms"
    if kind == "bool":
        return str(rest[1])
    return NULL_TEXTS.get(kind, "")


def is_time(unit: str) -> bool:
    """Whether values of the unit are instants, whose texts depend on the zone."""
    return rule_of(unit)[0] in ("date", "fromnow")


@lru_cache(maxsize=1024)
def rule_of(unit: str) -> Rule:
    """The kind of a unit and what its rule needs."""
    if unit in TABLE:
        return TABLE[unit]
    kind, colon, rest = unit.partition(":")
    return CUSTOM[kind](rest) if colon and kind in CUSTOM else ("fixed", unit)


def _si_unit(text: str) -> Rule:
    offset = SI_PREFIXES.index(text[0]) - SI_ONE if text[:1] and text[0] in SI_PREFIXES else 0
    return ("si", text[1:] if offset else text, offset)


def _currency_unit(text: str) -> Rule:
    parts = text.split(":")
    if parts[0] == "financial" and len(parts) > 1:
        return ("financial", parts[1], parts[2:] == ["suffix"])
    return ("currency", text)


def _bool_unit(text: str) -> Rule:
    yes, slash, no = text.partition("/")
    return ("bool", yes, no if slash else "-")


CUSTOM: Final[Mapping[str, Callable[[str], Rule]]] = {
    "prefix": lambda text: ("prefix", text),
    "suffix": lambda text: ("fixed", text),
    "time": lambda text: ("date", text or ISO),
    "si": _si_unit,
    "count": lambda text: ("count", text),
    "currency": _currency_unit,
    "bool": _bool_unit,
}


def _fixed(value: float, rule: Rule, asked: Asked) -> Formatted:
    return Formatted(to_fixed(value, asked.decimals), f" {rule[0]}" if rule[0] else "")


def _prefix(value: float, rule: Rule, asked: Asked) -> Formatted:
    return Formatted(to_fixed(value, asked.decimals), prefix=rule[0])


def _percent(value: float, rule: Rule, asked: Asked) -> Formatted:
    return Formatted(to_fixed(value * rule[0], asked.decimals), "%")


def _scaled(value: float, factor: int, suffixes: Sequence[str], offset: int, asked: Asked) -> Formatted:
    if not math.isfinite(value):
        return Formatted(to_fixed(value))
    return Formatted(*numerals.scale(value, factor, suffixes, offset, asked.decimals))


def _prefixed(factor: int, prefixes: Sequence[str], one: int) -> Callable[[float, Rule, Asked], Formatted]:
    def rule_of_prefixes(value: float, rule: Rule, asked: Asked) -> Formatted:
        offset = rule[1] if len(rule) > 1 else 0
        return _scaled(value, factor, [f" {prefix}{rule[0]}" for prefix in prefixes], one + offset, asked)

    return rule_of_prefixes


def _count(value: float, rule: Rule, asked: Asked) -> Formatted:
    scaled = _scaled(value, 1000, COUNTS, 0, asked)
    # Grafana's own text for what is not finite, its slip included.
    return Formatted(scaled.text, f"{scaled.suffix if math.isfinite(value) else 'undefined'} {rule[0]}")


def _currency(value: float, rule: Rule, asked: Asked) -> Formatted:
    scaled = _scaled(abs(value), 1000, COUNTS, 0, asked)
    sign = "-" if value < 0 else ""
    if len(rule) > 1:
        return Formatted(scaled.text, scaled.suffix + (rule[0] if math.isfinite(value) else ""), sign)
    return Formatted(scaled.text, scaled.suffix, sign + rule[0])


def _financial(value: float, rule: Rule, asked: Asked) -> Formatted:
    least = 0 if asked.decimals is None else asked.decimals
    text = numerals.grouped(value, least, FINANCIAL_DECIMALS if asked.decimals is None else least)
    return Formatted(text, rule[0]) if rule[1] else Formatted(text, prefix=rule[0])


def _hex(value: float, rule: Rule, asked: Asked) -> Formatted:
    text = to_fixed(value, asked.decimals)
    number = math.nan if "∞" in text or "NaN" in text else float(text)
    digits = numerals.hexadecimal(number)
    return Formatted(f"-{rule[0]}{digits[1:]}" if digits.startswith("-") else rule[0] + digits)


def _locale(value: float, rule: Rule, asked: Asked) -> Formatted:
    return Formatted(numerals.grouped(value, 0, 3 if asked.decimals is None else asked.decimals))


def _date(value: float, rule: Rule, asked: Asked) -> Formatted:
    today = len(rule) > 1 and asked.now_ms is not None and moments.same_day(value, asked.now_ms, asked.zone)
    return Formatted(moments.write_moment(value, rule[1] if today else rule[0], asked.zone))


def _from_now(value: float, rule: Rule, asked: Asked) -> Formatted:
    if asked.now_ms is None:
        return Formatted(moments.write_moment(value, TABLE["dateTimeAsIso"][1], asked.zone))
    return Formatted(moments.from_now(value, asked.now_ms))


NULL_TEXTS: Final = {
    "string": "null",
    "hms": "00:00:00",
    "dhms": "00:00:00",
    "ticks": "0 s",
    "date": moments.INVALID,
    "fromnow": moments.INVALID,
}
RULES: Final[Mapping[str, Callable[[float, Rule, Asked], Formatted]]] = {
    "fixed": _fixed,
    "prefix": _prefix,
    "percent": _percent,
    "scaled": lambda value, rule, asked: _scaled(value, 1000, rule, 0, asked),
    "si": _prefixed(1000, SI_PREFIXES, SI_ONE),
    "binary": _prefixed(1024, BINARY_PREFIXES, 0),
    "count": _count,
    "currency": _currency,
    "financial": _financial,
    "hex": _hex,
    "sci": lambda value, rule, asked: Formatted(numerals.exponential(value, asked.decimals)),
    "locale": _locale,
    "string": lambda value, rule, asked: Formatted(script_text(value)),
    "bool": lambda value, rule, asked: Formatted(rule[0] if value and not math.isnan(value) else rule[1]),
    "time": lambda value, rule, asked: Formatted(*durations.in_largest_unit(value, rule[0], asked.decimals)),
    "ticks": lambda value, rule, asked: Formatted(*durations.in_largest_unit(value / 100, "s", asked.decimals)),
    "duration": lambda value, rule, asked: Formatted(*durations.in_words(value, rule[0], asked.decimals)),
    "hms": lambda value, rule, asked: Formatted(*durations.as_hours(value)),
    "dhms": lambda value, rule, asked: Formatted(*durations.as_days(value)),
    "clock": lambda value, rule, asked: Formatted(durations.as_clock(value * rule[0], asked.decimals)),
    "date": _date,
    "fromnow": _from_now,
}
