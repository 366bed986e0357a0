"""When panels and annotations of a view were asked for, and had their data: what is to be asked again, and wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from .key import ViewKey

# A panel that was asked for over HTTP counts as wanted for so long, until a socket says what its page is near.
WANTED_S: Final = 20.0
# What a still view asks again after a moment, when somebody opens it: it may be there by then.
UNSETTLED: Final = frozenset({"empty", "error", "timeout", "stale"})
UNSETTLED_S: Final = 3.0
# What people mark on a range in the past may change though its data do not: who comes after so long sees it.
STILL_MARKS_S: Final = 0.5


class Freshness:
    """Of one view. Data of a live view are old after one and a half refreshes, those of a still one never where they
    are settled."""

    def __init__(self, key: ViewKey, clock: Callable[[], float]) -> None:
        self._key = key
        self._clock = clock
        self._asked_s: dict[int, float] = {}
        self._fresh_s: dict[int, float] = {}
        self._marks_s: float | None = None

    def ask(self, panel_ids: Iterable[int]) -> None:
        """Somebody asks for these now."""
        self._asked_s |= dict.fromkeys(panel_ids, self._clock())

    def came(self, panel_id: int) -> None:
        """Its data are here."""
        self._fresh_s[panel_id] = self._clock()

    def forget(self, panel_ids: Iterable[int]) -> None:
        """What these had is theirs no more."""
        for panel_id in panel_ids:
            self._fresh_s.pop(panel_id, None)

    def is_old(self, panel_id: int, state: str) -> bool:
        """Whether a panel that is in that state is to be asked."""
        fresh_s = self._fresh_s.get(panel_id)
        if fresh_s is not None and not self._key.live and state in UNSETTLED:
            return self._clock() - fresh_s > UNSETTLED_S
        return self._is_past(fresh_s)

    def _is_past(self, fresh_s: float | None) -> bool:
        """Whether what was fresh then is old, or (None) was never asked."""
        if fresh_s is None:
            return True
        return self._key.live and self._clock() - fresh_s > self._key.refresh_s * 1.5

    def wanted(self) -> set[int]:
        """The panels that somebody asked for a moment ago."""
        horizon = self._clock() - WANTED_S
        return {panel_id for panel_id, asked in self._asked_s.items() if asked > horizon}

    # -- annotations -------------------------------------------------------------------------------------------------

    @property
    def has_marks(self) -> bool:
        """Whether annotations were asked for already."""
        return self._marks_s is not None

    def ask_marks(self) -> None:
        """Annotations are asked for now."""
        self._marks_s = self._clock()

    def forget_marks(self) -> None:
        """Other annotations are shown than before."""
        self._marks_s = None

    def marks_are_old(self, *, made: bool) -> bool:
        """Whether annotations are to be asked for. `made`: people may make more of them at any time."""
        if self._key.live or self._marks_s is None:
            return self._is_past(self._marks_s)
        return made and self._clock() - self._marks_s > STILL_MARKS_S
