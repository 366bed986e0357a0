"""Layouts compiled in a process beside: the same bytes as in this one, and a thread where that process dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable

import psutil
import pytest
from fixtures.waiting import WAIT_S

from heliograph.components.asking.compiler import Compiler
from heliograph.components.compile import LayoutCache, compile_layout
from heliograph.components.panels.registry import default_registry
from heliograph.datasources.frame import Frame

REGISTRY = default_registry()
LINES = REGISTRY.get("timeseries")
OPTIONS = REGISTRY.options("timeseries", {})


def shape(lines: int) -> Hashable:
    return LINES.shape(OPTIONS, [Frame.series([0, 1000], [1.0, 2.0], name=str(line)) for line in range(lines)])


def compiling() -> psutil.Process | None:
    """The process that compiles for this one."""
    children = psutil.Process().children()
    return next(
        (one for one in children if one.cmdline()[-1:] == ["heliograph.components.asking.compile_process"]), None
    )


@pytest.fixture
async def compiler() -> AsyncIterator[Compiler]:
    made = Compiler(LayoutCache())
    yield made
    await made.close()


async def test_a_layout_from_the_process_is_the_same_and_is_asked_once(compiler: Compiler) -> None:
    found = await asyncio.gather(*(compiler.get(LINES, OPTIONS, shape(3)) for _ in range(5)))
    assert found[0] == compile_layout(LINES, OPTIONS, shape(3))
    assert all(layout is found[0] for layout in found)
    assert await compiler.get(LINES, OPTIONS, shape(3)) is found[0]


async def test_a_process_that_died_is_replaced_and_nobody_waits_for_it(compiler: Compiler) -> None:
    await compiler.start()
    first = compiling()
    assert first is not None
    first.kill()
    await asyncio.to_thread(first.wait, 10)
    assert await compiler.get(LINES, OPTIONS, shape(2)) == compile_layout(LINES, OPTIONS, shape(2))
    assert (await compiler.get(LINES, OPTIONS, shape(4))).id == compile_layout(LINES, OPTIONS, shape(4)).id
    async with asyncio.timeout(WAIT_S):
        while (second := compiling()) is None:
            await asyncio.sleep(0.05)
    assert second.pid != first.pid
