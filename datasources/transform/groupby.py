"""`groupBy`: a row for each value of some columns, with calculations over the rows that have it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from ...declared import Spec
from .base import Transformation
from .bounds import check_calculations
from .matchers import by_names
from .naming import Naming
from .reducing import Reducer, kind_of_reduced, reduce_column
from .table import Array, Column, Table, Tables, as_text


class Rule(Spec):
    """What is done with a column: grouped by, or calculated."""

    operation: Literal["groupby", "aggregate"] | None = Field(
        None, description="Group by the column, or calculate over it; empty: leave it out."
    )
    aggregations: list[Reducer] | None = Field(None, max_length=100, description="The calculations over each group.")


class Options(Spec):
    """Rules by the names of columns."""

    fields: dict[str, Rule | None] = Field(
        default_factory=dict,
        max_length=1000,
        title="Columns",
        description="What is done with each column, by its name.",
    )


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """A table of keys and calculations for each table that has a key; all as they are where nothing is grouped by."""
    rules = {name: rule for name, rule in options.fields.items() if rule is not None}
    names = [name for name, rule in rules.items() if rule.operation == "groupby"]
    if not names:
        return tables
    naming, matches = Naming(tables), by_names(names)
    found = []
    for table in tables:
        keys = [column for column in table.columns if matches(column, table, naming)]
        if keys:
            groups = grouped(keys)
            columns = [
                *(key_column(key, groups) for key in keys),
                *_calculated(table, groups, rules, names if len(tables) == 1 else None),
            ]
            found.append(Table(tuple(columns), ref=table.ref))
    return found


def _calculated(
    table: Table, groups: Sequence[Array], rules: dict[str, Rule], grouped_by: Sequence[str] | None
) -> list[Column]:
    """Named as shown among the columns of their table, where it is the only one, else by their own names.

    InvalidError where there are too many."""
    made: list[Column] = []
    naming = Naming()
    for column in table.columns:
        shown = grouped_by is not None and column.name not in grouped_by
        name = naming.of(column, table if shown else None)
        rule = rules.get(name) or rules.get(column.name) or Rule(operation=None)
        wanted = rule.aggregations or []
        if rule.operation == "aggregate" or (rule.operation == "groupby" and wanted == ["count"]):
            check_calculations(len(groups) * (len(made) + len(wanted)))
            made += [aggregated(column, groups, how, name) for how in wanted]
    return made


def aggregated(column: Column, groups: Sequence[Array], how: str, name: str) -> Column:
    """A calculation over each group."""
    kind = kind_of_reduced(how, column.kind)
    return Column.of(f"{name} ({how})", kind, [reduce_column(column.take(rows), how) for rows in groups])


def key_column(column: Column, groups: Sequence[Array]) -> Column:
    """The value of a column that each group has in common."""
    firsts = np.array([rows[0] for rows in groups], dtype=np.int64)
    return column.take(firsts).but(labels=None)


def grouped(keys: Sequence[Column]) -> list[Array]:
    """The indices of the rows of each group, groups in the order in which they come first."""
    count = len(keys[0])
    codes = np.zeros(count, dtype=np.int64)
    for key in keys:
        own = _codes(key)
        codes = codes * (int(own.max(initial=0)) + 1) + own
        codes = np.unique(codes, return_inverse=True)[1].reshape(-1)
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    groups = np.split(order, starts[1:]) if count else []
    return sorted(groups, key=lambda rows: int(rows[0]))


def _codes(column: Column) -> Array:
    """A number for each value that differs as a text; nothing is as empty."""
    if column.is_float and column.exact is None:
        return np.asarray(np.unique(column.values, return_inverse=True)[1]).reshape(-1)
    texts: Any = [
        value if isinstance(value, str) else "" if value is None else as_text(value) for value in column.readable
    ]
    encoded: Any = pa.array(texts, pa.string()).dictionary_encode()
    return np.asarray(encoded.indices, dtype=np.int64)


TRANSFORMATION = Transformation(
    "groupBy",
    "Group by",
    "A row for each value of some columns, with calculations over the rows that have it.",
    Options,
    run,
)
