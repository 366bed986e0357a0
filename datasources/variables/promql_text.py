"""How PromQL writes a value: within a string its text or its regular expression, elsewhere one token or a string."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from ...errors import InvalidError
from .formats import escape_regex
from .tokens import Place

TOKENS: Final = re.compile(
    r"(?P<comment>#[^\n]*)|(?P<text>\"(?:[^\"\\]|\\.)*+(?:\"|\Z)|'(?:[^'\\]|\\.)*+(?:'|\Z))|(?P<raw>`[^`]*(?:`|\Z))",
    re.DOTALL,
)
REGEX_MATCHER: Final = re.compile(r"[=!]~\s*\Z")
LABEL_LIST: Final = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\Z", re.IGNORECASE)
LONGEST_WORD: Final = 20  # characters, of those before a list of labels and what tells where they begin
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


def promql(values: Sequence[str], place: Place, spec: str = "") -> str:
    """What stands in the place of a reference, by where it stands.

    In the string of a regex matcher: escaped alternatives. In another string: the text, or the same alternatives for
    several. In a list of labels: their names. Elsewhere a number, a duration or a name as it is; else a string.
    InvalidError for a backtick in a raw string, which nothing can write there.
    """
    if not place.kind:
        return _bare(values, place.before, spec)
    if place.kind == "comment":
        return re.sub(r"[\n\r]", " ", ",".join(values))
    is_regex = not spec and REGEX_MATCHER.search(place.outside) is not None
    if place.kind == "raw":
        return _alternatives(values, _coded) if is_regex else _in_raw(",".join(values))
    value = _alternatives(values) if is_regex or (len(values) != 1 and not spec) else ",".join(values)
    return place.backslash + _in_quotes(value, place.opening[0])


def _in_raw(value: str) -> str:
    if "`" in value or "\r" in value:
        raise InvalidError("a value that holds a backtick cannot stand between backticks")
    return value


def _escaped(value: str) -> str:
    r"""The value as a regular expression, without the `\/` that a slash does not need."""
    return escape_regex(value).replace("\\/", "/")


def _coded(value: str) -> str:
    r"""The same for a raw string, which nothing can escape: by codes such as `\x60`."""
    return re.sub(r"[\\^$*+?.()|\[\]{}`\r]", lambda match: f"\\x{ord(match[0]):02x}", value)


def _bare(values: Sequence[str], before: str, spec: str) -> str:
    if spec:
        quote = '"' if spec == "doublequote" else "'"
        return _apart(before) + ",".join(quote + _in_quotes(value, quote) + quote for value in values)
    if values and _is_in_label_list(before) and all(_is_label(value) for value in values):
        return ", ".join(values)
    if len(values) == 1 and _is_one_token(values[0], before):
        return values[0]
    return _apart(before) + _in_own_quotes(values[0] if len(values) == 1 else _alternatives(values))


def _is_in_label_list(before: str) -> bool:
    """Whether the parenthesis that is open opened a list of labels. From its end: a search tries every place."""
    opened = before.rfind("(")
    if opened < before.rfind(")") or opened < 0:
        return False
    return LABEL_LIST.search(before[:opened].rstrip()[-LONGEST_WORD:]) is not None


def _apart(before: str) -> str:
    """A blank behind a quote of the author's, so that two strings stay two."""
    return " " if before[-1:] in ("'", '"', "`") and before else ""


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
