"""The list of alert rules as its page shows it: each rule's state, its worst instance, its last hours in twelve marks.

Worked out once for all who may see the same rules, and again every few seconds while somebody asks.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from ...alerting.evaluation.keeper import PREFIX
from ...alerting.evaluation.progress import waits_since_ms
from ...alerting.notifying.desk import ALARMS
from ...alerting.notifying.muting import Muting, muting
from ...datasources.sources.heliograph_alerts import instance_name, steps_of
from ...kept import Kept
from ...scope import Scope
from ...storage.config.alert_rows import AlertEvent, RuleFault, StoredInstance, group_text
from ...storage.config.alert_states import MAX_EVENTS
from ...storage.config.repositories import Repositories
from ...storage.config.rules import ALERT, StoredRule
from ..http.encoded import Encoded
from ..http.strict_json import strict_json

LIFE_S: Final = 2.0
RULE_LIFE_S: Final = 1.0
HOURS: Final = 6
MARKS: Final = 12
FLAPS: Final = 3  # times that an instance began to fire within an hour
HOUR_MS: Final = 3_600_000
# From the worst down: a rule is in the worst state of its instances.
STATES: Final = ("Firing", "Error", "NoData", "Pending", "Normal")
RANK: Final = {state: rank for rank, state in enumerate(STATES)}


@dataclass(frozen=True, slots=True)
class Found:
    """What the config database says: rules, what is not Normal of them, and what happened, the newest first.

    `missed`: how many evaluations of each group did not happen within the last hour; `waits_since_ms`: since when some
    should have and did not; `faults`: of rules (org, id) that
    cannot be evaluated.
    """

    rules: Sequence[StoredRule]
    instances: Mapping[str, Sequence[StoredInstance]]
    events: Mapping[str, Sequence[AlertEvent]]
    folders: Mapping[str, str]
    muting: Muting
    now_ms: int
    missed: Mapping[str, int] = field(default_factory=dict)
    waits_since_ms: int | None = None
    faults: Mapping[tuple[int, str], RuleFault] = field(default_factory=dict)

    def fault(self, rule: StoredRule) -> RuleFault | None:
        """What its evaluation fails of; of one that is paused nothing is said."""
        return None if rule.config.get("paused", False) else self.faults.get((rule.org, rule.rule_id))


@dataclass(frozen=True, slots=True)
class Listed:
    """The list as bytes, what pages that do not show it say of it, and the rule that a page without one shows."""

    whole: Encoded
    counts: Encoded
    first: str


class AlertList:
    """The list for whoever asks, and the rules that are shown beside it."""

    def __init__(self, config: Repositories, clock: Callable[[], float]) -> None:
        self._config = config
        self._clock = clock
        self._hidden: Kept[frozenset[int]] = Kept(clock, LIFE_S)
        self._lists: Kept[Listed] = Kept(clock, LIFE_S)
        self._rules: Kept[StoredRule] = Kept(clock, RULE_LIFE_S)

    async def listed(self, scope: Scope) -> Listed:
        """The list of the rules that the asker may see."""
        key = (scope.org, scope.role, scope.teams, scope.user_id)
        hidden = await self._hidden.get(key, lambda: self._config.folders.hidden(scope))
        return await self._lists.get((scope.org, hidden), lambda: self._made(scope.org, hidden))

    async def rule(self, org: int, rule_id: str) -> StoredRule:
        """A rule as it stood within the last second; NotFoundError."""
        return await self._rules.get((org, rule_id), lambda: self._config.rules.get(org, rule_id))

    async def _made(self, org: int, hidden: frozenset[int]) -> Listed:
        now_ms = int(self._clock() * 1000)
        rules = await self._config.rules.list(org, hidden_folders=hidden)
        instances = await self._config.alerts.of_org(org)
        events = await self._config.alerts.events(org, now_ms - HOURS * HOUR_MS, now_ms, limit=MAX_EVENTS)
        folders = {one.uid: one.title for one in await self._config.folders.list(org)}
        missed = await self._config.alerts.missed(org, now_ms - HOUR_MS, now_ms)
        progress = await self._config.leases.progress(PREFIX)
        found = Found(
            [one for one in rules if one.kind == ALERT],
            _by_rule(instances),
            _by_rule(events),
            folders,
            await muting(self._config.telling, self._config.alerts, org, now_ms),
            now_ms,
            missed,
            waits_since_ms(rules, progress, now_ms),
            await self._config.alerts.faults(org),
        )
        return await asyncio.to_thread(_written, found)


def _written(found: Found) -> Listed:
    """In a thread: `{"counts": {state: rules}, "waits_since", "groups": [{"folder", "group", "interval", "missed",
    "rules": […]}]}`."""
    document = listed(found)
    rules = [rule for group in document["groups"] for rule in group["rules"]]
    worst = min(rules, key=lambda rule: RANK[rule["state"]], default={"rule_id": ""})
    return Listed(_encoded(document), _encoded({"counts": document["counts"]}), worst["rule_id"])


def _encoded(document: Mapping[str, Any]) -> Encoded:
    return Encoded(strict_json(document).encode(), LIFE_S)


def _by_rule(items: Sequence[Any]) -> Mapping[str, Sequence[Any]]:
    found: dict[str, list[Any]] = {}
    for one in items:
        found.setdefault(one.rule_id, []).append(one)
    return found


def listed(found: Found) -> dict[str, Any]:
    """The document of the list."""
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    counts = dict.fromkeys(STATES, 0)
    for rule in sorted(found.rules, key=lambda one: (found.folders.get(one.folder, ""), one.group, one.position)):
        title = found.folders.get(rule.folder, "")
        group = groups.setdefault(
            (rule.folder, rule.group),
            {
                "folder": title,
                "group": rule.group,
                "interval": rule.config.get("interval", "1m"),
                "missed": found.missed.get(group_text(rule.org, rule.folder, rule.group), 0),
                "rules": [],
            },
        )
        shown = _rule(rule, found)
        counts[shown["state"]] += 1
        group["rules"].append(shown)
    return {"counts": counts, "waits_since": found.waits_since_ms, "groups": list(groups.values())}


def _rule(rule: StoredRule, found: Found) -> dict[str, Any]:
    instances, events = found.instances.get(rule.rule_id, ()), found.events.get(rule.rule_id, ())
    fault = found.fault(rule)
    states = [*(one.state for one in instances), *(["Error"] if fault is not None else [])]
    state = min(states, key=RANK.__getitem__, default="Normal")
    worst = [one for one in instances if one.state == state]
    otherwise = fault.since_ms if fault is not None else events[0].at_ms if events else rule.updated_at
    since = min((one.since_ms for one in worst), default=otherwise)
    return {
        "rule_id": rule.rule_id,
        "title": rule.title,
        "state": state,
        "paused": bool(rule.config.get("paused", False)),
        "quiet": quiet([found.muting.keeps(one) for one in instances if one.state in ALARMS]),
        "flapped": flapped(events, found.now_ms),
        "since": since,
        "fault": fault.detail if fault is not None else "",
        "detail": fault.detail if fault is not None else _detail(rule, worst, events),
        "labels": " ".join(sorted({text for one in instances for text in one.labels.values()}))[:1000],
        "marks": marks(instances, events, found.now_ms, rule.created_at, fault),
    }


def flapped(events: Sequence[AlertEvent], now_ms: int) -> int:
    """How often the worst instance of a rule began to fire within the last hour; 0 where that is not worth a word."""
    began = Counter(one.fingerprint for one in events if one.to_state in ALARMS and one.at_ms > now_ms - HOUR_MS)
    most = max(began.values(), default=0)
    return most if most >= FLAPS else 0


def quiet(kept: Sequence[str]) -> str:
    """In a word why nothing of a rule is told, where that is so: silenced, inhibited, muted."""
    return max(kept, key=kept.count) if kept and all(kept) else ""


def _detail(rule: StoredRule, worst: Sequence[StoredInstance], events: Sequence[AlertEvent]) -> str:
    """What is to be said of the worst: why a query fails, else which instance it is and its value."""
    if not worst:
        return "paused" if rule.config.get("paused") else "all well"
    first = worst[0]
    if first.state == "Error":
        reason = next((one.reason for one in events if one.to_state == "Error" and one.reason), "")
        if reason:
            return reason
    name = instance_name(first.labels, rule.config.get("labels", {}))
    value = f"{first.value:.4g}" if first.value is not None else ""
    said = " at ".join(part for part in (name, value) if part)
    count = "1 instance" if len(worst) == 1 else f"{len(worst)} instances"
    return f"{count} · {said}" if said else count


def marks(
    instances: Sequence[StoredInstance],
    events: Sequence[AlertEvent],
    now_ms: int,
    created_ms: int = 0,
    fault: RuleFault | None = None,
) -> list[str]:
    """The worst state of each half hour, the newest last; empty before the rule was there."""
    step_ms = HOURS * HOUR_MS // MARKS
    starts = [now_ms - (MARKS - index) * step_ms for index in range(MARKS)]
    worst = [RANK["Normal"]] * MARKS
    failing = [[(0, "Normal"), (fault.since_ms, "Error")]] if fault is not None else []
    for steps in [*steps_of(events, instances).values(), *failing]:
        for (from_ms, state), (to_ms, _) in pairwise([*steps, (now_ms, "")]):
            first, last = max(bisect_right(starts, from_ms) - 1, 0), bisect_right(starts, to_ms) - 1
            for index in range(first, last + 1):
                worst[index] = min(worst[index], RANK[state])
    there = [start_ms + step_ms > created_ms for start_ms in starts]
    return [STATES[rank] if is_there else "" for rank, is_there in zip(worst, there, strict=True)]
