"""`transpose`: rows as columns, and columns as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pydantic import Field

from ...declared import Spec
from ...errors import InvalidError
from .base import Transformation
from .naming import Naming
from .table import Column, Kind, Table, Tables, as_text

HEADERS: Final = ("string", "time")  # kinds of a first column whose values name the new ones
MAX_ROWS: Final = 5000


class Options(Spec):
    """What the column of names is called, and those of values."""

    firstFieldName: str | None = Field(
        None, title="Name of the first column", description="What the column of names is called."
    )
    restFieldsName: str | None = Field(
        None, title="Names of the others", description="What the columns of values are called."
    )


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """Each table with a column for each of its rows; one without columns as it is."""
    naming = Naming(tables)
    return [_transposed(table, options, naming) if table.columns else table for table in tables]


def _transposed(table: Table, options: Options, naming: Naming) -> Table:
    """InvalidError where there would be more columns than can be shown."""
    if table.rows > MAX_ROWS:
        raise InvalidError(f"{table.rows} rows cannot be columns: {MAX_ROWS} can")
    first, name = table.columns[0], options.restFieldsName or "Value"
    named = first.kind in HEADERS
    kept = table.columns[1:] if named else table.columns
    kinds = {column.kind for column in kept}
    kind: Kind = kinds.pop() if len(kinds) == 1 else "string"
    cells = [_texts(column) if kind == "string" else column.listed for column in kept]
    labels = (
        [{first.name: text} for text in _texts(first)] if named else [{"row": str(i + 1)} for i in range(table.rows)]
    )
    columns = [
        Column.of(name, kind, [own[row] for own in cells], labels=own_labels) for row, own_labels in enumerate(labels)
    ]
    names = Column.of(options.firstFieldName or "Field", "string", [naming.of(one, table) for one in kept])
    return table.with_columns((names, *columns)).but(ref=f"transpose-{table.ref}", is_table=True)


def _texts(column: Column) -> list[Any]:
    return ["" if value is None else as_text(value) for value in column.listed]


TRANSFORMATION = Transformation("transpose", "Transpose", "Rows as columns, and columns as rows.", Options, run)
