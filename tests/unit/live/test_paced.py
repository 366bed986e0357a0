"""What is wanted many times at once is done at once and then seldom."""

from __future__ import annotations

import asyncio

import pytest
from fixtures.views import Clock, Dice, make_view

from heliograph.app.live import audience
from heliograph.app.live import view as views
from heliograph.app.live.paced import Paced
from heliograph.datasources.sources.base import SourceAnswer, SourceQuery

from .test_view import Client


async def test_the_first_is_done_at_once_and_the_rest_in_one() -> None:
    done = 0

    def do() -> None:
        nonlocal done
        done += 1

    paced = Paced(do, lambda: 0.05)
    for _ in range(10):
        paced()
    assert done == 1
    await asyncio.sleep(0.1)
    assert done == 2, "what was wanted meanwhile is one call"
    await asyncio.sleep(0.1)
    paced()
    assert done == 3, "after a while it is done at once again"
    paced()
    paced.stop()
    await asyncio.sleep(0.1)
    assert done == 3


async def test_a_pause_that_became_shorter_ends_sooner_and_begins_with_what_is_done_otherwise() -> None:
    done: list[float] = []
    pause_s = 60.0
    loop = asyncio.get_running_loop()
    paced = Paced(lambda: done.append(loop.time()), lambda: pause_s)
    paced.done()
    paced()
    assert not done
    pause_s = 0.0
    paced()
    assert len(done) == 1
    paced.stop()


class Slow(Dice):  # type: ignore[misc]  # mypy does not see fixtures
    """Answers one after the other, once it may."""

    def __init__(self) -> None:
        super().__init__(1)
        self.may = asyncio.Event()
        self.turn = asyncio.Lock()

    async def query(self, query: SourceQuery) -> SourceAnswer:
        await self.may.wait()
        async with self.turn:
            await asyncio.sleep(0)
            answer: SourceAnswer = await super().query(query)
            return answer


async def test_panels_that_come_late_go_out_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "LATE_S", 2.0)  # a busy machine may hold them up
    source = Slow()
    view = make_view(source, Clock())
    client = Client(view)
    view.follow(client)
    await client.fetch([1, 2, 3])
    source.may.set()
    async with asyncio.timeout(10):
        while sum(len(message["panels"]) for message in client.inbox) < 3:
            await asyncio.sleep(0.01)
    await view.close()
    assert len(client.inbox) <= 2


class InTurn(Dice):  # type: ignore[misc]  # mypy does not see fixtures
    """Answers each question once it is let go."""

    def __init__(self) -> None:
        super().__init__(2)
        self.gates = [asyncio.Event() for _ in range(3)]
        self.asked = self.answered = 0

    async def query(self, query: SourceQuery) -> SourceAnswer:
        gate = self.gates[self.asked]
        self.asked += 1
        await gate.wait()
        self.answered += 1
        answer: SourceAnswer = await super().query(query)
        return answer


async def test_many_are_told_of_late_panels_once_all_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "LATE_S", 0.0)
    monkeypatch.setattr(views, "MOST_LATE_S", 60.0)
    monkeypatch.setattr(audience, "WAIT_S_EACH", 1.0)
    source = InTurn()
    view = make_view(source, Clock(), refresh="1m")
    clients = [Client(view) for _ in range(100)]
    for client in clients:
        view.follow(client)
    await view.tick(0)
    async with asyncio.timeout(20):
        for number, gate in enumerate(source.gates, 1):
            gate.set()
            while source.answered < number:
                await asyncio.sleep(0.01)
        while len(clients[0].inbox) < 2:
            await asyncio.sleep(0.01)
    assert [len(message["panels"]) for message in clients[0].inbox] == [0, 3]
    await view.close()
