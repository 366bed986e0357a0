"""Variables in a target: `$x`, `${x}`, `${x:format}`, `[[x]]`, and the macros of time; escaped for the language.

A user's value never changes what a query means: without a format it is written as its language writes a value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from ...storage.scope import Scope
from ..steps import interval_text
from ..timerange import TimeRange
from .formats import escape_lucene, escape_regex, write

REFERENCE: Final = re.compile(
    r"\$(?P<plain>\w+)|\[\[(?P<square>\w+?)(?::(?P<square_format>[^\]]*))?\]\]"
    r"|\$\{(?P<curly>\w+)(?::(?P<curly_format>[^}]*))?\}"
)
Variables = Mapping[str, Sequence[str]]


class Verbatim(str):
    """A value that is written as it stands: the custom text of All, which the dashboard's author wrote."""

    __slots__ = ()


def names_in(value: Any) -> Iterator[str]:
    """The names that a target (text or structure) refers to, in order, with repeats."""
    if isinstance(value, str):
        for match in REFERENCE.finditer(value):
            yield match["plain"] or match["square"] or match["curly"]
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from names_in(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from names_in(item)


def interpolate(text: str, variables: Variables, language: str) -> str:
    """The text with each known reference replaced; unknown ones stay as they are."""
    escape = LANGUAGES[language]

    def replaced(match: re.Match[str]) -> str:
        name = match["plain"] or match["square"] or match["curly"]
        if name not in variables:
            return match[0]
        values = variables[name]
        spec = match["square_format"] if match["square"] else match["curly_format"]
        if values and all(isinstance(value, Verbatim) for value in values):
            return "".join(values)
        if spec:
            return write(name, values, spec)
        return escape(values, text, match.start())

    return REFERENCE.sub(replaced, text)


def interpolate_structure(value: Any, variables: Variables) -> Any:
    """A structured query with its texts replaced; a text that is one reference becomes its value, or a list of them."""
    if isinstance(value, Mapping):
        return {key: interpolate_structure(item, variables) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [interpolate_structure(item, variables) for item in value]
    if not isinstance(value, str):
        return value
    match = REFERENCE.fullmatch(value)
    if match and not (match["square_format"] or match["curly_format"]):
        name = match["plain"] or match["square"] or match["curly"]
        if name in variables:
            values = list(variables[name])
            return values[0] if len(values) == 1 else values
    return interpolate(value, variables, "text")


def builtins(range_: TimeRange, step_s: float, scope: Scope, dashboard: str = "") -> dict[str, tuple[str, ...]]:
    """The variables that every query has: `__from` and `__to` (ms), `__range`, `__interval`, `__user`, `__org`."""
    seconds = round(range_.span_ms / 1000)
    values = {
        "__from": str(range_.from_ms),
        "__to": str(range_.to_ms),
        "__range": f"{seconds}s",
        "__range_s": str(seconds),
        "__range_ms": str(range_.span_ms),
        "__interval": interval_text(step_s * 1000),
        "__interval_ms": str(int(step_s * 1000)),
        "__user": scope.login,
        "__org": str(scope.org),
        "__dashboard": dashboard,
    }
    return {
        name: (Verbatim(value) if name not in ("__user", "__dashboard") else value,) for name, value in values.items()
    }


def _quote_state(text: str, position: int) -> str:
    """The quote within which a position stands, or none."""
    inside = ""
    index = 0
    while index < position:
        char = text[index]
        if char == "\\" and inside and inside != "`":
            index += 1
        elif inside == char:
            inside = ""
        elif not inside and char in "'\"`":
            inside = char
        index += 1
    return inside


def _sql(values: Sequence[str], text: str, position: int) -> str:
    """Literals, joined by commas; inside quotes that the author wrote, the text of one literal without its own."""
    literals = ["'" + value.replace("\\", "\\\\").replace("'", "''") + "'" for value in values]
    inside = _quote_state(text, position)
    if not inside:
        return ",".join(literals) if literals else "NULL"
    return ",".join(value.replace("\\", "\\\\").replace(inside, inside * 2) for value in values)


def _promql(values: Sequence[str], text: str, position: int) -> str:
    """Inside a string of a regex matcher alternatives of escaped values, of another string the value; else a string."""
    inside = _quote_state(text, position)
    if not inside:
        return json.dumps(_alternatives(values), ensure_ascii=False)
    opening = text.rfind(inside, 0, position)
    is_regex = re.search(r"[=!]~\s*$", text[:opening]) is not None
    value = _alternatives(values) if is_regex or len(values) != 1 else values[0]
    escaped = value.replace("\\", "\\\\").replace(inside, "\\" + inside).replace("\n", "\\n")
    return escaped if inside != "`" else value.replace("`", "")


def _alternatives(values: Sequence[str]) -> str:
    escaped = [escape_regex(value).replace("\\/", "/") for value in values]
    return "(" + "|".join(escaped) + ")" if len(escaped) > 1 else "".join(escaped)


def _lucene(values: Sequence[str], text: str, position: int) -> str:
    if _quote_state(text, position):
        return " ".join(value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    if len(values) == 1:
        return escape_lucene(values[0])
    return "(" + " OR ".join('"' + escape_lucene(value) + '"' for value in values) + ")"


def _json(values: Sequence[str], text: str, position: int) -> str:
    if _quote_state(text, position):
        return json.dumps(",".join(values), ensure_ascii=False)[1:-1]
    return json.dumps(values[0] if len(values) == 1 else list(values), ensure_ascii=False)


def _url(values: Sequence[str], text: str, position: int) -> str:
    return quote(",".join(values), safe="-_.~")


def _text(values: Sequence[str], text: str, position: int) -> str:
    return ", ".join(values)


Escape = Callable[[Sequence[str], str, int], str]
LANGUAGES: Final[Mapping[str, Escape]] = {
    "sql": _sql,
    "promql": _promql,
    "lucene": _lucene,
    "json": _json,
    "url": _url,
    "text": _text,
}
