"""Questions of a kind that come within a few milliseconds are asked as one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")
AskAll = Callable[[Hashable, Sequence[Q]], Awaitable[Sequence[A]]]


@dataclass(slots=True, eq=False)
class Batch(Generic[Q, A]):
    """What is asked together, and who waits for which answer."""

    timer: asyncio.TimerHandle | None = None
    weight: int = 0
    asked: list[tuple[Q, asyncio.Future[A]]] = field(default_factory=list)
    task: asyncio.Task[None] | None = None

    @property
    def is_awaited(self) -> bool:
        """Whether somebody still waits for one of its answers."""
        return any(not waiter.done() for _, waiter in self.asked)


class Gathered(Generic[Q, A]):
    """`ask_all(kind, questions)` answers those of a kind in their order; its error is that of all who wait.

    They are gathered for `within_s`, or until their weights are `at_most` together. While others of the kind are being
    answered they are gathered until that is done, at most for `behind_s`: where answers take longer, more go together.
    Who is cancelled cancels nobody else; what nobody waits for any more is cancelled.
    """

    def __init__(self, ask_all: AskAll[Q, A], *, within_s: float, at_most: int, behind_s: float = 0.0) -> None:
        self._ask_all = ask_all
        self._within_s = within_s
        self._behind_s = max(within_s, behind_s)
        self._at_most = at_most
        self._open: dict[Hashable, Batch[Q, A]] = {}
        self._under_way: Counter[Hashable] = Counter()

    async def ask(self, kind: Hashable, question: Q, weight: int = 1) -> A:
        """The answer to a question that may go with others of its `kind`; `weight` counts towards `at_most`."""
        loop = asyncio.get_running_loop()
        batch = self._open.get(kind)
        if batch is None:
            batch = self._open[kind] = Batch()
            wait_s = self._behind_s if self._under_way[kind] else self._within_s
            batch.timer = loop.call_later(wait_s, self._send, kind, batch)
        waiter: asyncio.Future[A] = loop.create_future()
        batch.asked.append((question, waiter))
        batch.weight += weight
        if batch.weight >= self._at_most:
            self._send(kind, batch)
        try:
            return await waiter
        finally:
            if batch.task is not None and not batch.is_awaited:
                batch.task.cancel()

    def _send(self, kind: Hashable, batch: Batch[Q, A]) -> None:
        if batch.timer is not None:
            batch.timer.cancel()
        del self._open[kind]
        batch.asked = [one for one in batch.asked if not one[1].done()]  # the others left meanwhile
        if batch.asked:
            batch.task = asyncio.ensure_future(self._answer(kind, batch))

    async def _answer(self, kind: Hashable, batch: Batch[Q, A]) -> None:
        waiters = [waiter for _, waiter in batch.asked]
        try:
            answers = await self._asked(kind, [question for question, _ in batch.asked])
        except asyncio.CancelledError:
            for waiter in waiters:
                waiter.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer of those who wait
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_exception(error)
            return
        for waiter, answer in zip(waiters, answers, strict=True):
            if not waiter.done():
                waiter.set_result(answer)

    async def _asked(self, kind: Hashable, questions: Sequence[Q]) -> Sequence[A]:
        """Their answers; those that were gathered behind them are sent then."""
        self._under_way[kind] += 1
        try:
            return await self._ask_all(kind, questions)
        finally:
            self._under_way[kind] -= 1
            if not self._under_way[kind]:
                del self._under_way[kind]
                if (behind := self._open.get(kind)) is not None:
                    self._send(kind, behind)
