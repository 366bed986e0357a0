"""SQL as the servers themselves cut it into tokens: strings, names in quotes, comments, words, and what is between.

Whoever fills a value in, expands a macro or judges a statement reads the text by these, so that all see the same
strings and comments. After the lexers of PostgreSQL (scan.l), ClickHouse (Lexer.cpp), SQLite (tokenize.c) and MySQL
(sql_lex.cc).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

# Kinds of tokens. string: a backslash in it is a letter; escaped: it escapes; quoted, name_escaped: names, alike;
# coded: U&'…', whose escapes the text chooses; typographic: ‘…’ of ClickHouse; heredoc: $tag$ … $tag$; block, line:
# comments; executable: a comment that MySQL runs, or takes hints from; macro: `$__x`, `${x}`, which is not filled in
# yet; dollar: a `$` that begins nothing known; word, number, space; mark: any other character.
LITERALS: Final = frozenset({"string", "escaped", "heredoc", "coded", "typographic"})
COMMENTS: Final = frozenset({"block", "line"})
NAMES: Final = frozenset({"quoted", "name_escaped", "word"})
BLANK: Final = COMMENTS | {"space"}


@dataclass(frozen=True, slots=True)
class Token:
    """Characters `start` to `end` of a text."""

    kind: str
    start: int
    end: int


def _doubled(kind: str, quote: str, prefix: str = "") -> str:
    """A token in quotes that are doubled within it; the end of the text closes it."""
    return rf"(?P<{kind}>{prefix}{quote}(?:[^{quote}]|{quote}{quote})*+(?:{quote}|\Z))"


# What joins two strings of PostgreSQL into one: white space and comments with a line break among them.
CONTINUED: Final = r"'(?>(?:[ \t\f\v]|--[^\n\r]*)*+[\n\r](?:\s|--[^\n\r]*+[\n\r])*+)'"
MACRO: Final = r"(?P<macro>\$__\w+(?![\w$])|\$\{[\w.:\[\]-]*\})"
POSTGRES: Final = "|".join(
    [
        MACRO,
        r"(?P<line>--[^\n\r]*)",
        r"(?P<block>/\*)",
        rf"(?P<escaped>[eE]'(?:[^'\\]|\\.|''|{CONTINUED})*+(?:'|\Z))",
        r"(?P<coded>[uU]&(?:'(?:[^']|'')*+(?:'|\Z)|\"(?:[^\"]|\"\")*+(?:\"|\Z)))",
        _doubled("string", "'"),
        _doubled("quoted", '"'),
        r"(?P<heredoc>\$(?:[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff]*)?\$)",
        r"(?P<dollar>\$\w*)",
        r"(?P<word>[uU]&|[A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*)",
    ]
)
CLICKHOUSE: Final = "|".join(
    [
        MACRO,
        # `#` without a blank behind it, and `{# … #}`, are comments to sqlglot, which reads the store's SQL, and
        # errors to ClickHouse.
        r"(?P<line>--[^\n]*|#[^\n]*)",
        r"(?P<jinja>\{#.*?(?:#\}|\Z))",
        r"(?P<block>/\*)",
        r"(?P<escaped>'(?:[^'\\]|\\.|'')*+(?:'|\Z))",
        r"(?P<name_escaped>\"(?:[^\"\\]|\\.|\"\")*+(?:\"|\Z)|`(?:[^`\\]|\\.|``)*+(?:`|\Z))",
        "(?P<typographic>[\u2018\u2019][^\u2019]*(?:\u2019|\\Z)|[\u201c\u201d][^\u201d]*(?:\u201d|\\Z))",
        r"(?P<heredoc>\$\w*\$)",
        r"(?P<dollar>\$)",
        r"(?P<word>[A-Za-z_][A-Za-z0-9_$]*)",
    ]
)
SQLITE: Final = "|".join(
    [
        MACRO,
        r"(?P<line>--[^\n]*)",
        r"(?P<comment>/\*.*?(?:\*/|\Z))",
        _doubled("string", "'"),
        _doubled("quoted", '"'),
        _doubled("backtick", "`"),
        r"(?P<bracket>\[[^\]]*(?:\]|\Z))",
        r"(?P<dollar>\$\w*)",
        r"(?P<word>[A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*)",
    ]
)
# In the modes that a session of ours sets: double quotes are strings, backslashes escape.
MYSQL: Final = "|".join(
    [
        MACRO,
        r"(?P<line>#[^\n]*|--(?=[\x00-\x20\x7f]|\Z)[^\n]*)",
        r"(?P<executable>/\*(?:[mM]?!|\+).*?(?:\*/|\Z))",
        r"(?P<comment>/\*.*?(?:\*/|\Z))",
        r"(?P<escaped>'(?:[^'\\]|\\.|'')*+(?:'|\Z)|\"(?:[^\"\\]|\\.|\"\")*+(?:\"|\Z))",
        _doubled("backtick", "`"),
        r"(?P<dollar>\$\w*)",
        r"(?P<word>[A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*)",
    ]
)
REST: Final = r"|(?P<number>[0-9]+)|(?P<space>\s+)|(?P<mark>.)"
DIALECTS: Final[Mapping[str, re.Pattern[str]]] = {
    "postgres": re.compile(POSTGRES + REST, re.DOTALL | re.ASCII),
    "clickhouse": re.compile(CLICKHOUSE + REST, re.DOTALL | re.ASCII),
    "sqlite": re.compile(SQLITE + REST, re.DOTALL | re.ASCII),
    "mysql": re.compile(MYSQL + REST, re.DOTALL | re.ASCII),
}
KIND: Final = {"comment": "block", "backtick": "quoted", "jinja": "block"}
BLOCK_EDGE: Final = re.compile(r"/\*|\*/")


def tokens(text: str, dialect: str, start: int = 0) -> Iterator[Token]:
    """The tokens of a text in a dialect of DIALECTS, one after the other, nothing left out."""
    pattern, at = DIALECTS[dialect], start
    while at < len(text):
        match = pattern.match(text, at)
        assert match is not None  # `mark` is any character
        kind, end = match.lastgroup or "mark", match.end()
        if kind == "block":
            end = _block_end(text, at)
        elif kind == "heredoc":
            closing = text.find(match[0], end)
            if closing >= 0:
                end = closing + len(match[0])
            elif dialect == "clickhouse":  # nothing closes it: a `$` like any other
                kind, end = "dollar", at + 1
            else:
                end = len(text)
        yield Token(KIND.get(kind, kind), at, end)
        at = end


def _block_end(text: str, start: int) -> int:
    """Where a comment ends whose comments nest."""
    depth, at = 0, start
    while match := BLOCK_EDGE.search(text, at):
        depth += 1 if match[0] == "/*" else -1
        at = match.end()
        if depth == 0:
            return at
    return len(text)


def plain_name(token: str) -> str:
    """What a name says, out of its quotes and escapes: `"Pg_Sleep"` is `Pg_Sleep`."""
    if token[:2].lower() == "u&":
        return CODES.sub(_decoded, plain_name(token[2:]))
    if token[:1] == "[":
        return token[1:-1]
    if token[:1] in ('"', "`"):
        return token[1:-1].replace(token[0] * 2, token[0])
    return token


CODES: Final = re.compile(r"\\(?:\+([0-9a-fA-F]{6})|([0-9a-fA-F]{4}))")


def _decoded(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code < 0x110000 else match[0]
