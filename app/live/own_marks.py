"""The annotations that people and programs made, as views need them: read once for each change, however many views."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...datasources.timerange import TimeRange
from ...kept import Kept
from ...storage.config.annotations import MAX_ANNOTATIONS, Annotation, Annotations

STAMP_LIFE_S = 0.5
MAX_KEPT = 2000


@dataclass(frozen=True, slots=True)
class Read:
    """What was read over a range."""

    from_ms: int
    to_ms: int
    found: Sequence[Annotation]

    def covers(self, range_: TimeRange) -> bool:
        """Whether all of a range was read."""
        return self.from_ms <= range_.from_ms and range_.to_ms <= self.to_ms


class OwnMarks:
    """Asks the config database whether something changed, at most each STAMP_LIFE_S; reads again only where it did."""

    def __init__(self, annotations: Annotations, clock: Callable[[], float]) -> None:
        self._annotations = annotations
        self._stamps: Kept[str] = Kept(clock, STAMP_LIFE_S, limit=MAX_KEPT)
        self._read: Kept[Read] = Kept(clock, math.inf, limit=MAX_KEPT)

    async def find(self, org: int, dashboard_id: str, range_: TimeRange) -> Sequence[Annotation]:
        """Those on the dashboard and on all that touch the range, by time. Who may see it is the caller's business."""
        # The stamp was written before what was read after it: at worst the same is read twice.
        writes = self._annotations.writes(org)
        stamp = await self._stamps.get((org, writes), lambda: self._annotations.stamp(org))
        key = (org, dashboard_id, range_.span_ms.bit_length(), stamp)  # others of about that span share what is read
        read = await self._read.get(key, lambda: self._find(org, dashboard_id, range_))
        if not read.covers(range_):
            self._read.forget(key)
            read = await self._read.get(key, lambda: self._find(org, dashboard_id, range_))
        if not read.covers(range_):  # others asked for another range at the same moment
            read = await self._find(org, dashboard_id, range_)
        touching = [one for one in read.found if one.end_ms >= range_.from_ms and one.time_ms <= range_.to_ms]
        return touching[-MAX_ANNOTATIONS:]

    async def _find(self, org: int, dashboard_id: str, range_: TimeRange) -> Read:
        # A range that moves on stays covered for a while.
        wide = TimeRange(range_.from_ms, range_.to_ms + range_.span_ms)
        found = await self._annotations.find(org, wide.from_ms, wide.to_ms, dashboard_id=dashboard_id)
        return Read(wide.from_ms, wide.to_ms, found)
