"""The body of a search: a filter of time and Lucene, and aggregations one within another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...errors import InvalidError
from ..steps import interval_ms
from ..timerange import TimeRange
from .elastic_query import (
    Bucket,
    Count,
    DateHistogram,
    ElasticQuery,
    Filters,
    Histogram,
    Metric,
    OfField,
    Percentiles,
    Pipeline,
    Terms,
    TopMetrics,
    metric_id,
)

LEVEL: Final = "b"  # the buckets of each level
AUTO: Final = "auto"
Body = dict[str, Any]


def bucket_ms(time: DateHistogram, step_s: float) -> int | None:
    """The fixed width of its buckets; None for those of a calendar."""
    if time.calendar:
        return None
    return round(step_s * 1000) if time.interval == AUTO else int(interval_ms(time.interval))


def search_filter(query: str, time_field: str, range_: TimeRange) -> Body:
    """Documents of a range, both ends included, that a Lucene query finds."""
    within = {"gte": range_.from_ms, "lte": range_.to_ms, "format": "epoch_millis"}
    return {"bool": {"filter": [{"range": {time_field: within}}, *_lucene(query)]}}


def _lucene(query: str) -> list[Body]:
    text = query.strip()
    return [{"query_string": {"query": text, "analyze_wildcard": True}}] if text not in ("", "*") else []


def aggregated(wanted: ElasticQuery, time_field: str, range_: TimeRange, step_s: float, deadline_s: float) -> Body:
    """A search without documents. InvalidError where terms are ordered by a metric that is none of the query's."""
    metrics = {f"m{at}": made for at, one in enumerate(wanted.metrics) if (made := _metric(one, time_field))}
    nested: Body = metrics
    for bucket in reversed(wanted.by):
        made = _bucket(bucket, wanted, time_field, range_, step_s)
        inner = {**nested, **_ordering(bucket, wanted, metrics)}
        nested = {LEVEL: {**made, **({"aggs": inner} if inner else {})}}
    body: Body = {
        "size": 0,
        "track_total_hits": not wanted.by,
        "timeout": f"{max(int(deadline_s * 1000), 1)}ms",
        "query": search_filter(wanted.query, time_field, range_),
    }
    return {**body, "aggs": nested} if nested else body


def _metric(metric: Metric, time_field: str) -> Body | None:
    """The aggregation of a metric; None for those that are counted, or worked out here."""
    if isinstance(metric, Percentiles):
        return {"percentiles": {"field": metric.field, "percents": metric.percents}}
    if isinstance(metric, TopMetrics):
        sort = [{metric.by or time_field: {"order": metric.order, "unmapped_type": "long"}}]
        return {"top_hits": {"size": 1, "sort": sort, "_source": False, "docvalue_fields": [metric.field]}}
    if not isinstance(metric, OfField):
        return None
    body: Body = {"field": metric.field}
    if metric.type == "extended_stats":
        body["sigma"] = metric.sigma
    if metric.type == "cardinality":
        body["precision_threshold"] = metric.precision or 40_000
    if metric.missing is not None:
        body["missing"] = metric.missing
    return {metric.type: body}


def _bucket(bucket: Bucket, wanted: ElasticQuery, time_field: str, range_: TimeRange, step_s: float) -> Body:
    if isinstance(bucket, DateHistogram):
        return {"date_histogram": _date_histogram(bucket, wanted, time_field, range_, step_s)}
    if isinstance(bucket, Histogram):
        body = {"field": bucket.field, "interval": bucket.interval, "min_doc_count": bucket.min_count}
        return {"histogram": body}
    if isinstance(bucket, Filters):
        return {
            "filters": {
                "filters": {
                    name: {"bool": {"filter": _lucene(text)}} if _lucene(text) else {"match_all": {}}
                    for name, text in bucket.filters.items()
                }
            }
        }
    return {"terms": _terms(bucket, wanted)}


def _date_histogram(
    bucket: DateHistogram, wanted: ElasticQuery, time_field: str, range_: TimeRange, step_s: float
) -> Body:
    width_ms = bucket_ms(bucket, step_s)
    own = bucket.field in ("", time_field)
    body: Body = {"field": bucket.field or time_field, "min_doc_count": least_count(wanted)}
    if width_ms is None:
        return {**body, "calendar_interval": bucket.calendar, "time_zone": bucket.zone}
    body["fixed_interval"] = f"{width_ms}ms"
    if own and body["min_doc_count"] == 0:
        body["extended_bounds"] = {"min": range_.from_ms, "max": range_.to_ms}
    return body


def least_count(wanted: ElasticQuery) -> int:
    """Documents without which a bucket of time is none: none where all of them are there whatever is found, one where
    they are those of terms, which come and go."""
    time = wanted.time
    assert time is not None
    if any(isinstance(one, Pipeline) for one in wanted.metrics):
        return 0  # a bucket's neighbour is the one before it
    if time.min_count is not None:
        return time.min_count
    return 1 if any(isinstance(one, Terms | Histogram) for one in wanted.by) else 0


def _terms(bucket: Terms, wanted: ElasticQuery) -> Body:
    path = {"count": "_count", "key": "_key"}.get(bucket.order) or _order_path(bucket.order, wanted)
    body: Body = {
        "field": bucket.field,
        "size": bucket.size,
        "shard_size": max(10 * bucket.size, 100),
        "order": [{path: "desc" if bucket.descends else "asc"}, *([] if path == "_key" else [{"_key": "asc"}])],
        "min_doc_count": bucket.min_count,
    }
    return {**body, "missing": bucket.missing} if bucket.missing is not None else body


def _order_path(order: str, wanted: ElasticQuery) -> str:
    """Where the value of a metric stands that terms are ordered by: `m0`, `m1.95`, `m2.std_deviation`."""
    for at, metric in enumerate(wanted.metrics):
        name = metric_id(metric)
        if isinstance(metric, Count) and order == name:
            return "_count"
        if isinstance(metric, OfField) and order == name and metric.type != "extended_stats":
            return f"m{at}"
        if isinstance(metric, OfField | Percentiles) and order.startswith(f"{name}."):
            return f"m{at}.{order.removeprefix(f'{name}.')}"
    raise InvalidError(f"terms are ordered by {order}, which is no metric of one value", path="$.query.by")


def _ordering(bucket: Bucket, wanted: ElasticQuery, metrics: Mapping[str, Any]) -> Body:
    """The metric that terms are ordered by must stand within them, also where others come between."""
    if not isinstance(bucket, Terms) or bucket.order in ("count", "key"):
        return {}
    name = _order_path(bucket.order, wanted).partition(".")[0]
    return {name: metrics[name]} if name in metrics else {}
