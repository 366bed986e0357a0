"""A rule as a dashboard: its query drawn with its thresholds, the states of its instances, what happened, who fires."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...datasources.sources.heliograph import UID
from ...storage.config.dashboard_rows import StoredDashboard
from ...storage.config.rules import StoredRule

PREFIX: Final = "rule:"  # no dashboard that people made is named so
SEEN_PATTERN: Final = r"^(rule:|draft:)?[A-Za-z0-9_-]{1,64}$"  # the ids of what views are opened of
RANGE: Final = {"from": "now-6h", "to": "now", "grows": True}
BEFORE_MS: Final = 15 * 60_000  # what its query answered before there was a rule
REFRESH: Final = "10s"
SHOWN: Final = ("time", "since", "state", "instance", "value", "text", "summary")
STATES: Final = [
    {"value": "Normal", "level": "ok"},
    {"value": "Pending", "level": "warn"},
    {"value": "Firing", "level": "bad"},
    {"value": "Error", "level": "warn"},
    {"value": "NoData", "text": "No data", "level": "base"},
]


def board_id(rule_id: str) -> str:
    """The id under which views know the board of a rule."""
    return PREFIX + rule_id


def rule_id_of(dashboard_id: str) -> str | None:
    """The rule whose board that is; None for dashboards."""
    return dashboard_id.removeprefix(PREFIX) if dashboard_id.startswith(PREFIX) else None


def grows_since_ms(stored: StoredDashboard) -> int | None:
    """From when on the range of a rule's board grows: a new rule has no history yet; None for dashboards."""
    return None if rule_id_of(stored.dashboard_id) is None else stored.created_at - BEFORE_MS


def board_of(rule: StoredRule) -> StoredDashboard:
    """The board of a rule, as of a dashboard that lies where the rule lies and has its version."""
    config = {
        "title": rule.title,
        "time": RANGE,
        "refresh": REFRESH,
        "panels": _panels(rule),
        "annotations": [_changes(rule.rule_id)],
    }
    return StoredDashboard(
        org=rule.org,
        dashboard_id=board_id(rule.rule_id),
        title=rule.title,
        tags=(),
        config=config,
        version=rule.version,
        folder_id=rule.folder_id,
        created_by=rule.created_by,
        updated_by=rule.updated_by,
        created_at=rule.created_at,
        updated_at=rule.updated_at,
    )


def _panels(rule: StoredRule) -> Sequence[Mapping[str, Any]]:
    condition = rule.config.get("condition", {})
    chart = {
        "panel_id": 1,
        "title": "Value",
        "type": "timeseries",
        "targets": _targets(rule.config.get("targets", []), condition.get("of", "A")),
        "position": {"x": 0, "y": 0, "w": 24, "h": 9},
        "options": {
            "thresholds": thresholds(condition.get("fires", {}), condition.get("resolves")),
            "threshold_style": "both",
            "fill": 0,
        },
    }
    history = {
        "panel_id": 2,
        "title": "History",
        "type": "statetimeline",
        "targets": [_asks(rule.rule_id, "alert_states", limit=20)],
        "position": {"x": 0, "y": 9, "w": 24, "h": 6},
        "options": {"mappings": STATES, "row_height": 0.8},
    }
    events = _table(3, "Events", _asks(rule.rule_id, "alert_events"), {"x": 0, "y": 15, "w": 14, "h": 9}, ["rule"])
    instances = _table(
        4,
        "Active instances",
        _asks(rule.rule_id, "alerts", state=["Firing", "Pending", "NoData", "Error"]),
        {"x": 14, "y": 15, "w": 10, "h": 9},
        ["rule", "folder", "url"],
    )
    return [chart, history, events, instances]


def _targets(targets: Sequence[Mapping[str, Any]], shown: str) -> list[dict[str, Any]]:
    """The rule's targets over the range of the page; only what its condition looks at is drawn."""
    return [
        {
            "ref": one.get("ref", "A"),
            "datasource": one.get("datasource") or None,
            "query": one.get("query", ""),
            "options": one.get("options", {}),
            "hidden": one.get("ref", "A") != shown,
        }
        for one in targets
    ]


def _asks(rule_id: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"ref": "A", "datasource": UID, "query": {"kind": kind, "rule_id": rule_id, **more}}


def _changes(rule_id: str) -> dict[str, Any]:
    query = {"kind": "alert_events", "rule_id": rule_id}
    title = "{{state}}: {{instance}}"
    return {"name": "Changes of state", "datasource": UID, "query": query, "title_format": title, "hide": True}


def _table(
    panel_id: int, title: str, target: Mapping[str, Any], position: Mapping[str, int], hidden: Sequence[str]
) -> dict[str, Any]:
    overrides = [
        *({"match": {"name": name}, "set": {"display_name": name.capitalize()}} for name in SHOWN),
        {"match": {"type": "time"}, "set": {"unit": "dateTimeAsIsoNoDateIfToday"}},
        {"match": {"name": "state"}, "set": {"mappings": STATES, "cell": "background"}},
        *({"match": {"name": name}, "set": {"hidden": True}} for name in hidden),
    ]
    return {
        "panel_id": panel_id,
        "title": title,
        "type": "table",
        "targets": [target],
        "position": position,
        "options": {"overrides": overrides},
    }


def thresholds(fires: Mapping[str, Any], resolves: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Where the value fires, and what lies between that and where it has recovered. Each holds from its value on."""
    outside = fires.get("outside")
    if outside is not None:
        low, high = outside
        return [_at(None, "bad"), _at(low, "base"), _at(high, "bad")]
    above, below = _limit(fires, "above", "from"), _limit(fires, "below", "to")
    recovered = resolves or {}
    if above is not None:
        warned = _limit(recovered, "below", "to")
        upper = [_at(below, "base")] if below is not None else []
        return [*([_at(warned, "warn")] if warned is not None and warned < above else []), _at(above, "bad"), *upper]
    if below is not None:
        warned = _limit(recovered, "above", "from")
        between = [_at(below, "warn"), _at(warned, "base")] if warned is not None and warned > below else []
        return [_at(None, "bad"), *(between or [_at(below, "base")])]
    return []


def _limit(bound: Mapping[str, Any], strict: str, inclusive: str) -> float | None:
    value = bound.get(strict, bound.get(inclusive))
    return float(value) if value is not None else None


def _at(value: float | None, level: str) -> dict[str, Any]:
    return {"value": value, "level": level}
