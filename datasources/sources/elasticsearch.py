"""Elasticsearch and OpenSearch over plain JSON: their own clients refuse each other's servers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ...errors import HeliographError, InvalidError, SourceError
from ...faults import said
from ...scope import Scope
from ...storage.config.datasources import StoredSource
from ..buckets import Buckets
from ..datemath import zone_of
from ..frame import Frame
from ..timerange import TimeRange
from ..variables.adhoc import Filter
from ..variables.interpolation import Variables
from . import elastic_query
from .base import Health, Source, SourceAnswer, SourceContext, SourceQuery, VariableOption
from .elastic_client import ElasticClient, Search, check_time_field
from .elastic_documents import Documents, frame_of, page_body
from .elastic_frames import frames_of_answer, is_cut
from .elastic_index import checked, is_dated, path_of
from .elastic_query import DateHistogram, ElasticQuery, Filters, Pipeline, Terms, parse
from .elastic_request import aggregated, bucket_ms, least_count, search_filter
from .http import HttpOptions
from .json_columns import column
from .json_query import document
from .sqloptions import option_texts

OPTIONS_DEADLINE_S: Final = 10.0
MAX_OPTIONS: Final = 10_000


class ElasticConfig(HttpOptions):
    """Options of an Elasticsearch or OpenSearch source; its secrets are `password`, `token` and `api_key`."""

    index: str = Field(
        "*", max_length=2000, description="An index, a pattern such as `logs-*`, or with dates: `[logs-]YYYY.MM.DD`."
    )
    time_field: str = Field("@timestamp", min_length=1, max_length=500, description="The field with a document's time.")
    lag_s: float = Field(
        10.0,
        ge=0,
        le=86_400,
        description="Seconds after which documents of a time can all be found; older buckets are kept.",
    )

    @field_validator("index")
    @classmethod
    def named(cls, value: str) -> str:
        try:
            return checked(value, "$.options.index")
        except InvalidError as error:
            raise ValueError(error.detail) from None


class Find(BaseModel):
    """What the options of a variable are: the values of a field, the fields of a type, or the indices there are."""

    model_config = ConfigDict(extra="forbid")

    find: str = Field(pattern="^(terms|fields|indices)$")
    field: str = Field("", max_length=500)
    query: str = Field("", max_length=20_000)
    type: str | list[str] = ""
    size: int = Field(1000, ge=1, le=MAX_OPTIONS)
    index: str = Field("", max_length=2000)
    orderBy: str = "key"  # noqa: N815 - as Grafana calls it
    order: str = ""


class ElasticsearchSource(Source):
    """Structured queries: metrics by buckets of time, terms, filters and numbers; documents; Lucene throughout."""

    kind = "elasticsearch"
    aliases = ("opensearch",)
    title = "Elasticsearch"
    icon = "⌕"
    Config = ElasticConfig
    Query = ElasticQuery
    url_form = "http://elasticsearch:9200"
    language = "lucene"
    example = '{"metrics": [{"type": "count"}]}'
    secrets = ("password", "token", "api_key")

    def __init__(self, stored: StoredSource, context: SourceContext) -> None:
        self._config = ElasticConfig.model_validate(dict(stored.options))
        self._client = ElasticClient(stored, self._config, context)

    def filled(self, query: str | Mapping[str, Any], variables: Variables) -> Mapping[str, Any]:
        return elastic_query.filled(query, variables)

    def filtered(self, query: str | Mapping[str, Any], filters: Sequence[Filter]) -> Mapping[str, Any]:
        return elastic_query.filtered(query, filters)

    def filled_options(self, query: str, variables: Variables) -> str:
        return json.dumps(elastic_query.filled(query, variables), ensure_ascii=False)

    async def query(self, query: SourceQuery) -> SourceAnswer:
        wanted = parse(query.query)
        within = _within(query)
        if wanted.documents:
            return await self._documents(query, wanted, within)
        body = aggregated(wanted, self._config.time_field, within, query.step_s, query.deadline_s)
        who = query.scope.payer
        search = await self._client.search(self._index(wanted.index, within), body, query.deadline_s, who)
        frames = await self._client.off_loop(
            search, who, lambda: frames_of_answer(search.answer, wanted, legend=query.legend, options=query.options)
        )
        joinable = not any(isinstance(one, Terms) for one in wanted.by) or not is_cut(search.answer)
        made = _answer(frames, [search], joinable=joinable)
        return replace(made, buckets=_buckets(wanted.time, query.step_s, within)) if wanted.time else made

    async def options(self, query: str, range_: TimeRange, scope: Scope) -> Sequence[VariableOption]:
        """`{"find": "terms", "field": …, "query": …, "size": …}`, `{"find": "fields", "type": "keyword"}` or
        `{"find": "indices"}`."""
        try:
            wanted = Find.model_validate(dict(document(query)))
        except ValidationError as error:
            fault = error.errors(include_url=False, include_input=False)[0]
            raise InvalidError(f"{'.'.join(map(str, fault['loc']))}: {said(fault)}", path="$.query") from None
        if wanted.find == "indices":
            return [VariableOption(name, name) for name in await self._client.indices(OPTIONS_DEADLINE_S)]
        index = self._index(wanted.index, range_)
        if wanted.find == "fields":
            kinds = {wanted.type} if isinstance(wanted.type, str) else set(wanted.type)
            types = await self._client.types(index, OPTIONS_DEADLINE_S)
            return [VariableOption(name, name) for name in sorted(types) if not any(kinds) or types[name] in kinds]
        body = {
            "size": 0,
            "query": search_filter(wanted.query, self._config.time_field, range_),
            "aggs": _values_of(wanted),
        }
        search = await self._client.search(index, body, OPTIONS_DEADLINE_S, scope.payer)
        buckets = (search.answer.get("aggregations") or {"b": {"buckets": []}})["b"]["buckets"]
        keys = [one.get("key_as_string", one["key"]) for one in buckets]
        return [VariableOption(text, text) for text in option_texts(column("value", keys)) if text is not None]

    async def test(self) -> Health:
        """Asks for nothing of its index, as any query does, and looks whether it has the field of the time."""
        started = perf_counter()
        now = TimeRange(*(int(self._client.clock() * 1000),) * 2)
        try:
            index = self._index("", now)
            await self._client.search(index, {"size": 0, "terminate_after": 1}, OPTIONS_DEADLINE_S)
            version = await self._client.version()
            warning = check_time_field(await self._client.types(index, OPTIONS_DEADLINE_S), self._config.time_field)
        except HeliographError as error:
            return Health(False, error.detail)
        return Health(True, f"{version} answers{warning}", (perf_counter() - started) * 1000)

    def chunkable(self, query: SourceQuery) -> bool:
        """Metrics of fixed buckets are; not with terms ordered by value, which are chosen of a whole, nor what looks at
        the buckets before."""
        try:
            wanted = parse(query.query)
        except InvalidError:
            return False
        time = wanted.time
        if wanted.documents or time is None or time.field not in ("", self._config.time_field):
            return False
        width_ms, step_ms = bucket_ms(time, query.step_s), round(query.step_s * 1000)
        if width_ms is None or step_ms % width_ms:
            return False
        if any(isinstance(one, Pipeline) for one in wanted.metrics):
            return False
        stable = all(not isinstance(one, Terms) or (one.order == "key" and one.min_count == 1) for one in wanted.by)
        fixed = all(isinstance(one, DateHistogram | Filters) for one in wanted.by)
        return stable and (fixed or least_count(wanted) == 1)

    def settles_s(self, query: SourceQuery) -> float:
        """A bucket is named by its start: it ends a step later, and is found after the index is refreshed."""
        return query.step_s + self._config.lag_s

    async def close(self) -> None:
        await self._client.close()

    def _index(self, named: str, range_: TimeRange) -> str:
        """The indices to ask as they stand in a path, with how those are treated that are not there."""
        pattern = checked(named, "$.query.index") if named else self._config.index
        missing = "?ignore_unavailable=true" if is_dated(pattern) else ""
        return f"{path_of(pattern, range_)}/_search{missing}"

    async def _documents(self, query: SourceQuery, wanted: ElasticQuery, within: TimeRange) -> SourceAnswer:
        """Pages until there are as many as are wanted; no more than fit into the bytes of one answer."""
        index, found, searches = self._index(wanted.index, within), Documents(), list[Search]()
        types = await self._client.types(index, query.deadline_s)
        left = self._config.max_bytes
        while len(found.rows) < wanted.documents:
            body = page_body(wanted, self._config.time_field, within, types, found, query.deadline_s)
            search = await self._client.search(index, body, query.deadline_s, query.scope.payer)
            searches.append(search)
            left -= search.size
            if left < 0:
                raise SourceError(f"the documents are more than {self._config.max_bytes} bytes")
            hits = search.answer["hits"]["hits"]
            new = await self._client.off_loop(search, query.scope.payer, partial(found.take, hits, wanted.documents))
            if len(hits) < body["size"] or not new:
                break
        frame = await asyncio.to_thread(frame_of, found.rows, wanted, self._config.time_field, types)
        return _answer((frame,) if found.rows else (), searches)


def _within(query: SourceQuery) -> TimeRange:
    """The range with the whole of its last bucket."""
    return TimeRange(query.range.from_ms, query.range.to_ms + max(round(query.step_s * 1000) - 1, 0))


def _buckets(time: DateHistogram, step_s: float, within: TimeRange) -> Buckets | None:
    """None where the zone of a calendar is none of IANA's, such as `+02:00`."""
    width_ms = bucket_ms(time, step_s)
    if width_ms is not None:
        return Buckets(width_ms, within.to_ms)
    try:
        zone_of(time.zone)
    except InvalidError:
        return None
    return Buckets(until_ms=within.to_ms, calendar=time.calendar, zone=time.zone)


def _values_of(wanted: Find) -> Mapping[str, Any]:
    if not wanted.field:
        raise InvalidError("terms are of a field", path="$.query.field")
    by_count = wanted.orderBy in ("doc_count", "_count", "count")
    direction = wanted.order if wanted.order in ("asc", "desc") else "desc" if by_count else "asc"
    order = [{"_count" if by_count else "_key": direction}]
    return {"b": {"terms": {"field": wanted.field, "size": wanted.size, "order": order}}}


def _answer(frames: tuple[Frame, ...], searches: Sequence[Search], *, joinable: bool = True) -> SourceAnswer:
    warnings = tuple(dict.fromkeys(warning for one in searches for warning in one.warnings))
    executed = searches[0].shown if searches else ""
    return SourceAnswer(frames, warnings, partial=bool(warnings), executed=executed, joinable=joinable)
