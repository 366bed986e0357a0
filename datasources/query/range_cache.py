"""The range cache: of a range that was asked before, the source is asked for what is new alone.

Steps whose values change no more are kept, chunk by chunk, until evicted; the newest are asked again. What is partial
is never kept, limits hold for the joined answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ...errors import SourceError
from ...lru import Lru
from ...storage.cache.base import KeyValue
from ..chunks import chunks
from ..joining import Frames, UnjoinableError
from ..timerange import TimeRange
from .codec import decode, encode, size_of
from .healing import BELIEVED_AFTER_S, fresh, good_until_s, is_empty, paced, trusted
from .held import EVERY_MS, Held, grow, holds, inside, joined, plan, rows
from .model import Answer, Inspect, Next, Part, Query
from .question import Question, belongs, question, shared_key
from .tail import Tails, with_tail

T = TypeVar("T")
MAX_BYTES = 256 * 2**20
SHARED_LIFE_S = 86_400.0
SHARE_EVERY_STEPS = 8  # a chunk that grows is shared so often, so that a tick costs no write
LARGE_BYTES = 2**20  # what is larger is joined and encoded in a thread
MAX_WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Chunking:
    """How a query may be asked in pieces: seconds after t from which its value at t is final, rows allowed in all."""

    settles_s: float
    max_rows: int = 0


Judge = Callable[[Query], Awaitable[Chunking | None]]


Key = tuple[Question, int]


class RangeCache:
    """`judge` tells whether a query may be asked in pieces; `shared` None: memory alone."""

    name = "range_cache"

    def __init__(
        self, judge: Judge, clock: Callable[[], float], shared: KeyValue | None = None, max_bytes: int = MAX_BYTES
    ) -> None:
        self._judge = judge
        self._clock = clock
        self._shared = shared
        self._held: Lru[Key, Held] = Lru(max_bytes)
        self._whole: Lru[Question, bool] = Lru(MAX_WHOLE)
        self._empty_since: Lru[Key, float] = Lru(MAX_WHOLE)  # seconds since the epoch
        self._tails = Tails(clock)
        self._generation = 0
        self._sharing: set[asyncio.Task[None]] = set()

    async def __call__(self, query: Query, following: Next) -> Answer:
        asked = question(query)
        if query.is_tail:
            return await following(query)
        chunking = None if self._whole.get(asked) else await self._judge(query)
        if chunking is None:
            return await following(query.but(range=query.asked_range))
        try:
            if not self._tails.wants(query, chunking.settles_s):
                return await self._joined(asked, query, chunking, following)
            both = await together(
                [self._joined(asked, query, chunking, following), self._tails.ask(asked, query, following)]
            )
            return await _off_loop(both, lambda: with_tail(query, *both))
        except UnjoinableError:
            self._whole.put(asked, True, 1)
            return await following(query.but(range=query.asked_range))

    def forget(self, org: int | None, datasource: str = "") -> int:
        """Forget the chunks of an org (None: of all), of one data source or of all; how many."""
        self._generation += 1
        self._tails.forget()
        return self._held.drop_where(lambda key: org is None or belongs(key[0], org, datasource))

    async def close(self) -> None:
        """Wait for what is being shared."""
        await asyncio.gather(*self._sharing, return_exceptions=True)

    async def _joined(self, asked: Question, query: Query, chunking: Chunking, following: Next) -> Answer:
        step_ms, now_ms = round(query.step_s * 1000), int(self._clock() * 1000)
        generation, times = self._generation, Times(now_ms, int(chunking.settles_s * 1000), step_ms)
        known = await self._known(asked, chunks(query.range, step_ms))
        held = {chunk: times.trusted(one) for chunk, one in known.items()}
        gaps = plan(query.range, held, step_ms)
        answers = await together([following(query.but(range=gap)) for gap in gaps])
        if not all(answer.joinable for answer in answers):
            raise UnjoinableError
        new = [
            Held(gap, answer.frames, answer.warnings, made_s=answer.inspect.made_s)
            for gap, answer in zip(gaps, answers, strict=True)
        ]
        new = await _off_loop(new, lambda: [times.fresh(_cropped(one, step_ms)) for one in new])
        outside = [one for one in held.values() if one is not None and not any(holds(gap, one.range) for gap in gaps)]
        parts = [*outside, *new]
        frames = await _off_loop(parts, lambda: joined(parts, query.range, step_ms, query.legend))
        if chunking.max_rows and rows(frames) > chunking.max_rows:
            raise SourceError(f"the query answers more than {chunking.max_rows} rows")
        if gaps and not any(answer.partial for answer in answers):
            believed = self._believed(asked, held, new, now_ms)
            held = {chunk: paced(known[chunk], one, new, step_ms) for chunk, one in held.items()}
            pieces = await _off_loop(parts, lambda: _grown(query.legend, held, believed, times))
            if generation == self._generation:
                self._keep(asked, pieces, step_ms)
        return _answer(query, frames, answers, outside)

    async def _known(self, asked: Question, wanted: Sequence[TimeRange]) -> dict[TimeRange, Held | None]:
        """What is held of each chunk, by this node or another."""
        found = {chunk: self._held.get((asked, chunk.from_ms)) for chunk in wanted}
        unknown = [chunk for chunk, one in found.items() if one is None]
        if unknown and self._shared is not None:
            values = await self._shared.get_many([shared_key(asked, "chunk", chunk.from_ms) for chunk in unknown])
            for chunk, value in zip(unknown, values, strict=True):
                one = _decoded(value)
                if one is not None:
                    found[chunk] = one
                    self._held.put((asked, chunk.from_ms), one, size_of(one.frames))
        return found

    def _believed(
        self, asked: Question, held: Mapping[TimeRange, Held | None], new: Sequence[Held], now_ms: int
    ) -> dict[TimeRange, list[Held]]:
        """The new pieces of each chunk without those that are empty beside others, until they have been for a while."""
        found: dict[TimeRange, list[Held]] = {}
        for chunk, before in held.items():
            mine = [one for one in new if one.range.intersect(chunk) is not None]
            if any(is_empty(one) for one in mine):
                since_s = self._since(asked, chunk, now_ms / 1000)
                beside = any(not is_empty(one) for one in (*mine, *([before] if before is not None else [])))
                if beside and now_ms / 1000 - since_s < BELIEVED_AFTER_S:
                    mine = [one for one in mine if not is_empty(one) or one.firm_to_ms < one.range.to_ms]
            found[chunk] = mine
        return found

    def _since(self, asked: Question, chunk: TimeRange, now_s: float) -> float:
        """Since when something of a chunk has been empty."""
        since_s = self._empty_since.get((asked, chunk.from_ms))
        if since_s is None:
            since_s = now_s
            self._empty_since.put((asked, chunk.from_ms), since_s, 1)
        return since_s

    def _keep(self, asked: Question, pieces: Sequence[tuple[TimeRange, Held]], step_ms: int) -> None:
        for chunk, piece in pieces:
            grown = piece
            if is_empty(grown):
                since_s, now_s = self._since(asked, chunk, self._clock()), self._clock()
                grown = replace(grown, good_until_s=grown.good_until_s or good_until_s(now_s, since_s))
            elif self._shared is not None and _worth_sharing(grown, chunk, step_ms):
                grown = replace(grown, shared_to_ms=grown.range.to_ms)
                task = asyncio.get_running_loop().create_task(self._share(self._shared, asked, chunk, grown))
                self._sharing.add(task)
                task.add_done_callback(self._sharing.discard)
            self._held.put((asked, chunk.from_ms), grown, size_of(grown.frames))

    async def _share(self, shared: KeyValue, asked: Question, chunk: TimeRange, held: Held) -> None:
        extra = {
            "from": held.range.from_ms,
            "to": held.range.to_ms,
            "warnings": held.warnings,
            "made_s": held.made_s,
            "firm_to": held.firm_to_ms,
        }
        generation = self._generation
        data = await _off_loop([held], lambda: encode(held.frames, extra))
        if generation == self._generation:
            await shared.put(shared_key(asked, "chunk", chunk.from_ms), data, SHARED_LIFE_S)


async def together(asking: Sequence[Awaitable[Answer]]) -> list[Answer]:
    """All answers; where one fails or the caller goes, the others are cancelled."""
    tasks = [asyncio.ensure_future(one) for one in asking]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()


def _cropped(one: Held, step_ms: int) -> Held:
    return replace(one, frames=inside(one.frames, one.range, step_ms))


@dataclass(frozen=True, slots=True)
class Times:
    """What tells whether a step is settled or firm; all in ms."""

    now_ms: int
    settles_ms: int
    step_ms: int

    def fresh(self, one: Held) -> Held:
        """The part of what is held that is settled by now."""
        return fresh(one, now_ms=self.now_ms, settles_ms=self.settles_ms, step_ms=self.step_ms)

    def trusted(self, one: Held | None) -> Held | None:
        """The part of what is held that an answer may be made of; None where there is none."""
        return trusted(one, now_ms=self.now_ms, settles_ms=self.settles_ms, step_ms=self.step_ms)


def _grown(
    legend: str, held: Mapping[TimeRange, Held | None], new: Mapping[TimeRange, Sequence[Held]], times: Times
) -> list[tuple[TimeRange, Held]]:
    """The chunks of which more is known than before."""
    pieces = []
    every_ms = EVERY_MS  # of the chunk before
    for chunk, kept in sorted(held.items(), key=lambda item: item[0].from_ms):
        every_ms = kept.every_ms if kept is not None else every_ms
        mine, before = new[chunk], kept
        if kept is not None and is_empty(kept) and (found := [one for one in mine if not is_empty(one)]):
            mine, before = found[-1:], None  # what was empty may have come by now: it is asked again
        one = grow(
            chunk,
            before,
            mine,
            now_ms=times.now_ms,
            settles_ms=times.settles_ms,
            step_ms=times.step_ms,
            legend=legend,
            every_ms=every_ms,
        )
        if one is not None:
            pieces.append((chunk, one))
    return pieces


def _worth_sharing(grown: Held, chunk: TimeRange, step_ms: int) -> bool:
    whole = grown.range.to_ms == chunk.to_ms
    return whole or grown.range.to_ms - grown.shared_to_ms >= SHARE_EVERY_STEPS * step_ms


async def _off_loop(parts: Sequence[Held | Answer], work: Callable[[], T]) -> T:
    """Small work here, large in a thread, so that the loop is not held up."""
    if sum(size_of(one.frames) for one in parts) < LARGE_BYTES:
        return work()
    return await asyncio.to_thread(work)


def _answer(query: Query, frames: Frames, answers: Sequence[Answer], kept: Sequence[Held]) -> Answer:
    fetched = sum(answer.inspect.points_fetched for answer in answers)
    text = answers[-1].inspect.query if answers else query.text
    cache = "hit" if not answers else "partial" if kept else "miss"
    remarks = [*(one.warnings for one in kept), *(answer.warnings for answer in answers)]
    points = sum(frame.rows * max(len(frame.fields) - 1, 1) for frame in frames)
    return Answer(
        frames,
        query.step_s,
        tuple(dict.fromkeys(warning for one in remarks for warning in one)),
        partial=any(answer.partial for answer in answers),
        has_parts=query.is_finest and not query.names_range,
        inspect=Inspect(
            text, cache, points_fetched=fetched, points_returned=points, parts=_parts(query.range, answers, kept)
        ),
    )


def _parts(range_: TimeRange, answers: Sequence[Answer], kept: Sequence[Held]) -> tuple[Part, ...]:
    """What was asked and what was there, in the order of time."""
    held = [Part(own, "hit", one.made_s) for one in kept if (own := one.range.intersect(range_)) is not None]
    return tuple(sorted([*held, *(part for answer in answers for part in answer.inspect.parts)], key=_start))


def _start(part: Part) -> int:
    return part.range.from_ms


def _decoded(value: bytes | None) -> Held | None:
    read = decode(value) if value is not None else None
    if read is None:
        return None
    frames, extra = read
    range_ = TimeRange(extra["from"], extra["to"])
    made_s, firm_to_ms = extra.get("made_s", 0.0), extra.get("firm_to", range_.to_ms)
    return Held(range_, frames, tuple(extra["warnings"]), range_.to_ms, made_s, firm_to_ms)
