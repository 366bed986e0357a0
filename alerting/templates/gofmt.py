"""How Go writes values: `fmt.Sprint` and `fmt.Sprintf`, as far as templates of rules can ask for it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

VERB = re.compile(r"%([-+# 0]*)(\d{1,3})?(?:\.(\d{0,3}))?([^\d])|%", re.DOTALL)
MAX_PRECISION = 100
EXPONENT_FROM = 6


@dataclass(frozen=True, slots=True)
class Sample:
    """One of a query's answer, as `query` gives them."""

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Instant:
    """A time in ms, as `toTime` gives it."""

    ms: int


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in ns, as `toDuration` gives it."""

    ns: int


class Nothing(float):
    """The value of an instance that has none, since no data came, or an error: the words of Grafana in all texts. It
    compares as NaN does, and `if` takes it for false."""

    def __new__(cls) -> Nothing:
        return super().__new__(cls, math.nan)

    def __bool__(self) -> bool:
        return False


NOTHING = Nothing()
NO_VALUE = "[no value]"
TYPES: Mapping[type, str] = {
    bool: "bool",
    int: "int",
    float: "float64",
    str: "string",
    Instant: "*time.Time",
    Duration: "time.Duration",
}


def shortest(value: float) -> str:
    """A float with as few digits as tell it from its neighbours, as Go's `%v`; an exponent from a million on."""
    if not math.isfinite(value):
        return special(value)
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    digits, exponent = _digits(repr(abs(value)))
    sign = "-" if value < 0 else ""
    if exponent < -4 or exponent >= EXPONENT_FROM:
        mantissa = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
        return f"{sign}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    whole, rest = digits[: exponent + 1].ljust(exponent + 1, "0"), digits[exponent + 1 :]
    return f"{sign}{whole}" + (f".{rest}" if rest else "")


def special(value: float) -> str:
    """A float that is not finite, as Go writes it; what stands for no value at all as `[no value]`."""
    if isinstance(value, Nothing):
        return NO_VALUE
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"


def _digits(text: str) -> tuple[str, int]:
    """The significant digits of a Python float's text, and the exponent of the first."""
    mantissa, _, exponent = text.partition("e")
    whole, _, rest = mantissa.partition(".")
    digits, power = (whole + rest), len(whole) - 1 + int(exponent or 0)
    stripped = digits.lstrip("0")
    power -= len(digits) - len(stripped)
    return stripped.rstrip("0") or "0", power


def text_of(value: Any) -> str:
    """A value as `{{ value }}` writes it."""
    if value is None:
        return "<no value>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return shortest(value)
    if isinstance(value, Mapping):
        return "map[" + " ".join(f"{key}:{text_of(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, Sample):
        return f"{{{text_of(value.labels)} {text_of(value.value)}}}"
    if isinstance(value, Instant):
        return _instant(value.ms)
    if isinstance(value, Duration):
        return _duration(value.ns)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + " ".join(text_of(one) for one in value) + "]"
    return str(value)


def _instant(ms: int) -> str:
    try:
        at = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=ms)
    except OverflowError:
        return f"{ms} ms since 1970"
    fraction = f".{ms % 1000:03d}".rstrip("0").rstrip(".")
    return f"{at.year:04d}-{at.month:02d}-{at.day:02d} {at:%H:%M:%S}{fraction} +0000 UTC"


def _duration(ns: int) -> str:
    if ns == 0:
        return "0s"
    sign, ns = ("-" if ns < 0 else ""), abs(ns)
    for unit, size in (("ns", 1), ("µs", 1000), ("ms", 1_000_000)):
        if ns < size * 1000 and ns < 1_000_000_000:
            return f"{sign}{shortest(ns / size)}{unit}"
    minutes, rest = divmod(ns, 60_000_000_000)
    hours, minutes = divmod(minutes, 60)
    seconds = shortest(rest / 1e9)
    parts = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{sign}{parts}{seconds}s"


def sprint(values: Sequence[Any]) -> str:
    """`print`: a space between two that are no texts both."""
    found = ""
    for index, value in enumerate(values):
        if index and not isinstance(value, str) and not isinstance(values[index - 1], str):
            found += " "
        found += _inside(value)
    return found


def _inside(value: Any) -> str:
    return "<nil>" if value is None else text_of(value)


def sprintf(template: str, values: Sequence[Any]) -> str:
    """`printf`, with Go's words for what does not fit: `%!d(float64=5)`, `%!s(MISSING)`, `%!(EXTRA int=1)`."""
    used = 0

    def write(match: re.Match[str]) -> str:
        nonlocal used
        flags, width, precision, verb = match.groups()
        if verb is None:
            return "%!(NOVERB)"
        if verb == "%":
            return "%"
        if used >= len(values):
            return f"%!{verb}(MISSING)"
        value = values[used]
        used += 1
        number = min(int(precision or 0), MAX_PRECISION) if precision is not None else None
        return _padded(_verb(value, verb, flags, number), flags, int(width or 0), value)

    found = VERB.sub(write, template)
    if used < len(values):
        found += "%!(EXTRA " + ", ".join(f"{_type(one)}={_inside(one)}" for one in values[used:]) + ")"
    return found


def _verb(value: Any, verb: str, flags: str, precision: int | None) -> str:
    if isinstance(value, Nothing):
        return NO_VALUE
    if verb == "v":
        return _inside(value)
    if verb == "T":
        return _type(value)
    if isinstance(value, bool):
        return text_of(value) if verb == "t" else _wrong(verb, value)
    if isinstance(value, (Instant, Duration)) and verb in "sq":
        value = text_of(value)
    if isinstance(value, str):
        return _string(value, verb, precision)
    if isinstance(value, int):
        return _integer(value, verb, flags)
    if isinstance(value, float):
        return _float(value, verb, flags, precision)
    return _inside(value) if verb == "s" and value is not None else _wrong(verb, value)


def _string(value: str, verb: str, precision: int | None) -> str:
    cut = value if precision is None else value[:precision]
    if verb == "s":
        return cut
    if verb == "q":
        return json.dumps(cut, ensure_ascii=False)
    if verb in "xX":
        found = cut.encode().hex()
        return found.upper() if verb == "X" else found
    return _wrong(verb, value)


def _integer(value: int, verb: str, flags: str) -> str:
    forms = {"d": "d", "x": "x", "X": "X", "o": "o", "b": "b"}
    if verb in forms:
        return format(value, ("+" if "+" in flags else " " if " " in flags else "") + forms[verb])
    if verb in "cq" and 0 <= value <= 0x10FFFF:
        return chr(value) if verb == "c" else f"'{chr(value)}'"
    return _wrong(verb, value)


def _float(value: float, verb: str, flags: str, precision: int | None) -> str:
    if verb not in "fFeEgG":
        return _wrong(verb, value)
    sign = "+" if "+" in flags else " " if " " in flags else ""
    if not math.isfinite(value):
        return special(value)
    if verb in "gG" and precision is None:
        found = shortest(value)
        return (sign if value >= 0 else "") + (found.upper() if verb == "G" else found)
    digits = 6 if precision is None else max(precision, 1) if verb in "gG" else precision
    return format(value, f"{sign}.{digits}{verb}")


def _padded(text: str, flags: str, width: int, value: Any) -> str:
    if "-" in flags:
        return text.ljust(width)
    numeric = isinstance(value, (int, float)) and not isinstance(value, bool)
    if "0" in flags and numeric and text[-1:].isdigit():
        sign = text[0] if text[:1] in ("-", "+", " ") else ""
        return sign + text[len(sign) :].rjust(width - len(sign), "0")
    return text.rjust(width)


def _type(value: Any) -> str:
    names = {
        bool: "bool",
        int: "int",
        float: "float64",
        str: "string",
        Instant: "*time.Time",
        Duration: "time.Duration",
    }
    return names.get(type(value), "<nil>" if value is None else "map[string]string")


def _wrong(verb: str, value: Any) -> str:
    if value is None:
        return f"%!{verb}(<nil>)"
    return f"%!{verb}({_type(value)}={_inside(value)})"
