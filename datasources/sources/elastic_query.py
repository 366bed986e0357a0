"""What Elasticsearch and OpenSearch are asked: metrics by buckets, or documents; and how values come into it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from ...declared import Spec, hint
from ...errors import InvalidError
from ...faults import said
from ..steps import interval_ms
from ..variables.adhoc import Filter
from ..variables.interpolation import Variables, interpolate, interpolate_structure
from .elastic_grafana import is_of_grafana, translated
from .json_query import document

MAX_TEXT: Final = 20_000
MAX_DOCUMENTS: Final = 50_000
STATS: Final = (
    "count",
    "min",
    "max",
    "avg",
    "sum",
    "sum_of_squares",
    "variance",
    "std_deviation",
    "std_upper",
    "std_lower",
)
Stat = Literal[
    "count", "min", "max", "avg", "sum", "sum_of_squares", "variance", "std_deviation", "std_upper", "std_lower"
]
Name = Annotated[str, Field(min_length=1, max_length=500)]
Text = Annotated[str, Field(max_length=MAX_TEXT)]


class _Part(Spec):
    """A part of a query."""


class _Metric(_Part):
    id: str = Field("", max_length=100, description="What other metrics name it by; empty: its type.")
    name: str = Field("", max_length=200, description="What it is called; empty: after its type and field.")
    hide: bool = Field(False, description="Work it out for others, and do not show it.")


class Count(_Metric):
    """How many documents a bucket has."""

    type: Literal["count"] = Field(description="How documents are counted or measured.")


class OfField(_Metric):
    """A number of the values of a field."""

    type: Literal["avg", "sum", "min", "max", "cardinality", "value_count", "extended_stats"] = Field(
        description="How documents are counted or measured."
    )
    field: Name = Field(description="The field that is measured.", json_schema_extra=hint("field"))
    stats: list[Stat] = Field(
        default=["std_deviation"], min_length=1, max_length=10, description="Which of the extended statistics."
    )
    sigma: float = Field(2.0, ge=0, le=100, description="How many standard deviations the bounds are away.")
    precision: int | None = Field(None, ge=1, le=40_000, description="Up to how many values are counted exactly.")
    missing: float | None = Field(None, description="What a document without the field counts as.")


class Percentiles(_Metric):
    """Values of a field below which so many percent of them lie."""

    type: Literal["percentiles"] = Field(description="How documents are counted or measured.")
    field: Name = Field(description="The field that is measured.", json_schema_extra=hint("field"))
    percents: list[Annotated[float, Field(ge=0, le=100)]] = Field(
        default=[25.0, 50.0, 75.0, 95.0, 99.0], min_length=1, max_length=20, description="Which percentiles."
    )


class TopMetrics(_Metric):
    """The value of a field in the document that is first by another field."""

    type: Literal["top_metrics"] = Field(description="How documents are counted or measured.")
    field: Name = Field(description="The field whose value is shown.", json_schema_extra=hint("field"))
    by: str = Field(
        "",
        max_length=500,
        description="The field that documents are ordered by; empty: the time.",
        json_schema_extra=hint("field"),
    )
    order: Literal["asc", "desc"] = Field("desc", description="The smallest or the largest first.")


class Pipeline(_Metric):
    """Worked out of another metric, along the buckets of time."""

    type: Literal["derivative", "serial_diff", "cumulative_sum", "moving_fn"] = Field(
        description="How documents are counted or measured."
    )
    of: Name = Field(description="The metric that it is worked out of.")
    lag: int = Field(1, ge=1, le=1000, description="Buckets back, for differences.")
    window: int = Field(5, ge=1, le=10_000, description="Buckets of a moving window.")
    shift: int = Field(0, ge=-10_000, le=10_000, description="Buckets that the window is moved by.")
    function: Literal["avg", "min", "max", "sum", "std_dev", "linear", "ewma"] = Field(
        "avg", description="What is worked out over the window."
    )
    alpha: float = Field(0.3, gt=0, le=1, description="How fast an average forgets.")


class Script(_Metric):
    """Arithmetic over other metrics of the same bucket."""

    type: Literal["bucket_script"] = Field(description="How documents are counted or measured.")
    expression: str = Field(min_length=1, max_length=500, description="Arithmetic over the names below: `a / b`.")
    of: dict[str, Name] = Field(
        min_length=1, max_length=20, description="Names of the expression, each with its metric."
    )


Metric = Annotated[Count | OfField | Percentiles | TopMetrics | Pipeline | Script, Field(discriminator="type")]


class DateHistogram(_Part):
    """Buckets of time: of a fixed width, or of a calendar in a zone."""

    type: Literal["date_histogram"] = Field(description="What buckets are made of.")
    field: str = Field(
        "",
        max_length=500,
        description="The field of the time; empty: that of the source.",
        json_schema_extra=hint("field"),
    )
    interval: str = Field("auto", max_length=50, description="The width of a bucket: `1m`, or `auto`.")
    calendar: Literal["", "minute", "hour", "day", "week", "month", "quarter", "year"] = Field(
        "", description="Buckets of a calendar instead, in their zone."
    )
    zone: str = Field(
        "UTC",
        max_length=100,
        pattern=r"^[A-Za-z0-9_+\-/:]+$",
        description="The zone of days.",
        json_schema_extra=hint("zone"),
    )
    min_count: int | None = Field(None, ge=0, le=10**9, description="Buckets with fewer documents are left out.")

    @field_validator("interval")
    @classmethod
    def readable(cls, value: str) -> str:
        if value == "auto":
            return value
        try:
            positive = interval_ms(value) >= 1
        except InvalidError as error:
            raise ValueError(error.detail) from None
        if not positive:
            raise ValueError("an interval is longer than nothing")
        return value


class Terms(_Part):
    """A bucket for each value of a field, the first in an order."""

    type: Literal["terms"] = Field(description="What buckets are made of.")
    field: Name = Field(description="The field whose values are the buckets.", json_schema_extra=hint("field"))
    size: int = Field(10, ge=1, le=10_000, description="At most so many values.")
    order: str = Field(
        "count", min_length=1, max_length=200, description="What decides which: `count`, `key`, or a metric."
    )
    direction: Literal["asc", "desc"] | None = Field(
        None, description="The smallest or the largest first; empty: as the order wants it."
    )
    min_count: int = Field(1, ge=1, le=10**9, description="Values of fewer documents are left out.")
    missing: str | None = Field(
        None, max_length=500, description="What documents without the field are called; empty: they are left out."
    )

    @property
    def descends(self) -> bool:
        """Whether the largest come first, by the direction given or else that of its order."""
        return (self.direction or ("asc" if self.order == "key" else "desc")) == "desc"


class Filters(_Part):
    """A bucket for each Lucene query, by its name."""

    type: Literal["filters"] = Field(description="What buckets are made of.")
    filters: dict[Annotated[str, Field(max_length=500)], Text] = Field(
        min_length=1, max_length=50, description="A bucket for each query, by its name."
    )
    name: str = Field(
        "filter", min_length=1, max_length=200, description="What the label is called that has the bucket's name."
    )


class Histogram(_Part):
    """Buckets of one width of a field's numbers."""

    type: Literal["histogram"] = Field(description="What buckets are made of.")
    field: Name = Field(description="The field of numbers.", json_schema_extra=hint("field"))
    interval: float = Field(gt=0, description="The width of a bucket.")
    min_count: int = Field(1, ge=0, le=10**9, description="Buckets of fewer documents are left out.")


Bucket = Annotated[DateHistogram | Terms | Filters | Histogram, Field(discriminator="type")]


def _count() -> list[Metric]:
    return [Count(type="count")]


def _by_time() -> list[Bucket]:
    return [DateHistogram(type="date_histogram")]


class ElasticQuery(_Part):
    """One question: metrics by buckets, or `documents`, the newest that a Lucene query finds."""

    query: Text = Field(
        "", description="Lucene: which documents are meant; empty: all.", json_schema_extra=hint("query")
    )
    index: str = Field(
        "",
        max_length=2000,
        description="The index, or a pattern; empty: that of the source.",
        json_schema_extra=hint("index"),
    )
    metrics: list[Metric] = Field(
        default_factory=_count, min_length=1, max_length=50, description="What is counted or measured."
    )
    by: list[Bucket] = Field(
        default_factory=_by_time,
        max_length=6,
        title="Buckets",
        description="What it is told apart by, the outermost first.",
    )
    documents: int = Field(
        0, ge=0, le=MAX_DOCUMENTS, description="Show so many documents instead, the newest; 0: metrics."
    )
    show: Literal["table", "logs"] = Field("table", alias="as", description="How documents are shown.")
    fields: list[Name] = Field(
        default_factory=list, max_length=200, description="The fields of documents that are shown; empty: all."
    )
    legend: str = Field("", max_length=500, description="What a series is called: `{{service}}`.")

    @model_validator(mode="after")
    def consistent(self) -> ElasticQuery:
        if sum(isinstance(one, DateHistogram) for one in self.by) > 1:
            raise ValueError("one date_histogram is the time")
        known = [metric_id(one) for one in self.metrics]
        if len(set(known)) < len(known):
            raise ValueError("metrics of one type are told apart by an id")
        for at, metric in enumerate(self.metrics):
            if isinstance(metric, Pipeline | Script):
                _check_named(metric, set(known[:at]))
                if isinstance(metric, Pipeline) and self.time is None:
                    raise ValueError(f"{metric.type} needs a date_histogram")
        return self

    @property
    def time(self) -> DateHistogram | None:
        """The buckets of time, where there are any."""
        return next((one for one in self.by if isinstance(one, DateHistogram)), None)


def metric_id(metric: _Metric) -> str:
    """What other metrics call it: its id, or else its type."""
    return metric.id or str(getattr(metric, "type", ""))


def _check_named(metric: Pipeline | Script, known: set[str]) -> None:
    named = set(metric.of.values()) if isinstance(metric, Script) else {metric.of}
    strange = {one for one in named if one.partition(".")[0] not in known and one not in known}
    if strange:
        raise ValueError(f"{metric.type} is of {min(strange)}, which is no metric before it")


def parse(query: str | Mapping[str, Any]) -> ElasticQuery:
    """The query of a document, of its text, or of a target of Grafana's; InvalidError with the path of a fault."""
    given = document(query)
    try:
        return ElasticQuery.model_validate(translated(given) if is_of_grafana(given) else dict(given))
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        detail = f"{where}: {said(fault)}" if where else said(fault)
        raise InvalidError(detail, path=f"$.query.{where}".rstrip(".")) from None


def filled(query: str | Mapping[str, Any], variables: Variables) -> Mapping[str, Any]:
    """The query with values in it: Lucene wherever a query stands, plain texts elsewhere."""
    return _filled(document(query), variables)


def filtered(query: str | Mapping[str, Any], filters: Sequence[Filter]) -> Mapping[str, Any]:
    """The query for the documents among its own that pass all filters."""
    given = document(query)
    text = str(given.get("query") or "").strip()
    parts = [f"({text})"] if text not in ("", "*") else []
    return {**given, "query": " AND ".join([*parts, *map(_condition, filters)])}


def _condition(one: Filter) -> str:
    """A filter in Lucene."""
    field, values = re.sub(r"([\s+\-=&|><!(){}\[\]^\"~*?:\\/])", r"\\\1", one.key), one.values or ("",)
    quoted = [json.dumps(value, ensure_ascii=False) for value in values]
    if one.operator in ("=~", "!~"):
        found = f"{field}:/{_within_slashes(values[0])}/"
    elif one.operator in ("<", ">"):
        found = f"{field}:{one.operator}{quoted[0]}"
    else:
        found = f"{field}:({' OR '.join(quoted)})" if len(quoted) > 1 else f"{field}:{quoted[0]}"
    return f"NOT {found}" if one.operator.startswith("!") else found


def _within_slashes(pattern: str) -> str:
    """A pattern that ends where the slash behind it stands, and not before: what is escaped stays so."""
    return re.sub(
        r"\\.|\\\Z|/", lambda found: {"/": r"\/", "\\": r"\\"}.get(found[0], found[0]), pattern, flags=re.DOTALL
    )


def _filled(value: Mapping[str, Any], variables: Variables) -> dict[str, Any]:
    return {key: _part(key, one, variables) for key, one in value.items()}


def _part(key: str, value: Any, variables: Variables) -> Any:
    if key == "query" and isinstance(value, str):
        return interpolate(value, variables, "lucene")
    if key == "filters" and isinstance(value, Mapping):
        return {name: _part("query", one, variables) for name, one in value.items()}
    if isinstance(value, Mapping):
        return _filled(value, variables)
    if isinstance(value, list):
        return [_part("", one, variables) for one in value]
    return interpolate_structure(value, variables)
