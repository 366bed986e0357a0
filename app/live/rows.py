"""Pages of long tables: a view's last frames sorted and filtered off the loop, once for all who ask the same."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ...components.panels.table import Table, TableData, TableOptions
from ...components.rows import Order, RowsWanted
from ...datasources.frame import Frame

MAX_ORDERS = 32  # of one table: each is an index of all its rows
Key = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(slots=True)
class Prepared:
    """The table of some frames, and the orders in which somebody asked for it."""

    frames: Sequence[Frame]
    data: asyncio.Future[TableData]
    orders: OrderedDict[Key, asyncio.Future[Order]] = field(default_factory=OrderedDict)


class RowPages:
    """What a view keeps of its long tables. Lives on the event loop; a caller that leaves cancels nobody else."""

    def __init__(self) -> None:
        self._prepared: dict[int, Prepared] = {}

    async def page(
        self, panel_id: int, table: Table, options: TableOptions, frames: Sequence[Frame], wanted: RowsWanted
    ) -> dict[str, Any]:
        """One page of a panel's rows."""
        kept = self._prepared.get(panel_id)
        if kept is None or kept.frames is not frames:
            data = asyncio.ensure_future(asyncio.to_thread(table.data, options, frames))
            kept = self._prepared[panel_id] = Prepared(frames, data)
        rows = await asyncio.shield(kept.data)
        order = await asyncio.shield(self._order(kept, table, rows, wanted))
        return table.page(rows, order, wanted.page)

    def _order(self, kept: Prepared, table: Table, rows: TableData, wanted: RowsWanted) -> asyncio.Future[Order]:
        key = (wanted.sort, wanted.filters)
        order = kept.orders.get(key)
        if order is None:
            order = kept.orders[key] = asyncio.ensure_future(asyncio.to_thread(table.order, rows, wanted))
        kept.orders.move_to_end(key)
        while len(kept.orders) > MAX_ORDERS:
            kept.orders.popitem(last=False)
        return order
