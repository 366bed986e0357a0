"""What the cells of a table say: values and words of rows, headings, and the row below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...datasources.frame import Array
from ...datasources.reducers import reduce
from ..link_rows import LinkRows
from ..links import Reads
from ..mappings import find
from ..rows import Order
from .base import Columns
from .table_columns import TableColumn, TableData
from .table_options import TableOptions

SPARK_POINTS = 60


def heading(column: TableColumn) -> dict[str, Any]:
    """What the page writes above a column, and how it draws the cells below."""
    options = column.options
    return {
        "name": column.name,
        "title": column.field.name,
        "kind": column.kind,
        "cell": options.cell,
        "unit": "" if column.kind != "time" or column.field.unit in ("", "none") else column.field.unit,
        "align": ("right" if column.kind == "number" else "left") if options.align == "auto" else options.align,
        "width": options.width,
    }


def footer(options: TableOptions, data: TableData, rows: Order | None = None) -> Sequence[str] | None:
    """The texts of the row below: a reducer over these rows, else over all, of each column of numbers.

    The first other column says which reducer.
    """
    if not options.footer:
        return None
    rows = data.rows if rows is None else rows
    numbers = [one.kind == "number" for one in data.columns]
    texts = [
        str(one.field.show(reduce(one.values[rows], options.footer))) if is_number else ""
        for one, is_number in zip(data.columns, numbers, strict=True)
    ]
    if False in numbers:
        texts[numbers.index(False)] = options.footer.capitalize()
    return texts


def cells(data: TableData, rows: Order) -> Columns:
    """Values and words of these rows; the exact texts of values that floats cannot hold beside them."""
    found: dict[str, Any] = {}
    linked = any(one.options.links for one in data.columns)
    around = LinkRows([one.field for one in data.every], [one.addresses for one in data.every]) if linked else None
    for index, column in enumerate(data.columns):
        largest = _largest(column) if column.options.cell == "bar" else 0.0
        own = column.field.column.picked(rows)
        exact = own.exact.tolist() if own.exact is not None else [None] * len(rows)
        words = []
        for at, (value, text) in enumerate(zip(own.values.tolist(), exact, strict=True)):
            row = around.at(int(rows[at])) if around is not None and column.options.links else None
            words.append(_words(column, value, text, largest, row, int(rows[at])))
        found[f"c{index}"] = own.values if column.kind in ("number", "time") else own.values.tolist()
        found[f"w{index}"] = words
        if own.exact is not None:
            found[f"e{index}"] = exact
    return found


def _largest(column: TableColumn) -> float:
    known = np.abs(column.values[np.isfinite(column.values)]) if column.kind == "number" else np.empty(0)
    return float(known.max()) if known.size else 0.0


def _words(  # noqa: PLR0917 - what a cell is made of
    column: TableColumn, value: Any, exact: str | None, largest: float, row: Reads | None, at: int
) -> Any:
    """The text of a cell, or its text, level and what else there is: colour c, share s, points p, links l.

    None for the text of a time that the page writes in its zone.
    """
    given = exact if exact is not None and column.kind == "number" else value
    mapped = find(None if given != given else given, column.options.mappings)  # noqa: PLR0124 - NaN is a missing value
    shown = column.field.show(given)
    text: str | None = str(shown)
    if exact is not None and column.is_plain and (mapped is None or mapped.text is None):
        text = exact
    elif column.kind == "time" and value == value and (mapped is None or mapped.text is None):  # noqa: PLR0124 - not NaN
        text = None
    extras: dict[str, Any] = {}
    if shown.color and (column.kind != "time" or mapped is not None):
        extras["c"] = shown.color
    cell = column.options.cell
    if cell == "bar" and largest and isinstance(value, float) and value == value:  # noqa: PLR0124 - NaN
        extras["s"] = round(min(1.0, abs(value) / largest), 4)
    elif cell == "gauge" and shown.share is not None:
        extras["s"] = round(min(1.0, max(0.0, shown.share)), 4)
    elif cell == "sparkline" and column.points:
        extras["p"] = thumbnail(column.points[at])
    if row is not None and (found := column.field.links(value if exact is None else exact, row=row)):
        extras["l"] = found
    level = "base" if column.kind == "time" and mapped is None else shown.level
    if not extras and level == "base":
        return text
    return [text, level, extras] if extras else [text, level]


def thumbnail(values: Array) -> list[int | None]:
    """A series as at most SPARK_POINTS heights from 0 to 100: the last of each stretch."""
    step = max(1, -(-values.size // SPARK_POINTS))
    picked = values[::-1][::step][::-1]
    known = picked[np.isfinite(picked)]
    if not known.size:
        return []
    low, span = float(known.min()), float(np.ptp(known)) or 1.0
    return [round(100 * (value - low) / span) if np.isfinite(value) else None for value in picked.tolist()]


def plain_columns(columns: Columns) -> dict[str, list[Any]]:
    """Columns as JSON has them: what is not finite has its words beside it."""
    return {
        name: [value if np.isfinite(value) else None for value in column.tolist()]
        if isinstance(column, np.ndarray)
        else column
        for name, column in columns.items()
    }
