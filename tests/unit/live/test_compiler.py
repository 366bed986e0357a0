"""Layouts compiled in a process beside: the same bytes as in this one, and a thread where that process dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable

import pytest

from heliograph.components.asking.compiler import Compiler
from heliograph.components.compile import LayoutCache, compile_layout
from heliograph.components.panels.registry import default_registry
from heliograph.datasources.frame import Frame

REGISTRY = default_registry()
LINES = REGISTRY.get("timeseries")
OPTIONS = REGISTRY.options("timeseries", {})


def shape(lines: int) -> Hashable:
    return LINES.shape(OPTIONS, [Frame.series([0, 1000], [1.0, 2.0], name=str(line)) for line in range(lines)])


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
    first = compiler._process
    assert first is not None
    first.kill()
    await first.wait()
    assert await compiler.get(LINES, OPTIONS, shape(2)) == compile_layout(LINES, OPTIONS, shape(2))
    assert (await compiler.get(LINES, OPTIONS, shape(4))).id == compile_layout(LINES, OPTIONS, shape(4)).id
    assert compiler._process is not None
    assert compiler._process.pid != first.pid
