"""The Prometheus source over a real Prometheus."""

from __future__ import annotations

import asyncio
import json
import math
import re
import struct
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from fixtures.contexts import context_of
from fixtures.product import ProductMaker
from fixtures.prometheus import Prometheus, written

from heliograph.datasources.frame import Frame
from heliograph.datasources.sources.base import SourceQuery
from heliograph.datasources.sources.prometheus import PrometheusSource
from heliograph.datasources.sources.prometheus_frames import frames_of
from heliograph.datasources.sources.promql import chunkable, rate_interval_s
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import InvalidError, SourceError, SourceTimeoutError, SourceUnavailableError
from heliograph.scope import Role, Scope
from heliograph.storage.config.datasources import StoredSource

SCOPE = Scope(1, Role.EDITOR)


def last(seconds: int) -> TimeRange:
    now_s = int(time.time())
    return TimeRange((now_s - seconds) * 1000, now_s * 1000)


def ask(text: str, **changes: Any) -> SourceQuery:
    fields: dict[str, Any] = {"range": last(10), "step_s": 1.0, **changes}
    return SourceQuery(text, max_points=1000, scope=SCOPE, query_id="q", **fields)


def source_of(url: str, **options: Any) -> PrometheusSource:
    stored = StoredSource("p", "P", "prometheus", url, options)
    return PrometheusSource(stored, context_of(stored))


@pytest.fixture
async def source(prometheus: Prometheus) -> AsyncIterator[PrometheusSource]:
    made = source_of(prometheus.url, scrape_interval="1s")
    yield made
    await made.close()


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_range_is_series_on_its_grid(prometheus: Prometheus, method: str) -> None:
    source = source_of(prometheus.url, http_method=method)
    range_ = last(5)
    answer = await source.query(ask("up", range=range_))
    (frame,) = answer.frames
    assert frame.labels["job"] == "prometheus"
    assert frame.time is not None
    assert set(frame.time.values.tolist()) <= {range_.from_ms + second * 1000.0 for second in range(6)}
    assert set(frame.numbers[0].values.tolist()) == {1.0}
    await source.close()


async def test_an_instant_is_one_value_and_a_scalar_a_series(source: PrometheusSource) -> None:
    (up,) = (await source.query(ask("up", instant=True))).frames
    assert up.rows == 1
    (one,) = (await source.query(ask("scalar(vector(41)) + 1"))).frames
    assert set(one.numbers[0].values.tolist()) == {42.0}


async def test_a_legend_names_the_series(source: PrometheusSource) -> None:
    (frame,) = (await source.query(ask("up", legend="{{job}} is up"))).frames
    assert frame.name == "prometheus is up"
    (frame,) = (await source.query(ask("up"))).frames
    assert frame.name.startswith("up{instance=")


async def test_the_rate_interval_holds_two_scrapes_at_least(source: PrometheusSource) -> None:
    answer = await source.query(ask("rate(prometheus_http_requests_total[$__rate_interval])"))
    assert "[4s]" in answer.executed
    assert answer.frames


async def test_a_query_that_prometheus_refuses_says_why(source: PrometheusSource) -> None:
    with pytest.raises(SourceError, match="parse error"):
        await source.query(ask("sum(("))


async def test_options_of_variables(source: PrometheusSource) -> None:
    async def values(query: str) -> list[str]:
        return [one.value for one in await source.options(query, last(60), SCOPE)]

    assert await values("label_values(job)") == ["prometheus"]
    assert await values('label_values(up{job="prometheus"}, job)') == ["prometheus"]
    assert "job" in await values("label_names()")
    assert "prometheus_build_info" in await values("metrics(build)")
    assert (await values("query_result(up)"))[0].startswith("up{instance=")
    told = {one.value: json.loads(one.text) for one in await source.options("metadata()", last(60), SCOPE)}
    assert told["prometheus_http_requests_total"]["type"] == "counter"
    assert await values("metadata(prometheus_build_info)") == ["prometheus_build_info"]


MINUTE_MS = 60_000


def minutes(prometheus: Prometheus, name: str, values: Sequence[float], **labels: str) -> TimeRange:
    """Write a sample a minute, up to the last whole minute; the range that holds them all."""
    end = int(time.time()) * 1000 // MINUTE_MS * MINUTE_MS
    range_ = TimeRange(end - (len(values) - 1) * MINUTE_MS, end)
    samples = [(range_.from_ms + index * MINUTE_MS, value) for index, value in enumerate(values)]
    prometheus.write(written({"__name__": name, **labels}, samples))
    return range_


STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]


async def test_values_are_those_that_were_written_and_what_went_stale_is_missing(
    source: PrometheusSource, prometheus: Prometheus
) -> None:
    values = [1.5, math.nan, math.inf, -math.inf, STALE, 1e-300]
    range_ = minutes(prometheus, "odd", values, place='Zürich "x" \\ ]]')
    (frame,) = (await source.query(ask("odd", range=range_, step_s=60.0, legend="{{place}} {{__name__}}"))).frames
    assert frame.time is not None
    assert frame.time.values.tolist() == [range_.from_ms + minute * MINUTE_MS for minute in (0, 1, 2, 3, 5)]
    got = frame.numbers[0].values.tolist()
    assert math.isnan(got[1])
    assert [got[0], *got[2:]] == [1.5, math.inf, -math.inf, 1e-300]
    assert frame.name == 'Zürich "x" \\ ]] odd'


async def test_classic_histograms_stay_series_by_bound(source: PrometheusSource, prometheus: Prometheus) -> None:
    for bound in ("0.5", "1", "+Inf"):
        range_ = minutes(prometheus, "took_bucket", [1, 2, 3], le=bound)
    frames = (await source.query(ask("took_bucket", range=range_, step_s=60.0, legend="{{le}}"))).frames
    assert sorted(frame.name for frame in frames) == ["+Inf", "0.5", "1"]


@pytest.mark.parametrize("instant", [False, True])
async def test_native_histograms_of_the_server_are_columns_by_upper_bound(
    source: PrometheusSource, prometheus: Prometheus, instant: bool
) -> None:
    end = int(time.time()) * 1000 // MINUTE_MS * MINUTE_MS
    range_ = TimeRange(end - MINUTE_MS, end)
    name = f"native_{instant}"
    prometheus.write(written({"__name__": name}, histograms=[(range_.from_ms, 1), (range_.to_ms, 4)]))
    (frame,) = (await source.query(ask(name, range=range_, step_s=60.0, instant=instant))).frames
    assert frame.is_series
    found = {column.name: column.values.tolist() for column in frame.numbers}
    assert found == ({"1": [8.0], "2": [4.0]} if instant else {"1": [2.0, 8.0], "2": [1.0, 4.0]})


async def test_a_table_has_a_row_a_sample_and_a_column_a_label(
    source: PrometheusSource, prometheus: Prometheus
) -> None:
    minutes(prometheus, "cell", [1], a="x")
    range_ = minutes(prometheus, "cell", [2], b="y")
    (frame,) = (await source.query(ask("cell", range=range_, instant=True, options={"format": "table"}))).frames
    assert [column.name for column in frame.fields] == ["time", "__name__", "a", "b", "value"]
    rows = {tuple(column.values[row] for column in frame.fields[1:]) for row in range(2)}
    assert rows == {("cell", "x", None, 1.0), ("cell", None, "y", 2.0)}


async def test_a_large_answer_is_what_a_small_one_is(source: PrometheusSource, prometheus: Prometheus) -> None:
    for of in "abc":
        range_ = minutes(prometheus, "wide", [0.1, 0.2, 0.3], of=of)
    frames = (await source.query(ask("wide", range=range_, step_s=0.1, legend="{{of}}"))).frames
    assert [frame.name for frame in frames] == ["a", "b", "c"]
    for frame in frames:
        assert frame.fields[0].values.tolist() == list(range(range_.from_ms, range_.to_ms + 1, 100))
        assert frame.fields[1].values.tolist() == [0.1] * 600 + [0.2] * 600 + [0.3]


async def test_pieces_of_a_chunkable_query_joined_are_the_whole(
    source: PrometheusSource, prometheus: Prometheus
) -> None:
    range_ = minutes(prometheus, "counted", [3, 5, 9, 2, 8, 20, 21, 40, 3, 7, 11, 12])
    text = "rate(counted[3m] offset 1m) + max_over_time(rate(counted[2m])[4m:1m])"
    whole = ask(text, range=range_, step_s=60.0)
    assert source.chunkable(whole)
    half = range_.from_ms + 5 * MINUTE_MS
    pieces = (TimeRange(range_.from_ms, half), TimeRange(half + MINUTE_MS, range_.to_ms))
    joined: list[tuple[float, float]] = []
    for piece in pieces:
        joined += points((await source.query(ask(text, range=piece, step_s=60.0))).frames)
    assert joined == points((await source.query(whole)).frames)
    assert joined


def points(frames: Sequence[Frame]) -> list[tuple[float, float]]:
    return [
        pair
        for frame in frames
        for pair in zip(frame.fields[0].values.tolist(), frame.fields[1].values.tolist(), strict=True)
    ]


async def test_series_and_labels_of_a_selector_are_options(source: PrometheusSource, prometheus: Prometheus) -> None:
    range_ = minutes(prometheus, "sold", [1], shop="b", kind="it's, (odd)")
    minutes(prometheus, "sold", [1], shop="a")
    minutes(prometheus, "sold_again", [1], shop="c")

    async def values(query: str) -> list[str]:
        return [one.value for one in await source.options(query, range_, SCOPE)]

    assert await values("label_values(sold, shop)") == ["a", "b"]
    assert await values('label_values(sold{kind=~"it.*, .*"}, shop)') == ["b"]
    assert await values("label_names(sold)") == ["kind", "shop"]
    assert await values("metrics(^sold)") == ["sold", "sold_again"]
    assert await values("series(sold)") == ['sold{kind="it\'s, (odd)", shop="b"}', 'sold{shop="a"}']
    assert await values("query_result(sum(sold))") == [f"{{}} 2 {range_.to_ms}"]
    assert await values("sum(sold)") == [f"{{}} 2 {range_.to_ms}"]


@pytest.mark.parametrize(
    "query", ["", "label_values(up, )", "label_values(a b)", "metrics(()", "series(up", "series()"]
)
async def test_options_that_cannot_be_are_refused(source: PrometheusSource, query: str) -> None:
    with pytest.raises(SourceError):
        await source.options(query, last(60), SCOPE)


async def test_the_test_tells_the_version(source: PrometheusSource) -> None:
    health = await source.test()
    assert health.ok
    assert re.fullmatch(r"Prometheus \d+\.\d+\S* answers", health.message)
    assert health.latency_ms > 0


async def test_the_time_limit_of_a_query_is_the_servers_too(source: PrometheusSource) -> None:
    heavy = "count(count_over_time(prometheus_http_request_duration_seconds_bucket[1h:1ms]))"
    with pytest.raises(SourceTimeoutError):
        await source.query(ask(heavy, range=last(3600), step_s=1.0, deadline_s=0.05))


async def test_a_server_that_stops_is_unavailable(own_prometheus: Prometheus) -> None:
    source = source_of(own_prometheus.url)
    assert (await source.test()).ok
    own_prometheus.stop()
    with pytest.raises(SourceUnavailableError):
        await source.query(ask("up"))
    assert not (await source.test()).ok
    await source.close()


async def test_a_server_that_hangs_is_a_timeout_and_is_hung_up_on() -> None:
    hung_up = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        hung_up.set()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    source = source_of(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    with pytest.raises(SourceTimeoutError):
        await source.query(ask("up", deadline_s=0.5))
    await asyncio.wait_for(hung_up.wait(), 10)
    await source.close()
    server.close()
    await server.wait_closed()


def test_a_url_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidError):
        source_of("file:///etc/passwd")


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("rate(x[5m])", True),
        ("topk(5, x)", True),
        ("max_over_time(rate(x[1m])[1h:5m])", True),
        ("x offset 5m", True),
        ('x{a="@ start() offset -5m"}', True),
        ("x offset -5m", False),
        ("x @ start()", False),
        ("x @ 1700000000", False),
        ("x + end()", False),
        ("x[$__range]", False),
        ("sum((", False),
    ],
)
def test_which_texts_may_be_asked_in_pieces(text: str, pieces: bool) -> None:
    assert chunkable(text) is pieces


@pytest.mark.parametrize(
    ("step_s", "scrape", "expected"), [(15, "15s", 60), (60, "15s", 75), (10, "10s", 40), (300, "1m", 360)]
)
def test_the_rate_interval(step_s: float, scrape: str, expected: float) -> None:
    assert rate_interval_s(step_s, scrape) == expected


def test_what_is_no_number_stays_what_it_is() -> None:
    data = {
        "resultType": "matrix",
        "result": [{"metric": {}, "values": [[1, "NaN"], [2, "+Inf"], [3, "-Inf"], [4, "1e3"]]}],
    }
    values = frames_of(data)[0].numbers[0].values.tolist()
    assert math.isnan(values[0])
    assert values[1:] == [math.inf, -math.inf, 1000.0]


def test_native_histograms_are_columns_of_buckets() -> None:
    sample = {"count": "3", "sum": "4", "buckets": [[0, "0.5", "1", "2"], [0, "1", "2", "1"]]}
    data = {"resultType": "matrix", "result": [{"metric": {"job": "x"}, "histograms": [[1, sample]]}]}
    (frame,) = frames_of(data)
    assert [(column.name, column.values.tolist()) for column in frame.numbers] == [("1", [2.0]), ("2", [1.0])]


def test_the_missions_own_dashboard_lives_on_a_provisioned_prometheus(
    own_prometheus: Prometheus, make_product: ProductMaker, tmp_path: Path
) -> None:
    config = tmp_path / "heliograph.toml"
    config.write_text(
        f'anonymous_role = "viewer"\n[[datasources]]\nuid = "prom"\ntype = "prometheus"\nurl = "{own_prometheus.url}"\n'
        'default = true\noptions = { scrape_interval = "1s" }\n'
    )
    product = make_product(HELIOGRAPH_CONFIG=str(config))
    dashboard = {
        "dashboard_id": "mission",
        "title": "Production Overview",
        "variables": [{"name": "job", "type": "query", "query": "label_values(job)", "datasource": "prometheus"}],
        "panels": [
            {
                "panel_id": 1,
                "title": "Request Rate",
                "type": "timeseries",
                "datasource": "prometheus",
                "query": 'sum(rate(prometheus_http_requests_total{job="$job"}[10s]))',
                "position": {"x": 0, "y": 0, "w": 12, "h": 8},
            }
        ],
    }
    ask_panel = {"dashboard_id": "mission", "panel_id": 1, "from": "now-30s"}
    product.save(dashboard)
    with product.client("editor") as editor:
        answer = editor.post("/api/v1/query", json=ask_panel).json()["results"]["A"]
        assert answer["series"][0]["data"], answer
        assert editor.post("/api/v1/datasources/prom/test").json()["ok"] is True
        own_prometheus.stop()
        time.sleep(1.5)  # past the life of a cached answer
        stale = editor.post("/api/v1/query", json=ask_panel).json()["results"]["A"]
        assert stale["stale"]["age_s"] > 1, json.dumps(stale)[:500]
        assert stale["series"] == answer["series"]
    assert product.stop() == 0
