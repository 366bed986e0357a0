"""What a view asks of its panels and annotations: what is old, what is wanted, and what is on its way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Any

from ...components.asking.asking import Asking
from ...components.asking.outcome import Outcome
from ...components.asking.source import PanelSource
from .drawn import Drawn
from .freshness import Freshness
from .key import ViewKey
from .marks import ViewMarks
from .ticks import Ticks

FIRST_DATA_S = 0.25  # how long a snapshot waits for panels that have no data yet


class Questions:
    """Of one view, on the event loop. What came waits here until it is taken.

    `drawn` tells which state a panel is in; `arrived` is told where something came and nobody waits for it.
    """

    def __init__(
        self,
        key: ViewKey,
        panels: Mapping[int, PanelSource],
        marks: ViewMarks,
        drawn: Drawn,
        *,
        arrived: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        self.panels = panels
        self.ticks = Ticks(key, clock)
        self._live = key.live
        self._drawn = drawn
        self._asking = Asking(self._refresh, arrived, self._at_hand)
        self._fresh = Freshness(key, clock)
        self.use_marks(marks)

    def use_marks(self, marks: ViewMarks) -> None:
        """Ask these annotation queries from now on."""
        self.marks = marks
        self.marks.arrived = self._asking.arrive
        self._fresh.forget_marks()

    def renew(self, panels: Mapping[int, PanelSource], changed: Set[int]) -> None:
        """Ask these panels from now on; what the `changed` ones were asked is of no use any more."""
        self.panels = panels
        self._asking.forget(changed)
        self._fresh.forget(changed)

    def want(self, panel_ids: Iterable[int]) -> None:
        """Somebody looks at these now: they are refreshed for a while, whether or not a socket says so."""
        self._fresh.ask(panel_ids)

    def fresh(self, panel_ids: Iterable[int]) -> bool:
        """Whether nothing has to be asked to show these panels, with annotations."""
        return not self._marks_are_old() and not any(map(self.is_old, panel_ids))

    def is_old(self, panel_id: int) -> bool:
        """Whether a panel that can be drawn has no fresh data."""
        return panel_id in self.panels and self._fresh.is_old(panel_id, self._drawn.of(panel_id).state)

    def _old(self, panel_ids: Iterable[int]) -> list[int]:
        return [panel_id for panel_id in panel_ids if self.is_old(panel_id)]

    def _marks_are_old(self) -> bool:
        return self._fresh.marks_are_old(made=self.marks.has_made)

    @property
    def are_open(self) -> bool:
        """Whether a panel is on its way."""
        return self._asking.is_busy

    # -- asking ------------------------------------------------------------------------------------------------------

    async def settle(self, panel_ids: Iterable[int], patience_s: float) -> None:
        """Ask those of these panels that have no fresh data, and wait for them so long."""
        await self._asking.wait(self._old(panel_ids), patience_s)

    async def first(self, panel_ids: Sequence[int]) -> bool:
        """Ask what is old of these panels, and of annotations, and wait a moment; whether anything is to be taken."""
        self.want(panel_ids)
        stale = self._old(panel_ids)
        first, old = not self._fresh.has_marks, self._marks_are_old()
        if old:
            self._ask_marks()
        marks = self.marks.tasks if first or (old and not self._live) else ()
        if not stale and not marks:
            return self._asking.has_found
        await self._asking.wait(stale, FIRST_DATA_S, marks)
        return True

    def expect(self, panel_ids: Iterable[int]) -> None:
        """Ask what is old of these panels, and of annotations, and wait for nothing."""
        old = self._old(panel_ids)
        self.want(old)
        self._asking.start(old)
        if self._marks_are_old():
            self._ask_marks()

    def ahead(self, near: Set[int]) -> None:
        """Ask what is old of the panels that somebody looks at: whoever changed them fetches them in a moment."""
        self._asking.ahead(self._old((near | self._fresh.wanted()) & self.panels.keys()), FIRST_DATA_S)

    async def refresh(self, near: Set[int], patience_s: float) -> None:
        """Move on to the range as it is now, ask all that is wanted anew, and wait for it so long.

        `near`: the panels that some page is near; those that somebody wanted a moment ago are asked with them.
        """
        self.ticks.move()
        wanted = (near | self._fresh.wanted()) & self.panels.keys()
        if wanted:
            self._ask_marks()
        await self._asking.wait(wanted, patience_s)

    def _ask_marks(self) -> None:
        settled = self._fresh.has_marks and not self._live
        self._fresh.ask_marks()
        self.marks.ask(self.ticks.range, self.ticks.number, made_alone=settled)

    def _at_hand(self, panel_id: int) -> Outcome | None:
        outcome = self.panels[panel_id].at_hand(self.ticks.range, self.ticks.number)
        if outcome is not None:
            self._fresh.came(panel_id)
        return outcome

    async def _refresh(self, panel_id: int) -> Outcome:
        outcome = await self.panels[panel_id].refresh(self.ticks.range, self.ticks.number)
        self._fresh.came(panel_id)
        return outcome

    # -- what came ---------------------------------------------------------------------------------------------------

    def take(self) -> tuple[dict[int, Outcome], dict[str, Any]]:
        """What came since it was taken last: outcomes by panel, and annotations by the name of their query."""
        return self._asking.take(), self.marks.take()

    def stop(self) -> list[asyncio.Task[None]]:
        """End what is on its way; the tasks that are on their way out."""
        return [*self._asking.stop(), *self.marks.stop()]
