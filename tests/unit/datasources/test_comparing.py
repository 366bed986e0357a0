"""Series as they were: calendars, daylight saving, and what has no counterpart."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from heliograph.datasources.comparing import Back
from heliograph.datasources.frame import Frame
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import InvalidError

BERLIN = "Europe/Berlin"
HOUR = 3_600_000


def at(text: str, zone: str = BERLIN) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("span", "now", "then"),
    [
        ("1d", "2026-03-29T12:00", "2026-03-28T12:00"),  # 23 hours: clocks went forward in between
        ("1w", "2026-10-27T12:00", "2026-10-20T12:00"),  # 169 hours: back
        ("1M", "2026-03-31T08:00", "2026-02-28T08:00"),
        ("1M", "2026-04-15T08:00", "2026-03-15T08:00"),
        ("1y", "2024-02-29T08:00", "2023-02-28T08:00"),
    ],
)
def test_ranges_go_back_on_the_wall_clock_of_a_zone(span: str, now: str, then: str) -> None:
    range_ = Back.of(span, BERLIN).range(TimeRange(at(now), at(now) + 1))
    assert range_.from_ms == at(then)


def test_noon_is_compared_with_noon_across_daylight_saving() -> None:
    times = np.array([at("2026-03-28T12:00"), at("2026-03-25T12:00")], dtype=np.float64)
    found, known = Back.of("1w", BERLIN).forth(times)
    assert known.all()
    assert found.tolist() == [at("2026-04-04T12:00"), at("2026-04-01T12:00")]


def test_the_hour_that_a_clock_skips_has_no_counterpart() -> None:
    hours = np.array([at("2026-03-28T01:30"), at("2026-03-28T02:30"), at("2026-03-28T03:30")], dtype=np.float64)
    found, known = Back.of("1d", BERLIN).forth(hours)
    assert known.tolist() == [True, False, True]
    assert found[known].tolist() == [at("2026-03-29T01:30"), at("2026-03-29T03:30")]


def test_of_an_hour_that_comes_twice_the_first_counts() -> None:
    first = at("2026-10-25T02:30")
    hours = np.array([first, first + HOUR], dtype=np.float64)
    _, known = Back.of("1d", BERLIN).forth(hours)
    assert known.tolist() == [True, False]


def test_days_that_a_month_does_not_have_are_left_out_and_times_ascend() -> None:
    days = np.arange(at("2026-01-25T12:00", "UTC"), at("2026-02-05T12:00", "UTC") + 1, 24 * HOUR, dtype=np.float64)
    found, known = Back.of("1M").forth(days)
    assert known.sum() == len(days) - 3  # the 29th, 30th and 31st of February
    assert np.all(np.diff(found[known]) > 0)


def test_in_a_zone_without_changes_every_point_moves_alike() -> None:
    times = np.arange(0, 400 * 24 * HOUR, HOUR / 4)
    found, known = Back.of("1w").forth(times)
    assert known.all()
    assert np.array_equal(found - times, np.full(times.size, 7 * 24 * HOUR))


def test_what_was_is_marked_in_its_name_and_knows_what_it_is_beside() -> None:
    frame = Frame.series([0.0, 1000.0], [1.0, 2.0], name="web", labels={"host": "a"}, ref="A", family="up")
    [then] = Back.of("2w").frames([frame], "A-2w")
    assert (then.name, then.ref, then.family) == ("web (2 weeks ago)", "A-2w", None)
    assert then.numbers[0].config == {"compared_with": "web"}
    assert then.labels == {"host": "a"}
    assert then.fields[0].values.tolist() == [14 * 24 * HOUR, 14 * 24 * HOUR + 1000]


@pytest.mark.parametrize("span", ["", "0d", "1h", "w", "1week", "-1d", "1000d", "1d "])
def test_other_spans_are_refused(span: str) -> None:
    with pytest.raises(InvalidError):
        Back.of(span)
