"""`groupingToMatrix`: a row for each value of one column, a column for each value of another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

from pydantic import Field

from ...declared import Spec
from ...errors import InvalidError
from .base import Transformation
from .matchers import by_names
from .naming import VALUE, Naming
from .table import Column, Table, Tables, as_text

EMPTY: Final = {"null": None, "true": True, "false": False, "zero": 0, "empty": ""}
TIME: Final = "Time"
MAX_COLUMNS, MAX_CELLS = 5000, 5_000_000


class Options(Spec):
    """Columns by their names; `emptyValue`: what stands where no row has both values."""

    columnField: str | None = Field(None, description="The column whose values become columns.")
    rowField: str | None = Field(None, description="The column whose values become rows.")
    valueField: str | None = Field(None, description="The column whose values stand in the cells.")
    emptyValue: Literal["null", "true", "false", "zero", "empty"] | None = Field(
        None, description="What stands where no row has both values."
    )


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """One table; those given as they are where there is not just one, or where it lacks a column that is named."""
    if len(tables) != 1:
        return tables
    names = (options.columnField or TIME, options.rowField or TIME, options.valueField or VALUE)
    across, down, values = (_column(tables[0], name) for name in names)
    if across is None or down is None or values is None:
        return tables
    return [_matrix(across, down, values, f"{names[1]}\\{names[0]}", EMPTY[options.emptyValue or "empty"])]


def _column(table: Table, name: str) -> Column | None:
    matches, naming = by_names([name]), Naming([table])
    return next((column for column in table.columns if matches(column, table, naming)), None)


def _matrix(across: Column, down: Column, values: Column, corner: str, empty: Any) -> Table:
    names, keys = across.readable, down.readable
    columns, rows = _places(names), _places(keys)
    if len(columns) > MAX_COLUMNS or len(columns) * len(rows) > MAX_CELLS:
        raise InvalidError(
            f"{len(columns)} columns of {len(rows)} rows are more than {MAX_COLUMNS}, or {MAX_CELLS} cells"
        )
    cells = [[empty] * len(rows) for _ in columns]
    for name, key, value in zip(names, keys, values.listed, strict=True):
        if value is not None:
            cells[columns[_hashed(name)]][rows[_hashed(key)]] = value
        else:
            cells[columns[_hashed(name)]][rows[_hashed(key)]] = empty
    first = Column.of(corner, down.kind, ()).read(_firsts(keys))
    config = {key: value for key, value in values.config.items() if key != "displayNameFromDS"}
    made = [
        Column.of(as_text(name), values.kind, column, config=config)
        for name, column in zip(_firsts(names), cells, strict=True)
    ]
    return Table((first, *made), is_table=True)


def _hashed(value: Any) -> Any:
    return as_text(value) if isinstance(value, (list, dict)) else value


def _firsts(values: Sequence[Any]) -> list[Any]:
    return list({_hashed(value): value for value in values}.values())


def _places(values: Sequence[Any]) -> dict[Any, int]:
    return {value: place for place, value in enumerate(dict.fromkeys(map(_hashed, values)))}


TRANSFORMATION = Transformation(
    "groupingToMatrix",
    "Grouping to matrix",
    "A row for each value of one column, a column for each value of another.",
    Options,
    run,
)
