"""How PromQL writes a value: within a string its text or its regular expression, elsewhere one token or a string."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from .formats import escape_regex
from .tokens import after_backslash, before_space, token_around

TOKENS: Final = re.compile(
    r"#[^\n]*|\"(?:[^\"\\]|\\(?:.|\Z))*(?:\"|\Z)|'(?:[^'\\]|\\(?:.|\Z))*(?:'|\Z)|`[^`]*(?:`|\Z)", re.DOTALL
)
PARENTHESIS: Final = re.compile(r"[()]")
LABEL_LISTS: Final = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\Z", re.IGNORECASE)
LONGEST_WORD: Final = len("group_right")
DURATION: Final = re.compile(r"(?:[0-9]+(?:ms|[smhdwy]))+")
NUMBER: Final = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
SIGNED: Final = re.compile(rf"-{NUMBER.pattern}")
NAME: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
OPERATORS: Final = frozenset("(,<>=*/%^")
# Names that join or change what stands beside them; those of functions and aggregations need parentheses to do so.
WORDS: Final = re.compile(
    r"and|or|unless|atan2|by|without|on|ignoring|group_left|group_right|bool|offset|start|end|fill|fill_left|fill_right"
    r"|anchored|smoothed|inf|nan",
    re.IGNORECASE,
)


def promql(values: Sequence[str], text: str, start: int, end: int) -> str:
    """What stands in the place of a reference, by where it stands.

    In the string of a regex matcher: escaped alternatives. In another string: the text (a raw one has no backticks), or
    the same alternatives for several. In a list of labels: their names. Elsewhere a number, a duration or a name as it
    is; else a string.
    """
    around = token_around(TOKENS, text, start)
    if around is None:
        return _bare(values, text, start)
    quote = around.opening[0]
    if quote == "#":
        return re.sub(r"[\n\r]", " ", ",".join(values))
    is_regex = _is_regex_matcher(text, around.start)
    if quote == "`":
        return _alternatives(values, _coded) if is_regex else ",".join(values).replace("`", "")
    value = _alternatives(values) if is_regex or len(values) != 1 else values[0]
    return after_backslash(text, start) + _in_quotes(value, quote)


def _escaped(value: str) -> str:
    r"""The value as a regular expression, without the `\/` that a slash does not need."""
    return escape_regex(value).replace("\\/", "/")


def _coded(value: str) -> str:
    r"""The same for a raw string, which nothing can escape: by codes such as `\x60`."""
    return re.sub(r"[\\^$*+?.()|\[\]{}`\r]", lambda match: f"\\x{ord(match[0]):02x}", value)


@lru_cache(maxsize=256)
def _is_regex_matcher(text: str, position: int) -> bool:
    end = before_space(text, position)
    return text[max(end - 2, 0) : end] in ("=~", "!~")


@lru_cache(maxsize=4)
def _parentheses(text: str) -> Sequence[int]:
    return [match.start() for match in PARENTHESIS.finditer(text)]


@lru_cache(maxsize=256)
def _opens_labels(text: str, position: int) -> bool:
    """Whether the parenthesis at the position opens a list of labels."""
    end = before_space(text, position)
    word = text[max(end - LONGEST_WORD - 1, 0) : end]
    return text[position] == "(" and LABEL_LISTS.search(word) is not None


def _in_label_list(text: str, position: int) -> bool:
    known = _parentheses(text)
    index = bisect_left(known, position) - 1
    return index >= 0 and _opens_labels(text, known[index])


def _bare(values: Sequence[str], text: str, start: int) -> str:
    if values and _in_label_list(text, start) and all(_is_label(value) for value in values):
        return ", ".join(values)
    if len(values) == 1 and _is_one_token(values[0], text, start):
        return values[0]
    return _in_own_quotes(values[0] if len(values) == 1 else _alternatives(values))


def _is_label(value: str) -> bool:
    return NAME.fullmatch(value) is not None and ":" not in value


def _is_one_token(value: str, text: str, start: int) -> bool:
    if NAME.fullmatch(value):
        return WORDS.fullmatch(value) is None
    if SIGNED.fullmatch(value):
        end = before_space(text, start)
        return end > 0 and text[end - 1] in OPERATORS
    return (DURATION.fullmatch(value) or NUMBER.fullmatch(value)) is not None


def _in_own_quotes(value: str) -> str:
    return '"' + _in_quotes(value, '"') + '"'


def _in_quotes(value: str, quote: str) -> str:
    return value.replace("\\", "\\\\").replace(quote, "\\" + quote).replace("\n", "\\n").replace("\r", "\\r")


def _alternatives(values: Sequence[str], escape: Callable[[str], str] = _escaped) -> str:
    """A regular expression that matches the values and nothing else."""
    escaped = [escape(value) for value in values]
    return "(" + "|".join(escaped) + ")" if len(escaped) > 1 else "".join(escaped)
