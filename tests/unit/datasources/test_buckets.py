"""Buckets that are not over: which points of a series are marked, and where the mark goes with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from heliograph.datasources.buckets import UNFINISHED, Buckets, marked, unfinished_from
from heliograph.datasources.comparing import Back
from heliograph.datasources.frame import Field, Frame
from heliograph.datasources.joining import Piece, join
from heliograph.datasources.query.codec import decode, encode
from heliograph.datasources.sources.sqlfill import buckets_of
from heliograph.datasources.timerange import TimeRange
from heliograph.datasources.transform.steps import Step, transformed

MINUTE = 60_000
BERLIN = "Europe/Berlin"
COUNTED = "SELECT $__bucket(at) AS time, count(*) AS n FROM orders WHERE $__timeFilter(at) GROUP BY 1 ORDER BY 1"


def series(times: Sequence[float], name: str = "n") -> Frame:
    return Frame.series(times, [1.0] * len(times), name=name)


def mark(frame: Frame) -> float | None:
    return unfinished_from(frame.numbers[0].config)


def of(times: Sequence[float], buckets: Buckets, now_ms: float) -> float | None:
    (frame,) = marked((series(times),), buckets, now_ms)
    return mark(frame)


@pytest.mark.parametrize(
    ("now_ms", "until_ms", "found"),
    [
        (2 * MINUTE - 1, 10 * MINUTE, None),  # the last millisecond of the last bucket
        (2 * MINUTE - 2, 10 * MINUTE, MINUTE),
        (10 * MINUTE, MINUTE + 30_000, MINUTE),  # asked for no longer than within it
        (10 * MINUTE, 2 * MINUTE - 1, None),
        (30_000, 10 * MINUTE, 0),  # a range that goes on after now
    ],
)
def test_a_bucket_is_over_when_its_last_moment_was_asked_for(now_ms: int, until_ms: int, found: float | None) -> None:
    assert of([0, MINUTE], Buckets(MINUTE, until_ms), now_ms) == found


def test_months_end_on_the_wall_clock_of_their_zone() -> None:
    def at(text: str) -> float:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BERLIN)).timestamp() * 1000

    months = [at("2026-02-01"), at("2026-03-01")]
    buckets = Buckets(calendar="month", zone=BERLIN)
    assert of(months, buckets, at("2026-04-01") - 1) is None  # 31 days less an hour
    assert of(months, buckets, at("2026-04-01") - 2) == months[1]
    assert of([at("2026-01-01")], Buckets(calendar="quarter", zone=BERLIN), at("2026-03-31")) == at("2026-01-01")


def test_tables_have_no_buckets() -> None:
    table = Frame((Field.time([0.0]), Field.number("n", [1.0])), is_table=True)
    (found,) = marked((table,), Buckets(MINUTE), 0)
    assert mark(found) is None


def test_the_mark_is_kept_by_caches_joins_and_transformations_and_not_by_what_was() -> None:
    (frame,) = marked((series([0, MINUTE]),), Buckets(MINUTE), MINUTE)
    decoded = decode(encode([frame], {}))
    assert decoded is not None
    assert mark(decoded[0][0]) == MINUTE
    before = Piece(-MINUTE, 0, (series([-MINUTE]),))
    (joined,) = join([before, Piece(0, 2 * MINUTE, (frame,))])
    assert mark(joined) == MINUTE
    step = Step(id="organize", options={"renameByName": {"n": "orders"}})
    (renamed,) = transformed([joined], [step])
    assert (renamed.numbers[0].name, mark(renamed)) == ("orders", MINUTE)
    (was,) = Back.of("1w").frames([frame], "A-1w")
    assert UNFINISHED not in was.numbers[0].config


@pytest.mark.parametrize(
    ("sql", "buckets"),
    [
        (COUNTED, Buckets(MINUTE, 10 * MINUTE - 1)),  # asked in pieces, the last bucket whole
        (COUNTED.replace("count(*)", "max(at), now()"), Buckets(MINUTE, 9 * MINUTE)),
        ("SELECT $__timeGroup(at, '5m') AS time, n FROM t", Buckets(5 * MINUTE, 9 * MINUTE)),
        ("SELECT $__timeGroup(at, '5m') AS time, $__timeGroup(at, 1h) AS h FROM t", None),
        ("SELECT at AS time, n FROM t WHERE $__timeFilter(at)", None),
        ("SELECT at AS time, n FROM t -- $__bucket(at)", None),
    ],
)
def test_sql_says_which_buckets_it_groups_by(sql: str, buckets: Buckets | None) -> None:
    assert buckets_of(sql, "postgres", TimeRange(0, 9 * MINUTE), 60.0) == buckets
