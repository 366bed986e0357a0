"""`labelsToFields`: labels as columns, or as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from ...declared import Spec
from .base import Transformation
from .bounds import check_size
from .naming import Naming
from .table import Column, Table, Tables


class Options(Spec):
    """`valueLabel`: the label whose value a column is called after; `keepLabels`: those that become columns."""

    mode: Literal["columns", "rows"] | None = Field(None, description="Labels as columns, or as rows.")
    keepLabels: list[str] | None = Field(None, description="The labels that become columns; empty: all.")
    valueLabel: str | None = Field(None, description="The label whose value a column is called after.")


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """Each table with its labels as columns, or a table of labels and values for each column."""
    if options.mode == "rows":
        naming = Naming(tables)
        found = (_rows(column, table, naming, options.keepLabels) for table in tables for column in table.columns)
        return [table for table in found if table is not None]
    return [_columns(table, options) for table in tables]


def _columns(table: Table, options: Options) -> Table:
    columns: list[Column] = []
    found: dict[str, dict[str, None]] = {}
    for column in table.columns:
        labels = column.labels or {}
        kept = {key: labels[key] for key in labels if not options.keepLabels or key in options.keepLabels}
        name = kept.pop(options.valueLabel, column.name) if options.valueLabel else column.name
        bare = column.configured(displayName=None, displayNameFromDS=None) if column.labels is not None else column
        columns.append(bare.but(name=name, labels=None))
        for key, text in kept.items():
            found.setdefault(key, {})[text] = None
    check_size(table.rows, len(columns) + sum(map(len, found.values())))
    columns += [Column.of(key, "string", [text] * table.rows) for key, texts in found.items() for text in texts]
    return table.with_columns(columns)


def _rows(column: Column, table: Table, naming: Naming, keep: Sequence[str] | None) -> Table | None:
    if column.labels is None:
        return None
    labels: Mapping[str, str | None] = column.labels if keep is None else {key: column.labels.get(key) for key in keep}
    if not labels:
        return None
    columns = (Column.of("label", "string", list(labels)), Column.of("value", "string", list(labels.values())))
    return Table(columns, naming.of(column, table), table.ref)


TRANSFORMATION = Transformation("labelsToFields", "Labels to fields", "Labels as columns, or as rows.", Options, run)
