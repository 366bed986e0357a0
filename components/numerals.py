"""Digits of numbers: rounded to decimals, scaled by powers, in hexadecimal, with groups of thousands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Final

from ..datasources.scripttext import number_text

LARGEST_POWER: Final = 308  # of ten, in a double
BASE: Final = Decimal(10)
DIGITS: Final = 800  # of the longest double and its decimals
HEX_DIGITS: Final = "0123456789ABCDEF"


def to_fixed(value: float, decimals: int | None = None) -> str:
    """The number with so many decimals, by default as many as make three significant digits."""
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    places = significant_decimals(value) if decimals is None else decimals
    if value == 0:
        return f"{0:.{places}f}"
    if math.isnan(value) or places > LARGEST_POWER:
        return number_text(value) + ("." + "0" * places if 0 < places <= LARGEST_POWER else "")
    factor = 10.0**places
    text = number_text(rounded(value * factor) / factor)
    if "e" in text or "Infinity" in text:
        return text
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.ljust(places, '0')}" if places > 0 else text


def significant_decimals(value: float) -> int:
    """How many decimals make three significant digits; none for whole numbers."""
    if math.isnan(value) or value % 1 == 0:
        return 0
    return max(0, 2 - math.floor(math.log(abs(value)) / math.log(10)))


def rounded(value: float) -> float:
    """The nearest whole number; of two, the larger."""
    if not math.isfinite(value):
        return value
    below = math.floor(value)
    return float(below + (value - below >= 0.5))


def scale(value: float, factor: int, suffixes: Sequence[str], offset: int, decimals: int | None) -> tuple[str, str]:
    """Text and suffix over that power of `factor` which leaves the fewest digits before the point."""
    power = math.floor(math.log10(abs(value)) / math.log10(factor)) if value else 0
    last = len(suffixes) - 1
    suffix = suffixes[max(0, min(offset + power, last))]
    power = max(-offset, min(power, last - offset))
    # A negative power multiplies: 1000 ** -1 is no double, and 0.005 over it would be 5.000000000000001.
    return to_fixed(value / float(factor) ** power, decimals), suffix


def hexadecimal(value: float) -> str:
    """The shortest digits in base 16 that read back as the number, with a fraction where it has one."""
    if not math.isfinite(value):
        return "NAN"
    whole, fraction = divmod(abs(value), 1)
    digits = _hex_fraction(abs(value), fraction)
    sign = "-" if value < 0 else ""
    return f"{sign}{int(whole):X}{'.' if digits else ''}{digits}"


def _hex_fraction(value: float, fraction: float) -> str:
    delta = max(math.ulp(0.0), 0.5 * (math.nextafter(value, math.inf) - value))
    digits: list[int] = []
    while fraction >= delta:
        fraction, delta = fraction * 16, delta * 16
        digits.append(int(fraction))
        fraction -= digits[-1]
        up = fraction > 0.5 or (fraction == 0.5 and digits[-1] % 2 == 1)
        if up and fraction + delta > 1:
            digits[-1] += 1
            break
    return "".join(HEX_DIGITS[digit] for digit in digits)


def grouped(value: float, least: int, most: int) -> str:
    """Digits in groups of thousands, with so many decimals at least and at most, as en-US has them."""
    if not math.isfinite(value):
        return to_fixed(value)
    sign = "-" if math.copysign(1, value) < 0 else ""
    exact = _to_places(Decimal(number_text(abs(value))), most) if most < 20 else None
    whole, _, fraction = f"{exact if exact is not None else Decimal(abs(value)):f}".partition(".")
    fraction = fraction.rstrip("0").ljust(least, "0")
    return f"{sign}{int(whole):,}{'.' if fraction else ''}{fraction}"


def _to_places(value: Decimal, places: int) -> Decimal:
    """Rounded to decimals. A double has at most 309 digits before the point, more than a context usually keeps."""
    with localcontext(prec=DIGITS):
        return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def exponential(value: float, decimals: int | None) -> str:
    """`1.2e+6`, with as many digits as it takes where no decimals are asked for."""
    if not math.isfinite(value):
        return number_text(value)
    if decimals is None:
        digits = number_text(abs(value)).partition("e")[0].replace(".", "").strip("0")
        decimals = max(0, len(digits) - 1)
    exact = Decimal(abs(value))
    power = exact.adjusted() if value else 0
    mantissa = _to_places(exact.scaleb(-power), decimals)
    if mantissa >= BASE:
        mantissa, power = _to_places(mantissa / BASE, decimals), power + 1
    return f"{'-' if value < 0 else ''}{mantissa}e{power:+d}"
