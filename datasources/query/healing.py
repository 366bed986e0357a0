"""What of a kept piece is asked once more: steps that were answered while late samples could still come, and what was
empty, as it is where a source has just begun again. Pure.

A step is *settled* once its value should change no more, and then it is kept. It is *firm* once it was asked HEALS_MS
later than that. What is not firm is kept too, so that each refresh asks for the newest steps alone, and is asked again
once in a while: in EVERY_MS at first and wherever that brought something else, after twice as long each time that it
did not. What was empty is believed for as long as it has been empty by now.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from ..frame import Field, have_rows
from ..joining import Frames
from ..timerange import TimeRange
from .held import EVERY_MS, Held, inside

HEALS_MS: Final = 60_000
MOST_EVERY_MS: Final = 5 * EVERY_MS
EMPTY_HEALS_MS: Final = 300_000  # in which the newest steps of an answer that ended may still come
SHORTEST_EMPTY_S, LONGEST_EMPTY_S = 2.0, 600.0
BELIEVED_AFTER_S: Final = 60.0


def is_empty(one: Held) -> bool:
    """Whether nothing was found in the range."""
    return not have_rows(one.frames)


def fresh(one: Held, *, now_ms: int, settles_ms: int, step_ms: int) -> Held:
    """A piece that was answered now, with how far it is firm."""
    heals_ms = EMPTY_HEALS_MS if is_empty(one) else HEALS_MS
    limit = (now_ms - settles_ms - heals_ms) // step_ms * step_ms
    return replace(one, firm_to_ms=min(one.range.to_ms, max(limit, one.range.from_ms - step_ms)))


def trusted(one: Held | None, *, now_ms: int, settles_ms: int, step_ms: int) -> Held | None:
    """The part of a kept piece that is not asked again now; None where all of it is."""
    if one is None:
        return None
    if is_empty(one):
        return one if now_ms < one.good_until_s * 1000 else None
    if one.firm_to_ms >= one.range.to_ms:
        return one
    if now_ms < one.firm_to_ms + settles_ms + HEALS_MS + max(one.every_ms, step_ms):
        return one
    if one.firm_to_ms < one.range.from_ms:
        return None
    firm = TimeRange(one.range.from_ms, one.firm_to_ms)
    return replace(one, range=firm, frames=inside(one.frames, firm, step_ms), shared_to_ms=-1)


def paced(known: Held | None, kept: Held | None, new: Sequence[Held], step_ms: int) -> Held | None:
    """`kept`, the part of what was known that was not asked again, with how long what is added to it waits for that."""
    if known is None or kept is None or kept.range == known.range:
        return kept
    again = TimeRange(kept.range.to_ms + step_ms, known.range.to_ms)
    came = [one for one in new if one.range.from_ms <= again.from_ms and again.to_ms <= one.range.to_ms]
    if not came:
        return kept
    as_before = _same(inside(known.frames, again, step_ms), inside(came[0].frames, again, step_ms))
    return replace(kept, every_ms=min(2 * kept.every_ms, MOST_EVERY_MS) if as_before else EVERY_MS)


def _same(some: Frames, others: Frames) -> bool:
    """Whether two answers have the same series with the same values, in whatever order they stand."""
    first, second = _by_series(some), _by_series(others)
    return first.keys() == second.keys() and all(_equal(first[key], second[key]) for key in first)


def _by_series(frames: Frames) -> dict[Hashable, Field]:
    """Columns, times among them, by what tells them apart: their names depend on which series stand beside them."""
    found: dict[Hashable, Field] = {}
    for frame in frames:
        if frame.rows:
            labels = tuple(sorted(pair for column in frame.numbers for pair in column.labels.items()))
            found |= {(frame.ref, frame.family, labels, place): one for place, one in enumerate(frame.fields)}
    return found


def _equal(one: Field, other: Field) -> bool:
    if one.values.dtype.kind == "f" and other.values.dtype.kind == "f":
        return bool(np.array_equal(one.values, other.values, equal_nan=True))
    return bool(one.values.tolist() == other.values.tolist())


def good_until_s(now_s: float, since_s: float) -> float:
    """Until when a piece is good that has been empty since then."""
    return now_s + min(max(now_s - since_s, SHORTEST_EMPTY_S), LONGEST_EMPTY_S)
