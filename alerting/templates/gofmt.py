"""How Go writes values: `fmt.Sprint`, as far as templates of rules can ask for it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from .gotime import Duration, Instant, Month, Weekday
from .record import Struct

EXPONENT_FROM = 6


@dataclass(frozen=True, slots=True)
class Sample(Struct):
    """One of a query's answer, as `query` gives them."""

    labels: Mapping[str, str]
    value: float
    pointed_at: ClassVar[bool] = True

    @property
    def parts(self) -> Mapping[str, Any]:
        return {"Labels": self.labels, "Value": self.value}


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
    Month: Month.kind,
    Weekday: Weekday.kind,
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
        return "map[" + " ".join(f"{key}:{inside(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, Struct):
        return "{" + " ".join(inside(one) for one in value.parts.values()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + " ".join(inside(one) for one in value) + "]"
    return str(value)


def sprint(values: Sequence[Any]) -> str:
    """`print`: a space between two that are no texts both."""
    found = ""
    for index, value in enumerate(values):
        if index and not isinstance(value, str) and not isinstance(values[index - 1], str):
            found += " "
        found += ("&" if isinstance(value, Struct) and value.pointed_at else "") + inside(value)
    return found


def type_name(value: Any) -> str:
    """What Go calls the type of a value."""
    return TYPES.get(type(value), "<nil>" if value is None else getattr(value, "kind", "map[string]string"))


def inside(value: Any) -> str:
    """A value among others, as `print` writes it."""
    return "<nil>" if value is None else text_of(value)
