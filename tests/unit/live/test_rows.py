"""Pages of long tables: worked out once for all who ask the same, anew once there are other frames."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from heliograph.app.live.rows import MAX_ORDERS, RowPages
from heliograph.components.panels.table import PAGE_ROWS, Table
from heliograph.components.panels.table_columns import TableData
from heliograph.components.panels.table_options import TableOptions
from heliograph.components.rows import Order, RowsWanted
from heliograph.datasources.frame import Field, Frame

OPTIONS = TableOptions()


class Counting(Table):
    """The table itself, counting how often it is worked out, and where."""

    def __init__(self) -> None:
        self.tables = self.orders = 0
        self.threads: set[int] = set()

    def data(self, options: TableOptions, frames: Sequence[Frame], number: int = 0) -> TableData:
        self.tables += 1
        self.threads.add(threading.get_ident())
        return super().data(options, frames, number)

    def order(self, data: TableData, wanted: RowsWanted) -> Order:
        self.orders += 1
        self.threads.add(threading.get_ident())
        return super().order(data, wanted)


def frames(count: int, first: int = 0) -> tuple[Frame, ...]:
    return (Frame((Field.number("n", [first + index for index in range(count)]),)),)


async def test_pages_of_one_order_are_worked_out_once_and_off_the_loop() -> None:
    pages, table, drawn = RowPages(), Counting(), frames(2000)
    wanted = [RowsWanted(page, "-n") for page in (0, 1, 0, 19, 5)]
    found = await asyncio.gather(*(pages.page(1, table, OPTIONS, drawn, one) for one in wanted))
    assert (table.tables, table.orders) == (1, 1)
    assert threading.get_ident() not in table.threads
    assert [one["rows"]["c0"][0] for one in found] == [1999, 1899, 1999, PAGE_ROWS - 1, 1499]


async def test_other_frames_are_another_table() -> None:
    pages, table = RowPages(), Counting()
    for first in (0, 7):
        page = await pages.page(1, table, OPTIONS, frames(1500, first), RowsWanted(sort="n"))
        assert page["rows"]["c0"][0] == first
    assert table.tables == 2


async def test_a_caller_that_leaves_takes_the_page_from_nobody() -> None:
    pages, table, drawn = RowPages(), Counting(), frames(5000)
    leaving = asyncio.create_task(pages.page(1, table, OPTIONS, drawn, RowsWanted(sort="n")))
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    page = await pages.page(1, table, OPTIONS, drawn, RowsWanted(sort="n"))
    assert (page["total"], table.tables) == (5000, 1)


async def test_only_so_many_orders_are_kept() -> None:
    pages, table, drawn = RowPages(), Counting(), frames(1200)
    for least in range(MAX_ORDERS + 1):
        await pages.page(1, table, OPTIONS, drawn, RowsWanted(filters=(("n", f">{least}"),)))
    await pages.page(1, table, OPTIONS, drawn, RowsWanted(filters=(("n", ">0"),)))
    assert table.orders == MAX_ORDERS + 2
