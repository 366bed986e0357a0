"""`fieldLookup`: what another target's answer knows of each value of a column, as columns behind it.

Grafana looks into files of its own, gazetteers of countries, states and airports; here any target is one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import Field, field_validator

from ...declared import Spec, hint
from .base import Transformation
from .bounds import check_size
from .naming import Naming
from .table import Column, Table, Tables, as_text, picked


class Options(Spec):
    """`gazetteer`: the ref of the target whose answer is looked into, by its column of the same name, or its first."""

    lookupField: str | None = Field(
        None,
        max_length=500,
        title="Column",
        description="The column whose values are looked up.",
        json_schema_extra=hint("field"),
    )
    gazetteer: str | None = Field(
        None,
        max_length=500,
        title="Looked up in",
        description="The ref of the target that knows more of them.",
        json_schema_extra=hint("ref"),
    )

    @field_validator("gazetteer")
    @classmethod
    def is_a_target(cls, value: str | None) -> str | None:
        if value and ("/" in value or value.endswith(".json")):
            raise ValueError("Grafana's files of places are not there: name the ref of a target that knows them")
        return value


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """The tables but the one that is looked into; a value that it does not know has gaps."""
    known = next((one for one in tables if options.gazetteer and one.ref == options.gazetteer), None)
    if not options.lookupField or known is None or not known.columns:
        return tables
    return [_with_found(table, known, options.lookupField) for table in tables if table.ref != options.gazetteer]


def _with_found(table: Table, known: Table, name: str) -> Table:
    at = _place(table, name)
    if at is None:
        return table
    key = _place(known, name) or 0
    more = [column for place, column in enumerate(known.columns) if place != key]
    check_size(table.rows, len(table.columns) + len(more))
    rows = _rows(table.columns[at], known.columns[key])
    found = [picked(column, rows) for column in more]
    return table.with_columns([*table.columns[: at + 1], *found, *table.columns[at + 1 :]])


def _place(table: Table, name: str) -> int | None:
    """Where the column stands that is shown under a name, or is called so."""
    naming = Naming([table])
    fits = (place for place, one in enumerate(table.columns) if name in (naming.of(one, table), one.name))
    return next(fits, None)


def _rows(column: Column, key: Column) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """For each value the first row that knows it, in any case of its letters; -1: none does."""
    places: dict[str, int] = {}
    for row, value in enumerate(key.listed):
        if value is not None:
            places.setdefault(as_text(value).upper(), row)
    values = column.listed
    if column.kind in ("other", "nestedFrames"):  # lists and structures, which are told apart as texts alone
        values = [None if value is None else as_text(value) for value in values]
    known = {value: places.get(as_text(value).upper(), -1) for value in set(values) - {None}}
    found = (-1 if value is None else known[value] for value in values)
    return np.fromiter(found, dtype=np.int64, count=len(values))


TRANSFORMATION = Transformation(
    "fieldLookup",
    "Field lookup",
    "What another target's answer knows of each value of a column, as columns behind it.",
    Options,
    run,
)
