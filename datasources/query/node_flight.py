"""Single flight across nodes: one of them asks the source, the others wait for what it puts into the shared cache.

The leader holds a lease that it renews while the query runs; one that died loses it, and a waiter leads on. Waiters say
from time to time that they still wait: a leader whose own callers are gone goes on for them, and where nobody waits any
more on any node the query is cancelled at its source.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...errors import HeliographError, SourceError, SourceTimeoutError, SourceUnavailableError
from ...storage.cache.shared import Shared
from ..frame import have_rows
from ..timerange import TimeRange
from .codec import decode, encode
from .model import Answer, Inspect, Next, Part, Query
from .question import Number, number, question, shared_key

COUNTED = Callable[[str], None]
CHANNEL = "landed"
LEASE_S = 10.0  # a leader that is short of CPU for seconds is not dead
RENEW_S = 2.0
LOOK_S = 0.5  # how often a waiter looks for itself, should the message be lost or the leader be dead
WANTED_S = 3.0
RESULT_S, EMPTY_RESULT_S = 10.0, 2.0
ERRORS = {kind.code: kind for kind in (SourceError, SourceTimeoutError, SourceUnavailableError)}


@dataclass(frozen=True, slots=True)
class Result:
    """What a leader left for the others: an answer, or the source's refusal."""

    owner: str
    number: Number
    answer: Answer | None = None
    error: HeliographError | None = None

    def take(self) -> Answer:
        """The answer, or the error that came in its place, raised."""
        if self.error is not None:
            raise self.error
        assert self.answer is not None
        return self.answer


class NodeFlight:
    """Joins equal questions of several nodes. `joined` counts those that did not reach the source themselves."""

    name = "node_flight"

    def __init__(self, shared: Shared, clock: Callable[[], float], joined: COUNTED) -> None:
        self._shared = shared
        self._clock = clock
        self._joined = joined
        self._waiting: dict[str, asyncio.Event] = {}
        self._running: set[asyncio.Task[Any]] = set()
        self._leave: Callable[[], None] | None = None

    async def start(self) -> None:
        """Listen to what lands on other nodes."""
        self._leave = await self._shared.messages.subscribe(CHANNEL, self._heard)

    async def close(self) -> None:
        """Cancel what runs here for other nodes too; who waits there asks again."""
        if self._leave is not None:
            self._leave()
        for task in tuple(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def __call__(self, query: Query, following: Next) -> Answer:
        key = shared_key(question(query), "flight", query.range.from_ms, query.range.to_ms)
        now, owner = number(query, self._clock()), uuid.uuid4().hex
        seen = await self._result(key)
        if seen is not None and seen.number == now and seen.answer is not None:
            self._joined("nodes")
            return seen.answer
        landed = self._waiting[key] = asyncio.Event()
        try:
            while not await self._shared.leases.acquire(key, owner, LEASE_S):
                found = await self._wait(key, landed, seen)
                if found is not None:
                    return found.take()
        finally:
            if self._waiting.get(key) is landed:
                del self._waiting[key]
        found = await self._news(key, seen)  # it may have landed since
        if found is not None:
            await self._shared.leases.release(key, owner)
            return found.take()
        return await self._lead(key, owner, query, following, now)

    async def _wait(self, key: str, landed: asyncio.Event, seen: Result | None) -> Result | None:
        """Another node's result; None where there is none yet."""
        await self._shared.cache.put(_wanted(key), b"1", WANTED_S)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(landed.wait(), LOOK_S)
        landed.clear()
        return await self._news(key, seen)

    async def _news(self, key: str, seen: Result | None) -> Result | None:
        found = await self._result(key)
        if found is None or (seen is not None and found.owner == seen.owner):
            return None
        self._joined("nodes")
        return found

    async def _lead(self, key: str, owner: str, query: Query, following: Next, now: Number) -> Answer:
        task = self._background(self._fly(key, owner, query, following, now))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if not task.done():
                self._background(self._linger(key, task))
            raise

    async def _fly(self, key: str, owner: str, query: Query, following: Next, now: Number) -> Answer:
        renewing = asyncio.get_running_loop().create_task(self._renew(key, owner))
        try:
            answer = await following(query)
            await self._put(key, answer.frames, _described(owner, now, answer))
            return answer
        except HeliographError as error:
            if error.code in ERRORS:
                refusal = {"code": error.code, "detail": error.detail, "retry_after_s": error.retry_after_s}
                await self._put(key, (), {"owner": owner, "number": now, "error": refusal})
            raise
        finally:
            renewing.cancel()
            await self._shared.leases.release(key, owner)
            await self._shared.messages.publish(CHANNEL, key.encode())

    async def _renew(self, key: str, owner: str) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            await self._shared.leases.renew(key, owner, LEASE_S)

    async def _linger(self, key: str, task: asyncio.Task[Answer]) -> None:
        """All callers of this node are gone: the query goes on as long as another node waits."""
        while not task.done():
            if await self._shared.cache.get(_wanted(key)) is None:
                task.cancel()
                return
            await asyncio.wait({task}, timeout=LOOK_S)

    async def _put(self, key: str, frames: tuple[Any, ...], extra: dict[str, Any]) -> None:
        is_empty = not have_rows(frames)  # it may be filled in a moment
        await self._shared.cache.put(key, encode(frames, extra), EMPTY_RESULT_S if is_empty else RESULT_S)

    async def _result(self, key: str) -> Result | None:
        data = await self._shared.cache.get(key)
        read = decode(data) if data is not None else None
        return _result(*read) if read is not None else None

    def _heard(self, message: bytes) -> None:
        landed = self._waiting.get(message.decode())
        if landed is not None:
            landed.set()

    def _background(self, work: Any) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # its waiters have it


def _wanted(key: str) -> str:
    return key + ":wanted"


def _described(owner: str, now: Number, answer: Answer) -> dict[str, Any]:
    return {
        "owner": owner,
        "number": now,
        "step_s": answer.step_s,
        "warnings": answer.warnings,
        "partial": answer.partial,
        "joinable": answer.joinable,
        "query": answer.inspect.query,
        "returned": answer.inspect.points_returned,
        "parts": [[part.range.from_ms, part.range.to_ms, part.made_s] for part in answer.inspect.parts],
    }


def _result(frames: tuple[Any, ...], extra: dict[str, Any]) -> Result:
    owner, now = extra["owner"], (extra["number"][0], extra["number"][1])
    error = extra.get("error")
    if error is not None:
        return Result(owner, now, error=ERRORS[error["code"]](error["detail"], retry_after_s=error["retry_after_s"]))
    parts = tuple(Part(TimeRange(start, end), "hit", made_s) for start, end, made_s in extra.get("parts", ()))
    inspect = Inspect(extra["query"], "hit", points_returned=extra["returned"], parts=parts)
    answer = Answer(
        frames,
        extra["step_s"],
        tuple(extra["warnings"]),
        extra["partial"],
        joinable=extra.get("joinable", True),
        inspect=inspect,
    )
    return Result(owner, now, answer)
