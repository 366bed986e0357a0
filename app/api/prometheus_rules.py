"""`/prometheus/api/v1/rules` and `/alerts`: rules and alerts as Prometheus's API tells of them.

Source: https://prometheus.io/docs/prometheus/latest/querying/api/#rules and #alerts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import PurePath
from typing import Any, Final

from pydantic import ValidationError
from tornado.web import url

from ...alerting.rules.compiled import Declared, declared_of
from ...alerting.rules.declared import Rule
from ...alerting.rules.recording import RecordingRule
from ...errors import InvalidError
from ...scope import Role, Scope
from ...storage.config.alert_rows import StoredInstance
from ...storage.config.repositories import Repositories
from ...storage.config.rules import StoredRule
from ..http.web import Handler
from .routing import Means

ROOT: Final = "/prometheus/api/v1"
NEVER: Final = "0001-01-01T00:00:00Z"  # what Prometheus says of a rule that it has not evaluated yet
KINDS: Final = {"": None, "alert": "alert", "record": "record"}
Instances = Mapping[str, Sequence[StoredInstance]]  # by rule


class PrometheusHandler(Handler):
    """What the asker may see, in the envelope of Prometheus."""

    config: Repositories

    async def seen(self) -> tuple[Scope, Sequence[StoredRule], Instances]:
        """Who asks, the rules that they may see, and the instances of each."""
        scope = (await self.identity()).scope
        hidden = await self.config.folders.hidden(scope)
        rules = await self.config.rules.list(scope.org, hidden_folders=hidden)
        found: dict[str, list[StoredInstance]] = {}
        for one in await self.config.alerts.of_org(scope.org):
            found.setdefault(one.rule_id, []).append(one)
        return scope, rules, found

    def answer(self, data: Any) -> None:
        """Answer as Prometheus does."""
        self.write_json({"status": "success", "data": data})


class RulesHandler(PrometheusHandler):
    """`GET /prometheus/api/v1/rules`."""

    async def get(self) -> None:
        scope, rules, instances = await self.seen()
        kind = self.get_argument("type", "")
        if kind not in KINDS:
            raise InvalidError("a type is alert or record", path="$.type")
        wanted = [rule for rule in rules if kind in ("", rule.kind)]
        self.answer({"groups": groups_of(wanted, instances, with_files=scope.role >= Role.EDITOR)})


class AlertsHandler(PrometheusHandler):
    """`GET /prometheus/api/v1/alerts`."""

    async def get(self) -> None:
        _, rules, instances = await self.seen()
        self.answer({"alerts": [alert(one) for rule in rules for one in instances.get(rule.rule_id, ())]})


def groups_of(rules: Iterable[StoredRule], instances: Instances, *, with_files: bool) -> list[dict[str, Any]]:
    """The groups in the order of their names, each with its rules in their order; of those that came from a file its
    name alone stands there unless `with_files`."""
    found: dict[tuple[str, str, int], dict[str, Any]] = {}
    for stored in rules:
        try:
            rule = declared_of(stored)
        except ValidationError:
            continue  # the evaluator leaves it out too
        group = found.setdefault(
            (stored.folder, stored.group, rule.interval_ms),
            {
                "name": stored.group,
                "file": (stored.origin if with_files else PurePath(stored.origin).name) or stored.folder,
                "interval": rule.interval_ms / 1000,
                "limit": 0,
                "rules": [],
                "evaluationTime": 0,
                "lastEvaluation": NEVER,
            },
        )
        group["rules"].append(rule_json(rule, instances.get(stored.rule_id, ())))
    return list(found.values())


def rule_json(rule: Declared, instances: Sequence[StoredInstance]) -> dict[str, Any]:
    """A rule as Prometheus tells it."""
    common = {
        "name": rule.title,
        "query": query_text(rule),
        "labels": rule.labels,
        "health": "err" if any(one.state == "Error" for one in instances) else "unknown",
        "evaluationTime": 0,
        "lastEvaluation": NEVER,
    }
    if isinstance(rule, RecordingRule):
        return {**common, "type": "recording"}
    alerts = [alert(one) for one in instances]
    states = {one["state"] for one in alerts}
    return {
        **common,
        "type": "alerting",
        "state": next((state for state in ("firing", "pending") if state in states), "inactive"),
        "duration": rule.for_ms / 1000,
        "keepFiringFor": rule.keep_firing_ms / 1000,
        "annotations": rule.annotations,
        "alerts": alerts,
    }


def query_text(rule: Declared) -> str:
    """What the rule looks at, as a person wrote it."""
    of = rule.condition.of if isinstance(rule, Rule) else rule.targets[0].ref
    query = next(target.query for target in rule.targets if target.ref == of)
    return query if isinstance(query, str) else json.dumps(query, ensure_ascii=False)


def alert(one: StoredInstance) -> dict[str, Any]:
    """An instance as Prometheus tells it."""
    active_ms = one.active_ms if one.active_ms is not None else one.since_ms
    return {
        "labels": dict(one.labels),
        "annotations": dict(one.annotations),
        "state": "pending" if one.state == "Pending" else "firing",
        "activeAt": datetime.fromtimestamp(active_ms / 1000, UTC).isoformat().replace("+00:00", "Z"),
        "value": number_text(one.value),
    }


def number_text(value: float | None) -> str:
    """A number with an exponent of two digits at least and no more digits than it has, as Go writes it: `1.5e+01`."""
    if value is None:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "+Inf" if value > 0 else "-Inf"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)
    power = exponent + len(digits) - 1 if any(digits) else 0
    rest = "".join(map(str, digits[1:]))
    return f"{'-' if sign else ''}{digits[0]}{'.' + rest if rest else ''}e{power:+03d}"


def routes(means: Means) -> list[Any]:
    """The two addresses."""
    bundles = {"site": means.site, "config": means.config}
    return [url(f"{ROOT}/rules", RulesHandler, bundles), url(f"{ROOT}/alerts", AlertsHandler, bundles)]
