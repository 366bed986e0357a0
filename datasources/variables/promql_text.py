"""How PromQL writes a value: within a string its text or its regular expression, elsewhere one token or a string."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from .formats import escape_regex
from .tokens import after_backslash, token_around

TOKENS: Final = re.compile(r"#[^\n]*|\"(?:[^\"\\]|\\.)*(?:\"|\Z)|'(?:[^'\\]|\\.)*(?:'|\Z)|`[^`]*(?:`|\Z)", re.DOTALL)
REGEX_MATCHER: Final = re.compile(r"[=!]~\s*\Z")
LABEL_LIST: Final = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\Z", re.IGNORECASE)
DURATION: Final = re.compile(r"(?:[0-9]+(?:ms|[smhdwy]))+")
NUMBER: Final = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
SIGNED: Final = re.compile(rf"-{NUMBER.pattern}")
NAME: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
OPERAND_BEFORE: Final = re.compile(r"[(,<>=*/%^]\s*\Z")
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
        return _bare(values, text[:start])
    quote = around[0][0]
    if quote == "#":
        return re.sub(r"[\n\r]", " ", ",".join(values))
    is_regex = REGEX_MATCHER.search(text[: around.start()]) is not None
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


def _bare(values: Sequence[str], before: str) -> str:
    if LABEL_LIST.search(before) and values and all(_is_label(value) for value in values):
        return ", ".join(values)
    if len(values) == 1 and _is_one_token(values[0], before):
        return values[0]
    return _in_own_quotes(values[0] if len(values) == 1 else _alternatives(values))


def _is_label(value: str) -> bool:
    return NAME.fullmatch(value) is not None and ":" not in value


def _is_one_token(value: str, before: str) -> bool:
    if NAME.fullmatch(value):
        return WORDS.fullmatch(value) is None
    if SIGNED.fullmatch(value):
        return OPERAND_BEFORE.search(before) is not None
    return (DURATION.fullmatch(value) or NUMBER.fullmatch(value)) is not None


def _in_own_quotes(value: str) -> str:
    return '"' + _in_quotes(value, '"') + '"'


def _in_quotes(value: str, quote: str) -> str:
    return value.replace("\\", "\\\\").replace(quote, "\\" + quote).replace("\n", "\\n").replace("\r", "\\r")


def _alternatives(values: Sequence[str], escape: Callable[[str], str] = _escaped) -> str:
    """A regular expression that matches the values and nothing else."""
    escaped = [escape(value) for value in values]
    return "(" + "|".join(escaped) + ")" if len(escaped) > 1 else "".join(escaped)
