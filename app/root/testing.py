"""The contract that every kind of data source keeps, ours and those of plugins: run it over your own.

    class TestMine(SourceContract):
        @pytest.fixture
        async def subject(self) -> AsyncIterator[Subject]:
            yield Subject(kind=MySource, …)

The source is asked through the whole query path. Its data are two hosts, `host 0` and `host 1`, with one sample of
`busy` for each of MINUTES minutes: 10 times the minute's number, and the host's own number added. Needs pytest and
pytest-asyncio, with `asyncio_mode = "auto"`. Panel types and kinds of contact point have contracts of their own:
`PanelContract` with a `PanelSubject`, `NotifierContract` with a `NotifierSubject`.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest
from pydantic import ValidationError

from heliograph.app.process.telemetry import Telemetry
from heliograph.app.query_path import make_admission, make_proxy, source_contexts
from heliograph.app.settings import Settings
from heliograph.datasources.chunks import chunk_of
from heliograph.datasources.frame import Frame
from heliograph.datasources.parsing import Parsing
from heliograph.datasources.query.caches import Caches, make_caches
from heliograph.datasources.query.model import Answer, Query
from heliograph.datasources.query.proxy import QueryProxy
from heliograph.datasources.sources.base import Source, SourceContext
from heliograph.datasources.sources.registry import SourceKinds, Sources
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import SourceError, SourceTimeoutError, SourceUnavailableError
from heliograph.notifier_contract import NotifierContract, NotifierSubject
from heliograph.panel_contract import PanelContract, PanelSubject
from heliograph.scope import Role, Scope
from heliograph.storage.cache.shared import in_memory
from heliograph.storage.config.datasources import StoredSource

__all__ = [
    "NotifierContract",
    "NotifierSubject",
    "PanelContract",
    "PanelSubject",
    "SourceContract",
    "Subject",
    "context_of",
    "minutes",
    "value",
]

SCOPE = Scope(1, Role.EDITOR)
LOOPBACK = ("127.0.0.0/8", "::1/128")
MINUTES, MINUTE_MS = 20, 60_000
HOSTS = ("host 0", "host 1")
Text = str | Mapping[str, Any]


def context_of(stored: StoredSource, allowed: Sequence[str] = LOOPBACK, drivers: Sequence[str] = ()) -> SourceContext:
    """What such a source gets where its operator allows these networks and drivers."""
    settings = Settings(allowed_networks=tuple(allowed), sql_drivers=tuple(drivers))
    return source_contexts(settings, time.time, Parsing())(stored)


def value(host: int, minute: int) -> float:
    """What every source of the contract answers for a host and a minute of the range."""
    return 10.0 * minute + host


@dataclass(frozen=True)
class Subject:
    """One kind over its server. `running` counts slow queries there; `fresh` makes data that nobody has asked for."""

    kind: type[Source]
    stored: StoredSource
    make: Callable[[StoredSource], Source]
    range: TimeRange  # the steps at which `series` has the values of minutes 0 to MINUTES - 1
    series: Text
    table: Text
    table_options: Mapping[str, Any]
    instant: bool  # whether the table is asked at an instant
    slow: Text
    bad: Text
    bad_words: str  # the server's own of `bad`
    variable: str
    running: Callable[[], Awaitable[int]]
    nowhere: StoredSource  # the same where nobody answers
    smaller: StoredSource  # the same with a limit that `large` is past
    large: Text
    owned: bool = False  # whether its data are an org's
    chunked: bool = True  # whether ranges of `series` are asked in pieces
    step_s: float = 60.0


def minutes() -> TimeRange:
    """The starts of the last whole minutes but three; of those before where these would lie in two chunks."""
    end_ms = int(time.time()) * 1000 // MINUTE_MS * MINUTE_MS - 3 * MINUTE_MS
    span_ms = (MINUTES - 1) * MINUTE_MS
    chunk = chunk_of(end_ms - span_ms, MINUTE_MS)
    end_ms = min(end_ms, chunk.to_ms - MINUTE_MS)  # one more minute is asked of where buckets have their ends as times
    return TimeRange(end_ms - span_ms, end_ms)


@dataclass
class Node:
    """The query path of one process over a source, with all its caches. What is in `stored` may be changed."""

    proxy: QueryProxy
    sources: Sources
    caches: Caches
    telemetry: Telemetry
    stored: list[StoredSource]

    def configure(self, stored: StoredSource) -> None:
        """Save the source anew, as the API does."""
        self.stored[0] = stored
        self.sources.forget(SCOPE.org)

    def asked(self) -> float:
        """How many queries reached the source and were answered."""
        return sum(
            sample.value
            for metric in self.telemetry.registry.collect()
            for sample in metric.samples
            if sample.name == "heliograph_source_queries_total" and sample.labels["outcome"] == "ok"
        )


MakeNode = Callable[..., Node]


def ask(subject: Subject, text: Text, **changes: Any) -> Query:
    """A query of the subject's source over its range; `changes` are other fields of it."""
    fields: dict[str, Any] = {"range": subject.range, "scope": SCOPE, "interval_s": subject.step_s, **changes}
    return Query(text, datasource=subject.stored.uid, **fields)


def told(frames: Sequence[Frame]) -> object:
    """What frames say, in a form that compares."""
    return [
        (frame.name, dict(frame.labels), [(field.name, field.values.tolist()) for field in frame.fields])
        for frame in sorted(frames, key=lambda frame: frame.name)
    ]


def expected(subject: Subject, first: int = 0, last: int = MINUTES - 1) -> list[tuple[list[float], list[float]]]:
    """Times and values of each host from the first minute to the last."""
    numbers = range(first, last + 1)
    times = [float(subject.range.from_ms + minute * MINUTE_MS) for minute in numbers]
    return [(times, [value(host, minute) for minute in numbers]) for host in range(len(HOSTS))]


def points(answer: Answer) -> list[tuple[list[float], list[float]]]:
    """Times in ms and values of each host, in the order of their names."""
    ordered = sorted(answer.frames, key=lambda frame: frame.labels["host"])
    return [(frame.fields[0].values.tolist(), frame.numbers[0].values.tolist()) for frame in ordered]


async def until_running(subject: Subject, count: int) -> None:
    """Wait until the server runs so many queries of the subject; TimeoutError after a minute."""
    async with asyncio.timeout(60):
        while await subject.running() != count:
            await asyncio.sleep(0.05)


class SourceContract:
    """Tests of one kind; `subject` is a fixture that whoever inherits this gives."""

    @pytest.fixture
    async def make_node(self, subject: Subject) -> AsyncIterator[MakeNode]:
        """Makes nodes over the subject's source, or over another; they are closed after the test."""
        async with AsyncExitStack() as stack:

            def make(stored: StoredSource | None = None, **settings: Any) -> Node:
                kinds, telemetry, listed = SourceKinds(context_of), Telemetry(), [stored or subject.stored]
                kinds.register(subject.kind, lambda stored, _: subject.make(stored))

                async def listing(_: int) -> Sequence[StoredSource]:
                    return tuple(listed)

                sources = Sources(kinds, [], listing, time.time)
                caches = make_caches(in_memory(), time.time, counted=lambda _: None, joined=lambda _: None)
                stack.push_async_callback(sources.close)
                stack.push_async_callback(caches.close)
                made = Settings(**settings)
                proxy = make_proxy(made, sources, caches, telemetry, make_admission(made, caches, telemetry))
                return Node(proxy, sources, caches, telemetry, listed)

            yield make

    @pytest.fixture
    def node(self, make_node: MakeNode) -> Node:
        """One node over the subject's source."""
        return make_node()

    def test_its_options_are_described_and_no_others_are_taken(self, subject: Subject) -> None:
        for name, described in subject.kind.Config.model_json_schema().get("properties", {}).items():
            assert described.get("description"), name
        with pytest.raises(ValidationError):
            subject.kind.Config.model_validate({"no_such_option": 1})

    async def test_the_first_query_that_a_kind_suggests_is_answered(self, subject: Subject, node: Node) -> None:
        example = subject.kind.example
        await node.proxy.query(ask(subject, json.loads(example) if example.startswith("{") else example))

    async def test_a_test_tells_whether_it_answers(self, subject: Subject, node: Node, make_node: MakeNode) -> None:
        health = await (await node.sources.find(1, "subject")).source.test()
        assert health.ok, health.message
        assert health.latency_ms > 0
        lost = make_node(subject.nowhere)
        health = await (await lost.sources.find(1, "subject")).source.test()
        assert not health.ok
        assert health.message
        with pytest.raises(SourceUnavailableError):
            await lost.proxy.query(ask(subject, subject.series))

    async def test_a_range_is_a_series_of_each_host_on_the_grid_of_the_step(self, subject: Subject, node: Node) -> None:
        answer = await node.proxy.query(ask(subject, subject.series))
        assert answer.step_s == subject.step_s
        assert points(answer) == expected(subject)
        assert {frame.ref for frame in answer.frames} == {"A"}
        assert answer.inspect.points_fetched == answer.inspect.points_returned == 2 * MINUTES

    async def test_a_table_is_one_frame_with_a_row_of_each_host(self, subject: Subject, node: Node) -> None:
        options = {"options": subject.table_options, "instant": subject.instant}
        (frame,) = (await node.proxy.query(ask(subject, subject.table, **options))).frames
        assert frame.rows == len(HOSTS)
        column = next(field for field in frame.fields if field.name == "host")
        assert sorted(column.values.tolist()) == list(HOSTS)

    async def test_a_variable_is_offered_the_hosts(self, subject: Subject, node: Node) -> None:
        source = (await node.sources.find(1, "subject")).source
        assert [one.value for one in await source.options(subject.variable, subject.range, SCOPE)] == list(HOSTS)

    async def test_a_query_past_its_deadline_is_stopped_at_the_server(self, subject: Subject, node: Node) -> None:
        asking = asyncio.ensure_future(node.proxy.query(ask(subject, subject.slow, deadline_s=2.0)))
        await until_running(subject, 1)
        with pytest.raises(SourceTimeoutError):
            await asking
        await until_running(subject, 0)

    async def test_a_query_that_nobody_waits_for_any_more_is_stopped_at_the_server(
        self, subject: Subject, node: Node
    ) -> None:
        asking = [asyncio.ensure_future(node.proxy.query(ask(subject, subject.slow))) for _ in range(2)]
        await until_running(subject, 1)
        asking[0].cancel()
        await asyncio.sleep(0.2)
        assert await subject.running() == 1, "the other still waits"
        asking[1].cancel()
        await until_running(subject, 0)

    async def test_a_query_that_the_source_refuses_is_an_error_of_its_target_alone(
        self, subject: Subject, node: Node
    ) -> None:
        texts = {"A": subject.series, "B": subject.bad, "C": subject.series}
        first, refused, last = await node.proxy.gather([ask(subject, text, ref=ref) for ref, text in texts.items()])
        assert isinstance(refused, SourceError)
        assert subject.bad_words in refused.detail
        for answer, ref in ((first, "A"), (last, "C")):
            assert isinstance(answer, Answer)
            assert {frame.ref for frame in answer.frames} == {ref}

    async def test_an_answer_past_the_limits_is_refused_and_says_so(
        self, subject: Subject, make_node: MakeNode
    ) -> None:
        small = make_node(subject.smaller)
        with pytest.raises(SourceError, match=r"more than|exceeded"):
            await small.proxy.query(ask(subject, subject.large))
        few = make_node(max_series=1)
        with pytest.raises(SourceError, match="2 series are more than the 1 allowed"):
            await few.proxy.query(ask(subject, subject.series))

    async def test_a_source_that_was_changed_never_answers_as_it_was(self, subject: Subject, node: Node) -> None:
        question = ask(subject, subject.series)
        await node.proxy.query(question)
        before = node.asked()
        assert (await node.proxy.query(question)).inspect.cache == "hit"
        assert node.asked() == before
        node.configure(replace(subject.stored, revision=2))
        changed = await node.proxy.query(question)
        assert changed.inspect.cache == "miss"
        assert node.asked() > before
        node.configure(subject.nowhere)
        with pytest.raises(SourceUnavailableError):
            await node.proxy.query(question)

    async def test_pieces_joined_are_the_whole(self, subject: Subject, node: Node, make_node: MakeNode) -> None:
        start, middle = subject.range.from_ms, subject.range.from_ms + 9 * MINUTE_MS
        half = await node.proxy.query(ask(subject, subject.series, range=TimeRange(start, middle)))
        assert points(half) == expected(subject, last=9)
        joined = await node.proxy.query(ask(subject, subject.series))
        if not subject.chunked:
            assert [part.cache for part in joined.inspect.parts] == ["miss"]
            assert points(joined) == expected(subject)
            return
        assert [part.cache for part in joined.inspect.parts] == ["hit", "miss"]
        assert joined.inspect.points_fetched == 2 * (MINUTES - 10)
        whole = await make_node().proxy.query(ask(subject, subject.series))
        assert whole.inspect.cache == "miss"
        assert told(joined.frames) == told(whole.frames)

    @pytest.mark.parametrize("other", [Scope(2, Role.EDITOR), replace(SCOPE, data_scope="user:7")])
    async def test_what_one_asked_is_no_answer_for_another_org_or_data_scope(
        self, subject: Subject, node: Node, other: Scope
    ) -> None:
        await node.proxy.query(ask(subject, subject.series))
        before = node.asked()
        theirs = await node.proxy.query(ask(subject, subject.series, scope=other))
        assert theirs.inspect.cache == "miss"
        assert node.asked() > before
        assert points(theirs) == (expected(subject) if other.org == SCOPE.org or not subject.owned else [])
