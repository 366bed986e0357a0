"""Asks the process that draws figures: what plugins' functions do holds up no loop and no other panel type."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Final

from ...datasources.frame import Frame
from ...datasources.timerange import TimeRange
from ...errors import InvalidError, SourceTimeoutError
from ..asking.pickled import NoAnswerError, Questions
from ..panels.base import Drawn, PanelOptions

DRAW_S: Final = 40.0  # the first one waits until Python and what it imports are loaded, too


class FigureProcess:
    """One process, started when the first figure is wanted; figures are drawn one after the other."""

    def __init__(self) -> None:
        self._process = Questions("heliograph.components.figures.process", DRAW_S)

    async def draw(
        self, name: str, options: PanelOptions, frames: Sequence[Frame], window: TimeRange
    ) -> tuple[Hashable, Drawn]:
        """What the type's function draws; InvalidError for what it raises, SourceTimeoutError after DRAW_S."""
        try:
            found: tuple[Hashable, Drawn] | str = await self._process.ask((name, options, tuple(frames), window))
        except NoAnswerError:
            raise SourceTimeoutError(f"the figure took longer than {DRAW_S:.0f} s, or ended its process") from None
        if isinstance(found, str):
            raise InvalidError(found, path="$")
        return found

    async def close(self) -> None:
        """End the process."""
        await self._process.close()
