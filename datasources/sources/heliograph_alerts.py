"""Alerts as tables and series: what rules evaluated to, what happened, and which state each instance was in when."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...storage.config.alert_rows import AlertEvent, Gap, RuleFault, StoredInstance, group_text
from ...storage.config.alert_states import MAX_EVENTS, AlertStates
from ...storage.config.rules import ALERT, Rules, StoredRule
from ..frame import Field, Frame
from ..timerange import TimeRange

NO_RULES: Final = "There are no alert rules yet"
SUMMARIES: Final = ("summary", "description", "message")  # annotations that say what an alert is about
TEXTS: Final = ("state", "rule", "instance", "summary", "folder", "url")
OWN: Final = ("alertname", "alert_reason")  # what every instance has, and what one has for a reason that is said anyway
NORMAL: Final = "Normal"
ERROR: Final = "Error"
MISSED: Final = "Not evaluated"  # what a lane says where evaluations did not happen
Key = tuple[str, str]
Step = tuple[int, str]
GRID: Final = 240  # samples of a range between which a state is drawn through


@dataclass(frozen=True, slots=True)
class Seen:
    """The rules that are asked about: those of an org outside of the `hidden` folders, or one of them."""

    org: int
    hidden: Collection[int]
    rule_id: str = ""


class AlertTable:
    """Asks the config database, as the evaluator wrote it."""

    def __init__(self, rules: Rules, alerts: AlertStates) -> None:
        self._rules = rules
        self._alerts = alerts

    async def frame(self, seen: Seen, states: Sequence[str], search: str, limit: int) -> Frame:
        """The newest first. No `states`: all. The name of an empty table says why it is empty."""
        rules = await self._seen(seen)
        instances = [one for one in await self._alerts.of_org(seen.org, seen.rule_id) if one.rule_id in rules]
        rows = [_row(one, rules[one.rule_id]) for one in instances]
        busy = {one.rule_id for one in instances}
        faults = await self._alerts.faults(seen.org)
        free = [rule for rule in rules.values() if rule.rule_id not in busy]
        rows += [_without_instance(rule, faults.get((rule.org, rule.rule_id))) for rule in free]
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

    async def events(self, seen: Seen, range_: TimeRange, limit: int) -> Frame:
        """What happened in a range, the newest first."""
        rules = await self._seen(seen)
        shown = await self._happened(seen, range_, rules, limit)
        return Frame(
            (
                Field.time([one.at_ms for one in shown]),
                Field.string("state", [one.to_state for one in shown]),
                Field.string("instance", [_instance_of(one, rules) for one in shown]),
                Field.number("value", [math.nan if one.value is None else one.value for one in shown]),
                Field.string("text", [one.reason or _said(one.annotations) for one in shown]),
                Field.string("rule", [one.title for one in shown]),
            ),
            name="events",
        )

    async def states(self, seen: Seen, range_: TimeRange, limit: int) -> Sequence[Frame]:
        """A series of states for each instance that is or was not Normal in a range: those with news first; where a
        group was not evaluated it says that."""
        rules = await self._seen(seen)
        events = await self._happened(seen, range_, rules, MAX_EVENTS)
        standing = [
            one
            for one in await self._alerts.of_org(seen.org, seen.rule_id)
            if one.rule_id in rules and one.since_ms <= range_.to_ms
        ]
        both: list[AlertEvent | StoredInstance] = [*standing, *events]
        named = {key_of(one): _instance_of(one, rules) for one in both}
        lanes = list(steps_of(events, standing).items())[:limit]
        missed = await self._missed(seen, range_, [rules[key[0]] for key, _ in lanes])
        return [
            lane(named[key], interrupted(steps, missed[key[0]], range_), range_, rules[key[0]].created_at)
            for key, steps in lanes
        ]

    async def _seen(self, seen: Seen) -> Mapping[str, StoredRule]:
        found = await self._rules.list(seen.org, hidden_folders=seen.hidden)
        return {one.rule_id: one for one in found if one.kind == ALERT and seen.rule_id in ("", one.rule_id)}

    async def _missed(self, seen: Seen, range_: TimeRange, rules: Sequence[StoredRule]) -> Mapping[str, Sequence[Gap]]:
        """What was missed of the group of each rule, by its id."""
        groups = {one.rule_id: group_text(one.org, one.folder, one.group) for one in rules}
        only = next(iter(groups.values()), "") if seen.rule_id else ""
        found = await self._alerts.gaps(seen.org, range_.from_ms, range_.to_ms, group=only) if groups else ()
        return {rule_id: [gap for gap in found if gap.group == group] for rule_id, group in groups.items()}

    async def _happened(
        self, seen: Seen, range_: TimeRange, rules: Collection[str], limit: int
    ) -> Sequence[AlertEvent]:
        found = await self._alerts.events(seen.org, range_.from_ms, range_.to_ms, rule_id=seen.rule_id)
        return [one for one in found if one.rule_id in rules][:limit]


def key_of(one: AlertEvent | StoredInstance) -> Key:
    """What tells an instance from all others."""
    return one.rule_id, one.fingerprint


def steps_of(events: Sequence[AlertEvent], standing: Sequence[StoredInstance]) -> Mapping[Key, Sequence[Step]]:
    """Since when (ms) which state, of each instance: those with events first. `events` are the newest first.

    Before its first event an instance was in the state that that left; without one it is `standing` in its state.
    """
    of_each: dict[Key, list[AlertEvent]] = {}
    for event in events:
        of_each.setdefault(key_of(event), []).append(event)
    found: dict[Key, Sequence[Step]] = {
        key: [(0, mine[-1].from_state), *((one.at_ms, one.to_state) for one in reversed(mine))]
        for key, mine in of_each.items()
    }
    for one in standing:
        found.setdefault(key_of(one), [(0, NORMAL), (one.since_ms, one.state)])
    return found


def interrupted(steps: Sequence[Step], gaps: Sequence[Gap], range_: TimeRange) -> Sequence[Step]:
    """The steps of an instance with what was not evaluated between them, where it is long enough to be seen."""
    seen_ms = range_.span_ms // GRID
    found = list(steps)
    for gap in gaps:
        since_ms = gap.from_ms + gap.interval_ms
        if gap.to_ms - since_ms >= seen_ms:
            before = [step for step in found if step[0] < since_ms]
            after = [step for step in found if step[0] >= gap.to_ms]
            again = [] if after and after[0][0] == gap.to_ms else [(gap.to_ms, _state_at(found, gap.to_ms))]
            found = [*before, (since_ms, MISSED), *again, *after]
    return found


def _state_at(steps: Sequence[Step], at_ms: int) -> str:
    return steps[max(bisect_right([at for at, _ in steps], at_ms) - 1, 0)][1]


def _instance_of(one: AlertEvent | StoredInstance, rules: Mapping[str, StoredRule]) -> str:
    rule = rules[one.rule_id]
    return instance_name(one.labels, rule.config.get("labels", {})) or rule.title


def lane(name: str, steps: Sequence[Step], range_: TimeRange, since_ms: int) -> Frame:
    """The states at instants of an even grid and at those at which they changed; none before the rule was there."""
    step_ms = max(1, range_.span_ms // GRID)
    changed = [at for at, _ in steps if range_.from_ms < at <= range_.to_ms]
    times = sorted({*range(range_.from_ms, range_.to_ms + 1, step_ms), *changed})
    starts = [at for at, _ in steps]
    states = [steps[max(bisect_right(starts, at) - 1, 0)][1] if at >= since_ms else None for at in times]
    return Frame((Field.time(times), Field.string(name, states)), name=name)


def _said(annotations: Mapping[str, str]) -> str:
    return next((annotations[name] for name in SUMMARIES if annotations.get(name)), "")


def _row(one: StoredInstance, rule: StoredRule) -> dict[str, Any]:
    return {
        "since": one.since_ms,
        "value": one.value if one.value is not None else math.nan,
        "state": one.state,
        "rule": rule.title,
        "instance": instance_name(one.labels, rule.config.get("labels", {})),
        "summary": _said(one.annotations),
        "folder": rule.folder,
        "url": rule_url(rule),
    }


def _without_instance(rule: StoredRule, fault: RuleFault | None) -> dict[str, Any]:
    """A rule that is Normal, or cannot be evaluated."""
    since, state, summary = rule.updated_at, NORMAL, ""
    if fault is not None and not rule.config.get("paused", False):
        since, state, summary = fault.since_ms, ERROR, fault.detail
    texts = {"state": state, "rule": rule.title, "instance": "", "summary": summary, "folder": rule.folder}
    return {"since": since, "value": math.nan, **texts, "url": rule_url(rule)}


def instance_name(labels: Mapping[str, str], of_rule: Collection[str]) -> str:
    """What tells an instance from others of its rule: the labels of its series."""
    own = {name: text for name, text in labels.items() if name not in (*OWN, *of_rule)}
    return ", ".join(f"{name}={text}" for name, text in sorted(own.items()))


def rule_url(rule: StoredRule) -> str:
    """Where it is drawn: the panel that the rule is linked to."""
    dashboard, panel = rule.config.get("dashboard_id"), rule.config.get("panel_id")
    if not dashboard:
        return ""
    return f"/d/{dashboard}?viewPanel={panel}" if panel is not None else f"/d/{dashboard}"
