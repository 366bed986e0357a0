"""When a role is taken for dead: as soon as it is silent, later where it is the machine that has no time for it."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from heliograph.app.process.pulse import SILENT, STARVED, Port, core_wait_s, fell_silent

EVERY_S = 0.05


@asynccontextmanager
async def role(answers: Callable[[], bool]) -> AsyncIterator[tuple[Port, list[bool]]]:
    """A port that takes every question and answers where it is to; and what was done, question by question."""
    asked: list[bool] = []
    taking: set[asyncio.Task[None]] = set()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            taking.add(task)
        asked.append(answers())
        if asked[-1]:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            await reader.read()  # until who asks has gone
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    try:
        yield Port("127.0.0.1", server.sockets[0].getsockname()[1]), asked
    finally:
        server.close()
        await asyncio.gather(*taking)


async def test_a_role_that_answers_no_more_is_dead() -> None:
    left = itertools.chain([True] * 3, itertools.repeat(False))
    async with role(lambda: next(left)) as (port, asked):
        await fell_silent(port, lambda: 0.0, EVERY_S)
    assert asked[:3] == [True] * 3
    assert len(asked) >= 3 + SILENT


async def test_one_that_gets_no_core_is_waited_for() -> None:
    waited = itertools.count()
    async with role(lambda: False) as (port, asked):
        await fell_silent(port, lambda: float(next(waited)), EVERY_S)
    assert len(asked) >= SILENT / STARVED - 1


@pytest.mark.skipif(not os.path.exists("/proc/self/schedstat"), reason="the kernel keeps no figures of its scheduler")
def test_what_the_kernel_says_of_waiting() -> None:
    assert core_wait_s(os.getpid()) >= 0
    assert core_wait_s(2**30) == 0
