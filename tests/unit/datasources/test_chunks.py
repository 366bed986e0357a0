"""Arithmetic of ranges in pieces: tables, and properties over random ranges."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.datasources.chunks import CHUNK_STEPS, chunk_of, chunks, fewest, final_part, gaps, merge, missing
from heliograph.datasources.timerange import TimeRange

R = TimeRange
STEPS_MS = st.sampled_from([1, 20, 1000, 15_000, 60_000, 7_200_000])


@st.composite
def on_grid(draw: st.DrawFn, step_ms: int, around: int = 0, most: int = 3 * CHUNK_STEPS) -> TimeRange:
    start = draw(st.integers(around - most, around + most))
    return R(start * step_ms, (start + draw(st.integers(0, most))) * step_ms)


def steps_of(ranges: list[TimeRange], step_ms: int) -> list[int]:
    return [at for one in ranges for at in range(one.from_ms, one.to_ms + 1, step_ms)]


@pytest.mark.parametrize(
    ("wanted", "kept", "asked"),
    [
        (R(10, 30), None, [R(10, 30)]),
        (R(10, 30), R(10, 30), []),
        (R(15, 20), R(10, 30), []),
        (R(10, 40), R(10, 30), [R(35, 40)]),
        (R(0, 30), R(10, 30), [R(0, 5)]),
        (R(0, 40), R(10, 30), [R(0, 5), R(35, 40)]),
        (R(50, 60), R(10, 30), [R(35, 60)]),
        (R(0, 5), R(30, 40), [R(0, 25)]),
        (R(35, 40), R(10, 30), [R(35, 40)]),
    ],
)
def test_what_is_missing_is_asked_and_leaves_no_hole(
    wanted: TimeRange, kept: TimeRange | None, asked: list[TimeRange]
) -> None:
    assert missing(wanted, kept, 5) == asked


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ([], [R(0, 50)]),
        ([R(0, 50)], []),
        ([R(-10, 60)], []),
        ([R(0, 10), R(15, 50)], []),
        ([R(0, 10), R(20, 50)], [R(15, 15)]),
        ([R(20, 30)], [R(0, 15), R(35, 50)]),
        ([R(40, 60), R(-20, 5)], [R(10, 35)]),
        ([R(60, 70), R(-20, -10)], [R(0, 50)]),
    ],
)
def test_gaps_are_the_steps_that_nobody_has(kept: list[TimeRange], expected: list[TimeRange]) -> None:
    assert gaps(R(0, 50), kept, 5) == expected


@pytest.mark.parametrize(
    ("now_ms", "settles_ms", "expected"),
    [(100, 0, R(0, 50)), (55, 5, R(0, 50)), (54, 5, R(0, 45)), (5, 5, R(0, 0)), (4, 5, None)],
)
def test_steps_are_final_once_they_are_old_enough(now_ms: int, settles_ms: int, expected: TimeRange | None) -> None:
    assert final_part(R(0, 50), now_ms, settles_ms, 5) == expected


def test_few_gaps_are_asked_as_they_are_and_many_as_one() -> None:
    many = [R(0, 5), R(20, 25), R(40, 40)]
    assert fewest(many, 3) == many
    assert fewest(many, 2) == [R(0, 40)]
    assert fewest([], 2) == []


@given(st.data())
def test_chunks_share_no_edge_leave_no_hole_and_are_the_same_whoever_asks(data: st.DataObject) -> None:
    step_ms = data.draw(STEPS_MS)
    range_ = data.draw(on_grid(step_ms))
    found = chunks(range_, step_ms)
    assert found[0].from_ms <= range_.from_ms <= found[0].to_ms
    assert found[-1].from_ms <= range_.to_ms <= found[-1].to_ms
    assert all(later.from_ms == earlier.to_ms + step_ms for earlier, later in pairwise(found))
    assert all(one == chunk_of(at, step_ms) for one in found for at in (one.from_ms, one.to_ms))
    assert all(one.span_ms == (CHUNK_STEPS - 1) * step_ms and one.from_ms % step_ms == 0 for one in found)


@given(st.data())
def test_kept_and_asked_are_the_wanted_steps_in_one_piece(data: st.DataObject) -> None:
    step_ms = data.draw(STEPS_MS)
    wanted, kept = (data.draw(on_grid(step_ms, most=20)) for _ in range(2))
    asked = missing(wanted, kept, step_ms)
    together = merge([kept, *asked], step_ms)
    assert len(together) == 1
    assert set(steps_of([wanted], step_ms)) <= set(steps_of(together, step_ms))
    assert len(steps_of([kept, *asked], step_ms)) == len(set(steps_of(together, step_ms))), "nothing is asked twice"


@given(st.data())
def test_gaps_and_what_is_kept_are_the_whole(data: st.DataObject) -> None:
    step_ms = data.draw(STEPS_MS)
    range_ = data.draw(on_grid(step_ms, most=30))
    kept = data.draw(st.lists(on_grid(step_ms, most=10), max_size=5))
    whole, had = set(steps_of([range_], step_ms)), set(steps_of(kept, step_ms))
    found = steps_of(gaps(range_, kept, step_ms), step_ms)
    assert sorted(whole - had) == found


@given(st.data())
def test_merged_ranges_hold_the_same_steps_and_do_not_touch(data: st.DataObject) -> None:
    step_ms = data.draw(STEPS_MS)
    ranges = data.draw(st.lists(on_grid(step_ms, most=10), max_size=6))
    merged = merge(ranges, step_ms)
    assert sorted(set(steps_of(ranges, step_ms))) == steps_of(merged, step_ms)
    assert all(later.from_ms > earlier.to_ms + step_ms for earlier, later in pairwise(merged))
