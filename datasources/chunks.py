"""Arithmetic of ranges in pieces. Pure; all times in ms since the epoch.

Times lie on the grid `t ≡ 0 mod step`. Bounds are inclusive, so the range after [a, b] starts at b + step: pieces share
no edge. The time axis is cut into chunks of CHUNK_STEPS steps whose bounds are the same whoever asks. What is kept of a
chunk is one piece without holes: the steps from its first to its last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .timerange import TimeRange

CHUNK_STEPS = 480


def chunk_of(time_ms: int, step_ms: int) -> TimeRange:
    """The chunk that holds a time."""
    width = step_ms * CHUNK_STEPS
    start = time_ms // width * width
    return TimeRange(start, start + width - step_ms)


def chunks(range_: TimeRange, step_ms: int) -> list[TimeRange]:
    """The chunks that a range touches, whole, in the order of time."""
    found = [chunk_of(range_.from_ms, step_ms)]
    while found[-1].to_ms < range_.to_ms:
        found.append(chunk_of(found[-1].to_ms + step_ms, step_ms))
    return found


def missing(wanted: TimeRange, kept: TimeRange | None, step_ms: int) -> list[TimeRange]:
    """What must be asked so that kept and asked together hold `wanted` and are one piece without holes."""
    if kept is None:
        return [wanted]
    asked = []
    if wanted.from_ms < kept.from_ms:
        asked.append(TimeRange(wanted.from_ms, kept.from_ms - step_ms))
    if wanted.to_ms > kept.to_ms:
        asked.append(TimeRange(kept.to_ms + step_ms, wanted.to_ms))
    return asked


def merge(ranges: Iterable[TimeRange], step_ms: int) -> list[TimeRange]:
    """The same steps in as few ranges as there may be, in the order of time."""
    merged: list[TimeRange] = []
    for one in sorted(ranges):
        if merged and one.from_ms <= merged[-1].to_ms + step_ms:
            merged[-1] = TimeRange(merged[-1].from_ms, max(merged[-1].to_ms, one.to_ms))
        else:
            merged.append(one)
    return merged


def gaps(range_: TimeRange, kept: Iterable[TimeRange], step_ms: int) -> list[TimeRange]:
    """The steps of a range that none of the kept ranges has."""
    found, start = [], range_.from_ms
    for one in merge(kept, step_ms):
        if one.to_ms < start or one.from_ms > range_.to_ms:
            continue
        if one.from_ms > start:
            found.append(TimeRange(start, one.from_ms - step_ms))
        start = one.to_ms + step_ms
    if start <= range_.to_ms:
        found.append(TimeRange(start, range_.to_ms))
    return found


def final_part(range_: TimeRange, now_ms: int, settles_ms: int, step_ms: int) -> TimeRange | None:
    """The steps of a range whose values change no more: those at least `settles_ms` older than now."""
    until = (now_ms - settles_ms) // step_ms * step_ms
    return TimeRange(range_.from_ms, min(range_.to_ms, until)) if until >= range_.from_ms else None


def fewest(asked: Sequence[TimeRange], most: int) -> list[TimeRange]:
    """At most so many ranges that hold what is asked: all as it is, else one around all of it."""
    if len(asked) <= most:
        return list(asked)
    return [TimeRange(asked[0].from_ms, asked[-1].to_ms)]
