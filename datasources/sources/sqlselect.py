"""SQL for servers of others: judged to be one question, and sent as it was written.

Writing a query anew changes what it asks, so nothing here does. A text is read by the tokens of its server. What it may
read is the business of the server's own role, and the server runs it read-only; what is refused here are second
statements, clauses that are no question, and functions that act on the server, reach out of it, or wait.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ...errors import SourceError
from ..sqltokens import BLANK, NAMES, Token, plain_name, tokens
from .sqldenied import CLICKHOUSE_CALLED, CLICKHOUSE_PASSED, MYSQL_NAMES, POSTGRES_CALLED, POSTGRES_NAMES

MAX_SQL: Final = 200_000
# What takes a function by its name alone: arrayMap(file, …), * APPLY(file), * APPLY file
HIGHER_ORDER: Final = re.compile(r"(?:array|map)[a-z]+|apply", re.IGNORECASE)
UNICODE_BLANKS: Final = frozenset(
    "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\ufeff"
)
MINUS: Final = "\u2212"


@dataclass(frozen=True, slots=True)
class Word:
    """A token that means something: its kind, its text, and what a name says in lower case."""

    kind: str
    text: str
    name: str
    start: int
    end: int


def judged(sql: str, dialect: str) -> str:
    """The one SELECT, VALUES or UNION of a text, as it is written, without what follows it; SourceError for others."""
    if len(sql) > MAX_SQL:
        raise SourceError(f"the query is longer than {MAX_SQL} characters")
    words = [_word(sql, token) for token in tokens(sql, dialect) if token.kind not in BLANK or sql[token.start] == "{"]
    end = len(words)
    while end and words[end - 1].text == ";":
        end -= 1
    words = words[:end]
    if not words:
        raise SourceError("the query is empty")
    if any(word.text == ";" for word in words):
        raise SourceError("exactly one statement is allowed")
    first = next((word for word in words if word.text != "("), words[0])
    if first.kind != "word" or first.name not in BEGINNINGS[dialect]:
        raise SourceError("only SELECT is allowed")
    JUDGES[dialect](words)
    return sql[: words[-1].end]


def _word(sql: str, token: Token) -> Word:
    text = sql[token.start : token.end]
    is_name = token.kind in NAMES or (token.kind == "coded" and text[2:3] == '"')
    return Word(token.kind, text, plain_name(text).lower() if is_name else "", token.start, token.end)


def _judge_postgres(words: Sequence[Word]) -> None:
    for at, word in enumerate(words):
        if word.kind == "word" and word.name == "into":
            raise SourceError("INTO is not allowed")
        if word.kind == "coded" and word.name and at + 1 < len(words) and words[at + 1].name == "uescape":
            raise SourceError("a name with UESCAPE is not allowed")
        called = at + 1 < len(words) and words[at + 1].text == "("
        if word.name and (POSTGRES_NAMES.fullmatch(word.name) or (called and POSTGRES_CALLED.fullmatch(word.name))):
            raise SourceError(f"the function {word.name} is not allowed")


def _judge_clickhouse(words: Sequence[Word]) -> None:
    after = [*(one.name or one.text for one in words[1:]), "", ""]
    before = ["", "", *(one.name or one.text for one in words)]
    for at, word in enumerate(words):
        _judge_letters(word)
        following = after[at]
        if word.kind == "word":
            _judge_clause(word.name, following, after[at + 1], last=at + 2 == len(words))
        called = following == "("
        taker = before[at] if before[at + 1] == "(" else before[at + 1]
        passed = HIGHER_ORDER.fullmatch(taker) is not None
        if word.name and called and CLICKHOUSE_CALLED.fullmatch(word.name):
            raise SourceError(f"the function {word.name} is not allowed")
        if word.name and (called or passed) and CLICKHOUSE_PASSED.fullmatch(word.name):
            raise SourceError(f"the function {word.name} is not allowed")


def _judge_clause(name: str, following: str, second: str, *, last: bool) -> None:
    if name == "into" and following == "outfile":
        raise SourceError("INTO OUTFILE is not allowed")
    if name == "settings" and second == "=" and following not in ("=", "."):
        raise SourceError("SETTINGS is not allowed")
    if name == "parallel" and following == "with":
        raise SourceError("PARALLEL WITH is not allowed")
    if name == "format" and last and following.isidentifier():
        raise SourceError("FORMAT is not allowed")


def _judge_letters(word: Word) -> None:
    """What ClickHouse and this module might read differently may stand in quotes alone."""
    if word.kind == "typographic":
        raise SourceError("typographic quotes are not allowed; write '…'")
    if word.name and "\\" in word.text:  # an escape of ClickHouse's: `\x66ile` is file
        raise SourceError("a name with backslashes is not allowed")
    if word.kind in ("dollar", "macro") or word.text.startswith("{#"):
        raise SourceError(f"{word.text[:20]!r} is not allowed outside of quotes")
    if word.kind == "mark" and not word.text.isascii() and word.text not in UNICODE_BLANKS and word.text != MINUS:
        raise SourceError(f"the character {word.text!r} may stand in quotes alone")


def _judge_sqlite(words: Sequence[Word]) -> None:
    """SQLite asks us of each thing that a statement does (`sqldriver`): there is nothing to add."""


def _judge_mysql(words: Sequence[Word]) -> None:
    after = [*(one.name or one.text for one in words[1:]), "", ""]
    for at, word in enumerate(words):
        if word.kind == "executable":
            raise SourceError("a comment that the server runs is not allowed")
        if word.text == ":" and after[at] == "=":
            raise SourceError("variables are not set")
        if word.kind == "word" and (word.name in ("into", "procedure") or _locks(word.name, after[at], after[at + 1])):
            raise SourceError(f"{word.name.upper()} is not allowed")
        if word.name and after[at] == "(" and MYSQL_NAMES.fullmatch(word.name):
            raise SourceError(f"the function {word.name} is not allowed")


def _locks(name: str, following: str, second: str) -> bool:
    """Whether a clause takes locks, or counts a sequence on."""
    return (
        (name == "for" and following in ("update", "share"))
        or (name == "lock" and following == "in")
        or (name in ("next", "previous") and following == "value" and second == "for")
    )


BEGINNINGS: Final[Mapping[str, frozenset[str]]] = {
    "postgres": frozenset({"select", "with", "values", "table"}),
    "clickhouse": frozenset({"select", "with", "from"}),
    "sqlite": frozenset({"select", "with", "values"}),
    "mysql": frozenset({"select", "with", "values", "table"}),
}
JUDGES: Final[Mapping[str, Callable[[Sequence[Word]], None]]] = {
    "postgres": _judge_postgres,
    "clickhouse": _judge_clickhouse,
    "sqlite": _judge_sqlite,
    "mysql": _judge_mysql,
}
