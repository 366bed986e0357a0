"""Math over values: each with each whose labels belong together, series at the times that both have."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from ...errors import InvalidError
from .parser import Binary, Constant, Node, Number, Ref, Unary, parse
from .values import Floats, Value

MAX_RESULTS: Final = 20_000
MAX_NUMBERS: Final = 10_000_000  # of all results of one operation
MAX_WORK: Final = 50_000_000  # numbers of all operations of an expression, each value counting as VALUE of them
VALUE: Final = 200  # what it costs beside its numbers
MAX_PAIRS: Final = 4_000_000  # of label sets that are compared with each other
CONSTANTS: Final[Mapping[str, float]] = {"nan": np.nan, "null": np.nan, "inf": np.inf, "infn": -np.inf}


def _logical(test: Callable[[Any, Any], Any]) -> Callable[[Floats, Floats], Floats]:
    """1 or 0; what is missing on either side stays missing."""

    def apply(left: Floats, right: Floats) -> Floats:
        found: Floats = np.asarray(test(left, right), dtype=np.float64)
        return np.where(np.isnan(left) | np.isnan(right), np.nan, found)

    return apply


OPERATORS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": np.divide,
    "%": np.fmod,
    "**": np.power,
    "==": _logical(operator.eq),
    "!=": _logical(operator.ne),
    "<": _logical(operator.lt),
    "<=": _logical(operator.le),
    ">": _logical(operator.gt),
    ">=": _logical(operator.ge),
    "&&": _logical(lambda left, right: (left != 0) & (right != 0)),
    "||": _logical(lambda left, right: (left != 0) | (right != 0)),
}
FUNCTIONS: Final[Mapping[str, Callable[[Floats], Any]]] = {
    "abs": np.abs,
    "log": np.log,
    "round": lambda values: np.sign(values) * np.floor(np.abs(values) + 0.5),  # halves away from zero
    "ceil": np.ceil,
    "floor": np.floor,
    "is_nan": np.isnan,
    "is_null": np.isnan,
    "is_inf": np.isinf,
    "is_number": np.isfinite,
}


def calculate(expression: str, given: Mapping[str, Sequence[Value]]) -> list[Value]:
    """The values of an expression over those of the targets that it names; InvalidError where it cannot be worked out.

    Nothing comes of a target that answered nothing. Labels belong together where they are equal, or where one side has
    all of the other's and more; one value on either side is taken with whatever stands on the other.
    """
    with np.errstate(all="ignore"):
        return _Calculation(given).of(parse(expression).root)


class _Calculation:
    """One expression over given values: what all of its operations cost is counted."""

    def __init__(self, given: Mapping[str, Sequence[Value]]) -> None:
        self._given = given
        self._work = 0

    def of(self, node: Node) -> list[Value]:
        """The values of a part of the expression."""
        if isinstance(node, Ref):
            return list(self._given[node.name])
        if isinstance(node, Number):
            return [Value.number(node.value)]
        if isinstance(node, Constant):
            return [Value.number(CONSTANTS[node.name])]
        if isinstance(node, Binary):
            return self._counted(_combined(node.operator, self.of(node.left), self.of(node.right)))
        if isinstance(node, Unary):
            change: Callable[[Floats], Any] = np.negative if node.operator == "-" else _not
            operand = self.of(node.operand)
        else:
            change, operand = FUNCTIONS[node.function], self.of(node.argument)
        return self._counted([value.with_values(np.asarray(change(value.values), np.float64)) for value in operand])

    def _counted(self, made: list[Value]) -> list[Value]:
        self._work += sum(value.values.size + VALUE for value in made)
        if self._work > MAX_WORK:
            raise InvalidError("the expression is too much work: fewer operations, or over fewer series")
        return made


def _not(values: Floats) -> Floats:
    return np.where(np.isnan(values), np.nan, (values == 0).astype(np.float64))


def _combined(sign: str, left: Sequence[Value], right: Sequence[Value]) -> list[Value]:
    apply, found, numbers = OPERATORS[sign], [], 0
    for one, other, labels in _pairs(left, right):
        times, first, second = _aligned(one, other)
        found.append(Value(np.asarray(apply(first, second), np.float64), times, labels))
        numbers += first.size
        if numbers > MAX_NUMBERS:
            raise InvalidError(f"more than {MAX_NUMBERS} numbers")
        if len(found) > MAX_RESULTS:
            raise InvalidError(f"more than {MAX_RESULTS} combinations of labels")
    return found


def _pairs(left: Sequence[Value], right: Sequence[Value]) -> Iterator[tuple[Value, Value, Mapping[str, str]]]:
    """Those whose labels belong together, with the labels of both."""
    if len(left) == 1 and len(right) == 1:
        labels = _joined(left[0].labels, right[0].labels)
        yield left[0], right[0], labels if labels is not None else {}
        return
    equal: dict[frozenset[tuple[str, str]], list[Value]] = {}
    for other in right:
        equal.setdefault(frozenset(other.labels.items()), []).append(other)
    sizes = {len(labels) for labels in equal}
    if len(sizes) + len({len(one.labels) for one in left}) > 2 and len(left) * len(right) > MAX_PAIRS:
        raise InvalidError(f"{len(left)} and {len(right)} label sets are too many to compare each with each")
    for one in left:
        own = frozenset(one.labels.items())
        same = equal.get(own, ())
        for other in same:
            yield one, other, one.labels
        if sizes - {len(own)}:
            for other in right:
                if len(other.labels) != len(own):
                    labels = _joined(one.labels, other.labels)
                    if labels is not None:
                        yield one, other, labels


def _joined(one: Mapping[str, str], other: Mapping[str, str]) -> Mapping[str, str] | None:
    """The labels of both, where one side has all of the other's."""
    more, less = (one, other) if len(one) >= len(other) else (other, one)
    return more if less.items() <= more.items() else None


def _aligned(one: Value, other: Value) -> tuple[Floats | None, Floats, Floats]:
    """The times that both have, and the values there; a number is the same at all times."""
    if one.times is None or other.times is None:
        times = one.times if one.times is not None else other.times
        return times, one.values, other.values
    if one.times.shape == other.times.shape and np.array_equal(one.times, other.times):
        return one.times, one.values, other.values
    times, first, second = np.intersect1d(one.times, other.times, return_indices=True)
    return times, one.values[first], other.values[second]
