"""What of a kept piece is asked once more: steps that were answered while late samples could still come, and what was
empty, as it is where a source has just begun again. Pure.

A step is *settled* once its value should change no more, and then it is kept. It is *firm* once it was asked HEALS_MS
later than that. What is not firm is kept too, so that each refresh asks for the newest steps alone, and is asked again
about once in EVERY_MS. What was empty is believed for as long as it has been empty by now.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ..frame import have_rows
from ..timerange import TimeRange
from .held import Held, inside

HEALS_MS: Final = 60_000
EVERY_MS: Final = 60_000
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
    if now_ms < one.firm_to_ms + settles_ms + HEALS_MS + max(EVERY_MS, step_ms):
        return one
    if one.firm_to_ms < one.range.from_ms:
        return None
    firm = TimeRange(one.range.from_ms, one.firm_to_ms)
    return replace(one, range=firm, frames=inside(one.frames, firm, step_ms), shared_to_ms=-1)


def good_until_s(now_s: float, since_s: float) -> float:
    """Until when a piece is good that has been empty since then."""
    return now_s + min(max(now_s - since_s, SHORTEST_EMPTY_S), LONGEST_EMPTY_S)
