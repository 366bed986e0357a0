"""When reports are due: cron's fields on the wall clock of a zone."""

from __future__ import annotations

from datetime import datetime

import pytest

from heliograph.app.share.reports.reporter import by_maker
from heliograph.app.share.reports.schedule import next_ms
from heliograph.errors import InvalidError
from heliograph.storage.config.reports import Plan, Report


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize(
    ("schedule", "zone", "after", "due"),
    [
        ("0 8 * * *", "UTC", "2026-03-14T08:00:00+00:00", "2026-03-15T08:00:00+00:00"),
        ("0 8 * * 1-5", "Europe/Berlin", "2026-03-27T12:00:00+01:00", "2026-03-30T08:00:00+02:00"),
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00+01:00", "2026-03-29T03:00:00+02:00"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00+02:00", "2026-10-25T02:30:00+02:00"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"),
        ("*/15 * * * *", "Asia/Kolkata", "2026-01-01T00:01:00+05:30", "2026-01-01T00:15:00+05:30"),
        ("0 0 29 2 *", "UTC", "2026-01-01T00:00:00+00:00", "2028-02-29T00:00:00+00:00"),
        ("0 7 L * *", "UTC", "2026-02-01T00:00:00+00:00", "2026-02-28T07:00:00+00:00"),
    ],
)
def test_a_report_is_due_on_the_clock_of_its_zone(schedule: str, zone: str, after: str, due: str) -> None:
    assert next_ms(schedule, zone, ms(after)) == ms(due)


@pytest.mark.parametrize("schedule", ["", "0 8 * *", "* * * * * *", "61 * * * *", "0 0 30 2 *", "@daily", "a b c d e"])
def test_what_is_no_schedule_says_so(schedule: str) -> None:
    with pytest.raises(InvalidError) as raised:
        next_ms(schedule, "UTC", 0)
    assert raised.value.path == "$.schedule"


def test_whoever_has_many_reports_due_holds_up_nobody_elses() -> None:
    plan = Plan("", "* * * * *", "UTC", "mail")
    many = [Report(number, 1, "a", plan, "user:7", 0, due_ms=number) for number in range(10, 40)]
    due = [*many, Report(50, 1, "b", plan, "user:8", 0, due_ms=99), Report(51, 1, "b", plan, "token:3", 0, due_ms=12)]
    found = by_maker(due)
    assert [one[0].id for one in found] == [10, 51, 50]
    assert [len(one) for one in found] == [30, 1, 1]
