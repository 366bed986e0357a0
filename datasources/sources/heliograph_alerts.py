"""Alerts as a table: of each rule that the asker may see what is not Normal, and those that are."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from ...storage.config.alert_states import AlertStates, StoredInstance
from ...storage.config.rules import ALERT, Rules, StoredRule
from ..frame import Field, Frame

NO_RULES: Final = "There are no alert rules yet"
SUMMARIES: Final = ("summary", "description", "message")  # annotations that say what an alert is about
TEXTS: Final = ("state", "rule", "instance", "summary", "folder", "url")


class AlertTable:
    """Asks the config database, as the evaluator wrote it."""

    def __init__(self, rules: Rules, alerts: AlertStates) -> None:
        self._rules = rules
        self._alerts = alerts

    async def frame(self, org: int, hidden: Collection[int], states: Sequence[str], search: str, limit: int) -> Frame:
        """The newest first. No `states`: all. The name of an empty table says why it is empty."""
        rules = {one.rule_id: one for one in await self._rules.list(org, hidden_folders=hidden) if one.kind == ALERT}
        instances = [one for one in await self._alerts.of_org(org) if one.rule_id in rules]
        rows = [_row(one, rules[one.rule_id]) for one in instances]
        busy = {one.rule_id for one in instances}
        rows += [_normal(rule) for rule in rules.values() if rule.rule_id not in busy]
        wanted = search.lower()
        shown = [
            row
            for row in rows
            if (not states or row["state"] in states) and wanted in f"{row['rule']} {row['instance']}".lower()
        ][:limit]
        return Frame(
            (
                Field.time([row["since"] for row in shown], "since"),
                Field.number("value", [row["value"] for row in shown]),
                *(Field.string(name, [row[name] for row in shown]) for name in TEXTS),
            ),
            name="alerts" if rules else NO_RULES,
        )


def _row(one: StoredInstance, rule: StoredRule) -> dict[str, Any]:
    said = next((one.annotations[name] for name in SUMMARIES if one.annotations.get(name)), "")
    return {
        "since": one.since_ms,
        "value": one.value if one.value is not None else math.nan,
        "state": one.state,
        "rule": rule.title,
        "instance": instance_name(one.labels, rule.config.get("labels", {})),
        "summary": said,
        "folder": rule.folder,
        "url": _url(rule),
    }


def _normal(rule: StoredRule) -> dict[str, Any]:
    texts = {"state": "Normal", "rule": rule.title, "instance": "", "summary": "", "folder": rule.folder}
    return {"since": rule.updated_at, "value": math.nan, **texts, "url": _url(rule)}


def instance_name(labels: Mapping[str, str], of_rule: Collection[str]) -> str:
    """What tells an instance from others of its rule: the labels of its series."""
    own = {name: text for name, text in labels.items() if name != "alertname" and name not in of_rule}
    return ", ".join(f"{name}={text}" for name, text in sorted(own.items()))


def _url(rule: StoredRule) -> str:
    """Where it is drawn: the panel that the rule is linked to."""
    dashboard, panel = rule.config.get("dashboard_id"), rule.config.get("panel_id")
    if not dashboard:
        return ""
    return f"/d/{dashboard}?viewPanel={panel}" if panel is not None else f"/d/{dashboard}"
