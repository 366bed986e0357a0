"""Look-ahead at the beginning of a pattern, taken out of it: what is left, and what else its beginning decides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

TEMPERED: Final = re.compile(r"\^\((\?:)?(?=\(\?!)")  # `^((?!…` of `^((?!x).)*$`
TEMPERED_END: Final = re.compile(r"\.\)([*+])\$")
PIECE: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]|[^\\\[()|]+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Ahead:
    """A pattern that has to match, or must not, where a text begins."""

    expression: str
    wanted: bool


def split(pattern: str) -> tuple[str, tuple[Ahead, ...]]:
    """The pattern without the look-ahead behind its first `^`, and each of them; as it is where it has none there."""
    pattern = _plain(pattern)
    if not pattern.startswith(("^(?!", "^(?=")):
        return pattern, ()
    found = []
    rest = pattern[1:]
    while rest.startswith(("(?!", "(?=")):
        end = _group_end(rest)
        if end is None:
            return pattern, ()
        found.append(Ahead(f"^(?:{rest[3 : end - 1]})", wanted=rest[2] == "="))
        rest = rest[end:]
    if any(depth == 0 and piece == "|" for _, piece, depth in _pieces(rest)):
        return pattern, ()  # the look-ahead is of one alternative alone
    return f"^{rest}", tuple(found)


def _plain(pattern: str) -> str:
    """`^((?!x).)*$`, a text that holds no x, as `^(?!.*x)(.)*$`."""
    begun = TEMPERED.match(pattern)
    if begun is None:
        return pattern
    inner = pattern[begun.end() :]
    end = _group_end(inner)
    ended = TEMPERED_END.fullmatch(inner, end) if end is not None else None
    if end is None or ended is None:
        return pattern
    return f"^(?!.*(?:{inner[3 : end - 1]}))({begun[1] or ''}.){ended[1]}$"


def _group_end(text: str) -> int | None:
    """Where the group that begins the text ends; None where it does not."""
    return next((end for end, piece, depth in _pieces(text) if piece == ")" and depth == 0), None)


def _pieces(text: str) -> Iterator[tuple[int, str, int]]:
    """Each piece of a pattern: where it ends, itself, and in how many groups (a parenthesis outside of its)."""
    depth = 0
    for match in PIECE.finditer(text):
        piece = match[0]
        if piece == ")":
            depth -= 1
        yield match.end(), piece, depth
        if piece == "(":
            depth += 1
