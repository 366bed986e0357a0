"""What each panel of a view came to last: what pages draw, and what brings them there from what they drew before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any, Final

from ...components.asking.outcome import Outcome
from ...components.asking.shared import Changes

LOADING: Final = Outcome("loading")


class Drawn:
    """Outcomes by panel; one that has none yet is loading. `broken`: what is said of panels that cannot be drawn."""

    def __init__(self, broken: Mapping[int, Outcome]) -> None:
        self._outcomes = dict(broken)
        self._nbytes: dict[int, int] = {}

    def of(self, panel_id: int) -> Outcome:
        """What the panel came to last."""
        return self._outcomes.get(panel_id, LOADING)

    @property
    def panel_ids(self) -> Set[int]:
        """The panels that came to something."""
        return self._outcomes.keys()

    @property
    def nbytes(self) -> int:
        """What the columns take, in bytes."""
        return sum(self._nbytes.values())

    def draw(self, panel_id: int, outcome: Outcome, changes: Changes) -> dict[str, Any]:
        """Make the outcome what is drawn; the message that brings a page there from what was drawn before.

        `changes`: those of the panel, which other views may have in common with this one.
        """
        before = self.of(panel_id)
        self._outcomes[panel_id] = outcome
        self._nbytes[panel_id] = outcome.nbytes
        if outcome.layout is None or outcome.drawn is None:
            return outcome.head() if before.head() != outcome.head() else {}
        if before.layout is None or before.drawn is None or before.layout.id != outcome.layout.id:
            return {"reload": True}
        change = changes.between(before.drawn, outcome.drawn)
        if before.head() != outcome.head():
            change |= outcome.head()
        return change

    def renew(self, panel_ids: Iterable[int], broken: Mapping[int, Outcome]) -> None:
        """What these panels came to is theirs no more; `broken` as at the beginning."""
        for panel_id in panel_ids:
            self._outcomes.pop(panel_id, None)
            self._nbytes.pop(panel_id, None)
        self._outcomes.update(broken)
