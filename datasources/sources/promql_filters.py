"""Ad hoc filters in PromQL: each selector gets a matcher for each filter, all else stays as it was written."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final

from ...errors import SourceError
from ..variables.adhoc import SEVERAL, Filter

TOKEN: Final = re.compile(
    r"(?P<space>\s+|#[^\n]*)"
    r"|(?P<text>\"(?:[^\"\\]|\\(?:.|\Z))*(?:\"|\Z)|'(?:[^'\\]|\\(?:.|\Z))*(?:'|\Z)|`[^`]*(?:`|\Z))"
    r"|(?P<name>[A-Za-z_:][\w:]*)|(?P<number>[\d.][\w.]*)|(?P<sign>.)",
    re.DOTALL | re.ASCII,
)
LISTS: Final = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})  # a list of labels follows
WORDS: Final = LISTS | {"and", "or", "unless", "atan2", "offset", "bool", "inf", "nan", "start", "end"}
PLAIN_LABEL: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
OF_SEVERAL: Final = {"=|": "=~", "!=|": "!~"}
TAKEN: Final = frozenset({"=", "!=", "=~", "!~"})


def filtered(text: str, filters: Sequence[Filter]) -> str:
    """The text with matchers in every selector; SourceError for an operator that PromQL has no matcher for."""
    matchers = ", ".join(map(matcher, filters))
    tokens = list(TOKEN.finditer(text))
    pieces = [match[0] for match in tokens]
    kept = [at for at, match in enumerate(tokens) if match.lastgroup != "space"]
    for place, before in _Selectors([tokens[at] for at in kept]).found():
        at = kept[place]
        pieces[at] = _joined(pieces[at], before, matchers) if before else f"{pieces[at]}{{{matchers}}}"
    return "".join(pieces)


def matcher(one: Filter) -> str:
    """A filter as a matcher: several values are a pattern of all of them."""
    operator, value = one.operator, one.values[0] if one.values else ""
    if operator in SEVERAL:
        operator, value = OF_SEVERAL[operator], "|".join(map(_literally, one.values))
    if operator not in TAKEN:
        raise SourceError(f"PromQL has no matcher for {one}")
    label = one.key if PLAIN_LABEL.fullmatch(one.key) else json.dumps(one.key, ensure_ascii=False)
    return f"{label}{operator}{json.dumps(value, ensure_ascii=False)}"


def _literally(value: str) -> str:
    """A value in a pattern of RE2."""
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", value)


def _joined(brace: str, before: str, matchers: str) -> str:
    """The closing brace of a selector with matchers before it, after a comma where something stands there."""
    return f"{matchers}{brace}" if before in "{," else f", {matchers}{brace}"


class _Selectors:
    """Reads tokens without space and finds where selectors end."""

    def __init__(self, tokens: Sequence[re.Match[str]]) -> None:
        self._tokens = tokens

    def found(self) -> list[tuple[int, str]]:
        """Places of lone metric names, with nothing; and of closing braces, with the token before each."""
        places: list[tuple[int, str]] = []
        at = 0
        while at < len(self._tokens):
            said, group = self._tokens[at][0], self._tokens[at].lastgroup
            if said == "{":
                end = self._after(at, "}")
                if end < len(self._tokens):
                    places.append((end, self._tokens[end - 1][0]))
                at = end
            elif said == "[":
                at = self._after(at, "]")
            elif group == "name" and said in LISTS and self._next(at) == "(":
                at = self._after(at, ")")
            elif group == "name" and self._is_metric(at):
                places.append((at, ""))
            at += 1
        return places

    def _is_metric(self, at: int) -> bool:
        """Whether a name is a metric without braces: no function, aggregation or word of the language."""
        name, after = self._tokens[at][0], self._next(at)
        if after in ("(", "{") or name.lower() in WORDS:
            return False
        return not (after in ("by", "without") and self._next(at + 1) == "(")

    def _next(self, at: int) -> str:
        return self._tokens[at + 1][0] if at + 1 < len(self._tokens) else ""

    def _after(self, at: int, sign: str) -> int:
        """The place of the next such sign; the end where there is none."""
        end = len(self._tokens)
        return next((place for place in range(at + 1, end) if self._tokens[place][0] == sign), end)
