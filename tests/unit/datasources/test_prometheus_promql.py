"""PromQL before it is asked: which ranges may be asked in pieces, and the steps and rates that users of Grafana get."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from fixtures.contexts import context_of

from heliograph.components.asking.intervals import least_of_query
from heliograph.components.asking.intervals import least_step as least_seconds
from heliograph.datasources.query.judge import Judge
from heliograph.datasources.query.model import Answer, Query
from heliograph.datasources.query.stages import least_step, step
from heliograph.datasources.sources.prometheus import PrometheusSource
from heliograph.datasources.sources.promql import chunkable, duration_text, expand, rate_interval, shape
from heliograph.datasources.sources.registry import Routed
from heliograph.datasources.timerange import TimeRange
from heliograph.datasources.variables.builtins import builtins
from heliograph.errors import InvalidError
from heliograph.scope import Role, Scope
from heliograph.storage.config.datasources import StoredSource

ROWS = json.loads((Path(__file__).parents[2] / "data" / "rates.json").read_text("utf-8"))["rows"]
FROM_MS = 1_700_000_000_000


@pytest.mark.parametrize(
    "text",
    [
        "up",
        'rate(http_requests_total{job="a"}[5m])',
        "topk(5, sum by (job) (rate(x[5m])))",
        "max_over_time(rate(x[5m])[1h:1m])",
        "max_over_time(rate(x[5m])[1h:])",
        "x - x offset 1d",
        "histogram_quantile(0.9, sum by (le) (rate(b_bucket[5m])))",
        "x @ 1600000000",
        'x{label="start()"}',
        "end + start",
        "time()",
    ],
)
def test_what_depends_on_its_own_time_and_before_may_be_asked_in_pieces(text: str) -> None:
    assert chunkable(text, FROM_MS)


@pytest.mark.parametrize(
    "text",
    [
        "x @ start()",
        "x @ end()",
        "max_over_time(rate(x[5m])[1h:1m] @ end())",
        "rate(x[5m] @ end())",
        "1 + -(y @ start())",
        "start()",
        "x > end()",
        "x offset -5m",
        "rate(x[5m] offset -1s)",
        "max_over_time(x[1h:1m] offset -1m)",
        "topk(scalar(y offset -1m), x)",
        "x @ 1700000001",
        "x @ 1600000000 offset -1w",
        "rate(x[5m",
        "",
        "sum(x) by $unknown",
        "no_such_function(x)",
    ],
)
def test_what_looks_at_the_whole_range_or_ahead_or_cannot_be_read_is_asked_whole(text: str) -> None:
    assert not chunkable(text, FROM_MS)


def test_a_fixed_time_is_asked_whole_where_the_range_is_not_known() -> None:
    assert not chunkable("x @ 1600000000")


async def test_steps_and_rates_are_those_of_grafana() -> None:
    """By the stages that a panel's query goes through. Two rules are ours: a step is never below the least one, nor is
    it cut into more than 11,000 points."""
    wrong = []
    for range_ms, points, scrape, min_step, factor, _, step_ms, interval, rate_ms, rate, _ in ROWS:
        query = await stepped(range_ms, points, scrape, min_step, factor)
        names = builtins(query.range, query.step_s, query.scope, rate_s=query.rate_s)
        written = [query.step_s * 1000, *names["__interval"], query.rate_s * 1000, *names["__rate_interval"]]
        if written != [step_ms, interval, rate_ms, rate]:
            wrong.append(((range_ms, points, scrape, min_step, factor), [step_ms, interval, rate_ms, rate], written))
    assert wrong == []


async def stepped(range_ms: int, points: int, scrape: str, min_step: str, factor: int) -> Query:
    """A query of a panel as it leaves the step."""
    options = {"scrape_interval": scrape} if scrape else {}
    stored = StoredSource("prom", "Prometheus", "prometheus", url="http://127.0.0.1:9", options=options)
    source = PrometheusSource(stored, context_of(stored))
    least_s = least_seconds(min_step, {})
    left: list[Query] = []

    async def following(query: Query) -> Answer:
        left.append(query)
        return Answer(())

    query = Query(
        "up",
        TimeRange(FROM_MS, FROM_MS + range_ms),
        Scope(1, Role.VIEWER),
        interval_s=least_s,
        scrape_s=least_s,
        least=least_of_query(min_step, {}),
        factor=factor,
        max_points=points,
        routed=Routed(stored, source, 1),
    )
    await least_step(query, lambda one: step(one, following))
    await source.close()
    return left[0]


def test_a_step_that_cannot_be_read_is_said() -> None:
    with pytest.raises(InvalidError, match="soon"):
        least_seconds("soon", {})


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (500, "500ms"),
        (1000, "1s"),
        (1500, "1s500ms"),
        (60_000, "1m0s"),
        (315_000, "5m15s"),
        (3_600_000, "1h0m0s"),
        (90_061_000, "25h1m1s"),
    ],
)
def test_durations_are_written_in_full(ms: float, text: str) -> None:
    assert duration_text(ms) == text


def test_a_rate_sees_four_scrapes_or_a_step_and_one() -> None:
    assert rate_interval(15_000, 15_000) == 60_000
    assert rate_interval(300_000, 15_000) == 315_000


@pytest.mark.parametrize("written", ["$__rate_interval", "${__rate_interval}", "[[__rate_interval]]"])
def test_the_macro_of_rates_becomes_a_duration(written: str) -> None:
    assert expand(f"rate(x[{written}])", 15, 15_000) == "rate(x[1m0s])"


def test_the_macro_in_milliseconds_is_a_number_and_longer_names_are_left() -> None:
    assert expand("x / $__rate_interval_ms + $__rate_intervals", 300, 15_000) == "x / 315000 + $__rate_intervals"


@pytest.mark.parametrize(
    "text",
    ["(" * 49_000 + "1" + ")" * 49_000, "-" * 101 + "1", "[" * 101, "x" * 20_001, "- " * 101 + "1", "((" * 51 + "'"],
)
def test_what_is_too_long_or_too_deep_is_not_parsed_and_asked_whole(text: str) -> None:
    assert not chunkable(text)


def test_what_stands_in_strings_and_comments_is_not_deep() -> None:
    assert shape('x{a="' + "(" * 500 + '"} # ' + "(" * 500).depth == 1
    assert chunkable('x{a="' + "(" * 500 + '"}')


async def test_a_judge_tells_of_long_texts_what_the_parser_tells() -> None:
    judge = Judge()
    try:
        assert await judge.horizon("+".join(["up"] * 300)) == -math.inf
        assert await judge.horizon("+".join(["up"] * 300) + "+ x @ 1600000000") == 1_600_000_000_000
        assert await judge.horizon("+".join(["up"] * 300) + "+ x offset -5m") == math.inf
    finally:
        await judge.close()


@pytest.mark.parametrize("text", ["(" * 49_000 + "1" + ")" * 49_000, "+".join(["up"] * 6600)])
async def test_a_text_that_ends_the_judge_or_takes_too_long_is_asked_whole_and_the_next_is_judged(text: str) -> None:
    judge = Judge()
    try:
        assert await judge.horizon(text) == math.inf
        assert await judge.horizon("up + up") == -math.inf
    finally:
        await judge.close()
