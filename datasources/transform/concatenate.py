"""`concatenate`: the columns of all tables in one, beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic import Field

from ...declared import Spec
from .base import Transformation
from .bounds import check_size
from .naming import VALUE
from .table import Column, Table, Tables, picked


class Options(Spec):
    """Where the name of a table goes: into the names of its columns, into a label, or nowhere."""

    frameNameMode: Literal["field", "label", "drop"] | None = Field(
        "field", description="Where the name of a table goes: into the names of its columns, into a label, or nowhere."
    )
    frameNameLabel: str | None = Field(None, description="The label, where it goes into one.")


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """One table as long as the longest, NULL where others end; a lone one as it is. InvalidError where too large."""
    if len(tables) < 2:
        return tables
    length = max(table.rows for table in tables)
    check_size(length, sum(len(table.columns) for table in tables))
    columns = (_padded(_named(column, table, options), length) for table in tables for column in table.columns)
    return [Table(tuple(columns))]


def _padded(column: Column, length: int) -> Column:
    """The column with gaps at its end."""
    rows = np.arange(length)
    return picked(column, np.where(rows < len(column), rows, -1)) if len(column) < length else column


def _named(column: Column, table: Table, options: Options) -> Column:
    if not table.name or options.frameNameMode == "drop":
        return column
    if options.frameNameMode == "label":
        label = "frame" if options.frameNameLabel is None else options.frameNameLabel
        return column.but(labels={**(column.labels or {}), label: table.name})
    if not column.name or column.name == VALUE:
        return column.but(name=table.name)
    return column.but(name=f"{table.name} · {column.name}")


TRANSFORMATION = Transformation(
    "concatenate", "Concatenate fields", "The columns of all tables in one, beside each other.", Options, run
)
