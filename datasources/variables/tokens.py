"""The token of a text (a string, a comment, a quoted name) that a reference stands in, and what stands before it.

A text with thousands of references is read once for all of them: what is asked of a place costs no look at the whole.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

DOLLAR_TAG: Final = re.compile(r"(?=(\$\w*\$))")


@dataclass(frozen=True, slots=True)
class Token:
    """Where a token begins and ends, and its first two characters: `'`, `--`, `/*`, `E'` …"""

    start: int
    end: int
    opening: str


def token_around(tokens: re.Pattern[str], text: str, position: int) -> Token | None:
    """The token that a position stands inside, of those that `tokens` finds one after the other; None between them.

    What matches the group `dollar` opens a token that ends with the same text again; without an end it is none.
    """
    starts, found = _found(tokens, text)
    index = bisect_right(starts, position - 1) - 1  # the last that begins before the position
    return found[index] if index >= 0 and position < found[index].end else None


@lru_cache(maxsize=4)
def _found(tokens: re.Pattern[str], text: str) -> tuple[Sequence[int], Sequence[Token]]:
    found = list(_tokens(tokens, text))
    return [token.start for token in found], found


def _tokens(tokens: re.Pattern[str], text: str) -> Iterator[Token]:
    last = {match[1]: match.start() for match in DOLLAR_TAG.finditer(text)} if "dollar" in tokens.groupindex else {}
    position = 0
    while match := tokens.search(text, position):
        start, position = match.span()
        if match.lastgroup == "dollar":
            if last[match[0]] < position:
                position = start + 1
                continue
            position = text.index(match[0], position) + len(match[0])
        yield Token(start, position, text[start : start + 2])


def after_backslash(text: str, position: int) -> str:
    """A backslash where an author's own stands before the position and would take the value's first character."""
    start = position
    while start and text[start - 1] == "\\":
        start -= 1
    return "\\" if (position - start) % 2 else ""


def before_space(text: str, position: int) -> int:
    """Where the space before a position begins."""
    while position and text[position - 1].isspace():
        position -= 1
    return position
