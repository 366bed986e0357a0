"""`/prometheus/api/v1/rules` and `/alerts`: rules and alerts as Prometheus's API tells of them.

Source: https://prometheus.io/docs/prometheus/latest/querying/api/#rules and #alerts.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import PurePath
from typing import Any, Final

from tornado.web import url

from ...alerting.evaluation.groups import Group, grouped
from ...alerting.evaluation.keeper import PREFIX
from ...alerting.evaluation.progress import Progress, last_ms
from ...alerting.rules.compiled import Compiled, Declared, compiled
from ...alerting.rules.declared import Rule
from ...alerting.rules.recording import RecordingRule
from ...errors import InvalidError
from ...kept import Kept
from ...scope import Role, Scope
from ...storage.config.alert_rows import RuleFault, StoredInstance
from ...storage.config.repositories import Repositories
from ...storage.config.rules import StoredRule
from ..http.strict_json import strict_json
from ..http.web import Handler
from .routing import Means

ROOT: Final = "/prometheus/api/v1"
LIFE_S: Final = 1.0
MAX_KEPT_CHARS: Final = 32 * 2**20
NEVER: Final = "0001-01-01T00:00:00Z"  # what Prometheus says of a rule that it has not evaluated yet
KINDS: Final = {"": None, "alert": "alert", "record": "record"}
Instances = Mapping[str, Sequence[StoredInstance]]  # by rule


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What rules came to: the instances of each, how far each part of them was evaluated, and what some fail of."""

    instances: Instances
    progress: Progress
    faults: Mapping[tuple[int, str], RuleFault] = field(default_factory=dict)  # by org and rule


@dataclass(frozen=True, slots=True)
class Seen:
    """The rules that somebody may see, and what they came to."""

    rules: Sequence[StoredRule]
    evaluated: Evaluated


class PrometheusHandler(Handler):
    """What the asker may see, in the envelope of Prometheus."""

    config: Repositories
    kept: Kept[str]

    async def answer(self, scope: Scope, write: Callable[[Seen], Any], *what: Hashable) -> None:
        """Answer as Prometheus does with what `write` makes of the rules that the asker may see, in a thread: thousands
        of rules take seconds. Equal questions of a moment are one."""
        hidden = await self.config.folders.hidden(scope)

        async def text() -> str:
            seen = await self._seen(scope.org, hidden)
            return await asyncio.to_thread(lambda: strict_json({"status": "success", "data": write(seen)}))

        self.write_text(await self.kept.get((scope.org, hidden, *what), text))

    async def _seen(self, org: int, hidden: Collection[int]) -> Seen:
        rules = await self.config.rules.list(org, hidden_folders=hidden)
        found: dict[str, list[StoredInstance]] = {}
        for one in await self.config.alerts.of_org(org):
            found.setdefault(one.rule_id, []).append(one)
        progress = await self.config.leases.progress(PREFIX)
        return Seen(rules, Evaluated(found, progress, await self.config.alerts.faults(org)))


class RulesHandler(PrometheusHandler):
    """`GET /prometheus/api/v1/rules`."""

    async def get(self) -> None:
        scope = (await self.identity()).scope
        with_files = scope.role >= Role.EDITOR
        kind = self.get_argument("type", "")
        if kind not in KINDS:
            raise InvalidError("a type is alert or record", path="$.type")
        await self.answer(
            scope,
            lambda seen: {"groups": groups_of(seen.rules, seen.evaluated, kind, with_files=with_files)},
            "rules", kind, with_files,
        )  # fmt: skip


class AlertsHandler(PrometheusHandler):
    """`GET /prometheus/api/v1/alerts`."""

    async def get(self) -> None:
        await self.answer((await self.identity()).scope, alerts_of, "alerts")


def alerts_of(seen: Seen) -> dict[str, Any]:
    """All instances of the rules, in their order."""
    of = seen.evaluated.instances
    return {"alerts": [alert(one) for rule in seen.rules for one in of.get(rule.rule_id, ())]}


def groups_of(
    rules: Iterable[StoredRule], evaluated: Evaluated, kind: str, *, with_files: bool
) -> list[dict[str, Any]]:
    """The groups in the order of their names, each with its rules of that kind, all where it is empty, in their order;
    of those that came from a file its name alone stands there unless `with_files`."""
    found: dict[tuple[str, str, int], dict[str, Any]] = {}
    known = [(stored, rule) for stored in rules if (rule := compiled(stored)) is not None]  # as the evaluator does
    last = {group.key: last_text(group, evaluated.progress) for group in grouped(rule for _, rule in known)}
    for stored, rule in known:
        if kind not in ("", stored.kind):
            continue
        group = found.setdefault(
            (stored.folder, stored.group, rule.declared.interval_ms),
            {
                "name": stored.group,
                "file": (stored.origin if with_files else PurePath(stored.origin).name) or stored.folder,
                "interval": rule.declared.interval_ms / 1000,
                "limit": 0,
                "rules": [],
                "evaluationTime": 0,
                "lastEvaluation": last.get(rule.group, NEVER),
            },
        )
        group["rules"].append(rule_json(rule, evaluated, last.get(rule.group, NEVER)))
    return list(found.values())


def last_text(group: Group, progress: Progress) -> str:
    """When a group was evaluated last."""
    at_ms = last_ms(group, progress)
    return NEVER if at_ms is None else time_text(at_ms)


def rule_json(compiled_rule: Compiled, evaluated: Evaluated, last: str) -> dict[str, Any]:
    """A rule as Prometheus tells it. `last`: when its group was evaluated."""
    rule, instances = compiled_rule.declared, evaluated.instances.get(compiled_rule.rule_id, ())
    last = NEVER if rule.paused else last
    fault = None if rule.paused else evaluated.faults.get(compiled_rule.key)
    common = {
        "name": rule.title,
        "query": query_text(rule),
        "labels": rule.labels,
        "health": health(fault, last),
        **({"lastError": fault.detail} if fault is not None else {}),
        "evaluationTime": 0,
        "lastEvaluation": last,
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


def health(fault: RuleFault | None, last: str) -> str:
    """Of a rule as it was evaluated last: `err`, `ok`, or `unknown` where it never was."""
    if fault is not None:
        return "err"
    return "ok" if last != NEVER else "unknown"


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
        "activeAt": time_text(active_ms),
        "value": number_text(one.value),
    }


def time_text(at_ms: int) -> str:
    """A time, ms since the epoch, as Go writes it in JSON."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat().replace("+00:00", "Z")


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
    kept: Kept[str] = Kept(means.site.clock, LIFE_S, limit=MAX_KEPT_CHARS, size=len)
    bundles = {"site": means.site, "config": means.config, "kept": kept}
    return [url(f"{ROOT}/rules", RulesHandler, bundles), url(f"{ROOT}/alerts", AlertsHandler, bundles)]
