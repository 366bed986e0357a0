"""From the tokens of a template to its tree."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from .lexer import Token, digits_of, tokens, unquoted
from .nodes import (
    Branch,
    Command,
    Dot,
    Fields,
    Function,
    Include,
    Leave,
    Literal,
    Node,
    Operand,
    Output,
    Pipeline,
    Template,
    Text,
    Variable,
)

MAX_LENGTH = 20_000
MAX_DEPTH = 40
WORDS = {"true": True, "false": False, "nil": None}
BRANCHES = ("if", "with", "range")
LARGEST = 2**63 - 1
KEYWORDS = frozenset((*BRANCHES, "else", "end", "define", "template", "block", "break", "continue"))


def parse(text: str, functions: frozenset[str], variables: Sequence[str] = ()) -> Template:
    """The tree of a template; ValueError with the line of what cannot be read.

    `functions` are the names that may be called, `variables` those that are there from the start (`$labels`).
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f"longer than {MAX_LENGTH} characters")
    return Parser(list(tokens(text)), functions, known=["$", *variables]).template()


@dataclass(slots=True)
class Parser:
    """Reads one template."""

    source: Sequence[Token]
    functions: frozenset[str]
    known: list[str]  # variables that may be named at this place
    place: int = 0
    depth: int = 0
    loops: int = 0
    defined: dict[str, Sequence[Node]] = field(default_factory=dict)

    def template(self) -> Template:
        """The whole text with the templates that it defines; ValueError with what is wrong and where."""
        body, _ = self._nodes(())
        return Template(tuple(body), self.defined)

    # -- nodes -------------------------------------------------------------------------------------------------------

    def _nodes(self, until: Sequence[str]) -> tuple[list[Node], str]:
        """Nodes up to an action that begins with one of the words, and that word; what follows it is not read yet."""
        found: list[Node] = []
        while self.place < len(self.source):
            token = self.source[self.place]
            if token.kind == "text":
                self.place += 1
                found.append(Text(token.text))
                continue
            word = self._keyword()
            if word in ("else", "end"):
                if word not in until:
                    raise self._error(f"{word} without a beginning")
                return found, word
            node = self._action(word)
            if node is not None:
                found.append(node)
        if until:
            raise ValueError("the end of the text comes before {{ end }}")
        return found, ""

    def _keyword(self) -> str:
        """The word that an action begins with, read, where it is one of the language."""
        self._space()
        token = self._here
        if token.kind != "name" or token.text not in KEYWORDS:
            return ""
        self.place += 1
        return token.text

    def _action(self, word: str) -> Node | None:
        if not word:
            pipeline = self._pipeline()
            self._close()
            return Output(pipeline)
        if word in BRANCHES:
            return self._branch(word)
        if word in ("break", "continue"):
            if not self.loops:
                raise self._error(f"{word} outside of a range")
            self._close()
            return Leave(word)
        return self._named(word)

    def _named(self, word: str) -> Node | None:
        """`define`, `template` and `block`."""
        self._space()
        if self._here.kind != "string":
            raise self._error(f"{word} needs a name in quotes")
        name = self._literal_text()
        pipeline = None
        if word != "define" and not self._ended():
            pipeline = self._pipeline()
        self._close()
        if word == "define" and self.depth:
            raise self._error("define stands within nothing else")
        if word != "template":
            if name in self.defined:
                raise self._error(f"the template {name[:40]!r} is defined twice")
            known, self.known = self.known, ["$"]
            loops, self.loops = self.loops, 0
            body, _ = self._inner(("end",))
            self._close()
            self.known, self.loops = known, loops
            self.defined[name] = tuple(body)
        return None if word == "define" else Include(name, pipeline)

    def _branch(self, kind: str) -> Branch:
        known = len(self.known)
        pipeline = self._pipeline(pairs=kind == "range")
        self._close()
        self.loops += kind == "range"
        body, ended = self._inner(("else", "end"))
        self.loops -= kind == "range"
        otherwise: Sequence[Node] = ()
        if ended == "else":
            chained = self._keyword()
            if chained and (chained == "range" or chained != kind):
                raise self._error(f"else {chained} behind {kind}")
            if chained:
                with self._deeper():
                    otherwise = (self._branch(chained),)
                del self.known[known:]
                return Branch(kind, pipeline, tuple(body), otherwise)
            self._close()
            otherwise, _ = self._inner(("end",))
        self._close()
        del self.known[known:]
        return Branch(kind, pipeline, tuple(body), tuple(otherwise))

    def _inner(self, until: Sequence[str]) -> tuple[list[Node], str]:
        """Nodes within another; what they declare ends with them."""
        known = len(self.known)
        with self._deeper():
            found = self._nodes(until)
        del self.known[known:]
        return found

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self._error(f"more than {MAX_DEPTH} levels deep")
        yield
        self.depth -= 1

    # -- pipelines ---------------------------------------------------------------------------------------------------

    def _pipeline(self, *, pairs: bool = False) -> Pipeline:
        """`$x := commands`, of a range also `$i, $x := commands`."""
        self._space()
        names, declares = self._assigned(pairs)
        commands = [self._command()]
        while self._operator("|"):
            commands.append(self._command())
        for command in commands[1:]:
            if not isinstance(command.operands[0], (Function, Fields)):
                raise self._error("what stands behind | is called: it has to be a function")
        if declares:
            self.known += names
        return Pipeline(tuple(commands), tuple(names), declares)

    def _assigned(self, pairs: bool) -> tuple[list[str], bool]:
        start = self.place
        names: list[str] = []
        while self._here.kind == "variable" and len(names) < (2 if pairs else 1):
            names.append(self._here.text)
            self.place += 1
            if not self._operator(","):
                break
        for operator, declares in ((":=", True), ("=", False)):
            if names and self._operator(operator):
                if not declares and names[0] not in self.known:
                    raise self._error(f"undefined variable {names[0]}")
                return names, declares
        self.place = start
        return [], False

    def _command(self) -> Command:
        operands = []
        while True:
            self._space()
            if self._ended() or (self._here.kind == "operator" and self._here.text in ("|", ")")):
                break
            operands.append(self._operand())
            if self._here.kind not in ("space", "end") and not (
                self._here.kind == "operator" and self._here.text in ("|", ")")
            ):
                raise self._unexpected()
        if not operands:
            raise self._error("a value is missing")
        if operands[0] == Literal(None):
            raise self._error("nil stands for nothing but an argument")
        if len(operands) > 1 and not isinstance(operands[0], (Function, Fields)):
            raise self._error("only a function takes arguments")
        return Command(tuple(operands))

    def _operand(self) -> Operand:
        token = self._here
        operand = self._term(token)
        names: list[str] = []
        while self._here.kind == "field":
            names.append(self._here.text[1:])
            self.place += 1
        if names and isinstance(operand, Literal):
            raise self._unexpected()
        return Fields(operand, tuple(names)) if names else operand

    def _term(self, token: Token) -> Operand:
        if token.kind == "string":
            return Literal(self._literal_text())
        if token.kind == "field":
            return Dot()  # its names follow
        if token.kind in ("number", "char"):
            self.place += 1
            return Literal(_number(token))
        if token.kind == "variable":
            if token.text not in self.known:
                raise self._error(f"undefined variable {token.text}")
            self.place += 1
            return Variable(token.text)
        if token.kind == "name":
            self.place += 1
            return self._name(token.text)
        if token.kind == "operator" and token.text in (".", "("):
            self.place += 1
            return Dot() if token.text == "." else self._parenthesised()
        raise self._unexpected()

    def _parenthesised(self) -> Pipeline:
        with self._deeper():
            inner = self._pipeline()
        if self._here.text != ")":
            raise self._unexpected(") is missing before")
        self.place += 1
        return inner

    def _name(self, name: str) -> Operand:
        if name in WORDS:
            return Literal(WORDS[name])
        if name not in self.functions:
            raise self._error(f"function {name[:40]!r} not defined")
        return Function(name)

    # -- tokens ------------------------------------------------------------------------------------------------------

    @property
    def _here(self) -> Token:
        return self.source[self.place] if self.place < len(self.source) else Token("end", "", 0)

    def _space(self) -> None:
        while self._here.kind == "space":
            self.place += 1

    def _ended(self) -> bool:
        self._space()
        return self._here.kind == "end"

    def _close(self) -> None:
        if not self._ended():
            raise self._unexpected()
        self.place += 1

    def _operator(self, text: str) -> bool:
        start = self.place
        self._space()
        if self._here.kind == "operator" and self._here.text == text:
            self.place += 1
            self._space()
            return True
        self.place = start
        return False

    def _literal_text(self) -> str:
        text = unquoted(self._here.text)
        self.place += 1
        return text

    def _error(self, words: str) -> ValueError:
        line = self.source[min(self.place, len(self.source) - 1)].line
        return ValueError(f"line {line}: {words}")

    def _unexpected(self, words: str = "unexpected") -> ValueError:
        return self._error(f"{words} {self._here.text[:20]!r}")


def _number(token: Token) -> int | float:
    if token.kind == "char":
        text = unquoted(token.text)
        if len(text) != 1:
            raise ValueError(f"line {token.line}: {token.text} is not one character")
        return ord(text)
    try:
        return _read(digits_of(token.text).lower())
    except ValueError:
        raise ValueError(f"line {token.line}: {token.text[:40]} is no number") from None


def _read(text: str) -> int | float:
    """A number of Go: 017 and 0o17 are octal, 0b101 binary, 0x1p4 hexadecimal with an exponent of two."""
    digits = text.lstrip("+-")
    if digits.startswith("0x") and "p" in digits:
        return float.fromhex(text)
    if digits.startswith(("0x", "0o", "0b")):
        return _whole(int(text, 0))
    if digits.isdecimal():
        return _whole(int(text, 8 if digits.startswith("0") else 10))
    if math.isinf(found := float(text)):
        raise ValueError(text)
    return found


def _whole(value: int) -> int:
    if not -LARGEST - 1 <= value <= LARGEST:
        raise ValueError(f"{value} does not fit in 64 bits")
    return value
