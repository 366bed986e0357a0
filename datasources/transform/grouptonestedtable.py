"""`groupToNestedTable`: a row for each value of some columns, with a table of the others within it."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from . import groupby
from .base import Transformation
from .bounds import check_calculations
from .matchers import by_names
from .naming import Naming
from .reducing import Reducer
from .table import Array, Column, Table, Tables, objects

NESTED = "__nestedFrames"


class Options(groupby.Options):
    """As `groupBy`."""

    showSubframeHeaders: bool | None = Field(
        True, title="Headings within", description="The tables within have headings."
    )


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """A table of keys, calculations and nested tables for each table that has a key."""
    rules = {name: rule for name, rule in options.fields.items() if rule is not None and rule.operation}
    names = [name for name, rule in rules.items() if rule.operation == "groupby"]
    if not names:
        return tables
    naming, found = Naming(tables), []
    for table in tables:
        keys = [column for column in table.columns if by_names(names)(column, table, naming)]
        if keys:
            found.append(_grouped(table, keys, rules, naming))
    return found


def _grouped(table: Table, keys: Sequence[Column], rules: dict[str, groupby.Rule], naming: Naming) -> Table:
    groups = groupby.grouped(keys)
    columns = [groupby.key_column(key, groups) for key in keys]
    inner: list[Column] = []
    for column in table.columns:
        name = naming.of(column, table)
        rule = rules.get(name) or rules.get(column.name)
        if rule is None:
            inner.append(column.configured(displayName=name))
        elif rule.operation == "aggregate":
            check_calculations(len(groups) * (len(columns) + len(_calculations(rule))))
            columns += [groupby.aggregated(column, groups, how, name) for how in _calculations(rule)]
    check_calculations(len(groups) * len(inner))
    nested = objects([[_part(inner, rows)] for rows in groups])
    return Table((*columns, Column(NESTED, "nestedFrames", nested)), is_table=True)


def _calculations(rule: groupby.Rule) -> Sequence[Reducer]:
    return rule.aggregations or ()


def _part(columns: Sequence[Column], rows: Array) -> Table:
    return Table(tuple(column.take(rows) for column in columns), is_table=True)


TRANSFORMATION = Transformation(
    "groupToNestedTable",
    "Group to nested tables",
    "A row for each value of some columns, with a table of the others within it.",
    Options,
    run,
)
