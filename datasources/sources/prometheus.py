"""Prometheus, and what speaks its API: VictoriaMetrics, Mimir, Thanos."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...storage.config.datasources import StoredSource
from ...storage.errors import HeliographError, SourceError
from ...storage.scope import Scope
from ..frame import Frame
from ..steps import interval_ms
from ..timerange import TimeRange
from .base import Health, Source, SourceAnswer, SourceQuery, VariableOption
from .http import SourceHttp
from .legend import fill, names
from .prometheus_frames import frames_of, labels_text
from .promql import chunkable, rate_interval_s

OPTIONS_DEADLINE_S = 15.0
PARSE_IN_THREAD_ABOVE_BYTES = 200_000
LABEL_VALUES = re.compile(
    r"^\s*label_values\(\s*(?:(?P<metric>.+?)\s*,\s*)?(?P<label>[A-Za-z_][\w:]*)\s*\)\s*$", re.DOTALL
)
LABEL_NAMES = re.compile(r"^\s*label_names\(\s*(?P<metric>.*?)\s*\)\s*$", re.DOTALL)
METRICS = re.compile(r"^\s*metrics\(\s*(?P<pattern>.*?)\s*\)\s*$", re.DOTALL)
QUERY_RESULT = re.compile(r"^\s*query_result\(\s*(?P<query>.*)\s*\)\s*$", re.DOTALL)


class PrometheusConfig(BaseModel):
    """Options of a Prometheus source; its secrets are `password` and `token`."""

    model_config = ConfigDict(extra="forbid")

    scrape_interval: str = Field("15s", pattern=r"^\d+(ms|s|m|h)$", description="How often it scrapes.")
    http_method: Literal["GET", "POST"] = Field("POST", description="How queries are sent.")
    user: str = Field("", max_length=200, description="User of basic authentication; the password is a secret.")
    headers: dict[str, str] = Field(default_factory=dict, description="Headers beside our own.")
    ca_file: str = Field("", max_length=500, description="Certificates to trust, in PEM.")


class PrometheusSource(Source):
    """Range and instant queries in PromQL, sent as they are: nothing of PromQL is worked out here."""

    kind = "prometheus"
    title = "Prometheus"
    Config = PrometheusConfig
    language = "promql"

    def __init__(self, stored: StoredSource) -> None:
        self._config = PrometheusConfig.model_validate(dict(stored.options))
        self._http = SourceHttp(
            "Prometheus",
            stored.url,
            user=self._config.user,
            password=stored.secrets.get("password", ""),
            token=stored.secrets.get("token", ""),
            headers=self._config.headers,
            ca_file=self._config.ca_file,
        )

    @property
    def least_step_s(self) -> float:
        return interval_ms(self._config.scrape_interval) / 1000

    async def query(self, query: SourceQuery) -> SourceAnswer:
        if not isinstance(query.query, str):
            raise SourceError("a Prometheus source is asked in PromQL")
        text = self._with_rate_interval(query.query, query.step_s)
        arguments: dict[str, Any] = {"query": text, "timeout": f"{query.deadline_s:g}s"}
        if query.instant:
            path, arguments = "api/v1/query", {**arguments, "time": query.range.to_ms / 1000}
        else:
            path = "api/v1/query_range"
            arguments |= {"start": query.range.from_ms / 1000, "end": query.range.to_ms / 1000, "step": query.step_s}
        document = await self._ask(path, arguments, query.deadline_s)
        found = await asyncio.to_thread(frames_of, document["data"])
        warnings = tuple(str(one) for key in ("warnings", "infos") for one in document.get(key) or ())
        return SourceAnswer(named(found, query.legend), warnings, partial=bool(document.get("warnings")), executed=text)

    def _with_rate_interval(self, text: str, step_s: float) -> str:
        interval_s = rate_interval_s(step_s, self._config.scrape_interval)
        return re.sub(r"\$__rate_interval\b|\$\{__rate_interval\}", f"{interval_s:g}s", text)

    async def options(self, query: str, range_: TimeRange, scope: Scope) -> Sequence[VariableOption]:
        """`label_values([metric,] label)`, `label_names()`, `metrics(regex)`, `query_result(…)`."""
        span: dict[str, Any] = {"start": range_.from_ms / 1000, "end": range_.to_ms / 1000}
        if match := LABEL_VALUES.match(query):
            if match["metric"]:
                span["match[]"] = match["metric"]
            values = await self._list(f"api/v1/label/{match['label']}/values", span)
        elif match := LABEL_NAMES.match(query):
            values = await self._list(
                "api/v1/labels", {**span, "match[]": match["metric"]} if match["metric"] else span
            )
        elif match := METRICS.match(query):
            values = await self._list("api/v1/label/__name__/values", self._named(span, match["pattern"]))
        elif match := QUERY_RESULT.match(query):
            values = await self._results(match["query"], range_)
        else:
            values = await self._results(query, range_)
        return [VariableOption(value, value) for value in values]

    def _named(self, span: dict[str, Any], pattern: str) -> dict[str, Any]:
        return {**span, "match[]": "{__name__=~" + json.dumps(f".*({pattern}).*") + "}"} if pattern else span

    async def test(self) -> Health:
        started = perf_counter()
        try:
            await self._ask("api/v1/query", {"query": "1"}, OPTIONS_DEADLINE_S)
        except HeliographError as error:
            return Health(False, error.detail)
        return Health(True, "Prometheus answers", (perf_counter() - started) * 1000)

    def chunkable(self, query: SourceQuery) -> bool:
        return isinstance(query.query, str) and not query.instant and chunkable(query.query)

    async def close(self) -> None:
        await self._http.close()

    async def _list(self, path: str, arguments: Mapping[str, Any]) -> list[str]:
        document = await self._ask(path, arguments, OPTIONS_DEADLINE_S, method="GET")
        return [str(value) for value in document["data"]]

    async def _results(self, query: str, range_: TimeRange) -> list[str]:
        document = await self._ask("api/v1/query", {"query": query, "time": range_.to_ms / 1000}, OPTIONS_DEADLINE_S)
        data = document["data"]
        if data["resultType"] in ("scalar", "string"):
            return [str(data["result"][1])]
        return [
            f"{labels_text(one['metric'])} {one['value'][1]} {int(one['value'][0] * 1000)}"
            for one in data["result"]
            if "value" in one
        ]

    async def _ask(
        self, path: str, arguments: Mapping[str, Any], deadline_s: float, *, method: str | None = None
    ) -> dict[str, Any]:
        answer = await self._http.request(
            method or self._config.http_method, path, deadline_s=deadline_s, data=arguments
        )
        document = await parsed(answer.content)
        if document is None:
            raise self._http.refused(answer)
        if document.get("status") != "success":
            raise self._http.refused(answer, str(document.get("error", "")))
        return document


async def parsed(content: bytes) -> dict[str, Any] | None:
    """The JSON object of an answer, a large one read in a thread; None where it is none."""
    try:
        large = len(content) > PARSE_IN_THREAD_ABOVE_BYTES
        document = await asyncio.to_thread(json.loads, content) if large else json.loads(content)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def named(found: Sequence[Frame], legend: str) -> tuple[Frame, ...]:
    """The frames with the names that a legend shows: after its text, else the series as PromQL writes them."""
    if legend == "__auto" or not legend:
        labels = [{key: value for key, value in frame.labels.items() if key != "__name__"} for frame in found]
        if legend == "__auto":
            called = names(found[0].labels.get("__name__", "") if found else "", labels)
        else:
            called = [labels_text(frame.labels) for frame in found]
    else:
        called = [fill(legend, frame.labels) for frame in found]
    return tuple(
        Frame.series(frame.fields[0].values, frame.fields[1].values, name=name, labels=frame.labels)
        if frame.is_series and len(frame.fields) == 2
        else frame
        for frame, name in zip(found, called, strict=True)
    )
