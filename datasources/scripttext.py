"""Numbers as JavaScript writes and reads them: what Grafana's texts rest on."""

from __future__ import annotations

import math
import re
from typing import Any, Final

LEADING: Final = re.compile(r"\s*([+-]?(?:Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))")
BASES: Final = {"0x": 16, "0o": 8, "0b": 2}
NUMBER: Final = re.compile(r"[+-]?(?:Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")


def script_text(value: Any) -> str:
    """`String(value)`: 1.0 is `1`, true is `true`, None is `null`, 1e21 is `1e+21`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ", ".join(script_text(one) for one in value)
    if isinstance(value, dict):
        return "[object Object]"
    if not isinstance(value, (int, float)):
        return str(value)
    return number_text(float(value))


def number_text(value: float) -> str:
    """The shortest digits that read back as the number."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "0"
    digits, exponent = _digits(abs(value))
    sign = "-" if value < 0 else ""
    count = len(digits)
    if count <= exponent <= 21:
        return sign + digits + "0" * (exponent - count)
    if 0 < exponent <= 21:
        return f"{sign}{digits[:exponent]}.{digits[exponent:]}"
    if -6 < exponent <= 0:
        return f"{sign}0.{'0' * -exponent}{digits}"
    mantissa = digits if count == 1 else f"{digits[0]}.{digits[1:]}"
    return f"{sign}{mantissa}e{exponent - 1:+d}"


def to_number(value: Any) -> float:
    """`Number(value)`: an empty text is 0, one that is no number is NaN."""
    if value is None:
        return 0.0
    if isinstance(value, (bool, int, float)):
        return float(value)
    text = str(value).strip()
    if not text:
        return 0.0
    if text[:2].lower() in BASES:
        return _in_base(text[2:], BASES[text[:2].lower()])
    return float(text.replace("Infinity", "inf")) if NUMBER.fullmatch(text) else math.nan


def leading_number(value: Any) -> float:
    """`parseFloat(value)`: the number that a text begins with, NaN where there is none."""
    if isinstance(value, bool) or value is None:
        return math.nan
    if isinstance(value, (int, float)):
        return float(value)
    match = LEADING.match(str(value))
    return float(match[1].replace("Infinity", "inf")) if match else math.nan


def _in_base(digits: str, base: int) -> float:
    try:
        return float(int(digits, base))
    except ValueError:
        return math.nan


def _digits(value: float) -> tuple[str, int]:
    """Significant digits without trailing zeros, and the place of the point: 0.d1d2… times ten to that power."""
    mantissa, _, power = f"{value!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    shown = (whole + fraction).lstrip("0")
    leading = len(whole + fraction) - len(shown) if whole.strip("0") == "" else 0
    exponent = int(power or 0) + len(whole) - leading
    return shown.rstrip("0"), exponent
