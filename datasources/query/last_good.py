"""What was known last, for when a source is down: a day in memory, and in the shared cache for other nodes."""

from __future__ import annotations

from collections.abc import Callable

from ...errors import SourceTimeoutError, SourceUnavailableError
from ...lru import Lru
from ...storage.cache.base import KeyValue
from ..timerange import TimeRange
from .codec import decode, encode, size_of
from .model import Answer, Inspect, Next, Part, Query
from .question import Question, belongs, question, shared_key

LAST_GOOD_S = 86_400.0
SHARE_EVERY_S = 60.0
MAX_BYTES = 64 * 2**20
MAX_SHARED_BYTES = 4 * 2**20
Key = tuple[Question, int]


class LastGood:
    """Answers with what was good last while a source is down, and says how old that is. `shared` None: memory alone."""

    name = "last_good"

    def __init__(self, clock: Callable[[], float], shared: KeyValue | None = None, max_bytes: int = MAX_BYTES) -> None:
        self._clock = clock
        self._shared = shared
        self._kept: Lru[Key, tuple[float, Answer]] = Lru(max_bytes)
        self._shared_s: Lru[Key, float] = Lru(2**20)
        self._generation = 0

    async def __call__(self, query: Query, following: Next) -> Answer:
        key = (question(query), query.range.span_ms)
        generation = self._generation
        try:
            answer = await following(query)
        except (SourceUnavailableError, SourceTimeoutError):
            found = await self._last(key)
            if found is None:
                raise
            at_s, answer = found
            age_s = max(0.0, self._clock() - at_s)
            return answer.but(stale_age_s=age_s, inspect=answer.inspect.kept("stale"))
        if answer.stale_age_s is None and not answer.partial and generation == self._generation:
            await self._keep(key, answer)
        return answer

    def forget(self, org: int | None, datasource: str = "") -> int:
        """Forget what an org (None: all) knows of one data source or of all; how many answers."""
        self._generation += 1

        def test(key: Key) -> bool:
            return org is None or belongs(key[0], org, datasource)

        self._shared_s.drop_where(test)
        return self._kept.drop_where(test)

    async def _keep(self, key: Key, answer: Answer) -> None:
        now_s = self._clock()
        made_s = answer.inspect.made_s or now_s
        known = self._kept.get(key)
        if known is not None and (known[1] is answer or known[0] > made_s):
            return  # it came from a cache and is as old as it was
        size = size_of(answer.frames)
        self._kept.put(key, (made_s, answer), size)
        last_s = self._shared_s.get(key)
        if self._shared is None or size > MAX_SHARED_BYTES or (last_s is not None and now_s < last_s + SHARE_EVERY_S):
            return
        self._shared_s.put(key, now_s, 100)
        extra = {
            "at_s": made_s,
            "step_s": answer.step_s,
            "warnings": answer.warnings,
            "query": answer.inspect.query,
            "ranges": [[part.range.from_ms, part.range.to_ms] for part in answer.inspect.parts],
        }
        await self._shared.put(_shared_key(key), encode(answer.frames, extra), LAST_GOOD_S)

    async def _last(self, key: Key) -> tuple[float, Answer] | None:
        found = self._kept.get(key)
        if found is None and self._shared is not None:
            found = _decoded(await self._shared.get(_shared_key(key)))
        return found if found is not None and self._clock() <= found[0] + LAST_GOOD_S else None


def _shared_key(key: Key) -> str:
    return shared_key(key[0], "good", key[1])


def _decoded(data: bytes | None) -> tuple[float, Answer] | None:
    read = decode(data) if data is not None else None
    if read is None:
        return None
    frames, extra = read
    parts = tuple(Part(TimeRange(*bounds), "stale", extra["at_s"]) for bounds in extra.get("ranges", ()))
    inspect = Inspect(extra["query"], points_returned=sum(frame.rows for frame in frames), parts=parts)
    return extra["at_s"], Answer(frames, extra["step_s"], tuple(extra["warnings"]), inspect=inspect)
