"""Buckets of time whose end lies ahead: the points of a series that more may be counted in, marked in its columns.

A value that is counted, summed or averaged over a bucket is not what it will be before the bucket is over. Values of
instants, and of the time before an instant, are what they are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from .datemath import moved_ms
from .frame import Frame

UNFINISHED: Final = "unfinished_from"  # in the config of a column: ms from which on its points are unfinished
CALENDAR: Final[Mapping[str, tuple[int, str]]] = {
    "minute": (1, "m"),
    "hour": (1, "h"),
    "day": (1, "d"),
    "week": (1, "w"),
    "month": (1, "M"),
    "quarter": (3, "M"),
    "year": (1, "y"),
}


@dataclass(frozen=True, slots=True)
class Buckets:
    """Buckets that are named by their start: `width_ms` wide, or one of CALENDAR in a zone.

    `until_ms`: the last instant that was asked for, which may lie within a bucket.
    """

    width_ms: float = 0.0
    until_ms: float = math.inf
    calendar: str = ""
    zone: str = "UTC"

    def last_ms(self, start_ms: float) -> float:
        """The last instant of a bucket."""
        if self.calendar:
            count, unit = CALENDAR[self.calendar]
            return moved_ms(int(start_ms), count, unit, self.zone) - 1
        return start_ms + self.width_ms - 1

    def unfinished_from(self, frame: Frame, now_ms: float) -> float | None:
        """The first point of a series of which more may come; None where there is none."""
        time = frame.time
        if time is None or not frame.is_series:
            return None
        found, end_ms = None, min(now_ms, self.until_ms)
        for start_ms in reversed(time.values.tolist()):
            if self.last_ms(start_ms) <= end_ms:
                break
            found = start_ms
        return found


def marked(frames: tuple[Frame, ...], buckets: Buckets, now_ms: float) -> tuple[Frame, ...]:
    """The same series, those with an unfinished point marked."""
    return tuple(_marked(frame, buckets.unfinished_from(frame, now_ms)) for frame in frames)


def _marked(frame: Frame, from_ms: float | None) -> Frame:
    if from_ms is None:
        return frame
    mark: dict[str, Any] = {UNFINISHED: from_ms}
    fields = (replace(one, config={**one.config, **mark}) if one.kind == "number" else one for one in frame.fields)
    return replace(frame, fields=tuple(fields))


def unfinished_from(config: Mapping[str, Any]) -> float | None:
    """What the config of a column says of it."""
    found = config.get(UNFINISHED)
    return float(found) if found is not None else None
