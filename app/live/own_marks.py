"""The annotations that people and programs made, as views need them: read once for each change, however many views."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...datasources.timerange import TimeRange
from ...joined import Joined
from ...storage.config.annotations import MAX_ANNOTATIONS, Annotation, Annotations

STAMP_LIFE_S = 0.5
MAX_KEPT = 2000
Key = tuple[int, str, int]  # org, dashboard, the order of size of the range


@dataclass(frozen=True, slots=True)
class Kept:
    """What was read over a range while a stamp stood."""

    stamp: str
    from_ms: int
    to_ms: int
    found: Sequence[Annotation]


class OwnMarks:
    """Asks the config database whether something changed, at most each STAMP_LIFE_S; reads again only where it did."""

    def __init__(self, annotations: Annotations, clock: Callable[[], float]) -> None:
        self._annotations = annotations
        self._clock = clock
        self._stamps: dict[int, tuple[float, int, str]] = {}
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._stamping: Joined[str] = Joined()
        self._reading: Joined[Kept] = Joined()

    async def find(self, org: int, dashboard_id: str, range_: TimeRange) -> Sequence[Annotation]:
        """Those on the dashboard and on all that touch the range, by time. Who may see it is the caller's business."""
        stamp = await self._stamp(org)
        key = (org, dashboard_id, range_.span_ms.bit_length())
        kept = self._kept.get(key)
        covers = kept is not None and kept.from_ms <= range_.from_ms and range_.to_ms <= kept.to_ms
        if kept is None or kept.stamp != stamp or not covers:
            # A range that moves on stays covered for a while.
            wide = TimeRange(range_.from_ms, range_.to_ms + range_.span_ms)
            kept = await self._reading.ask((*key, stamp, wide), lambda: self._read(key, stamp, wide))
        if key in self._kept:
            self._kept.move_to_end(key)
        touching = [one for one in kept.found if one.end_ms >= range_.from_ms and one.time_ms <= range_.to_ms]
        return touching[-MAX_ANNOTATIONS:]

    async def _read(self, key: Key, stamp: str, range_: TimeRange) -> Kept:
        org, dashboard_id, _ = key
        found = await self._annotations.find(org, range_.from_ms, range_.to_ms, dashboard_id=dashboard_id)
        kept = self._kept[key] = Kept(stamp, range_.from_ms, range_.to_ms, found)
        self._kept.move_to_end(key)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return kept

    async def _stamp(self, org: int) -> str:
        now, writes = self._clock(), self._annotations.writes(org)
        known = self._stamps.get(org)
        if known is not None and known[1] == writes and now - known[0] < STAMP_LIFE_S:
            return known[2]
        # The stamp was written before what was read after it: at worst the same is read twice.
        stamp = await self._stamping.ask((org, writes), lambda: self._annotations.stamp(org))
        self._stamps[org] = (now, writes, stamp)
        return stamp
