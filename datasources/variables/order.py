"""Variables among each other and over time: the order in which they are asked, the interval that follows a range."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from ...errors import InvalidError
from ..steps import calculate_interval, interval_text


def dependency_order(references: Mapping[str, Iterable[str]]) -> list[str]:
    """The names so that each comes after those it refers to; names that are no variables are left out.

    InvalidError names the variables of a circle, one that refers to itself being the smallest.
    """
    graph = {name: [other for other in others if other in references] for name, others in references.items()}
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = " → ".join(f"${name}" for name in reversed(error.args[1]))
        raise InvalidError(f"variables refer to each other in a circle: {circle}") from None


def automatic_interval(range_ms: float, steps: int, least: str = "") -> str:
    """What `auto` of an interval variable means: the range in about so many round steps, none under `least`.

    InvalidError where `least` is no interval.
    """
    return interval_text(calculate_interval(range_ms, steps, least or None))
