"""Answers kept as bytes: for how long, for whom, how many."""

from __future__ import annotations

import asyncio
import gzip
import json

import numpy as np
import pytest

from heliograph.app.api.answers import answer_text
from heliograph.app.api.query import good_for_s
from heliograph.app.http.encoded import Encoded, EncodedAnswers
from heliograph.datasources.frame import Field, Frame
from heliograph.datasources.query.model import Answer, Inspect, Part, Query
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import SourceError
from heliograph.scope import Role, Scope


class Maker:
    """Makes answers when it may, and counts."""

    def __init__(self, good_for_s: float = 10, size: int = 100) -> None:
        self.made = self.cancelled = 0
        self.may = asyncio.Event()
        self._good_for_s, self._size = good_for_s, size

    async def __call__(self) -> Encoded:
        self.made += 1
        try:
            await self.may.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return Encoded(b"x" * self._size, self._good_for_s)


@pytest.fixture
def now() -> list[float]:
    return [0.0]


def answers(now: list[float], max_bytes: int = 10_000) -> EncodedAnswers:
    return EncodedAnswers(lambda: now[0], lambda: None, lambda: None, max_bytes)


async def test_all_who_ask_at_once_or_while_it_is_good_get_what_was_made_once(now: list[float]) -> None:
    kept, make = answers(now), Maker()
    asking = [asyncio.ensure_future(kept.get((1, "a"), make)) for _ in range(50)]
    await asyncio.sleep(0)
    make.may.set()
    first, *others = await asyncio.gather(*asking)
    assert (make.made, all(other is first for other in others)) == (1, True)
    now[0] = 9.9
    assert kept.at_hand((1, "a")) is first
    assert kept.at_hand((2, "a")) is None
    now[0] = 10.0
    assert kept.at_hand((1, "a")) is None


async def test_a_caller_that_goes_stops_nobody_else_and_the_last_one_stops_the_making(now: list[float]) -> None:
    kept, make = answers(now), Maker()
    first, second = (asyncio.ensure_future(kept.get((1, "a"), make)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    assert make.cancelled == 0
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    await asyncio.sleep(0)
    assert make.cancelled == 1
    make.may.set()
    assert (await kept.get((1, "a"), make)).body
    assert make.made == 2


async def test_errors_reach_all_and_are_not_kept(now: list[float]) -> None:
    kept = answers(now)

    async def fail() -> Encoded:
        raise SourceError("no")

    found = await asyncio.gather(*(kept.get((1, "a"), fail) for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in found] == [SourceError] * 3
    assert kept.at_hand((1, "a")) is None


async def test_what_is_held_is_bounded_by_bytes_and_the_least_used_goes(now: list[float]) -> None:
    kept, make = answers(now, max_bytes=1000), Maker(size=240)
    make.may.set()
    for name in "abc":
        await kept.get((1, name), make)
    kept.at_hand((1, "a"))
    await kept.get((1, "d"), make)
    assert [kept.at_hand((1, name)) is not None for name in "abcd"] == [True, False, True, True]
    kept.flush(2)
    assert kept.at_hand((1, "a")) is not None
    kept.flush(1)
    assert not any(kept.at_hand((1, name)) for name in "abcd")


async def test_what_is_being_made_while_it_is_flushed_is_not_kept(now: list[float]) -> None:
    kept, make = answers(now), Maker()
    asking = asyncio.ensure_future(kept.get((1, "a"), make))
    await asyncio.sleep(0)
    kept.flush(1)
    make.may.set()
    await asking
    assert kept.at_hand((1, "a")) is None


async def test_packed_bytes_are_the_same_document(now: list[float]) -> None:
    encoded = Encoded(b'{"a":1}' * 1000)
    assert gzip.decompress(await encoded.gzip()) == encoded.body
    assert await encoded.gzip() is await encoded.gzip()


def asked(to_s: int) -> Query:
    return Query("q", TimeRange(0, to_s * 1000), Scope(1, Role.EDITOR))


def test_an_answer_is_good_until_its_next_point_is_due() -> None:
    frames = (Frame.series(np.array([0.0]), np.array([1.0]), name="a"),)
    answer = Answer(frames, step_s=60)
    assert good_for_s(asked(10_000), Answer((), step_s=60), 10_010) == 0  # what is empty may be filled in a moment
    assert good_for_s(asked(10_000), answer, 10_010) == 10  # 10,020 is the next on the grid
    assert good_for_s(asked(10_000), answer, 20_000) == 60  # it lies in the past
    assert good_for_s(asked(10_000), Answer(frames, step_s=86_400), 10_010) == 60
    for odd in (Answer(frames, step_s=60, partial=True), Answer(frames, step_s=60, stale_age_s=1.0), Answer(frames)):
        assert good_for_s(asked(10_000), odd, 10_010) == 0


NAN = float("nan")


@pytest.mark.parametrize(
    ("frames", "document"),
    [
        (
            [Frame.series([1000.0, 2500.0], [1.5, NAN], name="a", labels={"host": 'b"ü'})],
            {"data": [{"timestamp": 1.0, "value": 1.5}, {"timestamp": 2.5, "value": None}], "labels": {"host": 'b"ü'}},
        ),
        (
            [Frame.series([1000.0], [1e300], name="a"), Frame.series([], [], name="b")],
            {
                "series": [
                    {"name": "a", "labels": {}, "data": [{"timestamp": 1, "value": 1e300}]},
                    {"name": "b", "labels": {}, "data": []},
                ]
            },
        ),
        ([], {"series": []}),
        (
            [Frame((Field.string("host", ["a", None]), Field.number("n", [1, float("inf")])))],
            {
                "columns": [{"name": "host", "type": "string"}, {"name": "n", "type": "number"}],
                "rows": [["a", 1], [None, "Infinity"]],
            },
        ),
    ],
)
def test_answers_as_json(frames: list[Frame], document: object) -> None:
    assert json.loads(answer_text(Answer(tuple(frames)), many=False)) == document


def test_an_answer_says_what_was_done_to_it() -> None:
    long = Frame.series(np.arange(3) * 1000.0, np.arange(3.0))
    thinned = Frame(long.fields, downsampled="m4")
    seen = Inspect("q", "partial", {"a": 1.23456}, 3, 9, (Part(TimeRange(0, 5), "hit", 1000.0), Part(TimeRange(6, 9))))
    text = answer_text(
        Answer((thinned,), stale_age_s=12.34, partial=True, warnings=("w",), inspect=seen), inspect_s=1070.04, many=True
    )
    document = json.loads(text)
    assert (document["downsampled"], document["stale"], document["partial"]) == ("m4", {"age_s": 12.3}, True)
    assert document["warnings"] == ["w"]
    assert document["inspect"] == {
        "query": "q",
        "cache": "partial",
        "age_s": 70.0,
        "pieces": [
            {"from": 0, "to": 5, "cache": "hit", "age_s": 70.0, "points_fetched": 0},
            {"from": 6, "to": 9, "cache": "miss", "age_s": None, "points_fetched": 0},
        ],
        "stages_ms": {"a": 1.235},
        "points_fetched": 3,
        "points_returned": 9,
    }
