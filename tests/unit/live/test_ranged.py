"""Zoomed ranges: snapped so that they are shared, made once, bounded."""

from __future__ import annotations

import asyncio
import gzip
import random

import pytest

from heliograph.app.live.ranged import RangeAnswers, etag_of, snapped
from heliograph.datasources.timerange import TimeRange


@pytest.mark.parametrize("span_ms", [1, 999, 61_000, 3_600_000, 86_400_000 * 5, 86_400_000 * 3000])
def test_a_snapped_range_holds_the_asked_one_and_little_more(span_ms: int) -> None:
    dice = random.Random(span_ms)
    for _ in range(100):
        start = dice.randrange(1_700_000_000_000, 1_800_000_000_000)
        range_ = snapped(TimeRange(start, start + span_ms))
        assert range_.from_ms <= start
        assert range_.to_ms >= start + span_ms
        assert range_.span_ms <= max(span_ms * 1.25, span_ms + 2)
        assert snapped(range_).from_ms <= range_.from_ms


def test_random_zooms_into_six_hours_coincide() -> None:
    dice = random.Random(7)
    ranges = set()
    for _ in range(20_000):
        start, end = sorted(dice.sample(range(6 * 3_600_000), 2))
        ranges.add(snapped(TimeRange(start, end)))
    assert len(ranges) < 5000


class Maker:
    def __init__(self) -> None:
        self.calls = 0

    async def make(self) -> bytes:
        self.calls += 1
        await asyncio.sleep(0)
        return b"x" * 1000


async def test_an_answer_is_made_once_and_deflated_from_the_second_time_on() -> None:
    now, maker = [0.0], Maker()
    cache = RangeAnswers(lambda: now[0])
    first = await asyncio.gather(*(cache.get("k", 10, maker.make, gzip=True) for _ in range(9)))
    etag = etag_of(b"x" * 1000)
    assert first == [(b"x" * 1000, False, etag)] * 9
    body, compressed, tag = await cache.get("k", 10, maker.make, gzip=True)
    assert tag == etag
    assert (gzip.decompress(body), compressed) == (b"x" * 1000, True)
    assert (await cache.get("k", 10, maker.make, gzip=False)) == (b"x" * 1000, False, etag)
    assert maker.calls == 1
    now[0] = 11.0
    await cache.get("k", 10, maker.make, gzip=False)
    assert maker.calls == 2


async def test_the_cache_is_bounded_by_bytes_and_the_least_used_leave_first() -> None:
    maker = Maker()
    cache = RangeAnswers(lambda: 0.0, limit=5500)
    for key in range(20):
        await cache.get(key, 10, maker.make, gzip=False)
        await cache.get(0, 10, maker.make, gzip=False)
    assert cache.nbytes == 5000
    assert maker.calls == 20
