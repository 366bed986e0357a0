"""`fmt.Sprintf` of Go: flags, widths, precisions and the numbers of arguments, and its words for what does not fit.

Source: https://pkg.go.dev/fmt and `doPrintf` of its print.go.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, Final

from ...unpaired import paired
from .gofmt import NO_VALUE, Duration, Instant, Nothing, inside, shortest, special, text_of, type_name

INDEX: Final = r"(?:\[(\d{1,3})\])?"
VERB: Final = re.compile(
    rf"%([-+# 0]*){INDEX}(\*|\d{{1,3}})?(?:(\.){INDEX}(\*|\d{{0,3}}))?{INDEX}([^\d\[*])|%", re.DOTALL
)
MAX_WIDTH: Final = 1000
MAX_PRECISION: Final = 100
ESCAPES: Final = {'"': '\\"', "\\": "\\\\"} | dict(zip("\a\b\f\n\r\t\v", map("\\{}".format, "abfnrtv"), strict=True))
BASES: Final = {"d": "", "x": "0x", "X": "0X", "o": "0", "b": "0b"}


def sprintf(template: str, values: Sequence[Any]) -> str:
    """`printf`, with Go's words for what does not fit: `%!d(float64=5)`, `%!s(MISSING)`, `%!(EXTRA int=1)`."""
    taking = _Taking(values)
    found = VERB.sub(taking.written, template)
    if taking.place < len(values) and not taking.reordered:
        rest = values[taking.place :]
        found += "%!(EXTRA " + ", ".join("<nil>" if one is None else f"{_typed(one)}" for one in rest) + ")"
    return found


class _Taking:
    """Takes the arguments, one after the other or as they are numbered."""

    def __init__(self, values: Sequence[Any]) -> None:
        self._values = values
        self.place = 0
        self.reordered = False

    def written(self, match: re.Match[str]) -> str:
        """What stands in the place of one verb."""
        flags, of_width, width, dot, of_precision, precision, of_value, verb = match.groups()
        if verb is None:
            return "%!(NOVERB)"
        numbered = self._go(of_width)
        said, wide, flags = self._width(width, flags)
        digits = None
        if dot:
            numbered = self._go(of_precision) and numbered
            wrong, digits = self._precision(precision)
            said += wrong
        if verb == "%":
            return said + "%"
        if not (self._go(of_value) and numbered):
            return f"{said}%!{verb}(BADINDEX)"
        if self.place >= len(self._values):
            return f"{said}%!{verb}(MISSING)"
        value = self._take()
        return said + _padded(_verb(value, verb, flags, digits), flags, wide, value)

    def _take(self) -> Any:
        self.place += 1
        return self._values[self.place - 1]

    def _go(self, number: str | None) -> bool:
        """Whether there is such an argument."""
        if number is None:
            return True
        self.reordered = True
        if not 1 <= int(number) <= len(self._values):
            return False
        self.place = int(number) - 1
        return True

    def _width(self, width: str | None, flags: str) -> tuple[str, int, str]:
        """What is wrong with it, the width, and the flags with what it says."""
        if width != "*":
            return "", int(width or 0), flags
        taken = self._taken_whole()
        if taken is None:
            return "%!(BADWIDTH)", 0, flags
        return "", min(abs(taken), MAX_WIDTH), flags + ("-" if taken < 0 else "")

    def _precision(self, precision: str | None) -> tuple[str, int | None]:
        if precision != "*":
            return "", min(int(precision or 0), MAX_PRECISION)
        taken = self._taken_whole()
        return ("%!(BADPREC)", None) if taken is None or taken < 0 else ("", min(taken, MAX_PRECISION))

    def _taken_whole(self) -> int | None:
        """The next argument, where that is a whole number."""
        taken = self._take() if self.place < len(self._values) else None
        return taken if isinstance(taken, int) and not isinstance(taken, bool) else None


def _verb(value: Any, verb: str, flags: str, precision: int | None) -> str:
    if isinstance(value, Nothing):
        return NO_VALUE
    if verb == "v":
        return _value(value, flags)
    if verb == "T":
        return type_name(value)
    if isinstance(value, bool):
        return text_of(value) if verb == "t" else _wrong(verb, value)
    if isinstance(value, (Instant, Duration)) and verb in "sq":
        value = text_of(value)
    if isinstance(value, str):
        return _string(value, verb, flags, precision)
    if isinstance(value, int):
        return _integer(value, verb, flags)
    if isinstance(value, float):
        return _float(value, verb, flags, precision)
    return inside(value) if verb == "s" and value is not None else _wrong(verb, value)


def _value(value: Any, flags: str) -> str:
    return quoted(value) if "#" in flags and isinstance(value, str) else inside(value)


def _string(value: str, verb: str, flags: str, precision: int | None) -> str:
    cut = value if precision is None else value[:precision]
    if verb == "s":
        return cut
    if verb == "q":
        return f"`{cut}`" if "#" in flags and _stands_raw(cut) else quoted(cut, ascii_only="+" in flags)
    if verb in "xX":
        found = cut.encode().hex(" ") if " " in flags else cut.encode().hex()
        return found.upper() if verb == "X" else found
    return _wrong(verb, value)


def _stands_raw(text: str) -> bool:
    return all(one == "\t" or (one.isprintable() and one != "`") for one in text)


def quoted(text: str, *, ascii_only: bool = False) -> str:
    """A text as a literal of Go."""
    return '"' + "".join(_literal(one, ascii_only=ascii_only) for one in text) + '"'


def _literal(one: str, *, ascii_only: bool) -> str:
    if one in ESCAPES:
        return ESCAPES[one]
    if one.isprintable() and (one.isascii() or not ascii_only):
        return one
    code = ord(one)
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _integer(value: int, verb: str, flags: str) -> str:
    if verb in BASES:
        prefix = BASES[verb] if "#" in flags else ""
        return _sign(value, flags) + prefix + format(abs(value), verb)
    if verb in "cqU" and 0 <= value <= 0x10FFFF:
        if verb == "U":
            return f"U+{value:04X}"
        char = paired(chr(value))
        return char if verb == "c" else f"'{char}'"
    return _wrong(verb, value)


def _sign(value: float, flags: str) -> str:
    if math.copysign(1, value) < 0:
        return "-"
    return "+" if "+" in flags else " " if " " in flags else ""


def _float(value: float, verb: str, flags: str, precision: int | None) -> str:
    if verb not in "fFeEgGxX":
        return _wrong(verb, value)
    if not math.isfinite(value):
        return special(value)
    sign, size = _sign(value, flags), abs(value)
    if verb in "xX":
        found = _hexadecimal(size)
        return sign + (found.upper() if verb == "X" else found)
    if verb in "gG" and precision is None:
        found = shortest(size)
        return sign + (found.upper() if verb == "G" else found)
    digits = 6 if precision is None else max(precision, 1) if verb in "gG" else precision
    return sign + format(size, f".{digits}{verb}")


def _hexadecimal(value: float) -> str:
    """`0x1.8p+00`"""
    if value == 0:
        return "0x0p+00"
    mantissa, _, exponent = value.hex().partition("p")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}p{exponent[0]}{exponent[1:].zfill(2)}"


def _padded(text: str, flags: str, width: int, value: Any) -> str:
    if "-" in flags:
        return text.ljust(width)
    numeric = isinstance(value, (int, float)) and not isinstance(value, bool)
    if "0" in flags and numeric and text[-1:].isalnum() and not text.endswith(("Inf", "NaN")):
        sign = text[0] if text[:1] in ("-", "+", " ") else ""
        return sign + text[len(sign) :].rjust(width - len(sign), "0")
    return text.rjust(width)


def _typed(value: Any) -> str:
    return f"{type_name(value)}={inside(value)}"


def _wrong(verb: str, value: Any) -> str:
    return f"%!{verb}(<nil>)" if value is None else f"%!{verb}({_typed(value)})"
