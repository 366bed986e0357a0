"""Zoomed ranges: snapped so that they are shared."""

from __future__ import annotations

import random

import pytest

from heliograph.app.live.snapping import snapped
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
