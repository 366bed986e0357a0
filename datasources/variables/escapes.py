"""How a language writes a value where a reference stands: each function keeps every value within one token.

An escape gets the values, the text that the author wrote, and where in it the reference starts and ends. It looks at
the token around the reference (a string, a comment, a quoted name) and never lets a value end that token.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from .formats import COMPONENT_SAFE, escape_lucene, escape_regex, percent
from .promql_text import promql
from .tokens import after_backslash, token_around

Escape = Callable[[Sequence[str], str, int, int], str]

# No token is looked for twice: each ends where it ends, or with the text.
COMMENTS: Final = r"--[^\n]*|/\*.*?(?:\*/|\Z)|(?P<dollar>\$\w*\$)"
BACKSLASHED: Final = "|".join(rf"{quote}(?:[^{quote}\\]|\\(?:.|\Z)|{quote}{quote})*(?:{quote}|\Z)" for quote in "'\"`")
STANDARD: Final = "|".join(rf"{quote}(?:[^{quote}]|{quote}{quote})*(?:{quote}|\Z)" for quote in "'\"")
POSTGRES_ESCAPED: Final = r"(?<!\w)[eE]'(?:[^'\\]|\\(?:.|\Z)|'')*(?:'|\Z)"
SQL_TOKENS: Final = re.compile(f"{COMMENTS}|{BACKSLASHED}", re.DOTALL)
POSTGRES_TOKENS: Final = re.compile(f"{COMMENTS}|{POSTGRES_ESCAPED}|{STANDARD}", re.DOTALL)
LUCENE_TOKENS: Final = re.compile(r"\\.|\"(?:[^\"\\]|\\(?:.|\Z))*(?:\"|\Z)|/(?:[^/\\]|\\(?:.|\Z))*(?:/|\Z)", re.DOTALL)
JSON_TOKENS: Final = re.compile(r"\"(?:[^\"\\]|\\(?:.|\Z))*(?:\"|\Z)", re.DOTALL)
LINE_BREAKS: Final = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
LUCENE_WORDS: Final = frozenset(("", "AND", "OR", "NOT", "TO"))


def sql(values: Sequence[str], text: str, start: int, end: int) -> str:
    """Literals for servers that read backslashes in them (ClickHouse, MySQL), joined by commas; NULL for none."""
    around = _opening(SQL_TOKENS, text, start)
    if not around:
        return _literals(["'" + _backslashed(value, "'") + "'" for value in values], text, start, end)
    if around[0] in "'\"`":
        return after_backslash(text, start) + ",".join(_backslashed(value, around[0]) for value in values)
    return _in_comment(values, around)


def postgres(values: Sequence[str], text: str, start: int, end: int) -> str:
    """Literals of standard SQL, where a backslash is a character like any other but in `E'…'`."""
    around = _opening(POSTGRES_TOKENS, text, start)
    if not around:
        return _literals(["'" + value.replace("'", "''") + "'" for value in values], text, start, end)
    if around[0] in "eE":
        return after_backslash(text, start) + ",".join(_backslashed(value, "'") for value in values)
    if around[0] in "'\"":
        return ",".join(value.replace(around[0], around[0] * 2) for value in values)
    return _in_comment(values, around)


def _opening(tokens: re.Pattern[str], text: str, position: int) -> str:
    """The first characters of the token around a position: `'`, `--`, `/*`, `$tag$` …; empty where there is none."""
    token = token_around(tokens, text, position)
    return token.opening if token else ""


def _backslashed(value: str, quote: str) -> str:
    return value.replace("\\", "\\\\").replace(quote, quote * 2)


def _literals(literals: Sequence[str], text: str, start: int, end: int) -> str:
    """Joined; apart from a quote that the author wrote beside the reference, which would read as a doubled one."""
    before = " " if text[start - 1 : start] == "'" else ""
    after = " " if text[end : end + 1] == "'" else ""
    return before + (",".join(literals) or "NULL") + after


def _in_comment(values: Sequence[str], around: str) -> str:
    joined = ",".join(values)
    if around.startswith("--"):
        return LINE_BREAKS.sub(" ", joined)
    return re.sub(r"[*/]", " ", joined) if around.startswith("/*") else joined.replace("$", "")


def lucene(values: Sequence[str], text: str, start: int, end: int) -> str:
    """A term, a phrase, or several of them in parentheses; within quotes or a regular expression their text."""
    around = _opening(LUCENE_TOKENS, text, start)
    if around.startswith('"'):
        quoted = " ".join(value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
        return after_backslash(text, start) + quoted
    if around.startswith("/"):
        escaped = [re.sub(r'[~&<>#@"]', lambda match: "\\" + match[0], escape_regex(value)) for value in values]
        return after_backslash(text, start) + (escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})")
    if not values:
        return "__empty__"
    if len(values) == 1 and values[0] not in LUCENE_WORDS:
        return after_backslash(text, start) + escape_lucene(values[0])
    return "(" + " OR ".join('"' + escape_lucene(value) + '"' for value in values) + ")"


def as_json(values: Sequence[str], text: str, start: int, end: int) -> str:
    """A string, or a list of them; within a string their text."""
    if token_around(JSON_TOKENS, text, start):
        return after_backslash(text, start) + json.dumps(",".join(values), ensure_ascii=False)[1:-1]
    return json.dumps(values[0] if len(values) == 1 else list(values), ensure_ascii=False)


def url(values: Sequence[str], text: str, start: int, end: int) -> str:
    return percent(",".join(values), COMPONENT_SAFE)


def plain(values: Sequence[str], text: str, start: int, end: int) -> str:
    return ", ".join(values)


MARKDOWN_MARKS: Final = re.compile(r"[!-/:-@\[-`{-~]")


def markdown(values: Sequence[str], text: str, start: int, end: int) -> str:
    """Words: no mark in them means anything, and no line of theirs begins anything."""
    words = " ".join(", ".join(values).split())
    return MARKDOWN_MARKS.sub(lambda match: "\\" + match[0], words)


LANGUAGES: Final[Mapping[str, Escape]] = {
    "sql": sql,
    "postgres": postgres,
    "promql": promql,
    "lucene": lucene,
    "json": as_json,
    "url": url,
    "text": plain,
    "markdown": markdown,
}
