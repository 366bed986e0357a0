"""Steps of the store: a ladder that its tiers divide, and which tier answers a step."""

from __future__ import annotations

from bisect import bisect_left

from .schema import HOURS, MINUTES, RAW, Tier

SECOND, MINUTE, HOUR, DAY = 1, 60, 3600, 86_400
LADDER_S = (
    *(n * SECOND for n in (1, 2, 5, 10, 15, 30)),
    *(n * MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * HOUR for n in (1, 2, 3, 6, 12)),
    DAY,
)


def step_on_ladder(step_s: float) -> int:
    """The smallest step of the ladder that is at least `step_s`; whole days above it."""
    if step_s > DAY:
        return -(-int(step_s) // DAY) * DAY
    return LADDER_S[bisect_left(LADDER_S, step_s)]


def choose(step_s: float, from_ms: int, now_ms: int) -> tuple[Tier, int]:
    """The tier that answers and the step in seconds: the coarsest whose buckets make up the step exactly.

    Where the range starts before the tier's retention, the finest tier that still has the data, at its own step.
    """
    step = step_on_ladder(step_s)
    tiers = [tier for tier in (HOURS, MINUTES, RAW) if step % max(tier.bucket_s, 1) == 0 and step >= tier.bucket_s]
    for tier in [*tiers, MINUTES, HOURS]:
        if from_ms >= now_ms - tier.keep_days * DAY * 1000:
            return tier, max(step, tier.bucket_s)
    return HOURS, max(step, HOURS.bucket_s)
