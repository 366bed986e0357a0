"""Tasks in the background end when they are told to."""

from __future__ import annotations

import asyncio

import pytest

from heliograph.tasks import ended, to_its_end


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


async def test_who_is_cancelled_waits_for_work_that_cannot_be_stopped() -> None:
    work: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    waiting = asyncio.create_task(to_its_end(work))
    await asyncio.sleep(0)
    waiting.cancel()
    done, _ = await asyncio.wait([waiting], timeout=0.01)
    assert not done, "the work goes on, and so does who waits for it"
    assert not work.cancelled()
    work.set_result("over")
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_work_that_cannot_be_stopped_gives_what_it_comes_to() -> None:
    work: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    waiting = asyncio.create_task(to_its_end(work))
    work.set_result("over")
    assert await waiting == "over"
