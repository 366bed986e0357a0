"""The table panel: rows of a table frame, or one row for each series with its value of each target."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from bokeh.models import Model

from ...datasources.frame import Frame, told_apart
from ...datasources.timerange import TimeRange
from ..rows import Order, RowsWanted, SortColumn, picked_rows
from .base import Drawn, PanelType
from .series import lone_source
from .table_cells import cells, footer, heading, plain_columns
from .table_columns import TableColumn, TableData, column_of, names_of, tables_of
from .table_options import TableOptions

LOCAL_ROWS = 1000  # up to so many the page sorts and filters itself
PAGE_ROWS = 100


class Table(PanelType[TableOptions]):
    """The source `rows` with values c0, c1, … and words w0, w1, … of each column; headings as texts.

    Words are the text of a cell, or `[text, level, extras]`; times are null, since the page knows the zone. Of more
    than LOCAL_ROWS rows these are the first page; the others are asked for over HTTP.
    """

    name = "table"
    title = "Table"
    rows = "all"
    Options = TableOptions
    lone = True

    def layout(self, options: TableOptions, shape: Hashable) -> Model:
        return lone_source("rows")

    def data(self, options: TableOptions, frames: Sequence[Frame], number: int = 0) -> TableData:
        """The table of that number among those of the frames; it takes a while where there are many rows."""
        tables = tables_of(options, frames)
        frame, points = tables[number if number < len(tables) else 0]
        names = told_apart([column.name for column in frame.fields])
        columns = [
            column_of(options, frame, column, name, points.get(column.name, ()))
            for name, column in zip(names, frame.fields, strict=True)
        ]
        sortable: dict[str, SortColumn] = {}
        for one in columns:
            for name in one.addresses:
                sortable.setdefault(name, SortColumn(one.kind, one.values, one.exact))
        rows = picked_rows(sortable, frame.rows, RowsWanted(sort=options.sort))[: options.limit]
        places = {name: place for place, name in enumerate(options.order)}
        shown = sorted((one for one in columns if not one.options.hidden), key=lambda one: _place(one, places))
        return TableData(shown, columns, sortable, rows, frame.rows)

    def columns(self, options: TableOptions, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        data = self.data(options, frames)
        called = names_of(options, frames)
        paged = len(data.rows) > LOCAL_ROWS or len(called) > 1
        notice = f"{len(data.rows)} of {data.total} rows" if data.total > len(data.rows) else None
        texts = {
            "columns": [heading(one) for one in data.columns],
            "frames": called if len(called) > 1 else [],
            "sort": own_name(options.sort, data),
            "filter": options.filter,
            "footer": footer(options, data),
            "pages": {"size": PAGE_ROWS, "total": len(data.rows)} if paged else None,
            "notice": notice,
        }
        return Drawn({"rows": cells(data, data.rows[:PAGE_ROWS] if paged else data.rows)}, texts)

    def order(self, data: TableData, wanted: RowsWanted) -> Order:
        """The rows that filters leave, in the order wanted."""
        return picked_rows(data.sortable, data.total, wanted, data.rows)

    def page(self, options: TableOptions, data: TableData, order: Order, page: int) -> dict[str, Any]:
        """One page of the rows in that order with its headings, as JSON; one beyond the last is the last."""
        last = max(0, -(-len(order) // PAGE_ROWS) - 1)
        page = min(page, last)
        rows = cells(data, order[page * PAGE_ROWS : (page + 1) * PAGE_ROWS])
        return {
            "page": page,
            "pages": last + 1,
            "total": len(order),
            "rows": plain_columns(rows),
            "columns": [heading(one) for one in data.columns],
            "footer": footer(options, data, order),
        }


def own_name(sort: str, data: TableData) -> str:
    """The order by the name that the column has on the page."""
    name = sort.removeprefix("-")
    found = next((one.name for one in data.every if name in one.addresses), name)
    return f"-{found}" if sort.startswith("-") else found


def _place(column: TableColumn, places: Mapping[str, int]) -> int:
    return min((places[name] for name in column.addresses if name in places), default=len(places))
