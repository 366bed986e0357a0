"""The Prometheus source over a real Prometheus."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fixtures.product import ProductMaker, free_port
from fixtures.prometheus import Prometheus

from heliograph.datasources.sources.base import SourceQuery
from heliograph.datasources.sources.prometheus import PrometheusSource
from heliograph.datasources.sources.prometheus_frames import frames_of
from heliograph.datasources.sources.promql import chunkable, rate_interval_s
from heliograph.datasources.timerange import TimeRange
from heliograph.storage.config.datasources import StoredSource
from heliograph.storage.errors import InvalidError, SourceError, SourceTimeoutError, SourceUnavailableError
from heliograph.storage.scope import Role, Scope

SCOPE = Scope(1, Role.EDITOR)


def last(seconds: int) -> TimeRange:
    now_s = int(time.time())
    return TimeRange((now_s - seconds) * 1000, now_s * 1000)


def ask(text: str, **changes: Any) -> SourceQuery:
    fields: dict[str, Any] = {"range": last(10), "step_s": 1.0, **changes}
    return SourceQuery(text, max_points=1000, scope=SCOPE, query_id="q", **fields)


def source_of(url: str, **options: Any) -> PrometheusSource:
    return PrometheusSource(StoredSource("p", "P", "prometheus", url, options))


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


async def test_a_server_that_stops_is_unavailable(own_prometheus: Prometheus) -> None:
    source = source_of(own_prometheus.url)
    assert (await source.test()).ok
    own_prometheus.stop()
    with pytest.raises(SourceUnavailableError):
        await source.query(ask("up"))
    assert not (await source.test()).ok
    await source.close()


async def test_a_server_that_hangs_is_a_timeout() -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    port = free_port()
    server = await asyncio.start_server(hang, "127.0.0.1", port)
    source = source_of(f"http://127.0.0.1:{port}")
    with pytest.raises(SourceTimeoutError):
        await source.query(ask("up", deadline_s=0.5))
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
    with product.client("editor") as editor:
        assert editor.post("/api/v1/dashboards", json=dashboard).status_code == 201
        answer = editor.post("/api/v1/query", json=ask_panel).json()["results"]["A"]
        assert answer["series"][0]["data"], answer
        assert editor.post("/api/v1/datasources/prom/test").json()["ok"] is True
        own_prometheus.stop()
        time.sleep(1.5)  # past the life of a cached answer
        stale = editor.post("/api/v1/query", json=ask_panel).json()["results"]["A"]
        assert stale["stale"]["age_s"] > 1, json.dumps(stale)[:500]
        assert stale["series"] == answer["series"]
    assert product.stop() == 0
