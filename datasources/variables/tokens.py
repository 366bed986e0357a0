"""Where in a text a value is about to stand: the token around it, as the reader of the finished text will see it.

A text is filled from its start to its end, and what stands before a reference is read as it came to be, values
included. So whatever a value wrote, the next one knows in which token it stands.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from ..sqltokens import Token

Scanner = Callable[[str], Iterator[Token]]
SEEN: Final = 2000  # characters before a place that its escape may look at
BACK: Final = 4  # tokens that what comes next may still change, such as `$`, `tag` and `$` of PostgreSQL
OPENER: Final = re.compile(r"[eE]?['\"`/]|--|#")
# Tokens whose inside needs no second look: how they began, and the backslashes at their end, tell all.
FLAT: Final = frozenset(
    {"string", "escaped", "quoted", "name_escaped", "line", "text", "raw", "comment", "phrase", "pattern"}
)
NEXT: Final = "x"  # stands for what comes next: whichever token takes it in is the one around


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: the kind of the token around it (empty: between tokens), how that token begins.

    `before` is the text up to the place, its last SEEN characters; `outside` the same up to the token's start;
    `after` is what the author wrote behind it.
    """

    kind: str
    opening: str
    before: str
    outside: str
    after: str
    dollars: bool  # whether a `$` that begins nothing known stands before it

    @property
    def backslash(self) -> str:
        """A backslash where the author's own stands before the place and would take the value's first character."""
        return "\\" if (len(self.before) - len(self.before.rstrip("\\"))) % 2 else ""


NOWHERE: Final = Place("", "", "", "", "", dollars=False)


class Growing:
    """A text that is written piece by piece, read by a scanner of its language."""

    def __init__(self, scan: Scanner) -> None:
        self._scan = scan
        self._seen = ""
        self._tail = ""  # from the start of a token on
        self._more: list[str] = []  # what came behind it since somebody asked
        self._outside: str | None = None  # what stands before the tail, where the tail is a token cut short
        self._dollars = False

    def add(self, piece: str) -> None:
        """Put a piece of text behind what is there."""
        self._more.append(piece)

    def place(self, after: str) -> Place:
        """Where the next piece begins."""
        self._tail = "".join([self._tail, *self._more])
        self._more.clear()
        whole = self._tail + NEXT
        last: deque[Token] = deque(maxlen=BACK)
        for token in self._scan(whole):
            last.append(token)
            self._dollars = self._dollars or token.kind == "dollar"
        around = last[-1]
        inside = around.start < len(self._tail) and around.kind not in BETWEEN
        outside = self._outside if around.start == 0 and self._outside is not None else None
        if outside is None:
            outside = (self._seen + self._tail[: around.start])[-SEEN:]
        place = Place(
            around.kind if inside else "",
            whole[around.start : around.start + 2],
            (self._seen + self._tail)[-SEEN:],
            outside,
            after,
            self._dollars,
        )
        self._cut(around.start if inside and around.kind in FLAT else None, last[0].start, outside)
        return place

    def _cut(self, flat: int | None, start: int, outside: str) -> None:
        """Leave of the tail what the next pieces may still change."""
        if flat is not None and (opener := OPENER.match(self._tail, flat)):
            backslashes = len(self._tail) - len(self._tail.rstrip("\\"))
            self._seen = (self._seen + self._tail)[-SEEN:]
            self._tail = opener[0] + "\\" * min(backslashes, len(self._tail) - opener.end())
            self._outside = outside
        elif start:
            self._seen = (self._seen + self._tail[:start])[-SEEN:]
            self._tail = self._tail[start:]
            self._outside = None


BETWEEN: Final = frozenset({"word", "space", "number", "mark", "macro", "dollar", "rest"})


def scanner(pattern: re.Pattern[str]) -> Scanner:
    """A scanner of tokens that a pattern finds, each a named group; what is between them is `rest`."""

    def scan(text: str) -> Iterator[Token]:
        at = 0
        for match in pattern.finditer(text):
            yield from _rest(at, match.start())
            yield Token(match.lastgroup or "rest", match.start(), match.end())
            at = match.end()
        yield from _rest(at, len(text))

    return scan


def _rest(start: int, end: int) -> Iterator[Token]:
    """What is between tokens, its last characters apart: only they may begin a token with what comes next."""
    for one in (start, *range(max(start + 1, end - BACK), end)):
        if one < end:
            yield Token(
                "rest", one, min(one + 1, end) if one > start or end - start <= 1 else max(start + 1, end - BACK)
            )
