"""The targets of a Grafana panel as ours: how they name their source, and its server-side expressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...datasources.expressions.declared import EXPRESSIONS
from ...datasources.sources.registry import GRAFANA_KINDS
from .annotations import OWN, QUERY_KEYS

MIXED: Final = "-- Mixed --"
OTHER_PANEL: Final = "-- Dashboard --"
LIMITS: Final[Mapping[str, tuple[str, ...]]] = {
    "gt": ("above",),
    "lt": ("below",),
    "gte": ("from",),
    "lte": ("to",),
    "eq": ("equal",),
    "ne": ("not_equal",),
    "within_range": ("above", "below"),
    "within_range_included": ("from", "to"),
}


def source_name(value: Any) -> Any:
    """The uid of `{"type", "uid"}`, a variable among them, or its type. ValueError for what another panel answered."""
    kind = ""
    if isinstance(value, Mapping):
        kind, value = str(value.get("type") or ""), value.get("uid") or value.get("name") or ""
    if EXPRESSIONS in (kind, value):
        return EXPRESSIONS
    if value == OTHER_PANEL:
        raise ValueError(
            f"{OTHER_PANEL}: a panel cannot ask for the answers of another one; give it that one's targets"
        )
    if value == MIXED or not isinstance(value, str):
        return value
    if kind and OWN.fullmatch(value):
        return "heliograph"
    return value or GRAFANA_KINDS.get(kind, kind) or None


def from_grafana(value: Any) -> Any:
    """Our target for one of Grafana's, which has a `refId`; else the value. ValueError: what has no counterpart."""
    if not isinstance(value, Mapping) or "refId" not in value:
        return value
    made: dict[str, Any] = {"ref": value["refId"], "hidden": bool(value.get("hide"))}
    source = source_name(value.get("datasource"))
    if source is not None:
        made["datasource"] = source
    if source == EXPRESSIONS:
        return {**made, "query": _expression(value)}
    for ours, theirs in (("legend", "legendFormat"), ("interval", "interval"), ("options", "options")):
        if value.get(theirs):
            made[ours] = value[theirs]
    if value.get("instant") and not value.get("range"):
        made["instant"] = True
    if value.get("format") == "table":
        made["options"] = {**made.get("options", {}), "format": "table"}
    if "query" in value or not any(key in value for key in QUERY_KEYS):
        return {**made, "query": value.get("query", "")}
    return {**made, "query": next(value[key] for key in QUERY_KEYS if key in value)}


def _expression(value: Mapping[str, Any]) -> dict[str, Any]:
    """An expression: what Grafana writes as the text of one is a ref, but for math and SQL."""
    kind, text = str(value.get("type") or "math"), str(value.get("expression") or "")
    of = text.strip().removeprefix("$").strip("{}")
    if kind == "math":
        return {"type": kind, "expression": text}
    if kind == "sql":
        return {"type": kind, "query": text}
    if kind == "reduce":
        return {"type": kind, "of": of, "reducer": value.get("reducer") or "last", **_mode(value.get("settings"))}
    if kind == "resample":
        names = {"window": value.get("window"), "down": value.get("downsampler"), "up": value.get("upsampler")}
        return {"type": kind, "of": of, **{key: name for key, name in names.items() if name}}
    if kind == "threshold":
        return {"type": kind, "of": of, **_limits(value.get("conditions"))}
    raise ValueError(f"the expression {kind} has no counterpart here: math, reduce, resample, threshold and sql have")


def _mode(settings: Any) -> dict[str, Any]:
    if not isinstance(settings, Mapping) or not settings.get("mode"):
        return {}
    if settings["mode"] != "replaceNN":
        return {"mode": settings["mode"]}
    return {"mode": "replaceNN", "replace_with": settings.get("replaceWithValue", 0)}


def _limits(conditions: Any) -> dict[str, Any]:
    """What is tested, of the first condition."""
    first = conditions[0] if isinstance(conditions, list) and conditions else {}
    evaluator = first.get("evaluator") if isinstance(first, Mapping) else None
    if not isinstance(evaluator, Mapping) or not isinstance(evaluator.get("params"), list):
        raise ValueError("the threshold has no evaluator")
    kind, params = str(evaluator.get("type")), evaluator["params"]
    if kind == "outside_range":
        return {"outside": params[:2]}
    if kind not in LIMITS or len(params) < len(LIMITS[kind]):
        raise ValueError(f"the threshold {kind} has no counterpart here: {', '.join((*LIMITS, 'outside_range'))} have")
    return dict(zip(LIMITS[kind], params, strict=False))
