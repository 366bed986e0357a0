"""Whole answers in memory: whoever asks the same of the same range has the same answer until its number changes."""

from __future__ import annotations

from collections.abc import Callable

from ...lru import Lru
from ..frame import have_rows
from ..timerange import TimeRange
from .codec import size_of
from .model import Answer, Next, Query
from .question import STILL, Number, Question, belongs, number, question

COUNTED = Callable[[str], None]
MAX_BYTES = 64 * 2**20  # of those that move, and of those that are still
STILL_LIFE_S = 3600.0
MOVING_LIFE_S = 120.0
EMPTY_LIFE_S = 2.0
Key = tuple[Question, TimeRange, Number]
Kept = tuple[float, Answer]  # until when it is good


class AnswerCache:
    """Keyed by question, range and number: a view's tick, a count of half steps, or none for ranges in the past.

    What moves is left behind by the next tick, and dropped once its life is over, whatever room there is.
    """

    name = "cache"

    def __init__(self, clock: Callable[[], float], counted: COUNTED, max_bytes: int = MAX_BYTES) -> None:
        self._clock = clock
        self._counted = counted
        self._moving: Lru[Key, Kept] = Lru(max_bytes)
        self._still: Lru[Key, Kept] = Lru(max_bytes)
        self._generation = 0

    async def __call__(self, query: Query, following: Next) -> Answer:
        now_s = self._clock()
        key = (question(query), query.asked_range, number(query, now_s))
        kept = self._still if key[2] == STILL else self._moving
        found = kept.get(key)
        if found is not None and now_s < found[0]:
            self._counted("hit")
            return found[1]
        generation = self._generation
        answer = await following(query)
        self._counted(answer.inspect.cache)
        if not answer.partial and answer.stale_age_s is None and generation == self._generation:
            self._moving.drop_oldest_while(lambda old: old[0] <= now_s)
            until_s = now_s + (STILL_LIFE_S if kept is self._still else MOVING_LIFE_S)
            if not have_rows(answer.frames):  # it may be filled in a moment
                until_s = now_s + EMPTY_LIFE_S
            kept.put(key, (until_s, answer.but(inspect=answer.inspect.kept())), size_of(answer.frames))
        return answer

    def forget(self, org: int | None, datasource: str = "") -> int:
        """Forget the answers of an org (None: of all), of one data source or of all; how many."""
        self._generation += 1

        def test(key: Key) -> bool:
            return org is None or belongs(key[0], org, datasource)

        return self._moving.drop_where(test) + self._still.drop_where(test)
