"""Labels of time axes around changes of clocks, as the page writes them."""

from __future__ import annotations

import json

import pytest
from fixtures.scripts import SCRIPTS, ran

HOUR_MS = 3_600_000
SPRING_MS = 1_743_292_800_000  # 2025-03-30T00:00Z, an hour before Berlin's clocks go forward
AUTUMN_MS = 1_761_436_800_000  # 2025-10-26T00:00Z, an hour before they go back


@pytest.mark.parametrize(
    ("start_ms", "hours", "labels"),
    [
        (SPRING_MS, 5, ["01:00", "03:00", "04:00", "05:00", "06:00", "07:00"]),
        (SPRING_MS - 6 * HOUR_MS, 12, ["20:00", "22:00", "30 Mar", "04:00", "06:00", "08:00"]),
        (AUTUMN_MS, 5, ["02:00", "03:00", "04:00", "05:00", "06:00"]),
    ],
)
def test_labels_around_a_change_of_clocks_are_hours_and_none_stands_twice(
    start_ms: int, hours: int, labels: list[str]
) -> None:
    script = f"""
import {{ axisTime, setZone, timeTicks }} from {json.dumps(str(SCRIPTS.parent / "zone.js"))};
setZone("Europe/Berlin");
const ticks = timeTicks(given[0], given[1], 6);
console.log(JSON.stringify(ticks.map((ms, index) => axisTime(ms, ticks, index))));
"""
    assert ran(script, start_ms, start_ms + hours * HOUR_MS) == labels
