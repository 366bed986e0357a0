"""How the dialects of SQL write a value: as a literal of theirs; within a string, a name or a comment as its text.

Whatever a value holds, it stays one token, and reads back as itself. Where no way of writing could do that, as between
the dollars of `$$ … $$`, the value is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from ...errors import InvalidError
from .tokens import Place

LINE_BREAKS: Final = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
GLUED: Final = re.compile(r"[\w$&'\"`@\\\x80-\U0010ffff]\Z")  # what would take a literal's quote for its own
STRING_BEFORE: Final = re.compile(r"'\s*\Z|'(?:\s|--[^\n\r]*[\n\r])*\Z")
REFUSED: Final = {
    "coded": "a variable cannot stand within U&'…'",
    "typographic": "a variable cannot stand within typographic quotes; write '…'",
    "bracket": "a value that holds ] cannot stand within […]",
    "executable": "a variable cannot stand within a comment that MySQL runs",
}


def clickhouse(values: Sequence[str], place: Place, spec: str = "") -> str:
    """ClickHouse reads backslashes in strings and in quoted names, and doubled quotes."""
    if place.kind == "heredoc" or place.dollars:
        raise InvalidError("a variable cannot stand within or behind $…$; write '…'")
    return _written(values, place, spec, _backslashed, _backslashed)


def postgres(values: Sequence[str], place: Place, spec: str = "") -> str:
    """Standard SQL: a backslash is a character like any other but in `E'…'`."""
    if place.kind == "heredoc" and any("$" in value for value in values):
        raise InvalidError("a value that holds $ cannot stand within $…$; write '…'")
    return _written(values, place, spec, _doubled, _doubled)


def sqlite(values: Sequence[str], place: Place, spec: str = "") -> str:
    """Standard SQL, and names in backticks or brackets, which nothing escapes."""
    if place.opening.startswith("[") and place.kind and any("]" in value for value in values):
        raise InvalidError(REFUSED["bracket"])
    return _written(values, place, spec, _doubled, _doubled)


def mysql(values: Sequence[str], place: Place, spec: str = "") -> str:
    """Strings in either quotes, with backslashes; names in backticks."""
    if place.kind == "escaped":
        return place.backslash + ",".join(_backslashed(value, place.opening[0]) for value in values)
    return _written(values, place, spec, _doubled if place.kind else _backslashed, _backslashed)


Quote = Callable[[str, str], str]


def _doubled(value: str, quote: str) -> str:
    return value.replace(quote, quote * 2)


def _backslashed(value: str, quote: str) -> str:
    return value.replace("\\", "\\\\").replace(quote, quote * 2)


def _written(values: Sequence[str], place: Place, spec: str, literal: Quote, name: Quote) -> str:
    if not place.kind:
        return _literals(values, place, spec, literal, name)
    if place.kind in REFUSED:
        raise InvalidError(REFUSED[place.kind])
    if place.kind in ("line", "block"):
        return _in_comment(values, place.kind)
    if place.kind in ("heredoc", "bracket"):
        return ",".join(values)
    quote = "'" if place.kind == "escaped" else place.opening[0]
    if place.kind in ("escaped", "name_escaped"):
        return place.backslash + ",".join(_backslashed(value, quote) for value in values)
    return ",".join(literal(value, quote) for value in values)


def _literals(values: Sequence[str], place: Place, spec: str, literal: Quote, name: Quote) -> str:
    """Literals (names for `doublequote`) joined by commas, NULL for none; apart from what would join them."""
    if spec == "doublequote":
        made = ",".join('"' + name(value, '"') + '"' for value in values)
    else:
        made = ",".join("'" + literal(value, "'") + "'" for value in values)
    before = " " if GLUED.match(place.before[-1:]) else ""
    if STRING_BEFORE.search(place.before) and before == "":
        before = "/**/"  # a line break alone would make one string of the two in standard SQL
    after = " " if place.after[:1] in ("'", '"') else ""
    return before + (made or "NULL") + after


def _in_comment(values: Sequence[str], kind: str) -> str:
    joined = ",".join(values)
    return LINE_BREAKS.sub(" ", joined) if kind == "line" else re.sub(r"[*/#{}]", " ", joined)
