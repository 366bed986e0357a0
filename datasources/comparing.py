"""Series as they were: ranges moved back by a span of the calendar, and what is found in them moved forth again.

Days, weeks, months and years are those of a zone's wall clock, so that noon is compared with noon across a change of
daylight saving (grafana#7762). What has no counterpart, such as the hour that a clock skips or the 31st of a month that
has none, is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from ..errors import InvalidError
from .buckets import UNFINISHED
from .datemath import moved_ms
from .frame import Array, Field, Frame
from .timerange import TimeRange

SPAN: Final = re.compile(r"([1-9]\d{0,2})([dwMy])")
WORDS: Final = {"d": "day", "w": "week", "M": "month", "y": "year"}
COMPARED: Final = "compared_with"  # in the config of a column: the name of the series that it is shown beside
DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Back:
    """So many days, weeks, months or years ago in a zone."""

    count: int
    unit: str
    zone: str = "UTC"

    @classmethod
    def of(cls, text: str, zone: str = "UTC") -> Back:
        """`1d`, `2w`, `1M`, `1y`; InvalidError for any other."""
        found = SPAN.fullmatch(text)
        if found is None:
            raise InvalidError(f"{text[:20]!r} is no span to compare with: 1d, 1w, 1M, 1y")
        return cls(int(found[1]), found[2], zone)

    def __str__(self) -> str:
        return f"{self.count} {WORDS[self.unit]}{'s' if self.count > 1 else ''} ago"

    def range(self, range_: TimeRange) -> TimeRange:
        """The range as it was."""
        start, end = (moved_ms(ms, -self.count, self.unit, self.zone) for ms in (range_.from_ms, range_.to_ms))
        return TimeRange(start, max(start, end))

    def forth(self, times_ms: Array) -> tuple[Array, Array]:
        """Times moved forth, and which of all have a counterpart (a mask)."""
        found, known = np.full(times_ms.size, np.nan), np.isfinite(times_ms)
        days = np.where(known, times_ms, 0) // DAY_MS
        for day in np.unique(days[known]).tolist():
            rows = np.flatnonzero(known & (days == day))
            shifts = {self._shift(at) for at in (day * DAY_MS, day * DAY_MS + DAY_MS - 1)}
            if len(shifts) == 1:
                shift = shifts.pop()
                found[rows] = np.nan if shift is None else times_ms[rows] + shift
            else:
                each = [(at, self._shift(at)) for at in times_ms[rows].tolist()]
                found[rows] = [np.nan if shift is None else at + shift for at, shift in each]
        return found, np.isfinite(found)

    def _shift(self, ms: float) -> int | None:
        """How far forth an instant moves, ms; None where going back from there leads elsewhere."""
        there = moved_ms(int(ms), self.count, self.unit, self.zone)
        return there - int(ms) if moved_ms(there, -self.count, self.unit, self.zone) == int(ms) else None

    def frames(self, frames: Sequence[Frame], ref: str) -> tuple[Frame, ...]:
        """What was found then, at the times that it is compared with, marked in its name."""
        return tuple(self._frame(frame, ref) for frame in frames)

    def _frame(self, frame: Frame, ref: str) -> Frame:
        fields: Sequence[Field] = frame.fields
        if frame.time is not None:
            times, kept = self.forth(frame.time.values)
            moved = replace(frame.time, values=times, exact=None)
            fields = [(moved if one is frame.time else one).picked(kept) for one in fields]
        base = frame.name or next((one.name for one in frame.numbers), "")
        name = f"{base} ({self})" if base else str(self)
        marked = tuple(self._marked(one, base, lone=len(frame.numbers) == 1) for one in fields)
        return replace(frame, fields=marked, name=name, ref=ref, family=None)

    def _marked(self, one: Field, base: str, *, lone: bool) -> Field:
        if one.kind != "number":
            return one
        was = {key: value for key, value in one.config.items() if key != UNFINISHED}
        config: dict[str, Any] = {**was, COMPARED: base if lone else one.name}
        return replace(one, name=f"{one.name} ({self})", config=config)
