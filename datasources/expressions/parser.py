"""The language of math expressions: `$A / ${B} * 100 > 5 && !is_nan($C)`.

Operators by how they bind, the loosest first: `||`, `&&`, comparisons, `+ -`, `* / %`, `**` (to the right), `! -`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

MAX_LENGTH: Final = 2000
MAX_DEPTH: Final = 50
TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>0[xX][0-9a-fA-F]{1,255}|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|\$\{(?P<braced>[^{}]{1,64})\}|\$(?P<ref>[A-Za-z0-9_]{1,64})"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<operator>\*\*|&&|\|\||[<>=!]=|[-+*/%<>!(),]))",
    re.ASCII,
)
BINDING: Final = (("||",), ("&&",), ("==", "!=", "<", "<=", ">", ">="), ("+", "-"), ("*", "/", "%"))
# Functions of one argument, and constants that are written like functions of none.
FUNCTIONS: Final = frozenset(("abs", "log", "round", "ceil", "floor", "is_nan", "is_inf", "is_null", "is_number"))
CONSTANTS: Final = frozenset(("nan", "inf", "infn", "null"))


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written."""

    value: float


@dataclass(frozen=True, slots=True)
class Constant:
    """A named number: `nan()`, `inf()`, `infn()`, `null()`."""

    name: str


@dataclass(frozen=True, slots=True)
class Ref:
    """The answer of a target: `$A`."""

    name: str


@dataclass(frozen=True, slots=True)
class Unary:
    """`-` or `!` before an operand."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator between two operands."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Call:
    """A function of one argument."""

    function: str
    argument: Node


Node = Number | Constant | Ref | Unary | Binary | Call


@dataclass(frozen=True, slots=True)
class Parsed:
    """A tree, and the targets that it refers to."""

    root: Node
    refs: frozenset[str]


@dataclass(slots=True)
class Parser:
    """Reads one expression; ValueError says what was met and where."""

    text: str
    tokens: list[tuple[str, str, int]] = field(default_factory=list)
    place: int = 0
    refs: set[str] = field(default_factory=set)

    def parsed(self) -> Parsed:
        """The whole text as a tree, with the targets it refers to; ValueError with what is wrong and where."""
        if len(self.text) > MAX_LENGTH:
            raise ValueError(f"longer than {MAX_LENGTH} characters")
        self.tokens = [*_tokens(self.text), ("end", "", len(self.text))]
        root = self._binary(0, 0)
        if self._kind != "end":
            raise self._unexpected()
        if not self.refs:
            raise ValueError("refer to a target: $A")
        return Parsed(root, frozenset(self.refs))

    @property
    def _kind(self) -> str:
        return self.tokens[self.place][0]

    def _take(self, *operators: str) -> str:
        """The operator that stands here, if it is one of those; then the next token is the current one."""
        kind, text, _ = self.tokens[self.place]
        if kind != "operator" or text not in operators:
            return ""
        self.place += 1
        return text

    def _binary(self, level: int, depth: int) -> Node:
        if level == len(BINDING):
            return self._unary(depth)
        left = self._binary(level + 1, depth)
        while operator := self._take(*BINDING[level]):
            depth = self._deeper(depth)
            left = Binary(operator, left, self._binary(level + 1, depth))
        return left

    def _unary(self, depth: int) -> Node:
        if operator := self._take("!", "-"):
            return Unary(operator, self._unary(self._deeper(depth)))
        base = self._atom(depth)
        if self._take("**"):
            return Binary("**", base, self._unary(self._deeper(depth)))
        return base

    def _atom(self, depth: int) -> Node:
        if self._take("("):
            inner = self._binary(0, self._deeper(depth))
            self._expect(")")
            return inner
        kind, text, _ = self.tokens[self.place]
        if kind == "number":
            self.place += 1
            return Number(float(int(text, 16)) if text[:2].lower() == "0x" else float(text))
        if kind == "ref":
            self.place += 1
            self.refs.add(text)
            return Ref(text)
        if kind == "name" and (text in FUNCTIONS or text in CONSTANTS):
            self.place += 1
            return self._called(text, depth)
        if kind == "name":
            known = ", ".join(sorted(FUNCTIONS | CONSTANTS))
            raise ValueError(f"{text[:40]} is no function; targets are written $A, functions are {known}")
        raise self._unexpected()

    def _called(self, name: str, depth: int) -> Node:
        self._expect("(")
        if name in CONSTANTS:
            self._expect(")")
            return Constant(name)
        argument = self._binary(0, self._deeper(depth))
        self._expect(")")
        return Call(name, argument)

    def _expect(self, operator: str) -> None:
        if not self._take(operator):
            raise self._unexpected(f"{operator} is missing")

    def _deeper(self, depth: int) -> int:
        if depth >= MAX_DEPTH:
            raise ValueError(f"more than {MAX_DEPTH} levels deep")
        return depth + 1

    def _unexpected(self, words: str = "") -> ValueError:
        _, text, place = self.tokens[self.place]
        met = f"{text[:40]!r}" if text else "the end"
        return ValueError(f"at character {place + 1}: {words or 'unexpected'} {'before ' if words else ''}{met}")


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    place, end = 0, len(text.rstrip())
    while place < end:
        match = TOKEN.match(text, place)
        if match is None:
            start = place + len(text[place:]) - len(text[place:].lstrip())
            raise ValueError(f"at character {start + 1}: {text[start : start + 10]!r} cannot be read")
        kind = match.lastgroup or ""
        yield ("ref" if kind == "braced" else kind, match[kind], match.start(kind))
        place = match.end()


@lru_cache(1024)
def parse(text: str) -> Parsed:
    """The tree of an expression; ValueError with the place of what cannot be read."""
    return Parser(text).parsed()
