"""What a request asks of data sources, and the queries that it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from ...components.spec import Dashboard
from ...datasources.datemath import parse_range, written_time
from ...datasources.query.model import Priority, Query
from ...datasources.sources.registry import Sources
from ...datasources.steps import interval_ms
from ...datasources.timerange import TimeRange
from ...datasources.variables.chosen import Chosen
from ...datasources.variables.interpolation import names_in
from ...errors import InvalidError, naming
from ..live.rule_board import SEEN_PATTERN
from .routing import Request

Time = Annotated[str | int | float, Field(union_mode="left_to_right")]
Text = Annotated[str, Field(max_length=100_000)]
VariableValues = dict[Annotated[str, Field(max_length=64)], str | list[str]]
LONGEST_INTERVAL_S = 10 * 365 * 86_400.0
DEFAULT_FROM = "now-1h"
USER = "__user"
ABOVE_SECONDS = 1e11  # a number below is seconds since the epoch, one above is milliseconds


class OneQuery(BaseModel):
    """One query of a request."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    ref: str = Field("A", pattern=r"^[A-Za-z0-9_]{1,16}$")
    datasource: str = Field("", max_length=128)
    query: Text | dict[str, Any] = ""
    from_: Time | None = Field(None, alias="from")
    to: Time | None = None
    interval: str | None = Field(None, max_length=16)
    max_points: int = Field(1000, ge=1, le=11_000)
    variables: VariableValues = Field(default_factory=dict, max_length=100)
    legend: str = Field("", max_length=1000)
    instant: bool = False
    options: dict[str, Any] = Field(default_factory=dict, max_length=50)
    inspect: bool = False


class QueryRequest(OneQuery):
    """A request: `query` for one, `queries` for several, `dashboard_id` and `panel_id` for a panel's."""

    queries: list[OneQuery] | None = Field(None, max_length=100)
    dashboard_id: str | None = Field(None, pattern=SEEN_PATTERN)
    panel_id: int | None = Field(None, ge=1, lt=1 << 53)
    steps: int | None = Field(
        None,
        ge=0,
        le=1000,
        description="After how many of the panel's transformations, as they are listed; all of them.",
    )


async def is_personal(sources: Sources, org: int, wanted: QueryRequest) -> bool:
    """Whether the answer may be another for each person: a panel's folder is open to some, a query names who asks,
    or a source tells each something else."""
    if wanted.dashboard_id is not None:
        return True
    for one in wanted.queries if wanted.queries is not None else [wanted]:
        source = one.datasource or wanted.datasource
        if USER in {*names_in(one.query), *names_in(one.legend)} or any(names_in(source)):
            return True
        if await sources.is_personal(org, source):
            return True
    return False


def check_asked(one: OneQuery, path: str) -> None:
    """InvalidError where a query does not say what it asks; an empty text is for its source to judge."""
    if "query" not in one.model_fields_set:
        raise InvalidError("what is asked of the data source", path=f"{path}.query")


def make_query(request: Request, one: OneQuery, outer: OneQuery) -> Query:
    """One query of a request; what it does not say, the request around it does. InvalidError naming the field."""
    with naming("$.interval"):
        interval_s = interval_ms(one.interval) / 1000 if one.interval else 0.0
        if not 0 <= interval_s <= LONGEST_INTERVAL_S:
            raise InvalidError(f"{one.interval} is not between 0s and 10y")
    return Query(
        query=one.query,
        range=range_of(request, one, outer),
        scope=request.identity.scope,
        datasource=one.datasource or outer.datasource,
        ref=one.ref,
        interval_s=interval_s,
        scrape_s=interval_s,
        max_points=one.max_points,
        variables=as_tuples({**outer.variables, **one.variables}),
        legend=one.legend,
        instant=one.instant,
        options=one.options,
        priority=Priority.EXPLORE,
    )


def range_of(request: Request, one: OneQuery, outer: OneQuery) -> TimeRange:
    """The range of a query, else that of the request, else the last hour."""
    start = one.from_ if one.from_ is not None else outer.from_
    end = one.to if one.to is not None else outer.to
    return parse_range(
        as_time(start if start is not None else DEFAULT_FROM),
        as_time(end if end is not None else "now"),
        request.now_ms,
    )


def range_on(request: Request, wanted: OneQuery, dashboard: Dashboard, zone: str) -> TimeRange:
    """The range of a request for a panel, on the calendar of its dashboard; the dashboard's own where it has none."""
    if wanted.from_ is None and wanted.to is None:
        return parse_range(dashboard.time.from_, dashboard.time.to, request.now_ms, zone)
    start = as_time(wanted.from_) if wanted.from_ is not None else dashboard.time.from_
    return parse_range(start, as_time(wanted.to) if wanted.to is not None else "now", request.now_ms, zone)


def as_time(value: str | int | float) -> str | int:
    """Numbers below ABOVE_SECONDS, and texts of as many digits, are seconds, as the answers have them."""
    if isinstance(value, str):
        return written_time(value)
    if not -ABOVE_SECONDS * 1e3 < value < ABOVE_SECONDS * 1e3:
        raise InvalidError(f"{value} is not a time", path="$.from")
    return int(value * 1000) if abs(value) < ABOVE_SECONDS else int(value)


def as_tuples(variables: Mapping[str, str | list[str]]) -> dict[str, tuple[str, ...]]:
    """A text is a single value, a list several: formats such as `json` tell the two apart."""
    return {
        name: Chosen((value,), single=True) if isinstance(value, str) else tuple(value)
        for name, value in variables.items()
    }
