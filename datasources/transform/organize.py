"""`organize`: hides, orders and renames columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from ...declared import Spec
from ..variables.collation import natural_key
from .base import Transformation
from .filterfieldsbyname import filtered, wanted
from .matchers import own_name
from .naming import Naming
from .table import Column, Table, Tables

LAST = 1 << 53


class OrderBy(Spec):
    """An automatic order: by the names of columns, or by a label."""

    type: Literal["name", "label"] = Field("name", description="By the names of columns, or by a label.")
    name: str | None = Field(None, description="The label.")
    desc: bool | None = Field(None, title="Descending", description="The last first.")


class Options(Spec):
    """By the names that are shown."""

    excludeByName: dict[str, bool | None] | None = Field(
        None, title="Hidden", description="Columns that are hidden, by name."
    )
    includeByName: dict[str, bool | None] | None = Field(
        None, title="Shown", description="Columns that alone stay, by name; empty: all."
    )
    indexByName: dict[str, int | None] | None = Field(
        None, title="Places", description="The place of each column, from 0."
    )
    renameByName: dict[str, str | None] | None = Field(
        None, title="New names", description="New names by the names that are shown."
    )
    orderByMode: Literal["manual", "auto"] | None = Field(None, title="Order", description="By hand, or by a rule.")
    orderBy: list[OrderBy] | None = Field(None, max_length=20, title="Rules", description="The rules, the first first.")


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """The tables with the columns that are not hidden, in their order, under their names."""
    include = wanted(name for name, chosen in (options.includeByName or {}).items() if chosen)
    exclude = wanted(name for name, chosen in (options.excludeByName or {}).items() if chosen)
    kept = filtered(tables, include, exclude)
    if options.orderByMode == "auto":
        kept = [_in_order(table, Naming(kept), options.orderBy or ()) for table in kept]
    elif options.indexByName:
        kept = [_arranged(table, Naming(kept), options.indexByName) for table in kept]
    return [_renamed(table, options.renameByName or {}) for table in kept]


def _arranged(table: Table, naming: Naming, places: Mapping[str, int | None]) -> Table:
    def place(column: Column) -> int:
        found = places.get(naming.of(column, table), places.get(own_name(column)))
        return LAST if found is None else found

    return table.with_columns(sorted(table.columns, key=place))


def _in_order(table: Table, naming: Naming, rules: Sequence[OrderBy]) -> Table:
    """The first time column leads; of several rules the first decides."""
    columns = list(table.columns)
    for rule in reversed(rules):
        keys = {id(column): natural_key(_ordered_by(column, table, naming, rule))[0] for column in columns}
        columns.sort(key=lambda column, keys=keys: keys[id(column)], reverse=bool(rule.desc))  # type: ignore[misc]
    time = table.time
    return table.with_columns(sorted(columns, key=lambda column: column is not time))


def _ordered_by(column: Column, table: Table, naming: Naming, rule: OrderBy) -> str:
    return naming.of(column, table) if rule.type == "name" else (column.labels or {}).get(rule.name or "", "")


def _renamed(table: Table, names: Mapping[str, str | None]) -> Table:
    naming = Naming()
    shown = [(column, names.get(naming.of(column, table), names.get(own_name(column)))) for column in table.columns]
    return table.with_columns(column.configured(displayName=name) if name else column for column, name in shown)


TRANSFORMATION = Transformation(
    "organize", "Organize fields by name", "Hides, orders and renames columns.", Options, run
)
