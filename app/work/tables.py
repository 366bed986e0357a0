"""The table of explore."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd
import panel as pn

from .results import Table

HEIGHT_PX = 360
ROW_PX = 30
HEAD_PX, SCROLLBAR_PX = 34, 14


def table_of(table: Table, sheet: str) -> pn.widgets.Tabulator:
    """Rows that sort by a click on a heading. Names become HTML in headings: they are escaped; cells are texts."""
    keys = [f"c{index}" for index in range(len(table.columns))]
    frame = pd.DataFrame(list(table.rows), columns=keys, dtype=object)
    numeric = [key for key in keys if is_numeric(frame[key])]
    sides = {key: "right" if key in numeric else "left" for key in keys}
    return pn.widgets.Tabulator(
        frame,
        titles={key: escape(name) for key, name in zip(keys, table.columns, strict=True)},
        formatters={key: {"type": "plaintext"} for key in keys},
        text_align=sides,
        header_align=sides,
        show_index=False,
        pagination=None,
        disabled=True,
        selectable=False,
        layout="fit_data_fill",
        theme="simple",
        height=min(HEIGHT_PX, HEAD_PX + ROW_PX * len(table.rows) + SCROLLBAR_PX),
        sizing_mode="stretch_width",
        stylesheets=[sheet],
        margin=0,
    )


def is_numeric(column: Any) -> bool:
    """Whether all values that are there are numbers, and there is one."""
    known = [value for value in column if value is not None]
    return bool(known) and all(isinstance(value, (int, float)) for value in known)
