"""Has the transformations of a panel worked out: what is little at once, what is much in the turn of who asks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from ...datasources.frame import Frame
from ...datasources.transform.bounds import LIGHT, Allowance, OutgrownError
from ...datasources.transform.steps import Step, transformed
from ...datasources.working import Working

LIGHT_VALUES: Final = 20_000  # of the answers; few rows may make many, which is seen on the way


async def transformed_in_turn(
    frames: Sequence[Frame], steps: Sequence[Step], working: Working, who: str
) -> Sequence[Frame]:
    """What steps leave of frames, in the turn of `who`. InvalidError for what cannot be done, or makes too much;
    RateLimitedError where too much of theirs waits, OverloadedError where too much does."""
    if sum(frame.rows * len(frame.fields) for frame in frames) <= LIGHT_VALUES:
        try:
            return await asyncio.to_thread(transformed, frames, steps, Allowance(LIGHT))
        except OutgrownError:
            pass  # it grew on the way
    return await working.run(who, transformed, frames, steps)
