"""What numbers look like in units, against the texts that Grafana writes."""

from __future__ import annotations

import json
import math
from datetime import UTC, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from heliograph.components.units import TABLE, format_value, is_time, null_text

ROWS = json.loads((Path(__file__).parents[2] / "data/units.json").read_text("utf-8"))["rows"]
NUMBERS = {"@NaN": math.nan, "@Infinity": math.inf, "@-Infinity": -math.inf, "@-0": -0.0}
HOUR_MS = 3_600_000


def test_every_row_is_as_in_grafana() -> None:
    wrong = []
    for unit, value, decimals, prefix, text, suffix in ROWS:
        if value is None:
            got: Any = null_text(unit)
            expected: Any = prefix + text + suffix
        else:
            shown = format_value(NUMBERS.get(value, value), unit, decimals)
            got, expected = (shown.prefix, shown.text, shown.suffix), (prefix, text, suffix)
        if got != expected:
            wrong.append((unit, value, decimals, got, expected))
    assert wrong == []
    assert len(ROWS) > 5000


def test_every_unit_of_the_table_writes_a_number() -> None:
    assert all(str(format_value(1234.5, unit)) for unit in TABLE)


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        ("currencySEK", "1.2Kkr"),
        ("lengthcm", "1234.5 cm"),
        ("epm", "1.2K evts/m"),
        ("GiBs", "1.2 TiB/s"),
        ("pressurehg", '1234.5 "Hg'),
    ],
)
def test_units_that_no_row_holds(unit: str, text: str) -> None:
    assert str(format_value(1234.5, unit, 1)) == text


def test_no_number_is_a_dash() -> None:
    assert str(format_value(None, "bytes")) == "–"


def test_an_instant_is_written_in_its_zone() -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    assert str(format_value(0, "time:YYYY-MM-DD HH:mm Z", zone=east)) == "1970-01-01 05:30 +05:30"
    assert str(format_value(0, "time:", zone=east)) == "1970-01-01T05:30:00+05:30"
    assert str(format_value(0, "time:dddd Do [at] LT")) == "Thursday 1st at 12:00 AM"
    assert is_time("dateTimeAsUS")
    assert is_time("time:YYYY")
    assert not is_time("s")


def test_a_time_of_today_has_no_date() -> None:
    assert str(format_value(HOUR_MS, "dateTimeAsIsoNoDateIfToday", now_ms=2 * HOUR_MS)) == "01:00:00"
    assert str(format_value(HOUR_MS, "dateTimeAsIsoNoDateIfToday", now_ms=30 * HOUR_MS)) == "1970-01-01 01:00:00"


@pytest.mark.parametrize(
    ("ago_h", "text"),
    [(0, "a few seconds ago"), (0.5, "30 minutes ago"), (1, "an hour ago"), (-5, "in 5 hours"), (50, "2 days ago")],
)
def test_how_long_ago(ago_h: float, text: str) -> None:
    now = 1e12
    assert str(format_value(now - ago_h * HOUR_MS, "dateTimeFromNow", zone=UTC, now_ms=now)) == text


@pytest.mark.parametrize("value", [1e21, 1.5e25, -3e30, 1e100, 1.7976931348623157e308, 5e-324])
def test_every_unit_writes_numbers_of_any_size(value: float) -> None:
    for unit in sorted(TABLE):
        for decimals in (None, 0, 3):
            assert "Error" not in format_value(value, unit, decimals).text, unit
