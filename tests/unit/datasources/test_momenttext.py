"""Times as texts: many at once are what each is by itself."""

from __future__ import annotations

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from fixtures.scripts import SCRIPTS, ran

from heliograph.components.moments import write_moment
from heliograph.datasources.momenttext import moment_text, moment_texts
from heliograph.datasources.variables.dates import write_date

TIMES = np.array(
    [1_700_000_059_999.5, 1_700_000_060_000, 1_700_000_000_000, np.nan, 1_743_296_400_000, 1_743_300_000_000, 1e18]
)

ROWS = json.loads((Path(__file__).parents[2] / "data" / "moments.json").read_text("utf-8"))["rows"]
IN_PAGE = f"""
import {{ writeMoment }} from {json.dumps(str(SCRIPTS / "units_time.js"))};
import {{ setZone }} from {json.dumps(str(SCRIPTS / "zone.js"))};
console.log(JSON.stringify(given[0].map(([ms, zone, pattern]) => {{
  setZone(zone);
  return writeMoment(ms, pattern);
}})));
"""


@pytest.mark.parametrize("pattern", ["", "YYYY-MM-DD HH:mm", "LT", "LTS", "[ss] HH:mm", "SSS", "X", "Z z", "dddd Do"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kathmandu", "Africa/Monrovia"])
@pytest.mark.parametrize("first_ms", [0.0, -2_000_000_000_000.0, None])
def test_many_times_are_written_as_each_alone(pattern: str, zone: str, first_ms: float | None) -> None:
    times = TIMES if first_ms is None else np.append(TIMES, [first_ms, first_ms + 44_999])
    texts = moment_texts(times, pattern, ZoneInfo(zone)).tolist()
    assert texts == [moment_text(value, pattern, ZoneInfo(zone)) for value in times.tolist()]


def test_patterns_mean_what_they_mean_to_moment() -> None:
    found = [[ms, zone, pattern, moment_text(ms, pattern, ZoneInfo(zone))] for ms, zone, pattern, _ in ROWS]
    assert found == ROWS
    assert [[*row[:3], write_moment(row[0], row[2], ZoneInfo(row[1]))] for row in ROWS] == ROWS
    assert len({row[2] for row in ROWS}) > 60


def test_the_page_writes_times_as_the_server_does() -> None:
    assert [[*row[:3], text] for row, text in zip(ROWS, ran(IN_PAGE, ROWS), strict=True)] == ROWS


@pytest.mark.parametrize(
    ("value", "pattern", "expected"),
    [
        ("1722492000123", "dddd Do [at] LT", "Thursday 1st at 6:00 AM"),
        ("1722492000123", "[week] W, Q", "week 31, 3"),
        ("-30641760000000", "iso", "0999-01-01T00:00:00.000Z"),
        ("253402300800000", "iso", "+010000-01-01T00:00:00.000Z"),
        ("-62198755200000", "iso", "-000001-01-01T00:00:00.000Z"),
        ("8640000000000001", "iso", "Invalid date"),
    ],
)
def test_a_time_in_a_variable_takes_every_token(value: str, pattern: str, expected: str) -> None:
    assert write_date(value, pattern) == expected
