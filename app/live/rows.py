"""Pages of long tables: a view's last frames sorted and filtered off the loop, once for all who ask the same."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ...components.panels.table import Table
from ...components.panels.table_columns import TableData
from ...components.panels.table_options import TableOptions
from ...components.rows import Order, RowsWanted
from ...datasources.frame import Frame
from ...kept import Kept

MAX_ORDERS = 32  # of one table: each is an index of all its rows


def _for_good(limit: int) -> Kept[Any]:
    """What holds for as long as the frames that it was made of."""
    return Kept(lambda: 0.0, math.inf, limit=limit)


@dataclass(slots=True)
class Prepared:
    """The table of some frames, and the orders in which somebody asked for it."""

    frames: Sequence[Frame]
    data: Kept[TableData] = field(default_factory=lambda: _for_good(1))
    orders: Kept[Order] = field(default_factory=lambda: _for_good(MAX_ORDERS))


class RowPages:
    """What a view keeps of its long tables. Lives on the event loop; a caller that leaves cancels nobody else."""

    def __init__(self) -> None:
        self._prepared: dict[tuple[int, int], Prepared] = {}

    async def page(
        self, panel_id: int, table: Table, options: TableOptions, frames: Sequence[Frame], wanted: RowsWanted
    ) -> dict[str, Any]:
        """One page of a panel's rows."""
        place = (panel_id, wanted.frame)
        kept = self._prepared.get(place)
        if kept is None or kept.frames is not frames:
            kept = self._prepared[place] = Prepared(frames)
        rows = await kept.data.get((), lambda: asyncio.to_thread(table.data, options, frames, wanted.frame))
        order = await kept.orders.get(
            (wanted.sort, wanted.filters), lambda: asyncio.to_thread(table.order, rows, wanted)
        )
        return table.page(options, rows, order, wanted.page)
