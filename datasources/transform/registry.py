"""All transformations by id."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from . import (
    calculatefield,
    concatenate,
    filterbyrefid,
    filterbyvalue,
    filterfieldsbyname,
    formatstring,
    groupby,
    joinbyfield,
    labelstofields,
    limit,
    merge,
    organize,
    partitionbyvalues,
    reduce,
    renamebyregex,
    seriestorows,
    sortby,
)
from .base import Transformation

MODULES: Final = (
    calculatefield,
    concatenate,
    formatstring,
    labelstofields,
    partitionbyvalues,
    seriestorows,
    filterbyrefid,
    filterbyvalue,
    filterfieldsbyname,
    groupby,
    joinbyfield,
    limit,
    merge,
    organize,
    reduce,
    renamebyregex,
    sortby,
)


class Transformations:
    """Transformations, registered once each."""

    def __init__(self) -> None:
        self._known: dict[str, Transformation] = {}

    def register(self, one: Transformation) -> None:
        for name in (one.id, *one.aliases):
            if name in self._known:
                raise ValueError(f"two transformations are named {name}")
            self._known[name] = one

    def __iter__(self) -> Iterator[Transformation]:
        return iter({one.id: one for one in self._known.values()}.values())

    def get(self, name: str) -> Transformation:
        """KeyError where there is none."""
        return self._known[name]

    @property
    def names(self) -> Sequence[str]:
        return sorted(self._known)


def default_transformations() -> Transformations:
    """All that come with the product."""
    registry = Transformations()
    for module in MODULES:
        registry.register(module.TRANSFORMATION)
    return registry


TRANSFORMATIONS: Final = default_transformations()
