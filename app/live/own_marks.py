"""The annotations that people and programs made, as views need them: read once for each change, however many views."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from ...datasources.timerange import TimeRange
from ...kept import Kept
from ...storage.config.annotations import MAX_ANNOTATIONS, Annotation, Annotations
from .ranges_read import MAX_KEPT, RangesRead

STAMP_LIFE_S = 0.5


class OwnMarks:
    """Asks the config database whether something changed, at most each STAMP_LIFE_S; reads again only where it did."""

    def __init__(self, annotations: Annotations, clock: Callable[[], float]) -> None:
        self._annotations = annotations
        self._stamps: Kept[str] = Kept(clock, STAMP_LIFE_S, limit=MAX_KEPT)
        self._read: RangesRead[Annotation] = RangesRead(clock)

    async def find(self, org: int, dashboard_id: str, range_: TimeRange) -> Sequence[Annotation]:
        """Those on the dashboard and on all that touch the range, by time. Who may see it is the caller's business."""
        # The stamp was written before what was read after it: at worst the same is read twice.
        writes = self._annotations.writes(org)
        stamp = await self._stamps.get((org, writes), lambda: self._annotations.stamp(org))

        def read(wide: TimeRange) -> Awaitable[Sequence[Annotation]]:
            return self._annotations.find(org, wide.from_ms, wide.to_ms, dashboard_id=dashboard_id)

        found = await self._read.of((org, dashboard_id, stamp), range_, read)
        touching = [one for one in found if one.end_ms >= range_.from_ms and one.time_ms <= range_.to_ms]
        return touching[-MAX_ANNOTATIONS:]
