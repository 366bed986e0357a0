"""`/alerts`: what rules evaluated to, and how it came about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...alerting.notifying.muting import Muting, muting
from ...alerting.rules.durations import duration_text
from ...datasources.datemath import parse_range
from ...errors import InvalidError
from ...scope import Role
from ...storage.config.alert_rows import AlertEvent, Gap, RuleFault, StoredInstance, group_text
from ...storage.config.alert_states import MAX_EVENTS
from ...storage.config.rules import ALERT, StoredRule
from ..http.strict_json import strict_json
from .alert_shapes import AlertEventShape, AlertShape, MissedShape
from .dashboard_documents import in_turn
from .query_request import as_time
from .routing import Reply, Request, Route, Routes, Written
from .shapes import Items

State = Literal["", "Normal", "Pending", "Firing", "NoData", "Error"]


class AlertArguments(BaseModel):
    """`label`: `name=value`. Without a state all that are not Normal."""

    model_config = ConfigDict(extra="forbid")

    state: State = ""
    rule_id: Annotated[str, Field(max_length=64)] = ""
    label: Annotated[str, Field(max_length=1000)] = ""


class EventArguments(BaseModel):
    """Which events, or gaps, are asked for: of a range, and perhaps of one rule."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    rule_id: Annotated[str, Field(max_length=64)] = ""
    from_: Annotated[str, Field(alias="from", max_length=100)] = "now-24h"
    to: Annotated[str, Field(max_length=100)] = "now"
    limit: Annotated[int, Field(ge=1, le=MAX_EVENTS)] = 200


async def list_(request: Request) -> Reply:
    """Instances of the rules that the asker may see; for `Normal`, the rules that have none. `Error` has the rules
    without instances too that cannot be evaluated."""
    wanted: AlertArguments = request.arguments
    name, value = _label(wanted.label)
    rules = await seen_rules(request)
    instances = await request.config.alerts.of_org(request.org, wanted.rule_id)
    mutes = await muting(request.config.telling, request.config.alerts, request.org, request.now_ms)
    faults = await request.config.alerts.faults(request.org)

    def text() -> str:
        found = _found(wanted.state, rules, instances, mutes)
        items = [*found, *_without_instance(wanted.state, rules, instances, faults)]
        wants = (
            item
            for item in items
            if wanted.rule_id in ("", item["rule_id"]) and (not name or item["labels"].get(name) == value)
        )
        return strict_json({"items": list(wants)})

    return Reply(Written(await in_turn(request, text)))


def _found(
    state: str, rules: Mapping[str, StoredRule], instances: Sequence[StoredInstance], mutes: Muting
) -> list[dict[str, Any]]:
    """Those of a state; with thousands of them and of silences it takes a while: call it from a thread."""
    return [
        as_json(one, rules[one.rule_id])
        | {
            "silenced_by": mutes.silenced_by(one),
            "inhibited_by": mutes.inhibited_by(one),
            "muted_by": mutes.muted_by(one.labels),
        }
        for one in instances
        if one.rule_id in rules and state in ("", one.state)
    ]


def _without_instance(
    state: str,
    rules: Mapping[str, StoredRule],
    instances: Sequence[StoredInstance],
    faults: Mapping[tuple[int, str], RuleFault],
) -> list[dict[str, Any]]:
    """The alert rules without an instance, in so far as their state is asked for by its name."""
    if state not in ("Normal", "Error"):
        return []
    busy = {one.rule_id for one in instances}
    free = [rule for rule in rules.values() if rule.rule_id not in busy and rule.kind == ALERT]
    found = [_of_rule(rule, faults.get((rule.org, rule.rule_id))) for rule in free]
    return [one for one in found if one["state"] == state]


async def events(request: Request) -> Reply:
    """What happened in a range; of rules that are gone, administrators alone are told."""
    wanted: EventArguments = request.arguments
    range_ = parse_range(as_time(wanted.from_), as_time(wanted.to), request.now_ms)
    rules = await seen_rules(request)
    found = await request.config.alerts.events(
        request.org, range_.from_ms, range_.to_ms, rule_id=wanted.rule_id, limit=wanted.limit
    )
    everything = request.identity.scope.role is Role.ADMIN  # of rules that are gone nobody knows who might see them
    return Reply({"items": [event_json(one) for one in found if everything or one.rule_id in rules]})


async def missed(request: Request) -> Reply:
    """Evaluations of the groups of rules that the asker may see that did not happen; with a rule those of its group."""
    wanted: EventArguments = request.arguments
    range_ = parse_range(as_time(wanted.from_), as_time(wanted.to), request.now_ms)
    rules = await seen_rules(request)
    if wanted.rule_id:
        rules = {rule_id: one for rule_id, one in rules.items() if rule_id == wanted.rule_id}
    groups = {group_text(one.org, one.folder, one.group): one for one in rules.values()}
    if not groups:
        return Reply({"items": []})
    only = next(iter(groups)) if wanted.rule_id else ""
    found = await request.config.alerts.gaps(request.org, range_.from_ms, range_.to_ms, group=only, limit=wanted.limit)
    return Reply({"items": [gap_json(one, groups[one.group]) for one in found if one.group in groups]})


async def seen_rules(request: Request) -> dict[str, StoredRule]:
    """The rules that the asker may see, by their ids."""
    hidden = await request.config.folders.hidden(request.identity.scope)
    return {one.rule_id: one for one in await request.config.rules.list(request.org, hidden_folders=hidden)}


def _label(text: str) -> tuple[str, str]:
    name, equal, value = text.partition("=")
    if text and not (name and equal):
        raise InvalidError("a label is given as name=value", path="$.label")
    return name, value


def _of_rule(rule: StoredRule, fault: RuleFault | None) -> dict[str, Any]:
    """A rule none of whose instances is anything but Normal; `Error` where it cannot be evaluated."""
    failing = fault is not None and not rule.config.get("paused", False)
    labels = {name: text for name, text in rule.config.get("labels", {}).items() if "{{" not in text}
    return {
        "rule_id": rule.rule_id,
        "title": rule.title,
        "folder": rule.folder,
        "fingerprint": "",
        "labels": {**labels, "alertname": rule.title},
        "annotations": {},
        "state": "Error" if failing else "Normal",
        "value": None,
        "since": fault.since_ms if fault is not None and failing else None,
        "active_since": None,
        "silenced_by": [],
        "inhibited_by": [],
        "muted_by": [],
    }


def as_json(one: StoredInstance, rule: StoredRule) -> dict[str, Any]:
    """An instance with its rule, but for what keeps it from being told."""
    return {
        "rule_id": one.rule_id,
        "title": rule.title,
        "folder": rule.folder,
        "fingerprint": one.fingerprint,
        "labels": dict(one.labels),
        "annotations": dict(one.annotations),
        "state": one.state,
        "value": one.value,
        "since": one.since_ms,
        "active_since": one.active_ms,
    }


def event_json(event: AlertEvent) -> dict[str, Any]:
    """An event as the API has it."""
    return {
        "id": event.id,
        "at": event.at_ms,
        "rule_id": event.rule_id,
        "title": event.title,
        "fingerprint": event.fingerprint,
        "labels": dict(event.labels),
        "annotations": dict(event.annotations),
        "from": event.from_state,
        "to": event.to_state,
        "value": event.value,
        "reason": event.reason,
    }


def gap_json(gap: Gap, rule: StoredRule) -> dict[str, Any]:
    """What was missed of the group in which a rule is."""
    return {
        "folder": rule.folder,
        "group": rule.group,
        "interval": duration_text(gap.interval_ms),
        "from": gap.from_ms,
        "to": gap.to_ms,
        "missed": gap.missed,
    }


def register(routes: Routes) -> None:
    """The routes of this resource."""
    told: dict[str, Any] = {"arguments": EventArguments, "shape": Items[AlertEventShape]}
    listed: dict[str, Any] = {"arguments": AlertArguments, "shape": Items[AlertShape]}
    routes.add(Route("GET", "/alerts", Role.VIEWER, list_, "List alerts", **listed))
    routes.add(Route("GET", "/alerts/events", Role.VIEWER, events, "What happened to alerts", **told))
    gaps: dict[str, Any] = {"arguments": EventArguments, "shape": Items[MissedShape]}
    routes.add(Route("GET", "/alerts/missed", Role.VIEWER, missed, "Evaluations that did not happen", **gaps))
