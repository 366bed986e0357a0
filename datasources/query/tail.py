"""The open end of a range: what is known by now of its last, unfinished step, behind the steps that are complete.

It is asked for by itself and never kept among the steps, so that a joined range stays what one query would have been.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ...lru import Lru
from ..frame import have_rows
from ..joining import Piece, join
from ..timerange import TimeRange
from .codec import size_of
from .model import Answer, Next, Query
from .question import Question
from .stages import source_query

MAX_BYTES: Final = 16 * 2**20
LIFE_S: Final = 5.0  # for so long the same instant is answered alike: samples come in late


class Tails:
    """Asks for open ends; who asks for the same instant within some seconds has the same answer."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: Lru[tuple[Question, int], tuple[float, Answer]] = Lru(MAX_BYTES)

    @staticmethod
    def wants(query: Query, settles_s: float) -> bool:
        """Whether the query's open end is to be asked for apart: samples so new that they may not have come yet tell
        no more than the last step does."""
        is_told = query.until_ms >= query.range.to_ms + max(settles_s * 1000, 1)
        return is_told and query.to.source.opens(source_query(query))

    async def ask(self, asked: Question, query: Query, following: Next) -> Answer:
        """The values at the end of the range as it was asked."""
        key, now_s = (asked, query.until_ms), self._clock()
        kept = self._kept.get(key)
        if kept is not None and now_s < kept[0] + LIFE_S:
            return kept[1].but(inspect=kept[1].inspect.kept())
        instant = TimeRange(query.until_ms, query.until_ms)
        answer = await following(query.but(range=instant, until_ms=0, is_tail=True))
        self._kept.put(key, (now_s, answer), size_of(answer.frames))
        return answer

    def forget(self) -> None:
        """Keep nothing of what was answered."""
        self._kept.drop_where(lambda _: True)


def with_tail(query: Query, whole: Answer, tail: Answer) -> Answer:
    """The steps of a range with its open end behind them."""
    if not have_rows(tail.frames):
        return whole
    after_ms = query.range.to_ms + 1
    pieces = [Piece(query.range.from_ms, after_ms, whole.frames), Piece(after_ms, query.until_ms + 1, tail.frames)]
    frames = join(pieces, query.legend)
    inspect = whole.inspect.but(
        points_fetched=whole.inspect.points_fetched + tail.inspect.points_fetched,
        points_returned=sum(frame.rows * max(len(frame.fields) - 1, 1) for frame in frames),
        parts=(*whole.inspect.parts, *tail.inspect.parts),
    )
    return whole.but(
        frames=frames,
        inspect=inspect,
        partial=whole.partial or tail.partial,
        warnings=tuple(dict.fromkeys((*whole.warnings, *tail.warnings))),
    )
