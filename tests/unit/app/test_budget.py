"""What one person may send, and what that is to others."""

from __future__ import annotations

import pytest

from heliograph.app.auth.budget import BYTES_PER_MINUTE, Budget
from heliograph.errors import RateLimitedError
from heliograph.storage.cache.memory import MemoryRates


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_who_sent_as_much_as_fits_in_a_minute_waits_and_others_do_not() -> None:
    clock = Clock()
    budget = Budget("6000/minute", MemoryRates(clock), 50, (), clock)
    mine, other = budget.person("user:1", "203.0.113.1"), budget.person("user:2", "203.0.113.1")
    for _ in range(8):
        budget.carry(mine, BYTES_PER_MINUTE // 8)
    with pytest.raises(RateLimitedError) as refused:
        budget.carry(mine, BYTES_PER_MINUTE // 8)
    assert refused.value.retry_after_s == pytest.approx(7.5)
    budget.carry(other, BYTES_PER_MINUTE)
    clock.now += 7.5  # what was refused was not counted
    budget.carry(mine, BYTES_PER_MINUTE // 8)
