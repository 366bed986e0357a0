"""JMESPath over documents of others, with bounds: an expression is short, its work is counted and may be stopped."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any, Final

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions
from jmespath.visitor import TreeInterpreter

from ...errors import InvalidError, SourceError
from ...unpaired import ESCAPED
from .reading import Stopped, never

MAX_LENGTH: Final = 2000
MAX_WIDTH: Final = 256  # how many times over an expression may name a value: [@, @] | [@, @] is four times
MAX_VISITS: Final = 20_000_000
MAX_TEXT: Final = 2**20  # characters that join() and to_string() may make: within each other these double quotes
LOOK_EVERY: Final = 10_000  # visits between two looks at whether to stop
WIDE: Final = frozenset({"multi_select_list", "multi_select_dict"})
WHOLE: Final = frozenset({"identity", "current"})
Node = Any  # a mapping of `type`, `children` and `value`


class Path:
    """An expression, parsed. InvalidError at `where` for one that cannot be read, or would make much of little."""

    def __init__(self, text: str, where: str) -> None:
        self.text = text
        if len(text) > MAX_LENGTH:
            raise InvalidError(f"an expression is longer than {MAX_LENGTH} characters", path=where)
        if ESCAPED.search(text):
            raise InvalidError("a character beyond U+FFFF is written as it is, not as two halves", path=where)
        try:
            self._tree: Node = jmespath.compile(text).parsed
            widths = prod(_widths(self._tree))
            self._keys = _keys(self._tree)
        except (JMESPathError, RecursionError) as error:
            raise InvalidError(f"{text[:80]!r} is no JMESPath: {_first_line(error)}", path=where) from None
        if widths > MAX_WIDTH:
            raise InvalidError("an expression repeats too much", path=where)

    def search(self, value: Any, counted: Counted) -> Any:
        """What it finds in a value, None where there is nothing; SourceError past the bounds."""
        if self._keys is None:
            try:
                return counted.visit(self._tree, value)
            except (JMESPathError, TypeError) as error:
                raise SourceError(f"{self.text[:80]}: {_first_line(error)}"[:500]) from None
        for key in self._keys:
            if not isinstance(value, dict):
                return None
            value = value.get(key)
        return value


@lru_cache(maxsize=1000)
def path_of(text: str, where: str) -> Path:
    """A parsed expression, each once."""
    return Path(text, where)


class Counted(TreeInterpreter):
    """Evaluates expressions; SourceError once they have visited more than MAX_VISITS nodes or `stopped` says so."""

    def __init__(self) -> None:
        super().__init__()
        self._known = Functions()
        self._stopped = never
        self._visits = 0

    def until(self, stopped: Stopped) -> Counted:
        """The same, which goes on counting, for the work that is told to stop so."""
        self._stopped = stopped
        return self

    def visit(self, node: Node, *args: Any, **named: Any) -> Any:
        self._visits += 1
        if self._visits > MAX_VISITS or (self._visits % LOOK_EVERY == 0 and self._stopped()):
            raise SourceError("an expression takes too long")
        return super().visit(node, *args, **named)

    def visit_function_expression(self, node: Node, value: Any) -> Any:
        arguments = [self.visit(child, value) for child in node["children"]]
        if node["value"] == "join" and len(arguments) == 2 and _made_by_join(*arguments) > MAX_TEXT:
            raise SourceError("join() makes too long a text")
        if node["value"] == "to_string" and arguments and _is_longer(arguments[0], MAX_TEXT):
            raise SourceError("to_string() makes too long a text")
        return self._known.call_function(node["value"], arguments)


def _is_longer(value: Any, most: int) -> bool:
    """Whether the JSON of a list or structure is longer than so many characters; it is not looked at any further."""
    found, level = 0, [value] if isinstance(value, (list, dict)) else []
    while level:
        below: list[Any] = []
        for one in level:
            found += _marks(one)
            if isinstance(one, dict):
                below += [*one, *one.values()]
            elif isinstance(one, list):
                below += one
            if found + len(below) > most:
                return True
        level = below
    return False


def _marks(value: Any) -> int:
    """About how many characters of JSON a text, or the signs of a list or structure, are."""
    if isinstance(value, str):
        return len(value) + value.count('"') + value.count("\\")
    return 1


def _made_by_join(glue: Any, parts: Any) -> int:
    if not isinstance(glue, str) or not isinstance(parts, list):
        return 0
    return len(glue) * len(parts) + sum(len(part) for part in parts if isinstance(part, str))


def _widths(node: Node) -> list[int]:
    own = [max(len(node["children"]), 1)] if node["type"] in WIDE and _repeats(node) else []
    return [*own, *(width for child in node.get("children", ()) if isinstance(child, dict) for width in _widths(child))]


def _repeats(node: Node) -> bool:
    """Whether more than one part of a multi-select may hold the whole value; `{a: x, b: y}` holds parts of it."""
    return sum(not _is_part(child) for child in node["children"]) > 1


def _is_part(node: Node) -> bool:
    if node["type"] == "key_val_pair":
        return _is_part(node["children"][0])
    if node["type"] == "field":
        return True
    return node["type"] in ("subexpression", "index_expression") and _is_part(node["children"][0])


def _keys(node: Node) -> tuple[str, ...] | None:
    """The names of a plain path such as `a.b.c`, which needs no interpreter; None for all else."""
    if node["type"] == "field":
        return (str(node["value"]),)
    if node["type"] in WHOLE:
        return ()
    if node["type"] == "subexpression":
        parts = [_keys(child) for child in node["children"]]
        if all(part is not None for part in parts):
            return tuple(key for part in parts for key in part or ())
    return None


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
