"""What a template is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """What stands outside of braces."""

    text: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, a number, true, false or nil."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Dot:
    """`.`"""


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name`; `$` is the data itself."""

    name: str


@dataclass(frozen=True, slots=True)
class Fields:
    """`.a.b` of something: of the dot, of a variable, of what stands in parentheses."""

    of: Operand
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """A name: a function, called with what stands behind it."""

    name: str


@dataclass(frozen=True, slots=True)
class Command:
    """`printf "%d" .x`: the first is called with the others, or stands alone."""

    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands, each given the result of the one before as its last argument. `names` are variables that get the
    result: declared (`:=`) or changed (`=`)."""

    commands: tuple[Command, ...]
    names: tuple[str, ...] = ()
    declares: bool = True


@dataclass(frozen=True, slots=True)
class Output:
    """`{{ pipeline }}`"""

    pipeline: Pipeline


@dataclass(frozen=True, slots=True)
class Branch:
    """`if`, `with` and `range`, with what stands in them and in their `else`."""

    kind: str
    pipeline: Pipeline
    body: Sequence[Node]
    otherwise: Sequence[Node]


@dataclass(frozen=True, slots=True)
class Leave:
    """`break` or `continue`."""

    kind: str


@dataclass(frozen=True, slots=True)
class Include:
    """`{{ template "name" pipeline }}`"""

    name: str
    pipeline: Pipeline | None


Operand = Literal | Dot | Variable | Fields | Function | Pipeline
Node = Text | Output | Branch | Leave | Include


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed text and the templates that it defines."""

    body: Sequence[Node]
    defined: dict[str, Sequence[Node]]
