"""How Go writes a float by a verb of `printf`, without its sign.

Source: `fmtFloat` of fmt's format.go, and strconv's ftoa.go.
"""

from __future__ import annotations

import math
from typing import Final

from .gofmt import shortest

BITS: Final = 53  # of the mantissa of a float
LEAST_POWER: Final = -1074  # of two, in a float
VERBS: Final = "vfFeEgGxXb"


def written(size: float, verb: str, precision: int | None, *, sharp: bool) -> str:
    """A finite float that is not negative; `sharp`: with the point, and the zeros that end it."""
    if verb == "b":
        return _binary(size)
    if verb in "xX":
        found = _hexadecimal(size, precision)
    elif verb in "vgG" and precision is None:
        found = _with_zeros(shortest(size)) if sharp else shortest(size)
    else:
        kind = verb.lower().replace("v", "g")
        digits = 6 if precision is None else max(precision, 1) if kind == "g" else precision
        found = format(size, f"{'#' if sharp else ''}.{digits}{kind}")
    return found.upper() if verb.isupper() else found


def _with_zeros(found: str) -> str:
    """`%#g`: at least six digits, with a point."""
    mantissa, mark, exponent = found.partition("e")
    digits = len(mantissa.replace(".", "").lstrip("0")) or 1
    point = "" if "." in mantissa else "."
    return mantissa + point + "0" * (6 - digits) + mark + exponent


def _binary(value: float) -> str:
    """`6019101319770407p-22`: a whole number and a power of two."""
    mantissa, exponent = math.frexp(value)
    power = max(exponent - BITS, LEAST_POWER) if value else LEAST_POWER
    return f"{int(math.ldexp(mantissa, exponent - power))}p{power:+d}"


def _hexadecimal(value: float, precision: int | None) -> str:
    """`0x1.8p+00`"""
    if value == 0:
        return "0x0" + (f".{'0' * precision}" if precision else "") + "p+00"
    mantissa, exponent = math.frexp(value)
    whole, power, places = int(mantissa * 2**BITS), exponent - 1, (BITS - 1) // 4
    if precision is not None and precision < places:
        whole, power = _fewer(whole, power, precision)
        places = precision
    first, rest = divmod(whole, 1 << 4 * places)
    digits = f"{rest:0{places}x}" if places else ""
    digits = digits.rstrip("0") if precision is None else digits.ljust(precision, "0")
    return f"0x{first}" + (f".{digits}" if digits else "") + f"p{'-' if power < 0 else '+'}{abs(power):02d}"


def _fewer(whole: int, power: int, places: int) -> tuple[int, int]:
    """The mantissa rounded to so many hexadecimal places, a half to the even one."""
    cut = 1 << BITS - 1 - 4 * places
    kept, rest = divmod(whole, cut)
    kept += rest * 2 > cut or (rest * 2 == cut and kept % 2 == 1)
    return (kept >> 1, power + 1) if kept == 2 << 4 * places else (kept, power)
