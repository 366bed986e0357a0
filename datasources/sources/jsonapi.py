"""JSON APIs: what a server answers below the configured URL, as JSON, lines of JSON, CSV or XML."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from time import monotonic, perf_counter
from typing import Any, Final

import httpx
from pydantic import Field

from ...errors import HeliographError, SourceError, SourceTimeoutError
from ...scope import Scope
from ...storage.config.datasources import StoredSource
from .. import frame as frames
from ..timerange import TimeRange
from ..variables.builtins import builtins
from ..variables.interpolation import Variables
from . import json_query
from .base import Health, Source, SourceAnswer, SourceContext, SourceQuery, VariableOption
from .http import HttpOptions, Reply, source_http
from .jmes import Counted
from .json_columns import columns_of, rows_of
from .json_formats import READERS, TYPED
from .json_pages import Page, Request, first_request, next_request
from .json_query import JsonQuery, parse
from .reading import Stopped, never
from .sqloptions import options_of
from .tables import frames_off_loop

OPTIONS_DEADLINE_S: Final = 10.0
MAX_BYTES: Final = 32 * 2**20  # in memory a document is some ten times as large as its text
TEST_DEADLINE_S: Final = 5.0


class JsonConfig(HttpOptions):
    """Options of a JSON API; its secrets are `password`, `token`, and the values of `headers` and `params`."""

    params: dict[str, str] = Field(
        default_factory=dict,
        max_length=50,
        description="Arguments of each request, such as `api_key`; their values are kept as secrets.",
    )
    max_bytes: int = Field(MAX_BYTES, ge=1000, le=2**30, description="A longer answer, unpacked, is refused.")
    max_rows: int = Field(100_000, ge=1, le=1_000_000, description="An answer of more rows is refused.")
    test_path: str = Field("", max_length=2000, description="What a test of the source asks for, such as `/health`.")


@dataclass(frozen=True, slots=True)
class Gathered:
    """The rows of all pages, and whether there were more of them than the query wants."""

    rows: list[Any]
    cut: bool


class JsonSource(Source):
    """Structured queries: a request, and JMESPath for what of its answer are rows and fields."""

    kind = "json"
    title = "JSON API"
    icon = "❴"
    Config = JsonConfig
    Query = JsonQuery
    url_form = "https://api.example.org/v1"
    language = "json"
    example = '{"path": "/"}'
    rows = True
    secrets = ("password", "token")
    secret_options = ("headers", "params")

    def __init__(self, stored: StoredSource, context: SourceContext) -> None:
        self._config = JsonConfig.model_validate(dict(stored.options))
        self._http = source_http("the API", stored, self._config, context.connector)
        self._reading = context.reading

    def filled(self, query: str | Mapping[str, Any], variables: Variables) -> Mapping[str, Any]:
        return json_query.filled(query, variables)

    def filled_options(self, query: str, variables: Variables) -> str:
        return json.dumps(json_query.filled(query, variables), ensure_ascii=False)

    async def query(self, query: SourceQuery) -> SourceAnswer:
        wanted = parse(query.query)
        request = first_request(wanted)
        fields, cut = await self._asked(wanted, request, query.deadline_s, query.scope.payer)
        made = await frames_off_loop(fields, legend=query.legend, options=query.options)
        warnings = (f"there are more pages than the {_limit(wanted)} that were asked for",) if cut else ()
        return SourceAnswer(made, warnings, partial=cut, executed=request.shown)

    async def options(self, query: str, range_: TimeRange, scope: Scope) -> Sequence[VariableOption]:
        """A query with fields `value` and `text`, or one for both."""
        wanted = parse(json_query.filled(query, builtins(range_, 60.0, scope)))
        fields, _ = await self._asked(wanted, first_request(wanted), OPTIONS_DEADLINE_S, scope.payer)
        return options_of(fields)

    async def test(self) -> Health:
        """Asks for the source's URL, or for `test_path` below it, with its credentials."""
        started = perf_counter()
        try:
            reply = await self._reply(first_request(parse({"path": self._config.test_path})), TEST_DEADLINE_S)
        except HeliographError as error:
            return Health(False, error.detail)
        return Health(True, f"The API answers with status {reply.status_code}", (perf_counter() - started) * 1000)

    def chunkable(self, query: SourceQuery) -> bool:
        """What an API makes of a range, nobody knows."""
        return False

    @property
    def max_rows(self) -> int:
        return self._config.max_rows

    async def close(self) -> None:
        await self._http.close()

    async def _asked(
        self, wanted: JsonQuery, request: Request, deadline_s: float, who: str
    ) -> tuple[tuple[frames.Field, ...], bool]:
        counted, is_typed = Counted(), wanted.format in TYPED

        def columns(stopped: Stopped) -> tuple[frames.Field, ...]:
            return columns_of(found.rows, wanted.fields, counted.until(stopped), typed=is_typed)

        try:
            async with asyncio.timeout(deadline_s):
                found = await self._pages(wanted, request, counted, deadline_s, who)
                fields = await self._reading.run_stoppable(who, columns)
        except TimeoutError:
            raise SourceTimeoutError(f"stopped after {deadline_s:g} s") from None
        return fields, found.cut

    async def _pages(
        self, wanted: JsonQuery, request: Request, counted: Counted, deadline_s: float, who: str
    ) -> Gathered:
        """All pages in their order; SourceError past the limits of rows and bytes, and where pages go in a circle."""
        rows: list[Any] = []
        asked: set[str] = set()
        left, ends_s, following = self._config.max_bytes, monotonic() + deadline_s, request
        for number in range(1, _limit(wanted) + 1):
            asked.add(following.target)
            reply = await self._reply(following, max(ends_s - monotonic(), 0.001))
            left -= len(reply.content)
            if left < 0:
                raise SourceError(f"the API answers more than {self._config.max_bytes} bytes")
            read = partial(_read, wanted, following, reply, number, self._http.url, counted)
            page_rows, upcoming = await self._reading.run_stoppable(who, read)
            rows += page_rows
            if len(rows) > self._config.max_rows:
                raise SourceError(f"the API answers more than {self._config.max_rows} rows")
            if upcoming is None:
                return Gathered(rows, cut=False)
            if upcoming.target in asked:
                raise SourceError("the pages of the answer go in a circle")
            following = upcoming
        return Gathered(rows, cut=True)

    async def _reply(self, request: Request, deadline_s: float) -> Reply:
        given = [(name, value) for name, value in self._config.params.items()]
        sent = Request(request.method, request.path, tuple(_but(request.params, given)))
        reply = await self._http.request(
            request.method, sent.target, deadline_s=deadline_s, content=request.content, headers=request.headers
        )
        if not 200 <= reply.status_code < 300:
            raise self._http.refused(reply, _reason(reply))
        return reply


def _limit(wanted: JsonQuery) -> int:
    return wanted.pages.limit if wanted.pages is not None else 1


def _but(pairs: Sequence[tuple[str, str]], given: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The arguments of a query, and those of the source, which go first."""
    names = {name for name, _ in given}
    return [*(pair for pair in pairs if pair[0] not in names), *given]


def _read(  # noqa: PLR0917 - what a page is made of, and whether to stop
    wanted: JsonQuery,
    asked: Request,
    reply: Reply,
    number: int,
    base: httpx.URL,
    counted: Counted,
    stopped: Stopped,
) -> tuple[Sequence[Any], Request | None]:
    """In a thread: the rows of a page, and the request for the next; SourceError where it is not what was said."""
    document, counting = _document(wanted, reply, stopped), counted.until(stopped)
    page = Page(document, rows_of(document, wanted.rows, counting), number, reply)
    return page.rows, next_request(asked, wanted.pages, page, base, counting) if wanted.pages is not None else None


def _document(wanted: JsonQuery, reply: Reply, stopped: Stopped) -> Any:
    try:
        return READERS[wanted.format](reply.content, stopped) if reply.content else None
    except (ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0][:200] if str(error) else "it is nested too deeply"
        raise SourceError(f"the answer is no {wanted.format.upper()}: {reason}") from None


def _reason(reply: Reply) -> str:
    """What the API says of its refusal, in the fields in which APIs commonly do."""
    with suppress(ValueError, RecursionError):
        document = READERS["json"](reply.content[:10_000], never)
        for name in ("detail", "message", "error", "title"):
            if isinstance(document, dict) and isinstance(document.get(name), str):
                return f"{reply.status_code}: {document[name]}"[:500]
    return ""
