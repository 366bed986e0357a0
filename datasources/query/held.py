"""What is known of a range, in pieces: what must be asked beside it, how it grows, what it is together. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..chunks import fewest, final_part, merge, missing
from ..joining import Frames, Piece, crop, join
from ..timerange import TimeRange

MAX_GAPS = 3
EVERY_MS = 60_000


@dataclass(frozen=True, slots=True)
class Held:
    """The final steps of a chunk that are known, in one piece without holes.

    `shared_to_ms`: what others have of it; `made_s`: when the source answered the newest of it; `firm_to_ms`: up to
    where it need not be asked again, `every_ms` after how long what is behind that is; `good_until_s`: until when it is
    good where it is empty.
    """

    range: TimeRange
    frames: Frames
    warnings: tuple[str, ...] = ()
    shared_to_ms: int = -1
    made_s: float = 0.0
    firm_to_ms: int = -1
    good_until_s: float = 0.0
    every_ms: int = EVERY_MS


def plan(range_: TimeRange, held: Mapping[TimeRange, Held | None], step_ms: int) -> list[TimeRange]:
    """What to ask the source for, so that it and what is held are the range, and no chunk gets a hole."""
    wanted: list[TimeRange] = []
    for chunk, one in held.items():
        part = chunk.intersect(range_)
        if part is not None:
            wanted += missing(part, one.range if one is not None else None, step_ms)
    return fewest(merge(wanted, step_ms), MAX_GAPS)


def grow(
    chunk: TimeRange,
    before: Held | None,
    fresh: Sequence[Held],
    *,
    now_ms: int,
    settles_ms: int,
    step_ms: int,
    legend: str,
    every_ms: int = EVERY_MS,
) -> Held | None:
    """What is now known of a chunk's final steps; None where that is no more than before.

    `every_ms`: that of a chunk of which nothing was known.
    """
    parts = [one for one in fresh if one.range.intersect(chunk) is not None]
    if before is not None and not any(holds(one.range, before.range) for one in parts):
        parts.append(before)
    if not parts:
        return None
    hull = TimeRange(min(one.range.from_ms for one in parts), max(one.range.to_ms for one in parts)).intersect(chunk)
    final = final_part(hull, now_ms, settles_ms, step_ms) if hull is not None else None
    if final is None or (before is not None and holds(before.range, final)):
        return None
    warnings = tuple(dict.fromkeys(warning for one in parts for warning in one.warnings))
    made_s = max(one.made_s for one in parts)
    firm_to_ms = min([final.to_ms, *(one.firm_to_ms for one in parts if one.firm_to_ms < one.range.to_ms)])
    shared_to_ms, every_ms = (before.shared_to_ms, before.every_ms) if before else (-1, every_ms)
    good_until_s = max(one.good_until_s for one in parts)  # what is added to a piece makes it no younger
    frames = joined(parts, final, step_ms, legend)
    return Held(final, frames, warnings, shared_to_ms, made_s, firm_to_ms, good_until_s, every_ms)


def joined(parts: Sequence[Held], range_: TimeRange, step_ms: int, legend: str) -> Frames:
    """The steps of a range out of parts that do not overlap."""
    until_ms = range_.to_ms + step_ms
    cropped = ((one.range, crop(one.frames, range_.from_ms, until_ms)) for one in parts)
    return join([Piece(own.from_ms, own.to_ms + step_ms, frames) for own, frames in cropped], legend)


def rows(frames: Frames) -> int:
    """Rows as a table had them of which these are the series: each number column has a series of its own."""
    counts: dict[str, int] = {}
    for frame in frames:
        name = frame.family if frame.family is not None else frame.name
        counts[name] = counts.get(name, 0) + frame.rows
    return max(counts.values(), default=0)


def inside(frames: Frames, range_: TimeRange, step_ms: int) -> Frames:
    """The rows of the steps of a range, its last step whole."""
    return crop(frames, range_.from_ms, range_.to_ms + step_ms)


def holds(outer: TimeRange, inner: TimeRange) -> bool:
    """Whether the one range lies in the other."""
    return outer.from_ms <= inner.from_ms and inner.to_ms <= outer.to_ms
