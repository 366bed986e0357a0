"""Tasks in the background end when they are told to."""

from __future__ import annotations

import asyncio

import pytest

from heliograph.tasks import ended


async def test_all_are_cancelled_before_one_is_waited_for() -> None:
    left: list[str] = []

    async def run(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            left.append(f"{name} is cancelled")
            await asyncio.sleep(0)
            left.append(f"{name} has ended")

    tasks = [asyncio.create_task(run(name)) for name in ("one", "two")]
    await asyncio.sleep(0)
    await ended(tasks[0], None, tasks[1])
    assert left == ["one is cancelled", "two is cancelled", "one has ended", "two has ended"]
    await ended(*tasks)  # twice does no harm
    await ended(None)


async def test_what_a_task_failed_with_is_raised() -> None:
    async def fail() -> None:
        raise ValueError("the task failed")

    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    with pytest.raises(ValueError, match="the task failed"):
        await ended(task)
