"""Targets as Grafana's dashboards have them for Elasticsearch, in the words of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...errors import InvalidError

DOCUMENTS: Final = frozenset({"raw_document", "raw_data", "logs"})
MOVING: Final[Mapping[str, str]] = {"simple": "avg", "linear": "linear", "ewma": "ewma"}
FUNCTIONS: Final = re.compile(r"MovingFunctions\.(\w+)\(")
FUNCTION_NAMES: Final[Mapping[str, str]] = {
    "unweightedAvg": "avg",
    "linearWeightedAvg": "linear",
    "stdDev": "std_dev",
    "ewma": "ewma",
    "min": "min",
    "max": "max",
    "sum": "sum",
}
STATS: Final[Mapping[str, str]] = {
    "std_deviation_bounds_upper": "std_upper",
    "std_deviation_bounds_lower": "std_lower",
}
LEGEND: Final = re.compile(r"\{\{\s*term\s([^{}]+)\}\}")
DEFAULT_DOCUMENTS: Final = 500


def is_of_grafana(query: Mapping[str, Any]) -> bool:
    """Whether a query is written as Grafana writes it."""
    return "bucketAggs" in query or "isLogsQuery" in query or "timeField" in query


def translated(target: Mapping[str, Any]) -> dict[str, Any]:
    """The query of a target. InvalidError for what has no counterpart, by the path of it."""
    try:
        return _translated(target)
    except (TypeError, ValueError, AttributeError, LookupError):  # of another form than Grafana ever wrote
        raise InvalidError("the target is not as Grafana has it", path="$.query") from None


def _translated(target: Mapping[str, Any]) -> dict[str, Any]:
    metrics: Sequence[Any] = target.get("metrics") or [{"type": "count", "id": "1"}]
    made: dict[str, Any] = {"query": str(target.get("query") or ""), "legend": _legend(str(target.get("alias") or ""))}
    first = _mapping(metrics[0], "metrics.0")
    if first.get("type") in DOCUMENTS or target.get("isLogsQuery"):
        settings = first.get("settings") or {}
        size = settings.get("limit") or settings.get("size") or DEFAULT_DOCUMENTS
        return {**made, "documents": _number(size), "as": "logs" if first.get("type") == "logs" else "table"}
    buckets = target.get("bucketAggs") or []
    made["metrics"] = [_metric(_mapping(one, f"metrics.{at}"), f"metrics.{at}") for at, one in enumerate(metrics)]
    made["by"] = [_bucket(_mapping(one, f"bucketAggs.{at}"), f"bucketAggs.{at}") for at, one in enumerate(buckets)]
    return made


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidError(f"{where} is no object", path=f"$.query.{where}")
    return value


def _legend(alias: str) -> str:
    return LEGEND.sub(lambda match: "{{" + match[1].strip() + "}}", alias)


def _number(value: Any) -> Any:
    """Grafana keeps numbers as texts."""
    if not isinstance(value, str):
        return value
    try:
        return float(value) if "." in value else int(value)
    except ValueError:
        return value


def _metric(metric: Mapping[str, Any], where: str) -> dict[str, Any]:
    kind = str(metric.get("type"))
    settings = metric.get("settings") or {}
    made: dict[str, Any] = {"type": kind, "id": str(metric.get("id", "")), "hide": bool(metric.get("hide", False))}
    if kind == "count":
        return made
    if kind in ("derivative", "serial_diff", "cumulative_sum", "moving_fn", "moving_avg"):
        return {**made, **_pipeline(kind, metric, settings)}
    if kind == "bucket_script":
        named = {one["name"]: str(one["pipelineAgg"]) for one in metric.get("pipelineVariables") or ()}
        return {**made, "of": named, "expression": str(settings.get("script", "")).replace("params.", "")}
    if kind == "top_metrics":
        fields = settings.get("metrics") or [metric.get("field")]
        by = {"by": settings["orderBy"]} if settings.get("orderBy") else {}
        return {**made, "field": fields[0], "order": settings.get("order") or "desc", **by}
    made["field"] = metric.get("field")
    if settings.get("missing") not in (None, "") and kind != "percentiles":
        made["missing"] = _number(settings["missing"])
    if kind == "percentiles" and settings.get("percents"):
        made["percents"] = [_number(one) for one in settings["percents"]]
    if kind == "cardinality" and settings.get("precision_threshold"):
        made["precision"] = _number(settings["precision_threshold"])
    if kind == "extended_stats":
        made["stats"] = [STATS.get(name, name) for name, on in (metric.get("meta") or {}).items() if on] or ["avg"]
        made["sigma"] = _number(settings.get("sigma") or 2)
    if kind in ("rate", "geo_centroid", "geo_bounds", "percentile_ranks"):
        raise InvalidError(f"the metric {kind} has no counterpart", path=f"$.query.{where}.type")
    return made


def _pipeline(kind: str, metric: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"of": str(metric.get("pipelineAgg") or metric.get("field") or "")}
    if kind == "serial_diff":
        made["lag"] = _number(settings.get("lag") or 1)
    if kind == "moving_avg":
        made |= {"type": "moving_fn", "window": _number(settings.get("window") or 5)}
        made |= {"function": MOVING.get(str(settings.get("model", "simple")), "avg"), "shift": 1}
    if kind == "moving_fn":
        found = FUNCTIONS.search(str(settings.get("script", "")))
        name = found[1] if found else "unweightedAvg"
        made |= {"window": _number(settings.get("window") or 5), "shift": _number(settings.get("shift") or 0)}
        made["function"] = FUNCTION_NAMES.get(name, name)
    return made


def _bucket(bucket: Mapping[str, Any], where: str) -> dict[str, Any]:
    kind = str(bucket.get("type"))
    settings = bucket.get("settings") or {}
    least = _number(settings.get("min_doc_count"))
    count = {} if least in (None, "") else {"min_count": least}
    if kind == "date_histogram":
        zone = str(settings.get("timeZone") or "utc")
        interval = str(settings.get("interval") or "auto")
        made = {"type": kind, "interval": interval, "zone": "UTC" if zone.lower() == "utc" else zone, **count}
        calendar = {"1M": "month", "1w": "week", "1q": "quarter", "1y": "year", "month": "month"}.get(interval)
        if calendar or interval in ("minute", "hour", "day", "week", "quarter", "year"):
            made |= {"interval": "auto", "calendar": calendar or interval}
        return {**made, "field": bucket.get("field") or ""}
    if kind == "terms":
        order = str(settings.get("orderBy") or "_term")
        least = {"min_count": max(least, 1)} if isinstance(least, int) else {}
        return {
            "type": kind,
            "field": bucket.get("field"),
            "size": _number(settings.get("size") or 10) or 500,
            "order": {"_term": "key", "_key": "key", "_count": "count"}.get(order, order),
            "direction": settings.get("order") or "desc",
            **least,
            **({"missing": settings["missing"]} if settings.get("missing") else {}),
        }
    if kind == "filters":
        filters = settings.get("filters") or []
        return {"type": kind, "filters": {one.get("label") or one.get("query") or "*": one["query"] for one in filters}}
    if kind == "histogram":
        interval = _number(settings.get("interval") or 1000)
        return {"type": kind, "field": bucket.get("field"), "interval": interval, **count}
    raise InvalidError(f"buckets of {kind} have no counterpart", path=f"$.query.{where}.type")
