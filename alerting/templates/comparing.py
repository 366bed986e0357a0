"""How Go's templates compare values, and what they take for true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .gofmt import Nothing
from .gotime import Duration, Instant
from .record import Struct


def truth(value: Any) -> bool:
    """What `if` takes for true."""
    if isinstance(value, (Struct, Instant)):
        return True
    if isinstance(value, Duration):
        return value.ns != 0
    return bool(value)


def _basic(value: Any) -> tuple[str, Any]:
    """What kind of value it is, and what of it is compared: months and lengths of time are whole numbers."""
    if isinstance(value, Duration):
        return "int", value.ns
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind.__name__, value
    raise ValueError("invalid type for comparison")


def _compared(one: Any, other: Any) -> tuple[Any, Any]:
    (kind, first_one), (other_kind, second_one) = _basic(one), _basic(other)
    if kind != other_kind:
        raise ValueError("incompatible types for comparison")
    return first_one, second_one


def equal(one: Any, *others: Any) -> bool:
    """Whether the first equals any of the others; ValueError where they cannot be compared."""
    if not others:
        raise ValueError("missing argument for comparison")
    for other in others:
        if one is None or other is None:
            if one is other:
                return True
            continue
        first_one, second_one = _compared(one, other)
        if first_one == second_one:
            return True
    return False


def ordered(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """A function that compares two values of one kind; none holds of the value of an instance that has none."""

    def compare(one: Any, other: Any) -> bool:
        first_one, second_one = _compared(one, other)
        if isinstance(one, bool):
            raise ValueError("invalid type for comparison")
        return not isinstance(one, Nothing) and not isinstance(other, Nothing) and test(first_one, second_one)

    return compare
