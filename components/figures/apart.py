"""Asks the process that draws figures: what plugins' functions do holds up no loop and no other panel type."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from typing import Final

from ...datasources.frame import Frame
from ...datasources.timerange import TimeRange
from ...errors import InvalidError, SourceTimeoutError
from ...tasks import to_its_end
from ...turns import FairTurns, Room
from ..asking.pickled import NoAnswerError, Questions
from ..panels.base import Drawn, PanelOptions

DRAW_S: Final = 40.0  # the first one waits until Python and what it imports are loaded, too
# One at a time; a page may have many. What the function of one dashboard takes is its own wait, and nobody else's.
ROOM: Final = Room(at_once=1, waiting=400, waiting_of_one=100, within_s=60.0)


class FigureProcess:
    """One process, started when the first figure is wanted; figures are drawn one after the other, those of each who
    asks in their turn."""

    def __init__(self) -> None:
        self._process = Questions("heliograph.components.figures.process", DRAW_S)
        self._turns = FairTurns(ROOM, "many figures wait to be drawn", "many figures of yours wait to be drawn")

    async def draw(
        self, name: str, options: PanelOptions, frames: Sequence[Frame], window: TimeRange, who: str
    ) -> tuple[Hashable, Drawn]:
        """What the type's function draws, in the turn of `who`; InvalidError for what it raises, SourceTimeoutError
        after DRAW_S, RateLimitedError where many of theirs wait, OverloadedError where many do."""
        async with self._turns.turn(who):
            # Who goes leaves a figure that is drawn on: its turn ends with it.
            asking = asyncio.ensure_future(self._process.ask((name, options, tuple(frames), window)))
            return await self._found(asking)

    async def _found(self, asking: asyncio.Future[tuple[Hashable, Drawn] | str]) -> tuple[Hashable, Drawn]:
        try:
            found = await to_its_end(asking)
        except NoAnswerError:
            raise SourceTimeoutError(f"the figure took longer than {DRAW_S:.0f} s, or ended its process") from None
        if isinstance(found, str):
            raise InvalidError(found, path="$")
        return found

    async def close(self) -> None:
        """End the process."""
        await self._process.close()
