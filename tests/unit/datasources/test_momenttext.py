"""Times as texts: many at once are what each is by itself."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pytest

from heliograph.datasources.momenttext import moment_text, moment_texts

TIMES = np.array(
    [1_700_000_059_999.5, 1_700_000_060_000, 1_700_000_000_000, np.nan, 1_743_296_400_000, 1_743_300_000_000, 1e18]
)


@pytest.mark.parametrize("pattern", ["", "YYYY-MM-DD HH:mm", "LT", "LTS", "[ss] HH:mm", "SSS", "X", "Z z", "dddd Do"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kathmandu", "Africa/Monrovia"])
@pytest.mark.parametrize("first_ms", [0.0, -2_000_000_000_000.0, None])
def test_many_times_are_written_as_each_alone(pattern: str, zone: str, first_ms: float | None) -> None:
    times = TIMES if first_ms is None else np.append(TIMES, [first_ms, first_ms + 44_999])
    texts = moment_texts(times, pattern, ZoneInfo(zone)).tolist()
    assert texts == [moment_text(value, pattern, ZoneInfo(zone)) for value in times.tolist()]
