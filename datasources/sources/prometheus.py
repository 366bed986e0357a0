"""Prometheus, and what speaks its HTTP API: VictoriaMetrics, Mimir, Thanos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any, Final, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator

from ...errors import (
    HeliographError,
    InvalidError,
    SourceError,
    SourceTimeoutError,
)
from ...faults import said
from ...scope import Scope
from ...storage.config.datasources import StoredSource
from ...unpaired import from_json
from ..macros import unmarked
from ..steps import interval_ms
from ..timerange import TimeRange
from ..variables.adhoc import Filter
from .base import Formatted, Health, LongText, Source, SourceAnswer, SourceContext, SourceQuery, VariableOption
from .http import MAX_REFUSAL, HttpOptions, Reply, source_http
from .prometheus_frames import Result, read, series_frames, table_frame
from .prometheus_options import lookup, takes_expression
from .promql import chunkable, expand, shape
from .promql_filters import filtered
from .reading import bounded_json

API: Final = "api/v1/"
OPTIONS_DEADLINE_S: Final = 10.0
TEST_DEADLINE_S: Final = 5.0


class PrometheusConfig(HttpOptions):
    """Options of a Prometheus source; its secrets are `password` and `token`."""

    scrape_interval: str = Field("15s", description="How often it scrapes; `$__rate_interval` is at least four of it.")
    lag: str = Field(
        "",
        description="How long values may still change, such as 30s of VictoriaMetrics; empty: a scrape interval.",
    )
    http_method: Literal["POST", "GET"] = Field("POST", description="How it is asked; GET where POST is refused.")

    @field_validator("scrape_interval", "lag")
    @classmethod
    def readable(cls, value: str, info: ValidationInfo) -> str:
        if not value and info.field_name == "lag":
            return value
        try:
            positive = interval_ms(value) > 0
        except InvalidError as error:
            raise ValueError(error.detail) from None
        if not positive:
            raise ValueError("it is longer than nothing")
        return value


class PrometheusSource(Source):
    """Range and instant queries in PromQL.

    `options` of a query: `format` = `table` makes one table of the answer.
    """

    kind = "prometheus"
    secrets = ("password", "token")
    title = "Prometheus"
    icon = "◉"
    Config = PrometheusConfig
    Target = Formatted
    url_form = "http://prometheus:9090"
    language = "promql"
    example = "sum by (job) (up)"

    def __init__(self, stored: StoredSource, context: SourceContext) -> None:
        self._config = _config(stored.options)
        self._reading = context.reading
        self._scrape_ms = interval_ms(self._config.scrape_interval)
        self._http = source_http("Prometheus", stored, self._config, context.connector)

    @property
    def least_step_s(self) -> float:
        return self._scrape_ms / 1000

    async def query(self, query: SourceQuery) -> SourceAnswer:
        text = self._text(query)
        times = _instant(query) if query.instant else _range(query)
        form = {"query": text, "timeout": f"{query.deadline_s:g}", **times}
        reply = await self._ask("query" if query.instant else "query_range", form, query.deadline_s)
        as_table = query.options.get("format") == "table"

        return await reply.parsed_in_turn(
            lambda body, stopped: _answer(read(body, stopped), text, query.legend, as_table=as_table),
            self._reading,
            query.scope.payer,
        )

    def filtered(self, query: str | Mapping[str, Any], filters: Sequence[Filter]) -> str | Mapping[str, Any]:
        """Each selector with a matcher for each filter."""
        return filtered(query, filters) if isinstance(query, str) else query

    def options_language(self, query: str) -> str:
        return "text" if takes_expression(query) else self.language

    async def options(self, query: str, range_: TimeRange, scope: Scope) -> Sequence[VariableOption]:
        """By `label_values(label)`, `label_values(metric, label)`, `label_names()`, `metrics(regex)`, `series(match)`,
        `query_result(query)` (as `series value time`); any other PromQL as the last."""
        asked = lookup(unmarked(query), range_)
        reply = await self._ask(asked.path, asked.params, OPTIONS_DEADLINE_S, method="GET")
        return await reply.parsed_in_turn(
            lambda body, _: asked.options(bounded_json(body)["data"]), self._reading, scope.payer
        )

    async def test(self) -> Health:
        """A tiny query as any other is asked, then the version, where the server tells it."""
        started = perf_counter()
        try:
            reply = await self._ask("query", {"query": "1"}, TEST_DEADLINE_S)
            await reply.parsed(read)
        except HeliographError as error:
            return Health(False, error.detail)
        latency_ms = (perf_counter() - started) * 1000
        return Health(True, f"Prometheus{await self._version()} answers", latency_ms)

    def chunkable(self, query: SourceQuery) -> bool | LongText:
        if query.instant or not isinstance(query.query, str):
            return False
        text = self._text(query)
        form = shape(text)
        if form.is_readable and not form.is_small:
            return LongText(text, query.range.from_ms)
        return chunkable(text, query.range.from_ms)

    def opens(self, query: SourceQuery) -> bool:
        return not query.instant

    def settles_s(self, query: SourceQuery) -> float:
        """A scrape that began before t may still come in, or what is set as the lag of its store."""
        return max(
            super().settles_s(query), (interval_ms(self._config.lag) if self._config.lag else self._scrape_ms) / 1000
        )

    async def close(self) -> None:
        await self._http.close()

    def _text(self, query: SourceQuery) -> str:
        if not isinstance(query.query, str):
            raise SourceError("a Prometheus source is asked in PromQL")
        return expand(query.query, query.step_s, query.scrape_s * 1000 or self._scrape_ms)

    async def _ask(self, path: str, arguments: Mapping[str, str], deadline_s: float, *, method: str = "") -> Reply:
        reply = await self._http.request(
            method or self._config.http_method, API + path, deadline_s=deadline_s, data=arguments
        )
        if reply.status_code != 200:
            raise self._refused(reply)
        return reply

    def _refused(self, reply: Reply) -> HeliographError:
        """The error of a refusal, in Prometheus' own words: `{"status": "error", "errorType": …, "error": …}`."""
        try:
            document = from_json(reply.content[:MAX_REFUSAL])
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            return self._http.refused(reply)
        if document.get("errorType") == "timeout":
            return SourceTimeoutError(str(document.get("error", "")))
        return self._http.refused(reply, str(document.get("error", "")))

    async def _version(self) -> str:
        try:
            reply = await self._ask("status/buildinfo", {}, TEST_DEADLINE_S, method="GET")
            data = (await reply.json())["data"]
            return f" {data['version']}"
        except (HeliographError, KeyError, TypeError):
            return ""  # not all that speak the API have it


def _config(options: Mapping[str, Any]) -> PrometheusConfig:
    try:
        return PrometheusConfig.model_validate(dict(options))
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        raise InvalidError(f"{where}: {said(fault)}", path=f"$.options.{where}") from None


def _answer(result: Result, text: str, legend: str, *, as_table: bool) -> SourceAnswer:
    try:
        frames = (table_frame(result),) if as_table else series_frames(result, legend, text)
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError("not an answer of Prometheus") from error
    return SourceAnswer(frames, result.remarks, partial=result.warned, executed=text)


def _range(query: SourceQuery) -> Mapping[str, str]:
    times = {"start": query.range.from_ms, "end": query.range.to_ms, "step": round(query.step_s * 1000)}
    return {name: f"{ms / 1000:.3f}" for name, ms in times.items()}


def _instant(query: SourceQuery) -> Mapping[str, str]:
    return {"time": f"{query.range.to_ms / 1000:.3f}"}
