"""The regular expressions of PromQL's matchers, judged by RE2 as Prometheus's are by Go's package of the same syntax.

The parser's own judge is another: it refuses `\\Q…\\E` and takes `[a&&b]` for an intersection.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

import re2

MAX_MEMORY: Final = 2**20  # bytes of one pattern's program
MATCHER: Final = r"(?P<operator>[=!]~\s*)(?P<quoted>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`)"
ESCAPED: Final = re.compile(
    r"\\(?:x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8})|(?P<o>[0-3][0-7]{2})|(?P<sign>.))",
    re.DOTALL,
)
SIGNS: Final = dict(zip("abfnrtv\\'\"", "\a\b\f\n\r\t\v\\'\"", strict=True))
# What is written as it stands, or any other escape: of these RE2 alone knows `\C`, one byte.
STANDING: Final = re.compile(r"\\Q.*?(?:\\E|\Z)|\\(.)", re.DOTALL)


def plain(match: re.Match[str]) -> str:
    """A match of MATCHER with a pattern that the parser cannot misread, and that is as good: one that matches an empty
    text where this one does. ValueError where it is no pattern; what is no text of PromQL stays as it is."""
    text = unquoted(match["quoted"])
    if text is None:
        return match[0]
    return match["operator"] + ('".*"' if _matches_nothing(text) else '".+"')


def unquoted(quoted: str) -> str | None:
    """What a text between quotes of PromQL says, which are those of Go; None where it has an escape that is none."""
    if quoted[0] == "`":
        return quoted[1:-1]
    try:
        return ESCAPED.sub(_said, quoted[1:-1])
    except (ValueError, OverflowError):
        return None


def _said(match: re.Match[str]) -> str:
    if match["sign"] is not None:
        if match["sign"] not in SIGNS:
            raise ValueError(f"unknown escape sequence: {match[0]}")
        return SIGNS[match["sign"]]
    if match["o"] is not None:
        return chr(int(match["o"], 8))
    return chr(int(match["x"] or match["u"] or match["U"], 16))  # fails beyond Unicode


@lru_cache(maxsize=4096)
def _matches_nothing(pattern: str) -> bool:
    if any(one[1] == "C" for one in STANDING.finditer(pattern)):
        raise ValueError("error parsing regexp: invalid escape sequence: \\C")
    options = re2.Options()
    options.log_errors, options.max_mem = False, MAX_MEMORY
    try:
        compiled: Any = re2.compile(f"^(?:{pattern})$", options)
    except re2.error as error:
        given = error.args[0] if error.args else ""
        reason = given.decode(errors="replace") if isinstance(given, bytes) else str(given)
        raise ValueError(f"error parsing regexp: {reason[:200]}") from None
    except UnicodeEncodeError:
        raise ValueError("error parsing regexp: it holds half of a surrogate pair") from None
    return compiled.match("") is not None
