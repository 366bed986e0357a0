"""Aggregations of an answer as columns: one for each level of buckets, one for each value of a metric."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..frame import Field, Frame
from .elastic_pipeline import computed
from .elastic_query import (
    Bucket,
    Count,
    DateHistogram,
    ElasticQuery,
    Filters,
    Metric,
    OfField,
    Percentiles,
    TopMetrics,
    metric_id,
)
from .elastic_request import LEVEL
from .json_columns import column
from .tables import as_rows, frames_of_fields

METRIC: Final = re.compile(r"\{\{\s*metric\s*\}\}")
Document = Mapping[str, Any]
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """The values of one metric: what it is called, what others name it by, whether it is shown, one value a row."""

    name: str
    id: str
    values: list[Any]
    shown: bool = True


def frames_of_answer(
    answer: Document, wanted: ElasticQuery, *, legend: str = "", options: Mapping[str, Any] | None = None
) -> tuple[Frame, ...]:
    """Series where there are buckets of time, else a table with a column for each level and metric."""
    rows = list(_rows(answer.get("aggregations") or {}, wanted.by, (), _total(answer)))
    labels = wanted.time is not None and not as_rows(options or {}, keyed=len(wanted.by) > 1)
    keys = [_key_column(bucket, [key[at] for key, _ in rows], labels=labels) for at, bucket in enumerate(wanted.by)]
    metrics = columns_of(rows, wanted)
    fields = [column(one.name, one.values, "number" if _is_plain(one) else None) for one in metrics if one.shown]
    if not fields:
        return ()
    text = legend or wanted.legend
    if not METRIC.search(text):
        return frames_of_fields((*keys, *fields), legend=text, options=options)
    frames: list[Frame] = []
    for field in fields:
        own = METRIC.sub(field.name.replace("\\", r"\\"), text)
        frames += frames_of_fields((*keys, field), legend=own, options=options)
    return tuple(frames)


def is_cut(answer: Document) -> bool:
    """Whether there are terms that the answer leaves out."""
    return _cut(answer.get("aggregations") or {})


def _cut(aggregations: Document) -> bool:
    level = aggregations.get(LEVEL)
    if level is None:
        return False
    if level.get("sum_other_doc_count", 0) > 0:
        return True
    buckets = level["buckets"]
    return any(_cut(one) for one in (buckets.values() if isinstance(buckets, dict) else buckets))


def columns_of(rows: Sequence[tuple[Key, Document]], wanted: ElasticQuery) -> list[Column]:
    """What the server answers of each metric, then what is worked out of it here."""
    found: list[Column] = []
    for at, metric in enumerate(wanted.metrics):
        if isinstance(metric, Count | OfField | Percentiles | TopMetrics):
            found += _answered(metric, [row for _, row in rows], f"m{at}")
    by_id = {one.id: one.values for one in found}
    for metric in wanted.metrics:
        if not isinstance(metric, Count | OfField | Percentiles | TopMetrics):
            values = computed(metric, by_id, _series(rows, wanted))
            by_id[metric_id(metric)] = values
            found.append(Column(_called(metric), metric_id(metric), values, not metric.hide))
    return _in_order(found, wanted)


def _in_order(found: Sequence[Column], wanted: ElasticQuery) -> list[Column]:
    order = {metric_id(metric): at for at, metric in enumerate(wanted.metrics)}
    return sorted(found, key=lambda one: order.get(one.id, order.get(one.id.rpartition(":")[0], 0)))


def _series(rows: Sequence[tuple[Key, Document]], wanted: ElasticQuery) -> list[list[int]]:
    """The rows of each series, in the order of time."""
    time = next((at for at, one in enumerate(wanted.by) if isinstance(one, DateHistogram)), None)
    groups: dict[Key, list[int]] = {}
    for index, (key, _) in enumerate(rows):
        groups.setdefault(key if time is None else (*key[:time], *key[time + 1 :]), []).append(index)
    if time is not None:
        for members in groups.values():
            members.sort(key=lambda index: rows[index][0][time]["key"])
    return list(groups.values())


def _rows(aggregations: Document, by: Sequence[Bucket], key: Key, whole: Document) -> Iterator[tuple[Key, Document]]:
    """Each innermost bucket with the buckets that it stands in."""
    if not by:
        yield key, {**aggregations, "doc_count": whole["doc_count"]}
        return
    buckets = aggregations.get(LEVEL, {}).get("buckets", ())
    named = buckets.items() if isinstance(buckets, dict) else ((None, one) for one in buckets)
    for name, bucket in named:
        own = {"key": name} if name is not None else bucket
        yield from _rows(bucket, by[1:], (*key, own), bucket)


def _total(answer: Document) -> Document:
    total = answer.get("hits", {}).get("total") or {}
    return {"doc_count": total.get("value", 0) if isinstance(total, Mapping) else total}


def _key_column(bucket: Bucket, keys: Sequence[Document], *, labels: bool) -> Field:
    """What tells buckets apart: numbers are `labels` of series as texts, and numbers in a table."""
    if isinstance(bucket, DateHistogram):
        return Field.time([float(key["key"]) for key in keys], "time")
    name = bucket.name if isinstance(bucket, Filters) else bucket.field
    if any("key_as_string" in key for key in keys):
        return Field.string(name, [str(key.get("key_as_string", key["key"])) for key in keys])
    if labels:
        return Field.string(name, [_label(key["key"]) for key in keys])
    return column(name, [key["key"] for key in keys])


def _label(key: Any) -> str:
    return str(int(key)) if isinstance(key, float) and key.is_integer() else str(key)


def _answered(metric: Metric, rows: Sequence[Document], place: str) -> list[Column]:
    name, own = _called(metric), metric_id(metric)
    if isinstance(metric, Count):
        return [Column(name, own, [row["doc_count"] for row in rows], not metric.hide)]
    found = [row.get(place) or {} for row in rows]
    if isinstance(metric, Percentiles):
        return [
            Column(
                metric.name or f"p{percent:g} {metric.field}",
                f"{own}.{percent:g}" if len(metric.percents) > 1 else own,
                [_finite((one.get("values") or {}).get(f"{float(percent)}")) for one in found],
                not metric.hide,
            )
            for percent in metric.percents
        ]
    if isinstance(metric, TopMetrics):
        return [Column(name, own, [_top(one, metric.field) for one in found], not metric.hide)]
    if isinstance(metric, OfField) and metric.type == "extended_stats":
        several = len(metric.stats) > 1
        return [
            Column(
                metric.name or f"{stat} {metric.field}",
                f"{own}.{stat}" if several else own,
                [_stat(one, stat) for one in found],
                not metric.hide,
            )
            for stat in metric.stats
        ]
    return [Column(name, own, [_finite(one.get("value")) for one in found], not metric.hide)]


def _called(metric: Metric) -> str:
    """`count`, `avg took`, `derivative of count`."""
    if metric.name:
        return metric.name
    if isinstance(metric, Count):
        return "count"
    if isinstance(metric, OfField | Percentiles):
        return f"{metric.type} {metric.field}"
    if isinstance(metric, TopMetrics):
        return f"{(metric.order == 'asc' and 'first') or 'last'} {metric.field}"
    of = metric.expression if metric.type == "bucket_script" else f"{metric.type} of {metric.of}"
    return str(of)


def _stat(found: Document, stat: str) -> Any:
    if stat in ("std_upper", "std_lower"):
        return _finite((found.get("std_deviation_bounds") or {}).get(stat.removeprefix("std_")))
    return _finite(found.get(stat))


def _top(found: Document, field: str) -> Any:
    hits = (found.get("hits") or {}).get("hits") or ()
    values = (hits[0].get("fields") or {}).get(field) if hits else None
    return values[0] if values else None


def _finite(value: Any) -> Any:
    """A number; the server writes what is none as a text."""
    if isinstance(value, str):
        return {"Infinity": math.inf, "-Infinity": -math.inf}.get(value)
    return value


def _is_plain(one: Column) -> bool:
    """Whether its values are numbers or missing, as those of all metrics but the last or first of a field are."""
    return all(
        value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)) for value in one.values
    )
