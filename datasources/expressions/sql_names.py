"""The tables that a SELECT names: what stands after FROM and JOIN, but for what it defines itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..sqltokens import BLANK, NAMES, Token, plain_name, tokens

ENDS: Final = frozenset(
    (
        *("where", "group", "order", "having", "limit", "offset", "union", "intersect", "except", "window", "qualify"),
        *("select", "on", "using", "sample"),
    )
)
BEGINS: Final = frozenset(("select", "with", "from", "values", "table", "pivot", "unpivot", "summarize", "describe"))
TABLES_FOLLOW: Final = frozenset(("from", "join"))


@dataclass(slots=True)
class Level:
    """Within one pair of parentheses: whether it holds a query or tables, and whether a table comes next."""

    tables: bool
    lists: bool = False
    expects: bool = False


def tables_in(sql: str) -> frozenset[str]:
    """Their names as they are written, without quotes. Nothing is judged: who runs the text does that."""
    words = [one for one in tokens(sql, "postgres") if one.kind not in BLANK]
    names = [_name(sql, one) for one in words]
    texts = [sql[one.start : one.end].lower() for one in words]
    after = [*texts[1:], ""]
    defined = _defined(texts, names)
    found: set[str] = set()
    levels = [Level(tables=True)]
    for at, text in enumerate(texts):
        level = levels[-1]
        if text == "(":
            inner = Level(tables=after[at] in BEGINS or level.expects, lists=level.expects)
            inner.expects, level.expects = level.expects and after[at] not in BEGINS, False
            levels.append(inner)
        elif text == ")" and len(levels) > 1:
            levels.pop()
        elif words[at].kind == "word" and text in TABLES_FOLLOW and level.tables and texts[at - 1 : at] != ["distinct"]:
            level.expects = level.lists = True
        elif text == ",":
            level.expects = level.lists
        elif words[at].kind == "word" and text in ENDS:
            level.lists = level.expects = False
        elif level.expects and text != "lateral":
            level.expects = False
            if names[at] and after[at] not in ("(", ".") and names[at].lower() not in defined:
                found.add(names[at])
    return frozenset(found)


def _defined(texts: Sequence[str], names: Sequence[str]) -> frozenset[str]:
    """The names, in small letters, of the queries of WITH."""
    if "with" not in texts:
        return frozenset()
    return frozenset(
        name.lower()
        for before, name, after in zip(texts, names[1:], [*texts[2:], ""], strict=False)
        if name and before in ("with", "recursive", ",") and after in ("as", "(")
    )


def _name(sql: str, token: Token) -> str:
    return plain_name(sql[token.start : token.end]) if token.kind in NAMES else ""
