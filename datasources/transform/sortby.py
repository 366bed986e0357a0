"""`sortBy`: rows in the order of a column."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import Field

from ...declared import Spec
from .base import Transformation
from .naming import Naming
from .table import NUMERIC, Array, Column, Table, Tables, as_text


class By(Spec):
    """A column by the name that is shown, or by its place."""

    field: str | None = Field(None, title="Column", description="The column, by the name that is shown.")
    desc: bool | None = Field(None, title="Descending", description="The largest first.")
    index: int | None = Field(None, ge=0, description="The column by its place, from 0, in place of a name.")


class Options(Spec):
    """Only the first of several columns counts, as in Grafana."""

    sort: list[By] | None = Field(
        None, max_length=20, description="The column that rows are ordered by; only the first counts, as in Grafana."
    )
    fields: dict[str, Any] | None = Field(None, description="Kept as Grafana wrote it; not read.")


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """The tables with their rows in that order; one that lacks the column, or without one named, as it is."""
    if not options.sort:
        return tables
    by = options.sort[0]
    return [_sorted(table, by) for table in tables]


def _sorted(table: Table, by: By) -> Table:
    naming = Naming()
    if by.index is not None:
        column = table.columns[by.index] if by.index < len(table.columns) else None
    else:
        column = next((one for one in table.columns if naming.of(one, table) == by.field), None)
    return table if column is None else table.take(order(column, bool(by.desc)))


def order(column: Column, descending: bool = False) -> Array:
    """The indices of rows in order, equal ones as they were: a missing number counts as 0, empty texts come last."""
    ranks = _ranks(column)
    return np.argsort(-ranks if descending else ranks, kind="stable")


def _ranks(column: Column) -> Array:
    if column.kind in NUMERIC and column.is_float:
        return np.where(np.isnan(column.values), 0.0, column.values)
    if column.kind == "boolean":
        return np.fromiter((not value for value in column.values.tolist()), dtype=np.int64, count=len(column))
    if column.kind not in ("string", *NUMERIC):
        return np.arange(len(column))
    texts = ["" if value is None else as_text(value) for value in column.values.tolist()]
    keys = {text: _key(text) for text in set(texts)}
    places = {key: place for place, key in enumerate(sorted(set(keys.values())))}
    return np.fromiter((places[keys[text]] for text in texts), dtype=np.int64, count=len(texts))


def _key(text: str) -> tuple[bool, tuple[tuple[int, str], ...]]:
    """Without case and accents: signs before digits before letters."""
    plain = (char for char in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(char))
    return not text, tuple((2 if char.isalpha() else 1 if char.isdigit() else 0, char) for char in plain)


TRANSFORMATION = Transformation("sortBy", "Sort by", "Rows in the order of a column.", Options, run)
