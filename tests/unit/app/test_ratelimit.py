"""The limit of requests, in this process alone."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.app.auth.ratelimit import RateLimit
from heliograph.errors import RateLimitedError
from heliograph.storage.cache.memory import MemoryRates
from heliograph.storage.cache.windows import Windows


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


async def test_one_more_than_allowed_waits_until_the_first_has_left_the_window() -> None:
    clock = Clock()
    limit = RateLimit("100/minute", MemoryRates(clock))
    for _ in range(100):
        await limit.check("user:1")
        clock.now_s += 0.1
    with pytest.raises(RateLimitedError) as refused:
        await limit.check("user:1")
    assert refused.value.retry_after_s == pytest.approx(50)
    await limit.check("user:2")
    clock.now_s += 50
    await limit.check("user:1")
    with pytest.raises(RateLimitedError) as refused:
        await limit.check("user:1")
    assert refused.value.retry_after_s == pytest.approx(0.1)


@given(st.integers(1, 5), st.lists(st.floats(0, 3), max_size=60))
def test_no_window_lets_more_in_and_who_waits_as_told_gets_in(amount: int, pauses: list[float]) -> None:
    windows, now_s, let_in = Windows(amount, 10.0), 0.0, []
    for pause in pauses:
        now_s += pause
        wait_s = windows.wait_s("a", now_s)
        if wait_s == 0:
            let_in.append(now_s)
        else:
            assert sum(one > now_s - 10.0 for one in let_in) == amount
            assert sum(one > now_s + wait_s - 10.0 + 1e-9 for one in let_in) < amount
    assert all(b - a >= 10.0 - 1e-9 for a, b in zip(let_in, let_in[amount:], strict=False))
    assert all(a <= b for a, b in pairwise(let_in))
