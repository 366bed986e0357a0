"""`fmt.Sprintf` of Go: flags, widths, precisions and the numbers of arguments, and its words for what does not fit.

Source: https://pkg.go.dev/fmt and `doPrintf` of its print.go.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ...unpaired import paired
from . import gofloat
from .gofmt import NO_VALUE, Nothing, special, text_of, type_name
from .gotime import Duration, Instant, Month, Weekday
from .record import Struct

INDEX: Final = r"(?:\[([^\]]*+)\])?+"
VERB: Final = re.compile(
    rf"%([-+# 0]*+){INDEX}(\*|\d{{1,3}})?+(?:(\.){INDEX}(\*|\d{{0,3}}+))?+{INDEX}(?:([^\d\[*])|$)|%", re.DOTALL
)
MAX_WIDTH: Final = 1000
MAX_PRECISION: Final = 100
MAX_WIDTH_WITHIN: Final = 100  # of each value of a map or a list: there may be many
MAX_WRITTEN: Final = 2**20  # characters
ESCAPES: Final = {'"': '\\"', "\\": "\\\\"} | dict(zip("\a\b\f\n\r\t\v", map("\\{}".format, "abfnrtv"), strict=True))
BASES: Final = {"d": "", "x": "0x", "X": "0X", "o": "0", "O": "0o", "b": "0b"}


def sprintf(template: str, values: Sequence[Any]) -> str:
    """`printf`, with Go's words for what does not fit: `%!d(float64=5)`, `%!s(MISSING)`, `%!(EXTRA int=1)`."""
    taking = _Taking(values)
    found = VERB.sub(taking.written, template)
    if taking.place < len(values) and not taking.reordered:
        rest = values[taking.place :]
        found += "%!(EXTRA " + ", ".join(_typed(one, PLAIN) for one in rest) + ")"
    return found


class _Taking:
    """Takes the arguments, one after the other or as they are numbered."""

    def __init__(self, values: Sequence[Any]) -> None:
        self._values = values
        self.place = 0
        self.reordered = False
        self._size = 0

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
        found = Form(verb, flags, wide, digits).of(self._take())
        self._size += len(found)
        if self._size > MAX_WRITTEN:
            raise ValueError(f"more than {MAX_WRITTEN} characters come of it")
        return said + found

    def _take(self) -> Any:
        self.place += 1
        return self._values[self.place - 1]

    def _go(self, number: str | None) -> bool:
        """Whether there is such an argument."""
        if number is None:
            return True
        self.reordered = True
        if not (number.isdecimal() and len(number) < 4 and 1 <= int(number) <= len(self._values)):
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


@dataclass(frozen=True, slots=True)
class Form:
    """A verb with its flags, width and precision."""

    verb: str
    flags: str = ""
    width: int = 0
    precision: int | None = None

    def of(self, value: Any) -> str:
        """A value in this form."""
        if isinstance(value, Nothing):
            return NO_VALUE
        if self.verb == "T":
            return self.padded(type_name(value))
        pointed = isinstance(value, Struct) and value.pointed_at
        many = not isinstance(value, str) and isinstance(value, (Mapping, Struct, Sequence))
        form = replace(self, width=min(self.width, MAX_WIDTH_WITHIN)) if many else self
        return ("&" if pointed else "") + form._among(value)

    def _among(self, value: Any) -> str:
        """The same of what may stand within a map, a list or a struct: each value in them is padded by itself."""
        if isinstance(value, (Instant, Duration, Month, Weekday)) and self.verb in "svqxX":
            return self._text(str(value))
        if isinstance(value, Duration):
            value = value.ns
        if isinstance(value, Mapping):
            return self._map(value)
        if isinstance(value, Struct):
            return self._struct(value)
        if isinstance(value, Sequence) and not isinstance(value, str):
            return "[" + " ".join(map(self._among, value)) + "]"
        if isinstance(value, bool):
            return self.padded(text_of(value)) if self.verb in "tv" else self._wrong(value)
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, int):
            return self._integer(value)
        if isinstance(value, float):
            return self._float(value)
        return self.padded("<nil>") if value is None and self.verb == "v" else self._wrong(value)

    def _map(self, value: Mapping[str, Any]) -> str:
        pairs = [(self._among(key), self._among(value[key])) for key in sorted(value)]
        if self.verb == "v" and "#" in self.flags:
            return type_name(value) + "{" + ", ".join(map(":".join, pairs)) + "}"
        return "map[" + " ".join(map(":".join, pairs)) + "]"

    def _struct(self, value: Struct) -> str:
        named = self.verb == "v" and "+" in self.flags
        parts = ((f"{name}:" if named else "") + self._among(one) for name, one in value.parts.items())
        return "{" + " ".join(parts) + "}"

    def _text(self, value: str) -> str:
        cut = value if self.precision is None else value[: self.precision]
        if self.verb == "q" or (self.verb == "v" and "#" in self.flags):
            raw = self.verb == "q" and "#" in self.flags and _stands_raw(cut)
            return self.padded(f"`{cut}`" if raw else quoted(cut, ascii_only=self.verb == "q" and "+" in self.flags))
        if self.verb in "sv":
            return self.padded(cut)
        return self.padded(self._bytes(value.encode())) if self.verb in "xX" else self._wrong(value)

    def _bytes(self, value: bytes) -> str:
        value = value[: self.precision]
        prefix = "0x" if "#" in self.flags and value else ""
        found = prefix + (value.hex(" ").replace(" ", f" {prefix}") if " " in self.flags else value.hex())
        return found.upper() if self.verb == "X" else found

    def _integer(self, value: int) -> str:
        if self.verb in BASES or self.verb == "v":
            return self._digits(value)
        if self.verb in "cqU" and 0 <= value <= 0x10FFFF:
            char = paired(chr(value))
            return self.padded(self._char(char, value))
        return self._wrong(value)

    def _char(self, char: str, code: int) -> str:
        if self.verb == "c":
            return char
        if self.verb == "U":
            return f"U+{code:04X}" + (f" '{char}'" if "#" in self.flags and char.isprintable() else "")
        return {"'": r"'\''", '"': "'\"'"}.get(char) or f"'{_literal(char, ascii_only='+' in self.flags)}'"

    def _digits(self, value: int) -> str:
        base, sharp = (self.verb if self.verb in BASES else "d"), "#" in self.flags
        prefix = BASES[base] if (sharp and self.verb != "v") or base == "O" else ""
        sign = _sign(value, self._signs)
        least = self.precision
        if least == 0 and value == 0:
            return " " * self.width
        if least is None:
            least = self.width - len(sign) if self._filled else 0
        return self.padded(sign + prefix + format(abs(value), base.replace("O", "o")).rjust(least, "0"))

    @property
    def _signs(self) -> str:
        """The flags that say what stands before a number that is not negative: of `%+v` the plus means fields."""
        return self.flags.replace("+", "") if self.verb == "v" else self.flags

    @property
    def _filled(self) -> bool:
        return "0" in self.flags and "-" not in self.flags

    def _float(self, value: float) -> str:
        if self.verb not in gofloat.VERBS:
            return self._wrong(value)
        if not math.isfinite(value):
            return self.padded(_special(value, self._signs))
        sharp = "#" in self.flags and self.verb != "v"
        sign, found = _sign(value, self._signs), gofloat.written(abs(value), self.verb, self.precision, sharp=sharp)
        if self._filled:
            return sign + found.rjust(self.width - len(sign), "0")
        return self.padded(sign + found)

    def _wrong(self, value: Any) -> str:
        if value is None:
            return f"%!{self.verb}(<nil>)"
        return f"%!{self.verb}({_typed(value, replace(self, verb='v'))})"

    def padded(self, text: str) -> str:
        """A text as wide as is wanted, at the least."""
        return text.ljust(self.width) if "-" in self.flags else text.rjust(self.width)


PLAIN: Final = Form("v")


def _typed(value: Any, form: Form) -> str:
    return "<nil>" if value is None else f"{type_name(value)}={form.of(value)}"


def _special(value: float, flags: str) -> str:
    """A float that is not finite: plus infinity always has a sign."""
    if math.isnan(value):
        return _sign(1, flags) + special(value)
    return special(value).replace("+", " ") if " " in flags and "+" not in flags else special(value)


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


def _sign(value: float, flags: str) -> str:
    if math.copysign(1, value) < 0:
        return "-"
    return "+" if "+" in flags else " " if " " in flags else ""
