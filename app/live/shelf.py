"""The views that a process holds: within its limits, warm for a while after the last viewer left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import structlog

from ...errors import TooManyViewersError
from ..process.telemetry import Telemetry
from .lifecycle import Fact, ViewLimits, admit, to_end
from .view import View

log = structlog.get_logger(__name__)
RETRY_S = 5.0


class Shelf:
    """Views by id. What becomes of them `lifecycle` decides; this carries it out."""

    def __init__(self, limits: ViewLimits, clock: Callable[[], float], telemetry: Telemetry) -> None:
        self.limits = limits
        self._clock = clock
        self._telemetry = telemetry
        self._views: dict[str, View] = {}
        self._owners: dict[str, str] = {}
        self._of_owner: Counter[str] = Counter()
        self._nbytes = 0  # as of the last sweep

    def __iter__(self) -> Iterator[View]:
        return iter(tuple(self._views.values()))

    def __len__(self) -> int:
        return len(self._views)

    def get(self, view_id: str) -> View | None:
        """The view of that id; None where it is not held."""
        return self._views.get(view_id)

    def shows(self, dashboard: tuple[int, str], version: int) -> bool:
        """Whether there is a view of that version of a dashboard."""
        return any(
            (view.key.org, view.key.dashboard_id) == dashboard and view.key.version == version
            for view in self._views.values()
        )

    def make_room(self, owner: str) -> None:
        """Room for one more view of that owner; TooManyViewersError where there is none."""
        limits = self.limits
        full = len(self._views) >= limits.views or self._nbytes >= limits.view_bytes
        if not full and self._of_owner[owner] < limits.views_per_user:
            return
        admission = admit(self._facts(), owner, limits)
        if admission.refused:
            self._telemetry.shed.labels(admission.refused).inc()
            what = "you hold" if admission.refused == "views_per_user" else "this server holds"
            raise TooManyViewersError(f"{what} as many views as it may", retry_after_s=RETRY_S)
        for view_id in admission.end:
            self.end(view_id)

    def put(self, view: View, owner: str) -> None:
        """Hold a view; `owner` is whose number of views it counts against, or empty."""
        self._views[view.id] = view
        self._owners[view.id] = owner
        if owner:
            self._of_owner[owner] += 1
        self._telemetry.views.set(len(self._views))

    def end(self, view_id: str) -> None:
        """Let a view go."""
        view = self._views.pop(view_id)
        owner = self._owners.pop(view_id)
        if owner:
            self._of_owner[owner] -= 1
            if not self._of_owner[owner]:
                del self._of_owner[owner]
        view.stop()
        self._telemetry.views.set(len(self._views))

    def sweep(self) -> None:
        """End the views whose time has come."""
        facts = self._facts()
        ending = frozenset(to_end(facts, self.limits, self._clock()))
        for view_id in ending:
            self.end(view_id)
        self._nbytes = sum(fact.nbytes for fact in facts if fact.view_id not in ending)
        self._telemetry.view_bytes.set(self._nbytes)

    def _facts(self) -> list[Fact]:
        return [
            Fact(view.id, self._owners[view.id], bool(view.followers), view.pinned, view.used_s, view.nbytes)
            for view in self._views.values()
        ]
