"""Labels of time axes around changes of clocks, as the page writes them."""

from __future__ import annotations

import json

import pytest
from fixtures.scripts import SCRIPTS, ran

from heliograph.datasources.datemath import evaluate

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
import {{ axisTime, setZone, timeTicks }} from {json.dumps(str(SCRIPTS / "zone.js"))};
setZone("Europe/Berlin");
const ticks = timeTicks(given[0], given[1], 6);
console.log(JSON.stringify(ticks.map((ms, index) => axisTime(ms, ticks, index))));
"""
    assert ran(script, start_ms, start_ms + hours * HOUR_MS) == labels


@pytest.mark.parametrize(
    ("start", "end", "name"),
    [
        ("now-13h", "now", "Last 13 hours"),
        ("now-1M", "now", "Last 1 month"),
        ("now-2fQ", "now", "Last 2 fiscal quarters"),
        ("now", "now+1h", "Next 1 hour"),
        ("now/d", "now/d", "Today"),
        ("now/y", "now", "This year so far"),
        ("now/fQ", "now/fQ", "This fiscal quarter"),
        ("now-7d/d", "now-7d/d", "This day last week"),
        ("now-2d/d", "now-2d/d", "Day before yesterday"),
        ("now-1w/w", "now-1w/w", "Previous week"),
        ("now-1Q/fQ", "now-1Q/fQ", "Previous fiscal quarter"),
        ("now-1h/h", "now/h", "Start of the previous hour to the end of this hour"),
        ("now-1w/d", "now", "Last 1 week"),
        ("now-45m/h", "now", "Last 45 minutes"),
        ("now-4h", "now-1h", "now-4h to now-1h"),
        ("now+1h", "now", "now+1h to now"),
        ("now-1d-2h", "now", "now-1d-2h to now"),
        ("1700000000000", "now", None),
    ],
)
def test_a_range_has_the_name_that_people_of_grafana_know(start: str, end: str, name: str | None) -> None:
    script = f"""
import {{ spoken }} from {json.dumps(str(SCRIPTS / "range_names.js"))};
console.log(JSON.stringify(spoken(given[0], given[1]) ?? null));
"""
    assert ran(script, start, end) == name


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Europe/Berlin", "Sun 30 Mar 2025, 03:30"),
        ("America/New_York", "Sat 29 Mar 2025, 21:30"),
        ("UTC", "Sun 30 Mar 2025, 01:30"),
    ],
)
def test_an_instant_is_said_as_clocks_of_a_named_zone_say_it(zone: str, said: str) -> None:
    script = f"""
import {{ setZone, timeIn }} from {json.dumps(str(SCRIPTS / "zone.js"))};
setZone("Asia/Tokyo");
console.log(JSON.stringify(timeIn(given[0], given[1])));
"""
    assert ran(script, SPRING_MS + 90 * 60_000, zone) == said


EXPRESSIONS = """
now|now-5m|now-5x|now -5m|now- 5 m|nowish|now/d|now/1d|now/01d|now/2d|now/0d|now/fQ|now-1fy|now-1M/M+2d|now-|now-m
now-99999d|now-123456s|now/|now+d|now-1d/d|Now-5m|now-5M5|now--5m|now-5mm|now/fd|now-5f|now/ d| now
"""


def test_an_expression_is_known_to_the_page_as_to_the_server() -> None:
    texts = EXPRESSIONS.strip("\n").replace("\n", "|").split("|")
    script = f"""
import {{ isExpression }} from {json.dumps(str(SCRIPTS / "range_names.js"))};
console.log(JSON.stringify(given[0].map(isExpression)));
"""
    known = [text.startswith("now") and evaluate(text, SPRING_MS) is not None for text in texts]
    assert dict(zip(texts, ran(script, texts), strict=True)) == dict(zip(texts, known, strict=True))


@pytest.mark.parametrize(
    ("times", "labels"),
    [
        (["2024-08-01 06:00:05", "2024-08-01 06:10:00"], ["06:00:05", "06:10:00"]),
        (["2024-08-01 06:00:00", "2024-08-01 06:10:00"], ["06:00", "06:10"]),
        (["2024-08-01 00:00:00", "2024-08-02 00:00:00"], ["2024-08-01", "2024-08-02"]),
        (
            ["2024-08-01 22:00:00", "2024-08-02 04:00:00", "2024-08-02 10:00:00"],
            ["08-01 22:00", "08-02 04:00", "10:00"],
        ),
        (["2024-08-01 06:00:05", "infinity"], ["2024-08-01 06:00:05", "infinity"]),
        (["2024-08-01 06:00:05"], ["2024-08-01 06:00:05"]),
    ],
)
def test_times_below_bars_leave_out_what_they_share(times: list[str], labels: list[str]) -> None:
    script = f"""
globalThis.document = {{ getElementById: () => null, documentElement: {{ dataset: {{}} }}, addEventListener() {{}} }};
const {{ apart }} = await import({json.dumps(str(SCRIPTS / "zone.js"))});
console.log(JSON.stringify(apart(given[0])));
"""
    assert ran(script, times) == labels
