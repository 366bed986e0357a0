"""`rowsToFields`: each row as a column of one value, named and configured by the other columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pydantic import Field

from ...declared import Spec
from ...errors import InvalidError
from .base import Transformation
from .fieldconfig import LABEL, NAME, VALUE, Mapped, Use, config_of, uses_of
from .table import Column, Table, Tables, as_text

MAX_ROWS: Final = 5000


class Options(Spec):
    """What columns are used as; else the first text is the name, the first number the value."""

    mappings: list[Mapped] | None = Field(
        None,
        max_length=100,
        description="What columns are used as; else the first text is the name, the first number the value.",
    )
    nameField: str | None = Field(None, description="Kept as Grafana wrote it; not read.")
    valueField: str | None = Field(None, description="Kept as Grafana wrote it; not read.")


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """Each table as one row."""
    return [_fields(table, options.mappings or ()) for table in tables]


def _fields(table: Table, mappings: Sequence[Mapped]) -> Table:
    uses = uses_of(table, mappings, named=True)
    names, values = (_last(uses, key) for key in (NAME, VALUE))
    if names is None or values is None:
        return table
    if table.rows > MAX_ROWS:
        raise InvalidError(f"{table.rows} rows cannot be columns: {MAX_ROWS} can")
    cells = [use.column.listed for use in uses]
    columns = [_field([own[row] for own in cells], uses, names, values) for row in range(table.rows)]
    return Table(tuple(columns), is_table=True)


def _field(row: Sequence[Any], uses: Sequence[Use], names: Use, values: Use) -> Column:
    """The column of a row."""
    place = {id(use): index for index, use in enumerate(uses)}
    labels = dict(names.column.labels or {})
    labels |= {
        use.name: as_text(one) for use, one in zip(uses, row, strict=True) if use.key == LABEL and one is not None
    }
    name, value = as_text(row[place[id(names)]]), row[place[id(values)]]
    return Column.of(name, values.column.kind, [value], labels=labels, config=config_of(uses, row))


def _last(uses: Sequence[Use], key: str) -> Use | None:
    return next((use for use in reversed(uses) if use.key == key), None)


TRANSFORMATION = Transformation(
    "rowsToFields",
    "Rows to fields",
    "Each row as a column of one value, named and configured by the other columns.",
    Options,
    run,
)
