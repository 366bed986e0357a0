"""Who is let to a source, who waits and who is turned away."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.datasources.frame import Frame
from heliograph.datasources.query.admission import Admission, AnswerLimits, Limits
from heliograph.datasources.query.gate import Gate
from heliograph.datasources.query.model import Answer, Priority, Query
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import OverloadedError, SourceError
from heliograph.scope import Role, Scope
from heliograph.storage.cache.base import Rate
from heliograph.storage.cache.memory import MemoryRates

RATES = MemoryRates(lambda: 0.0)
E, D, A = Priority.EXPLORE, Priority.DASHBOARD, Priority.ALERT

Found = list[tuple[str, int | None]]

# Who comes (to one place, and two to wait): what becomes of each, who loses its place, and who goes then, in order.
RUN: tuple[str, int | None] = ("run", None)
WAIT: tuple[str, int | None] = ("wait", None)
TABLE: list[tuple[str, list[Priority], Found, list[int]]] = [
    ("by arrival", [E, E, E], [RUN, WAIT, WAIT], [1, 2]),
    (
        "the last of equals is refused",
        [D, D, D, D],
        [RUN, WAIT, WAIT, ("refuse", None)],
        [1, 2],
    ),
    ("a dashboard goes before a free query", [E, E, D], [RUN, WAIT, WAIT], [2, 1]),
    ("a dashboard displaces", [E, E, E, D], [RUN, WAIT, WAIT, ("wait", 2)], [3, 1]),
    ("an alert displaces the lowest", [D, D, E, A], [RUN, WAIT, WAIT, ("wait", 2)], [3, 1]),
    (
        "a free query displaces nobody",
        [A, D, A, E],
        [RUN, WAIT, WAIT, ("refuse", None)],
        [2, 1],
    ),
    (
        "alerts displace dashboards, the newest first",
        [D, D, D, A, A, A],
        [RUN, WAIT, WAIT, ("wait", 2), ("wait", 1), ("refuse", None)],
        [3, 4],
    ),
]


@pytest.mark.parametrize(("arrivals", "decisions", "order"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_places_go_by_priority_then_by_arrival(arrivals: list[Priority], decisions: Found, order: list[int]) -> None:
    gate = Gate(max_running=1, max_waiting=2)
    found = [gate.arrive(ticket, priority) for ticket, priority in enumerate(arrivals)]
    assert [(one.verdict, one.displaced) for one in found] == decisions
    gone = []
    while (following := gate.end()) is not None:
        gone.append(following.ticket)
    assert gone == order
    assert gate.is_idle


def test_one_asker_leaves_places_to_the_others_and_waits_behind_them() -> None:
    gate = Gate(max_running=4, max_waiting=4, max_of_one=3)
    assert [gate.arrive(ticket, D, "a").verdict for ticket in range(7)] == ["run"] * 3 + ["wait"] * 4
    assert gate.arrive(7, D, "b").verdict == "run", "a place that one asker alone cannot have"
    assert gate.arrive(8, D, "b").displaced == 6, "of a, which has most waiting"
    assert gate.arrive(9, D, "a").verdict == "refuse"
    assert gate.arrive(10, D, "c").displaced == 5
    order = [gate.end(who) for who in ("a", "a", "b")]
    assert [one.ticket for one in order if one is not None] == [10, 3, 8], "whoever has the fewest under way goes first"
    assert gate.arrive(11, A, "a").verdict == "wait"
    following = gate.end("c")
    assert following is not None
    assert following.ticket == 11, "priority goes before shares"


def test_all_that_one_made_leave_a_place_to_others_and_wait_behind_them() -> None:
    gate = Gate(max_running=4, max_waiting=4, max_of_one=3)
    assert [gate.arrive(ticket, D, f"7|d{ticket}").verdict for ticket in range(7)] == ["run"] * 3 + ["wait"] * 4
    assert gate.arrive(7, D, "8|d").verdict == "run", "a place that all of one maker cannot have"
    assert gate.arrive(8, D, "8|e").displaced == 6, "of the maker who has most waiting"
    assert gate.arrive(9, D, "7|d9").verdict == "refuse"
    order = [gate.end(who) for who in ("7|d0", "7|d1", "8|d")]
    assert [one.ticket for one in order if one is not None] == [8, 3, 4], "whoever has the fewest under way goes first"


@given(
    st.lists(st.one_of(st.sampled_from([E, D, A]), st.just("end"), st.just("leave")), max_size=80), st.integers(0, 4)
)
def test_no_more_run_and_wait_than_allowed_and_no_place_is_lost(events: list[Any], waiting: int) -> None:
    gate, running = Gate(2, waiting), 0
    queue: set[int] = set()
    for ticket, event in enumerate(events):
        if event == "leave":
            assert all(gate.leave(one) for one in tuple(queue)[:1])
            queue -= set(tuple(queue)[:1])
        elif event == "end":
            if running:
                following = gate.end()
                running -= following is None
                queue -= {one.ticket for one in (following,) if one is not None}
        else:
            decision = gate.arrive(ticket, event)
            running += decision.verdict == "run"
            queue |= {ticket} if decision.verdict == "wait" else set()
            queue -= {one for one in (decision.displaced,) if one is not None}
        assert (gate.running, {one.ticket for one in gate.waiting}) == (running, queue)
        assert running <= 2
        assert len(queue) <= waiting
        assert not queue or running == 2


def query(priority: Priority = D, **changes: Any) -> Query:
    return Query("q", TimeRange(0, 1000), Scope(1, Role.EDITOR), "s", priority=priority, **changes)


class Source:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.may = asyncio.Event()

    async def __call__(self, _: Query) -> Answer:
        self.asked += 1
        await self.may.wait()
        return Answer(())


async def test_one_editors_slow_queries_leave_places_at_a_source_to_dashboards_and_others() -> None:
    source, admission = Source(), Admission(Limits(4, 10), None, RATES, lambda: 0.0, lambda _: None)

    def of(scope: Scope) -> asyncio.Future[Answer]:
        return asyncio.ensure_future(admission(query(E).but(scope=scope), source))

    greedy = [of(Scope(1, Role.EDITOR, principal="user:7")) for _ in range(8)]
    await asyncio.sleep(0)
    assert source.asked == 3
    others = [of(Scope(1, Role.EDITOR, principal="user:8")), of(Scope(1, Role.EDITOR).of_dashboard("d"))]
    await asyncio.sleep(0)
    assert source.asked == 4
    source.may.set()
    assert len(await asyncio.gather(*greedy, *others)) == 10


async def test_many_dashboards_of_one_editor_leave_places_at_a_source_to_those_of_others() -> None:
    source, admission = Source(), Admission(Limits(4, 10), None, RATES, lambda: 0.0, lambda _: None)
    viewer = Scope(1, Role.VIEWER)

    def of(scope: Scope) -> asyncio.Future[Answer]:
        return asyncio.ensure_future(admission(query(D).but(scope=scope), source))

    greedy = [of(viewer.of_dashboard(f"d{n}", "user:7")) for n in range(8)]
    await asyncio.sleep(0)
    assert source.asked == 3
    other = of(viewer.of_dashboard("shop", "user:8"))
    await asyncio.sleep(0)
    assert source.asked == 4
    source.may.set()
    assert len(await asyncio.gather(*greedy, other)) == 9


async def test_under_overload_free_queries_go_first_and_alerts_are_answered() -> None:
    shed: list[str] = []
    source, admission = Source(), Admission(Limits(1, 2), None, RATES, lambda: 0.0, shed.append)
    free = [asyncio.ensure_future(admission(query(E), source)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(OverloadedError) as refused:
        await admission(query(E), source)
    assert refused.value.retry_after_s is not None
    assert refused.value.retry_after_s >= 1
    alerts = [asyncio.ensure_future(admission(query(A), source)) for _ in range(2)]
    await asyncio.sleep(0)
    source.may.set()
    assert len(await asyncio.gather(*alerts)) == 2
    found = await asyncio.gather(*free, return_exceptions=True)
    assert [isinstance(one, OverloadedError) for one in found] == [False, True, True]
    assert (shed, source.asked) == (["source_queue"] * 3, 3)


async def test_who_is_cancelled_while_waiting_takes_no_place() -> None:
    source, admission = Source(), Admission(Limits(1, 5), None, RATES, lambda: 0.0, lambda _: None)
    first, second, third = (asyncio.ensure_future(admission(query(), source)) for _ in range(3))
    await asyncio.sleep(0)
    source.may.set()
    second.cancel()  # before the first has ended
    await first
    third.cancel()  # in the moment in which it may have been given the place
    await asyncio.gather(second, third, return_exceptions=True)
    async with asyncio.timeout(5):
        assert (await admission(query(), source)).frames == ()
    assert source.asked == 3, "the one cancelled while it waited was never asked"


async def test_a_source_is_asked_no_more_often_than_its_rate_but_for_alerts() -> None:
    shed: list[str] = []
    source, admission = Source(), Admission(Limits(), Rate(2, 10), RATES, lambda: 0.0, shed.append)
    source.may.set()
    await admission(query(), source)
    await admission(query(A), source)
    with pytest.raises(OverloadedError) as refused:
        await admission(query(), source)
    assert (refused.value.retry_after_s, shed) == (10.0, ["source_rate"])
    await admission(query(A), source)


@pytest.mark.parametrize(
    ("frames", "reason"),
    [
        ([Frame.series([0.0], [1.0])] * 3, "series"),
        ([Frame.series([0.0, 1.0, 2.0], [1.0, 2.0, 3.0])] * 2, "points"),
    ],
)
async def test_an_answer_with_too_much_in_it_is_refused_by_name(frames: list[Frame], reason: str) -> None:
    shed: list[str] = []
    limits = AnswerLimits(Limits(max_series=2, max_points=5), shed.append)

    async def answer(_: Query) -> Answer:
        return Answer(tuple(frames))

    with pytest.raises(SourceError, match=reason):
        await limits(query(), answer)
    assert shed == [reason]
