"""Panels on their way to a view."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from heliograph.components.asking.asking import Asking
from heliograph.components.asking.outcome import Outcome
from heliograph.components.asking.shared import fingerprint, values_named
from heliograph.datasources.variables.adhoc import Filters
from heliograph.datasources.variables.chosen import Chosen


async def test_what_came_for_one_who_gave_up_is_told() -> None:
    told: list[dict[int, Outcome]] = []
    came = asyncio.Event()

    async def find(panel_id: int) -> Outcome:
        if panel_id == 1:
            came.set()
            return Outcome("ready")
        await asyncio.get_running_loop().create_future()
        return Outcome("loading")

    asking = Asking(find, lambda: told.append(asking.take()), lambda _: None)
    waits = asyncio.create_task(asking.wait([1, 2], patience_s=60))
    await came.wait()
    await asyncio.sleep(0)
    assert told == [], "who waits takes it"
    waits.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waits
    await asyncio.sleep(0)
    assert told == [{1: Outcome("ready")}]
    for task in asking.stop():
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_what_is_asked_ahead_is_told_of_once_nobody_came_for_it() -> None:
    told: list[dict[int, Outcome]] = []

    async def find(panel_id: int) -> Outcome:
        return Outcome("ready")

    asking = Asking(find, lambda: told.append(asking.take()), lambda _: None)
    asking.ahead([1], patience_s=60)
    for _ in range(3):
        await asyncio.sleep(0)
    assert asking.has_found
    assert told == [], "somebody will come for it"
    asking.ahead([2], patience_s=0)  # another change: the time begins anew
    await asyncio.wait_for(_until(lambda: bool(told)), 5)
    assert told == [{1: Outcome("ready"), 2: Outcome("ready")}]
    asking.start([3])
    await asyncio.wait_for(_until(lambda: len(told) == 2), 5)  # nobody is waited for any more
    asking.ahead([4], patience_s=60)
    asking.stop()


async def _until(is_so: Callable[[], bool]) -> None:
    while not is_so():
        await asyncio.sleep(0)


def test_filters_are_for_panels_that_do_not_name_them_and_differ_by_their_source() -> None:
    filters = Filters.of(("job|=|api",), "prometheus")
    values = {"f": filters, "other": Chosen(("x",))}
    assert values_named(frozenset(), values) == {"f": filters}
    assert fingerprint(values) != fingerprint({**values, "f": Filters.of(("job|=|api",), "elsewhere")})
    assert fingerprint(values) != fingerprint({**values, "f": Filters.of((), "prometheus")})
