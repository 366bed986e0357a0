"""How a language writes a value where a reference stands: each keeps every value within one token.

An escape gets the values, where they stand, and the format that was asked for: none, one that quotes (`singlequote`,
`doublequote`, `sqlstring`), or `text` for what another format wrote already.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from ..sqltokens import tokens
from . import sql_text
from .formats import COMPONENT_SAFE, escape_lucene, escape_regex, percent
from .promql_text import TOKENS as PROMQL_TOKENS
from .promql_text import promql
from .tokens import Place, Scanner, scanner

Escape = Callable[[Sequence[str], Place, str], str]
QUOTING: Final = frozenset({"singlequote", "doublequote", "sqlstring"})


@dataclass(frozen=True, slots=True)
class Language:
    """How a text is read, and how it writes values.

    `strict`: what a format wrote is escaped within a token too. `literal`: it is one value anywhere, so that no format
    but `raw` writes syntax; `closed`: nor does `raw`. `own` are formats that write values as the language does.
    """

    escape: Escape
    scan: Scanner
    strict: bool = True
    literal: bool = False
    closed: bool = False
    own: frozenset[str] = frozenset()


LUCENE_TOKENS: Final = re.compile(
    r"(?P<pair>\\.)|(?P<phrase>\"(?:[^\"\\]|\\.)*+(?:\"|\Z))|(?P<pattern>/(?:[^/\\]|\\.)*+(?:/|\Z))", re.DOTALL
)
JSON_TOKENS: Final = re.compile(r"(?P<text>\"(?:[^\"\\]|\\.)*+(?:\"|\Z))", re.DOTALL)
NO_TOKENS: Final = re.compile(r"(?!)")
LUCENE_WORDS: Final = frozenset(("", "AND", "OR", "NOT", "TO"))


def lucene(values: Sequence[str], place: Place, spec: str = "") -> str:
    """A term, a phrase, or several of them in parentheses; within quotes or a regular expression their text."""
    if place.kind == "phrase":
        return place.backslash + " ".join(value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    if place.kind == "pattern":
        escaped = [re.sub(r'[~&<>#@"]', lambda match: "\\" + match[0], escape_regex(value)) for value in values]
        return place.backslash + (escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})")
    if not values:
        return "__empty__"
    if len(values) == 1 and values[0] not in LUCENE_WORDS and not spec:
        return place.backslash + escape_lucene(values[0])
    phrases = ['"' + escape_lucene(value) + '"' for value in values]
    return phrases[0] if spec and len(phrases) == 1 else "(" + " OR ".join(phrases) + ")"


def as_json(values: Sequence[str], place: Place, spec: str = "") -> str:
    """A string, or a list of them; within a string their text."""
    if place.kind:
        return place.backslash + json.dumps(",".join(values), ensure_ascii=False)[1:-1]
    return json.dumps(values[0] if len(values) == 1 else list(values), ensure_ascii=False)


def url(values: Sequence[str], place: Place, spec: str = "") -> str:
    """Joined by commas, and percent-encoded as one part of an address."""
    return percent(",".join(values), COMPONENT_SAFE)


def plain(values: Sequence[str], place: Place, spec: str = "") -> str:
    """Joined by commas, as they are: for words that people read."""
    return ", ".join(values)


# A mark as an entity, which is that mark in Markdown and in the HTML in it; in code, where neither reads entities, who
# makes HTML of it puts the mark there. Nobody writes so many zeros by hand.
MARK_ENTITY: Final = re.compile(r"&#x0000([0-9a-f]{2});")
MARKDOWN_MARKS: Final = re.compile(r"[!-/:-@\[-`{-~]")


def markdown(values: Sequence[str], place: Place, spec: str = "") -> str:
    """Words: no mark in them means anything, and no line of theirs begins anything."""
    words = " ".join(", ".join(values).split())
    return MARKDOWN_MARKS.sub(lambda match: f"&#x{ord(match[0]):06x};", words)


def without_entities(text: str) -> str:
    """A text with the marks of values as they were before `markdown` wrote them."""
    return MARK_ENTITY.sub(lambda match: chr(int(match[1], 16)), text)


LANGUAGES: Final[Mapping[str, Language]] = {
    "sql": Language(sql_text.clickhouse, partial(tokens, dialect="clickhouse")),
    "postgres": Language(sql_text.postgres, partial(tokens, dialect="postgres")),
    "sqlite": Language(sql_text.sqlite, partial(tokens, dialect="sqlite")),
    "mysql": Language(sql_text.mysql, partial(tokens, dialect="mysql")),
    "promql": Language(promql, scanner(PROMQL_TOKENS)),
    "lucene": Language(lucene, scanner(LUCENE_TOKENS), literal=True, own=frozenset({"lucene"})),
    "json": Language(as_json, scanner(JSON_TOKENS)),
    "url": Language(url, scanner(NO_TOKENS), strict=False),
    "path": Language(url, scanner(NO_TOKENS), literal=True, closed=True, own=frozenset({"percentencode"})),
    "text": Language(plain, scanner(NO_TOKENS), strict=False),
    "markdown": Language(markdown, scanner(NO_TOKENS), strict=False),
}
