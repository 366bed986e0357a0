"""Elasticsearch and OpenSearch, real servers: what they answer of 20,000 documents is what pandas says of them."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx
import numpy as np
import pandas as pd
import pytest
from fixtures.contexts import context_of
from fixtures.search import OPENSEARCH, SLOWLY, SearchServer, started
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heliograph.app.process.telemetry import Telemetry
from heliograph.app.query_path import make_admission, make_proxy
from heliograph.app.settings import Settings
from heliograph.datasources.buckets import unfinished_from
from heliograph.datasources.frame import Frame
from heliograph.datasources.query.caches import Caches, make_caches
from heliograph.datasources.query.model import Answer, Query
from heliograph.datasources.query.proxy import QueryProxy
from heliograph.datasources.sources.elasticsearch import ElasticsearchSource
from heliograph.datasources.sources.registry import SourceKinds, Sources
from heliograph.datasources.timerange import TimeRange
from heliograph.datasources.variables.chosen import Chosen
from heliograph.errors import HeliographError, InvalidError, SourceError
from heliograph.scope import Role, Scope
from heliograph.storage.cache.shared import in_memory
from heliograph.storage.config.datasources import StoredSource

SCOPE: Final = Scope(1, Role.EDITOR)
HOUR_MS, MINUTE_MS = 3_600_000, 60_000
START_MS: Final = 1_700_006_400_000  # 2023-11-15 00:00 UTC
SPAN_MS: Final = 6 * HOUR_MS
DOCUMENTS: Final = 20_000
RANGE: Final = TimeRange(START_MS, START_MS + SPAN_MS - MINUTE_MS)
SERVICES: Final = ("api", "cart", "mail", "pay", "search", "shop", "user")
EVIL: Final = ("a OR b", 'x" OR "y', "*", "a\\", "b/c", "(d)", "[1 TO 5]", "AND", "e:f", "ü x", "-g", "h~2", "")
MAPPING: Final = {
    "properties": {
        "@timestamp": {"type": "date"},
        "service": {"type": "keyword"},
        "evil": {"type": "keyword"},
        "took": {"type": "long"},
        "size": {"type": "double"},
        "ok": {"type": "boolean"},
        "message": {"type": "text"},
    }
}


def made() -> pd.DataFrame:
    chance = np.random.default_rng(7)
    times = START_MS + np.sort(chance.integers(0, SPAN_MS, DOCUMENTS))
    times[(times > START_MS + HOUR_MS) & (times < START_MS + HOUR_MS + 20 * MINUTE_MS)] = START_MS  # a hole
    return pd.DataFrame(
        {
            "@timestamp": np.sort(times),
            "service": chance.choice(SERVICES, DOCUMENTS, p=[0.4, 0.25, 0.15, 0.1, 0.05, 0.03, 0.02]),
            "evil": chance.choice(EVIL, DOCUMENTS),
            "took": chance.integers(0, 5000, DOCUMENTS),
            "size": np.round(chance.lognormal(3, 1, DOCUMENTS), 3),
            "ok": chance.random(DOCUMENTS) < 0.9,
            "message": [f"request {number} done" for number in range(DOCUMENTS)],
        }
    )


def load(url: str, index: str, mapping: Mapping[str, Any], documents: Sequence[Mapping[str, Any]], **more: Any) -> None:
    body = {"settings": {"number_of_shards": 2, "number_of_replicas": 0, **more}, "mappings": mapping}
    httpx.put(f"{url}/{index}", json=body, timeout=60).raise_for_status()
    for start in range(0, len(documents), 5000):
        lines = "".join(f'{{"index":{{}}}}\n{json.dumps(one)}\n' for one in documents[start : start + 5000])
        headers = {"Content-Type": "application/x-ndjson"}
        reply = httpx.post(f"{url}/{index}/_bulk", content=lines.encode(), headers=headers, timeout=120)
        assert not reply.raise_for_status().json()["errors"], reply.text[:1000]
    httpx.post(f"{url}/{index}/_refresh", timeout=60).raise_for_status()


@dataclass
class Node:
    """The query path over one source."""

    proxy: QueryProxy
    sources: Sources
    caches: Caches
    points: Callable[[], float]

    async def ask(self, query: Any, **more: Any) -> Answer:
        fields: dict[str, Any] = {"range": RANGE, "scope": SCOPE, "interval_s": 60.0, **more}
        return await self.proxy.query(Query(query, datasource="logs", **fields))

    async def table(self, query: Any, **more: Any) -> dict[str, list[Any]]:
        (frame,) = (await self.ask(query, options={"format": "table"}, **more)).frames
        return {field.name: field.readable for field in frame.fields}


def node_of(url: str, clock: Callable[[], float] = time.time, **options: Any) -> Node:
    kinds, telemetry = SourceKinds(context_of), Telemetry()
    kinds.register(ElasticsearchSource)
    stored = StoredSource("logs", "Logs", "elasticsearch", url, {"index": "logs", **options})

    async def listing(_: int) -> list[StoredSource]:
        return [stored]

    sources = Sources(kinds, [], listing, clock)
    caches = make_caches(in_memory(), clock, counted=lambda _: None, joined=lambda _: None)

    def points() -> float:
        found = telemetry.registry.get_sample_value("heliograph_source_points_total", {"source": "logs"})
        return found or 0.0

    settings = Settings()
    proxy = make_proxy(settings, sources, caches, telemetry, make_admission(settings, caches, telemetry), clock)
    return Node(proxy, sources, caches, points)


@pytest.fixture(scope="module")
def documents() -> pd.DataFrame:
    return made()


@pytest.fixture(scope="module", params=["opensearch", "elasticsearch_7", "elasticsearch_8"])
def server(request: pytest.FixtureRequest, documents: pd.DataFrame) -> Iterator[SearchServer]:
    found: SearchServer = request.getfixturevalue(request.param)
    load(found.url, "logs", MAPPING, documents.to_dict("records"))
    yield found
    httpx.delete(f"{found.url}/logs", timeout=60)


@pytest.fixture
async def node(server: SearchServer) -> AsyncIterator[Node]:
    made = node_of(server.url)
    yield made
    await made.sources.close()
    await made.caches.close()


def by_minute(documents: pd.DataFrame, width_ms: int = MINUTE_MS) -> pd.Series:
    return documents["@timestamp"] // width_ms * width_ms


def series(frames: Sequence[Frame]) -> dict[str, dict[float, float]]:
    return {
        frame.name: dict(zip(frame.fields[0].values.tolist(), frame.numbers[0].values.tolist(), strict=True))
        for frame in frames
    }


def present(values: Mapping[float, float]) -> dict[float, float]:
    return {at: value for at, value in values.items() if not math.isnan(value)}


# ---- aggregations


async def test_counts_by_minute_have_zeros_where_nothing_is(node: Node, documents: pd.DataFrame) -> None:
    (counts,) = series((await node.ask({"metrics": [{"type": "count"}]})).frames).values()
    expected = documents.groupby(by_minute(documents)).size()
    assert list(counts) == [float(at) for at in range(START_MS, START_MS + SPAN_MS, MINUTE_MS)]
    assert counts == {at: float(expected.get(at, 0)) for at in counts}
    assert 0.0 in counts.values()


METRICS: Final[list[tuple[dict[str, Any], Callable[[pd.Series], float]]]] = [
    ({"type": "avg", "field": "took"}, pd.Series.mean),
    ({"type": "sum", "field": "size"}, pd.Series.sum),
    ({"type": "min", "field": "took"}, pd.Series.min),
    ({"type": "max", "field": "size"}, pd.Series.max),
    ({"type": "value_count", "field": "took"}, pd.Series.count),
    ({"type": "cardinality", "field": "service"}, pd.Series.nunique),
    ({"type": "cardinality", "field": "took"}, pd.Series.nunique),
    ({"type": "extended_stats", "field": "took", "stats": ["std_deviation"]}, lambda one: one.std(ddof=0)),
    ({"type": "extended_stats", "field": "took", "stats": ["variance"]}, lambda one: one.var(ddof=0)),
    ({"type": "extended_stats", "field": "took", "stats": ["sum_of_squares"]}, lambda one: float((one**2).sum())),
    ({"type": "extended_stats", "field": "size", "stats": ["std_upper"]}, lambda one: one.mean() + 2 * one.std(ddof=0)),
    (
        {"type": "extended_stats", "field": "size", "stats": ["std_lower"], "sigma": 3},
        lambda one: one.mean() - 3 * one.std(ddof=0),
    ),
    ({"type": "percentiles", "field": "took", "percents": [50]}, lambda one: one.quantile(0.5)),
    ({"type": "percentiles", "field": "took", "percents": [99]}, lambda one: one.quantile(0.99)),
    ({"type": "top_metrics", "field": "took"}, lambda one: one.iloc[-1]),
    ({"type": "top_metrics", "field": "took", "order": "asc"}, lambda one: one.iloc[0]),
]


@pytest.mark.parametrize(
    ("metric", "oracle"), METRICS, ids=lambda one: json.dumps(one) if isinstance(one, dict) else ""
)
async def test_a_metric_is_what_pandas_says(
    node: Node, documents: pd.DataFrame, metric: dict[str, Any], oracle: Callable[[pd.Series], float]
) -> None:
    """Percentiles are estimates: within 2 % of the span. Of documents of one moment any is the first or last."""
    width = 30 * MINUTE_MS
    query = {"metrics": [metric], "by": [{"type": "date_histogram", "interval": "30m"}], "query": "ok:true"}
    (found,) = series((await node.ask(query, interval_s=1800.0)).frames).values()
    some = documents[documents["ok"]]
    expected = some.groupby(by_minute(some, width))[metric["field"]].agg(oracle).to_dict()
    if metric["type"] == "top_metrics":
        edge = "max" if metric.get("order") != "asc" else "min"
        times = some.groupby(by_minute(some, width))["@timestamp"].transform(edge)
        choices = some[some["@timestamp"] == times].groupby(by_minute(some, width))["took"].agg(set)
        assert all(value in choices[at] for at, value in present(found).items())
        assert set(present(found)) == set(choices.index)
        return
    assert present(found).keys() == {float(at) for at in expected}
    within = 100.0 if metric["type"] == "percentiles" else 1e-6
    assert present(found) == pytest.approx({float(at): float(value) for at, value in expected.items()}, abs=within)


async def test_terms_in_terms_are_rows_of_a_table(node: Node, documents: pd.DataFrame) -> None:
    query = {
        "metrics": [{"type": "count"}, {"type": "avg", "field": "took"}],
        "by": [{"type": "terms", "field": "service", "size": 3}, {"type": "terms", "field": "ok", "order": "key"}],
    }
    found = await node.table(query)
    largest = documents["service"].value_counts().index[:3]
    grouped = documents[documents["service"].isin(largest)].groupby(["service", "ok"])["took"]
    expected = [
        (service, ok, float(group.size), pytest.approx(group.mean()))
        for service in largest
        for ok in (False, True)
        for group in [grouped.get_group((service, ok))]
    ]
    rows = list(
        zip(found["service"], [one == "true" for one in found["ok"]], found["count"], found["avg took"], strict=True)
    )
    assert rows == expected


@pytest.mark.parametrize(
    ("order", "key"),
    [
        ({"order": "count"}, lambda group: -len(group)),
        ({"order": "count", "direction": "asc"}, len),
        ({"order": "m"}, lambda group: -group["took"].mean()),
        ({"order": "m", "direction": "asc"}, lambda group: group["took"].mean()),
        ({"order": "s.std_deviation"}, lambda group: -group["size"].std(ddof=0)),
        ({"order": "key", "direction": "desc"}, lambda group: [-ord(one) for one in group["service"].iloc[0]]),
    ],
)
async def test_terms_are_ordered_by_counts_keys_and_metrics(
    node: Node, documents: pd.DataFrame, order: dict[str, str], key: Callable[[pd.DataFrame], Any]
) -> None:
    metrics = [
        {"type": "avg", "field": "took", "id": "m"},
        {"type": "extended_stats", "field": "size", "id": "s", "stats": ["std_deviation"]},
    ]
    found = await node.table({"metrics": metrics, "by": [{"type": "terms", "field": "service", "size": 4, **order}]})
    groups = sorted((group for _, group in documents.groupby("service")), key=key)[:4]
    assert found["service"] == [group["service"].iloc[0] for group in groups]
    assert found["avg took"] == pytest.approx([group["took"].mean() for group in groups])
    assert found["std_deviation size"] == pytest.approx([group["size"].std(ddof=0) for group in groups])


async def test_terms_ordered_by_a_metric_hold_the_time_within(node: Node, documents: pd.DataFrame) -> None:
    by = [
        {"type": "terms", "field": "service", "size": 2, "order": "avg"},
        {"type": "date_histogram", "interval": "1h"},
    ]
    query = {"metrics": [{"type": "avg", "field": "took"}], "by": by}
    found = series((await node.ask(query, interval_s=3600.0)).frames)
    best = documents.groupby("service")["took"].mean().sort_values(ascending=False).index[:2]
    expected = {
        service: documents[documents["service"] == service].groupby(by_minute(documents, HOUR_MS))["took"].mean()
        for service in best
    }
    assert found == {name: pytest.approx({float(at): v for at, v in one.items()}) for name, one in expected.items()}


async def test_filters_and_numbers_are_buckets(node: Node, documents: pd.DataFrame) -> None:
    filters = {"type": "filters", "filters": {"slow": "took:>=4000", "all": "*", "fast": "took:<1000 AND ok:true"}}
    found = await node.table({"metrics": [{"type": "count"}], "by": [filters]})
    fast = ((documents["took"] < 1000) & documents["ok"]).sum()
    assert dict(zip(found["filter"], found["count"], strict=True)) == {
        "slow": float((documents["took"] >= 4000).sum()),
        "all": float(DOCUMENTS),
        "fast": float(fast),
    }
    found = await node.table({"by": [{"type": "histogram", "field": "took", "interval": 500}]})
    expected = documents.groupby(documents["took"] // 500 * 500).size()
    assert dict(zip(found["took"], found["count"], strict=True)) == {float(k): float(v) for k, v in expected.items()}


async def test_no_buckets_are_one_row(node: Node, documents: pd.DataFrame) -> None:
    metrics = [
        {"type": "count"},
        {"type": "sum", "field": "took"},
        {"type": "percentiles", "field": "took", "percents": [0, 100]},
    ]
    found = await node.table({"metrics": metrics, "by": []})
    assert found == {
        "count": [float(DOCUMENTS)],
        "sum took": [float(documents["took"].sum())],
        "p0 took": [float(documents["took"].min())],
        "p100 took": [float(documents["took"].max())],
    }


async def test_days_and_months_of_a_zone_are_those_of_its_calendar(node: Node, documents: pd.DataFrame) -> None:
    by = [{"type": "date_histogram", "calendar": "day", "zone": "America/New_York"}]
    (found,) = series((await node.ask({"by": by})).frames).values()
    local = (
        pd.to_datetime(documents["@timestamp"], unit="ms", utc=True).dt.tz_convert("America/New_York").dt.normalize()
    )
    expected = documents.groupby(local.map(lambda one: one.timestamp() * 1000)).size()
    assert found == {at: float(count) for at, count in expected.items()}


ALONG: Final[list[tuple[dict[str, Any], Callable[[pd.Series], pd.Series]]]] = [
    ({"type": "derivative"}, lambda one: one.diff()),
    ({"type": "serial_diff", "lag": 3}, lambda one: one.diff(3)),
    ({"type": "cumulative_sum"}, lambda one: one.cumsum()),
    ({"type": "moving_fn", "window": 4}, lambda one: one.shift(1).rolling(4, min_periods=1).mean()),
    ({"type": "moving_fn", "window": 4, "shift": 1}, lambda one: one.rolling(4, min_periods=1).mean()),
    ({"type": "moving_fn", "window": 3, "function": "max"}, lambda one: one.shift(1).rolling(3, min_periods=1).max()),
    (
        {"type": "moving_fn", "window": 3, "function": "std_dev"},
        lambda one: one.shift(1).rolling(3, min_periods=1).std(ddof=0),
    ),
]


@pytest.mark.parametrize(("metric", "oracle"), ALONG, ids=lambda one: json.dumps(one) if isinstance(one, dict) else "")
async def test_what_is_worked_out_along_the_time_is_what_pandas_says(
    node: Node, documents: pd.DataFrame, metric: dict[str, Any], oracle: Callable[[pd.Series], pd.Series]
) -> None:
    metrics = [{"type": "count", "hide": True}, {**metric, "of": "count"}]
    (found,) = series((await node.ask({"metrics": metrics})).frames).values()
    times = range(START_MS, START_MS + SPAN_MS, MINUTE_MS)
    counts = documents.groupby(by_minute(documents)).size().reindex(times, fill_value=0).astype(float)
    expected = {float(at): value for at, value in oracle(counts).items()}
    assert list(found) == list(expected)
    assert present(found) == pytest.approx(present(expected))


async def test_scripts_are_arithmetic_over_metrics_of_a_bucket(node: Node, documents: pd.DataFrame) -> None:
    metrics: list[dict[str, Any]] = [
        {"type": "sum", "field": "took", "hide": True},
        {"type": "count", "hide": True},
        {"type": "bucket_script", "of": {"t": "sum", "n": "count"}, "expression": "t / n * 2", "name": "twice"},
    ]
    (found,) = series((await node.ask({"metrics": metrics})).frames).values()
    expected = documents.groupby(by_minute(documents))["took"].mean() * 2
    assert present(found) == pytest.approx({float(at): value for at, value in expected.items()})
    for expression in ("__import__('os')", "t.x", "unknown + 1", "t("):
        with pytest.raises(InvalidError):
            await node.ask({"metrics": [*metrics[:2], {**metrics[2], "expression": expression}]})


# ---- Lucene, and values in it


@pytest.mark.parametrize(
    "spec", ["", ":lucene", ":csv", ":pipe", ":text", ":singlequote", ":doublequote", ":json", ":regex"]
)
@pytest.mark.parametrize("value", [one for one in EVIL if one])
async def test_a_value_is_that_value_alone(node: Node, documents: pd.DataFrame, value: str, spec: str) -> None:
    query = {"query": "evil:${x" + spec + "}", "by": []}
    chosen = {"x": Chosen([value], single=True)}
    count = (await node.table(query, variables=chosen))["count"]
    own = float((documents["evil"] == value).sum())
    assert count in ([own], [0.0]), "never more than documents with that very value"
    if spec in ("", ":lucene"):
        assert count == [own]
    within = (await node.table({"query": 'evil:"$x"', "by": []}, variables=chosen))["count"]
    assert within == [own]


async def test_several_values_are_any_of_them(node: Node, documents: pd.DataFrame) -> None:
    count = (await node.table({"query": "evil:$x", "by": []}, variables={"x": EVIL[:5]}))["count"]
    assert count == [float(documents["evil"].isin(EVIL[:5]).sum())]


# ---- documents


async def test_documents_are_the_newest_each_once(node: Node, documents: pd.DataFrame) -> None:
    (frame,) = (await node.ask({"query": "ok:true", "documents": 12_000})).frames
    found = {field.name: field.readable for field in frame.fields}
    some = documents[documents["ok"]].sort_values("@timestamp", kind="stable", ascending=False)
    assert found["@timestamp"] == some["@timestamp"].astype(float).tolist()[:12_000]
    assert len(set(found["message"])) == 12_000
    assert [field.kind for field in frame.fields if field.name in ("@timestamp", "took", "ok", "service")] == [
        "time",
        "boolean",
        "string",
        "number",
    ]


async def test_logs_have_their_line_beside_the_time(node: Node) -> None:
    (frame,) = (await node.ask({"query": "service:pay", "documents": 10, "as": "logs"})).frames
    assert [field.name for field in frame.fields][:2] == ["@timestamp", "message"]
    assert frame.rows == 10
    (frame,) = (await node.ask({"documents": 10, "fields": ["took", "service"]})).frames
    assert [field.name for field in frame.fields] == ["@timestamp", "took", "service"]


# ---- variables


async def test_variables_find_terms_and_fields(node: Node) -> None:
    source = (await node.sources.find(1, "logs")).source

    async def found(query: Mapping[str, Any], **values: Any) -> list[str]:
        text = source.filled_options(json.dumps(query), values)
        return [one.value for one in await source.options(text, RANGE, SCOPE)]

    assert await found({"find": "terms", "field": "service"}) == list(SERVICES)
    assert await found({"find": "terms", "field": "service", "orderBy": "doc_count", "size": 2}) == ["api", "cart"]
    query = {"find": "terms", "field": "service", "query": "evil:$x AND service:(api OR pay)"}
    assert await found(query, x=Chosen(["e:f"], single=True)) == ["api", "pay"]
    assert await found({"find": "terms", "field": "ok"}) == ["false", "true"]
    assert await found({"find": "fields", "type": "keyword"}) == ["evil", "service"]
    assert await found({"find": "fields", "type": ["long", "double"]}) == ["size", "took"]
    assert "logs" in await found({"find": "indices"})


# ---- health, errors, limits


async def test_a_test_tells_which_server_it_is(server: SearchServer, node: Node) -> None:
    health = await (await node.sources.find(1, "logs")).source.test()
    name = "OpenSearch" if server.flavour.product == "opensearch" else "Elasticsearch"
    assert (health.ok, health.message) == (True, f"{name} {server.flavour.version} answers")
    other = node_of(server.url, time_field="took")
    health = await (await other.sources.find(1, "logs")).source.test()
    assert "took is no date" in health.message
    missing = node_of(server.url, index="nothing")
    health = await (await missing.sources.find(1, "logs")).source.test()
    assert (health.ok, "no such index" in health.message) == (False, True)
    for one in (other, missing):
        await one.sources.close()
        await one.caches.close()


@pytest.mark.parametrize(
    "query",
    [
        {"query": "took:[1 TO"},
        {"metrics": [{"type": "avg", "field": "message"}]},
        {"by": [{"type": "terms", "field": "message"}]},
        {"index": "no-such-index"},
    ],
)
async def test_what_the_server_refuses_is_told_in_its_words(node: Node, query: Any) -> None:
    with pytest.raises(SourceError) as refused:
        await node.ask(query)
    assert any(
        word in refused.value.detail for word in ("parse", "not supported", "no such index", "disabled", "optimised")
    )


@pytest.mark.parametrize(
    "index",
    ["../_cluster/settings", "a/_doc", "_all/../x", "a?b", "a#b", "<logs-{now}>", "_cat", "-logs", ".", "a b", "a\nb"],
)
async def test_an_index_is_no_path(node: Node, index: str) -> None:
    with pytest.raises(InvalidError) as refused:
        await node.ask({"index": index})
    assert refused.value.path == "$.query.index"


# ---- in pieces


CHUNKED: Final[list[dict[str, Any]]] = [
    {"metrics": [{"type": "count"}]},
    {"metrics": [{"type": "avg", "field": "took"}, {"type": "sum", "field": "size"}]},
    {
        "metrics": [{"type": "count"}],
        "by": [{"type": "filters", "filters": {"slow": "took:>4000", "none": "took:<0"}}, {"type": "date_histogram"}],
    },
    {
        "metrics": [{"type": "max", "field": "took"}],
        "by": [{"type": "terms", "field": "service", "order": "key", "size": 50}, {"type": "date_histogram"}],
    },
    {
        "metrics": [{"type": "count"}],
        "by": [
            {"type": "date_histogram"},
            {"type": "terms", "field": "service", "order": "key", "direction": "desc", "size": 50},
        ],
    },
    {
        "metrics": [{"type": "count"}],
        "by": [{"type": "histogram", "field": "took", "interval": 2000}, {"type": "date_histogram"}],
    },
    {
        "metrics": [{"type": "count"}],
        "by": [{"type": "terms", "field": "service", "order": "key", "size": 3}, {"type": "date_histogram"}],
    },
    {"metrics": [{"type": "count"}], "by": [{"type": "terms", "field": "service"}, {"type": "date_histogram"}]},
    {"metrics": [{"type": "count", "hide": True}, {"type": "derivative", "of": "count"}]},
]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.sampled_from(CHUNKED),
    cuts=st.lists(st.tuples(st.integers(0, 359), st.integers(0, 359)).map(sorted), min_size=1, max_size=4),
)
async def test_pieces_joined_are_the_whole(
    server: SearchServer, query: dict[str, Any], cuts: list[tuple[int, int]]
) -> None:
    pieces, whole = node_of(server.url), node_of(server.url)
    try:
        for first, last in cuts:
            await pieces.ask(query, range=TimeRange(START_MS + first * MINUTE_MS, START_MS + last * MINUTE_MS))
        joined, asked = await pieces.ask(query), await whole.ask(query)
        for frame, other in zip(by_labels(joined.frames), by_labels(asked.frames), strict=True):
            assert (frame.name, frame.labels) == (other.name, other.labels)
            for field, same in zip(frame.fields, other.fields, strict=True):
                np.testing.assert_array_max_ulp(field.values, same.values, 4)
    finally:
        for one in (pieces, whole):
            await one.sources.close()
            await one.caches.close()


def by_labels(frames: Sequence[Frame]) -> list[Frame]:
    return sorted(frames, key=lambda frame: (frame.name, sorted(frame.labels.items())))


async def test_a_refresh_asks_for_the_newest_buckets_alone(server: SearchServer) -> None:
    end_ms = START_MS + SPAN_MS - 10 * MINUTE_MS
    query = {"metrics": [{"type": "count"}], "by": [{"type": "date_histogram"}]}
    now = [end_ms / 1000]
    node = node_of(server.url, lambda: now[0])
    first = await node.ask(query, range=TimeRange(end_ms - SPAN_MS // 2, end_ms), interval_s=1.0, max_points=11_000)
    assert first.inspect.points_fetched > 10_000
    assert unfinished_from(first.frames[0].numbers[0].config) == end_ms
    now[0] += 2
    later = TimeRange(end_ms - SPAN_MS // 2 + 2000, end_ms + 2000)
    again = await node.ask(query, range=later, interval_s=1.0, max_points=11_000)
    assert [part.cache for part in again.inspect.parts][-1] == "miss"
    assert again.inspect.points_fetched <= 0.002 * first.inspect.points_fetched
    assert unfinished_from(again.frames[0].numbers[0].config) == end_ms + 2000, "what was open before is over"
    await node.sources.close()
    await node.caches.close()


# ---- cancelled, partial


def searching(url: str) -> int:
    nodes = httpx.get(f"{url}/_tasks?actions=indices:data/read/search*", timeout=30).json()["nodes"]
    return sum(len(node["tasks"]) for node in nodes.values())


@pytest.mark.parametrize("left", ["cancelled", "past its deadline"])
async def test_a_search_that_nobody_waits_for_leaves_the_list_of_tasks(
    opensearch: SearchServer, documents: pd.DataFrame, left: str
) -> None:
    """The server looks whether it is cancelled after each so many documents: all of them would take minutes."""
    name = f"slow-{time.monotonic_ns()}"
    load(opensearch.url, name, MAPPING, documents.to_dict("records"))
    body = {"actions": [{"add": {"index": name, "alias": f"{name}-ly", "filter": {"script": {"script": SLOWLY}}}}]}
    httpx.post(f"{opensearch.url}/_aliases", json=body, timeout=30).raise_for_status()
    node = node_of(opensearch.url)
    deadline = {"deadline_s": 3.0} if left != "cancelled" else {}
    asking = asyncio.ensure_future(node.ask({"index": f"{name}-ly"}, **deadline))
    async with asyncio.timeout(90):
        while not await asyncio.to_thread(searching, opensearch.url):
            await asyncio.sleep(0.05)
    if left == "cancelled":
        asking.cancel()
    with pytest.raises((asyncio.CancelledError, HeliographError)):
        await asking
    async with asyncio.timeout(90):
        while await asyncio.to_thread(searching, opensearch.url):
            await asyncio.sleep(0.05)
    await node.sources.close()
    await node.caches.close()
    httpx.delete(f"{opensearch.url}/{name}", timeout=60)


async def test_a_cluster_that_loses_a_node_answers_in_part_and_says_so(documents: pd.DataFrame) -> None:
    first = started(OPENSEARCH)
    try:
        second = started(OPENSEARCH, "two", first)
        try:
            load(first.url, "logs", MAPPING, documents.head(2000).to_dict("records"), number_of_shards=4)
            httpx.get(
                f"{first.url}/_cluster/health/logs?wait_for_no_relocating_shards=true&wait_for_status=green", timeout=60
            )
            node = node_of(first.url)
            whole = await node.ask({"by": []})
            assert (whole.partial, whole.frames[0].numbers[0].values.tolist()) == (False, [2000.0])
        finally:
            second.stop()
        async with asyncio.timeout(60):
            while not (part := await node.ask({"by": [], "query": "*:*"}, tick=time.monotonic_ns())).partial:
                await asyncio.sleep(0.2)
        assert "of 4 shards did not answer" in part.warnings[0]
        assert 0 < part.frames[0].numbers[0].values[0] < 2000
        series = await node.ask({"metrics": [{"type": "count"}]}, tick=time.monotonic_ns())
        assert series.partial
        again = await node.ask({"metrics": [{"type": "count"}]}, tick=time.monotonic_ns())
        assert again.inspect.cache == "miss", "what is partial is never kept"
        await node.sources.close()
        await node.caches.close()
    finally:
        first.stop()
