"""`partitionByValues`: a table for each value of some columns."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from ...declared import Spec
from .base import Transformation
from .bounds import check_tables
from .groupby import grouped
from .naming import Naming
from .table import Column, Table, Tables, as_text


class Names(Spec):
    """How parts are told apart: by labels, or in their names."""

    asLabels: bool | None = Field(True, description="By labels.")
    append: bool | None = Field(False, description="After the name of the table.")
    withNames: bool | None = Field(False, description="With the names of the columns.")
    separator1: str | None = Field(
        "=", title="Between name and value", description="What stands between name and value."
    )
    separator2: str | None = Field(" ", title="Between two", description="What stands between two of them.")


class Options(Spec):
    """`keepFields`: whether the columns stay whose values a part has in common."""

    fields: list[str] | None = Field(
        None, max_length=50, title="Columns", description="The columns whose values tell the parts apart."
    )
    naming: Names | None = Field(None, description="How the parts are called.")
    keepFields: bool | None = Field(False, description="The columns stay whose values a part has in common.")


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """For each table one table a combination of values, in the order of their first rows."""
    if not options.fields:
        return tables
    return [part for table in tables for part in _parts(table, options, Naming([table]))]


def _parts(table: Table, options: Options, naming: Naming) -> list[Table]:
    wanted = options.fields or []
    keys = [column for column in table.columns if naming.of(column, table) in wanted or column.name in wanted]
    if not keys:
        return [table]
    kept = [column for column in table.columns if options.keepFields or not any(column is key for key in keys)]
    found = []
    groups = grouped(keys)
    check_tables(len(groups))
    for rows in groups:
        values = {key.name: as_text(key.take(rows[:1]).readable[0]) for key in keys}
        found.append(_part(table, [column.take(rows) for column in kept], values, options.naming or Names()))
    return found


def _part(table: Table, columns: Sequence[Column], values: dict[str, str], names: Names) -> Table:
    if names.asLabels:
        return Table(tuple(one.but(labels={**(one.labels or {}), **values}) for one in columns), table.name)
    separator = "=" if names.separator1 is None else names.separator1
    texts = [f"{key}{separator}{text}" if names.withNames else text for key, text in values.items()]
    name = (" " if names.separator2 is None else names.separator2).join(texts)
    bare = tuple(column.but(labels=column.labels or {}) for column in columns)
    return Table(bare, f"{table.name} {name}" if names.append and table.name else name)


TRANSFORMATION = Transformation(
    "partitionByValues", "Partition by values", "A table for each value of some columns.", Options, run
)
