"""All transformations by id."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from . import (
    calculatefield,
    concatenate,
    configfromdata,
    convertfieldtype,
    extractfields,
    fieldlookup,
    filterbyrefid,
    filterbyvalue,
    filterfieldsbyname,
    formatstring,
    formattime,
    groupby,
    groupingtomatrix,
    grouptonestedtable,
    heatmap,
    histogram,
    joinbyfield,
    joinbylabels,
    labelstofields,
    limit,
    merge,
    organize,
    partitionbyvalues,
    plain,
    preparetimeseries,
    reduce,
    renamebyregex,
    rowstofields,
    seriestorows,
    sortby,
    transpose,
)
from .base import Transformation

MODULES: Final = (
    calculatefield,
    concatenate,
    configfromdata,
    convertfieldtype,
    extractfields,
    fieldlookup,
    filterbyrefid,
    filterbyvalue,
    filterfieldsbyname,
    formatstring,
    formattime,
    groupby,
    groupingtomatrix,
    grouptonestedtable,
    heatmap,
    histogram,
    joinbyfield,
    joinbylabels,
    labelstofields,
    limit,
    merge,
    organize,
    partitionbyvalues,
    preparetimeseries,
    reduce,
    renamebyregex,
    rowstofields,
    seriestorows,
    sortby,
    transpose,
)


class Transformations:
    """Transformations, registered once each."""

    def __init__(self) -> None:
        self._known: dict[str, Transformation] = {}

    def register(self, one: Transformation) -> None:
        """ValueError where its id or an alias is taken."""
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
        """All ids and aliases, sorted."""
        return sorted(self._known)


def default_transformations() -> Transformations:
    """All that come with the product."""
    registry = Transformations()
    for one in (*(module.TRANSFORMATION for module in MODULES), *plain.TRANSFORMATIONS):
        registry.register(one)
    return registry


TRANSFORMATIONS: Final = default_transformations()
