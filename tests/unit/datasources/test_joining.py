"""Joined pieces equal one query over the whole, whatever comes, goes, or arrives in another order."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.datasources.frame import Field, Frame
from heliograph.datasources.joining import Frames, Piece, UnjoinableError, crop, join
from heliograph.datasources.sources.legend import names

STEP_MS = 10
Points = Mapping[int, float]


def told(frames: Frames) -> list[object]:
    """Frames as values that compare."""
    return [
        (
            frame.name,
            frame.ref,
            [(one.name, dict(one.labels), one.kind, [repr(v) for v in one.values.tolist()]) for one in frame.fields],
        )
        for frame in frames
    ]


def query(world: Sequence[tuple[Mapping[str, str], Points]], from_ms: int, until_ms: int, *, auto: bool) -> Frames:
    """What a source would answer: series with points in the range, sorted by labels, named as sources do."""
    found = []
    for labels, points in world:
        times = sorted(at for at in points if from_ms <= at < until_ms)
        if times:
            found.append((labels, times, [points[at] for at in times]))
    found.sort(key=lambda one: sorted(one[0].items()))
    labels_ = [labels for labels, _, _ in found]
    called = names("cpu", labels_) if auto else [str(sorted(labels.items())) for labels in labels_]
    return tuple(
        Frame.series(times, values, name=name, labels=labels, family="cpu" if auto else None)
        for (labels, times, values), name in zip(found, called, strict=True)
    )


LABELS = st.dictionaries(st.sampled_from(["core", "mode", "host"]), st.sampled_from(["0", "1", "idle"]), max_size=3)
VALUES = st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.integers(-5, 5).map(float))
POINTS = st.dictionaries(st.integers(0, 39).map(lambda n: n * STEP_MS), VALUES, max_size=40)
WORLD = st.lists(st.tuples(LABELS, POINTS), max_size=6, unique_by=lambda one: tuple(sorted(one[0].items())))
CUTS = st.sets(st.integers(1, 39).map(lambda n: n * STEP_MS), max_size=6)


@given(WORLD, CUTS, st.booleans(), st.randoms(use_true_random=False))
def test_pieces_in_any_order_of_arrival_equal_one_query(
    world: list[tuple[dict[str, str], dict[int, float]]], cuts: set[int], auto: bool, chance: object
) -> None:
    edges = [0, *sorted(cuts), 400]
    pieces = [Piece(start, end, query(world, start, end, auto=auto)) for start, end in pairwise(edges)]
    chance.shuffle(pieces)  # type: ignore[attr-defined]
    assert told(join(pieces)) == told(query(world, 0, 400, auto=auto))


@given(WORLD, st.integers(0, 40), st.integers(0, 40))
def test_a_cropped_piece_equals_a_query_over_the_smaller_range(
    world: list[tuple[dict[str, str], dict[int, float]]], one: int, other: int
) -> None:
    start, end = min(one, other) * STEP_MS, max(one, other) * STEP_MS
    whole = query(world, 0, 400, auto=True)
    assert told(join([Piece(start, end, crop(whole, start, end))])) == told(query(world, start, end, auto=True))


def histogram(times: list[int], **columns: list[float]) -> Frame:
    fields = [Field.time(times), *(Field.number(name.removeprefix("le"), values) for name, values in columns.items())]
    return Frame(tuple(fields), name="took", absent=0.0)


def test_buckets_that_a_piece_does_not_name_held_nothing_then() -> None:
    early = histogram([0, 10], le2=[1, 2], le10=[3, 4])
    late = histogram([20], le1=[5], le10=[6])
    (joined,) = join([Piece(20, 30, (late,)), Piece(0, 20, (early,))])
    assert {one.name: one.values.tolist() for one in joined.fields} == {
        "time": [0, 10, 20],
        "1": [0, 0, 5],
        "2": [1, 2, 0],
        "10": [3, 4, 6],
    }


def test_columns_in_another_order_are_the_same_columns_and_one_that_is_missing_is_a_gap() -> None:
    one = Frame((Field.time([0]), Field.number("b", [1]), Field.number("a", [2])), name="wide")
    other = Frame((Field.time([10]), Field.number("a", [3]), Field.number("c", [4])), name="wide")
    (joined,) = join([Piece(0, 10, (one,)), Piece(10, 20, (other,))])
    found = {field.name: field.values.tolist() for field in joined.numbers}
    assert found["a"] == [2, 3]
    assert [found["b"][0], found["c"][1]] == [1, 4]
    assert math.isnan(found["b"][1])
    assert math.isnan(found["c"][0])


def test_series_that_one_legend_names_alike_stay_apart() -> None:
    def wide(at: int, *values: float) -> Frames:
        return tuple(Frame.series([at], [value], name="same") for value in values)

    joined = join([Piece(0, 10, wide(0, 1, 2)), Piece(10, 20, wide(10, 3, 4))])
    assert [frame.numbers[0].values.tolist() for frame in joined] == [[1, 3], [2, 4]]


def test_a_series_is_named_by_what_tells_it_from_those_that_are_there_now() -> None:
    frames = tuple(
        Frame.series([at], [1], name=name, labels={"core": name}, family="cpu") for at, name in ((0, "0"), (10, "1"))
    )
    assert [frame.name for frame in join([Piece(0, 20, frames)])] == ["0", "1"]
    (alone,) = join([Piece(10, 20, crop(frames, 10, 20))])
    assert (alone.name, alone.numbers[0].name) == ("cpu", "cpu")


def test_empty_pieces_say_which_columns_there_are_and_tables_cannot_be_joined() -> None:
    empty = Frame((Field.time([]), Field.string("host", [])))
    series = Frame.series([0], [1], name="a")
    assert join([Piece(0, 10, (empty,)), Piece(10, 20, (empty,))]) == (empty,)
    assert told(join([Piece(0, 10, (series,)), Piece(10, 20, (empty,))])) == told((series,))
    table = Frame((Field.time([0.0]), Field.string("host", ["a"])))
    with pytest.raises(UnjoinableError):
        join([Piece(0, 10, (table,))])


def test_joining_changes_none_of_its_pieces() -> None:
    one = Frame.series([0], [1.0], name="a", ref="B")
    before = told((one,))
    (joined,) = join([Piece(0, 10, (one,)), Piece(10, 20, (replace(one, fields=(Field.time([10]), one.fields[1])),))])
    joined.numbers[0].values[:] = np.nan
    assert told((one,)) == before
    assert joined.ref == "B"
