"""Changes of state of the alert rules that are linked to panels, as marks on these panels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from ...alerting.notifying.desk import ALARMS
from ...components.marks import MAX_TITLE, MAX_WORDS, Mark
from ...datasources.sources.heliograph_alerts import instance_name
from ...datasources.timerange import TimeRange
from ...kept import Kept
from ...scope import Role, Scope
from ...storage.config.alert_rows import AlertEvent
from ...storage.config.alert_states import AlertStates
from ...storage.config.folders import Folders
from ...storage.config.rules import ALERT, Rules, StoredRule
from .ranges_read import RangesRead

LINKS_LIFE_S: Final = 5.0
NEWEST_LIFE_S: Final = 0.5
EVENTS_LIFE_S: Final = 15.0  # nodes commit side by side: what was written first may be seen last
PAST_MS: Final = 60_000  # ranges that ended longer ago are not asked for at each tick
MAX_RULES: Final = 20  # of a dashboard, whose changes are shown
MAX_MARKS: Final = 200  # of a rule, the newest
COLORS: Final = {"Firing": "bad", "Error": "warn", "NoData": "nodata", "Normal": "ok"}
Linked = Mapping[str, Sequence[StoredRule]]


class AlertMarks:
    """What every viewer of an org may see of them. Which rules name which dashboard is looked up every few seconds,
    once for all views; a dashboard that none names costs nothing more, and others are read again where a state changed.
    """

    def __init__(self, rules: Rules, alerts: AlertStates, folders: Folders, clock: Callable[[], float]) -> None:
        self._rules = rules
        self._alerts = alerts
        self._folders = folders
        self._clock = clock
        self._linked: Kept[Linked] = Kept(clock, LINKS_LIFE_S)
        self._newest: Kept[int] = Kept(clock, NEWEST_LIFE_S)
        self._read: RangesRead[Mark] = RangesRead(clock, EVENTS_LIFE_S)

    async def find(self, org: int, dashboard_id: str, range_: TimeRange) -> Sequence[Mark]:
        """Where alerts of its panels began to fire, and ended: by time."""
        linked = await self._linked.get(org, lambda: self._links(org))
        rules = linked.get(dashboard_id, ())[:MAX_RULES]
        if not rules:
            return ()
        if range_.to_ms < self._clock() * 1000 - PAST_MS:
            return await self._changes(org, rules, range_)
        newest = await self._newest.get((), self._alerts.newest_event)
        key = (org, newest, *((rule.rule_id, rule.version) for rule in rules))
        found = await self._read.of(key, range_, lambda wide: self._changes(org, rules, wide))
        return [mark for mark in found if range_.from_ms <= mark.time <= range_.to_ms]

    async def _changes(self, org: int, rules: Sequence[StoredRule], range_: TimeRange) -> Sequence[Mark]:
        found: list[Mark] = []
        for rule in rules:
            events = await self._alerts.events(
                org, range_.from_ms, range_.to_ms, rule_id=rule.rule_id, limit=2 * MAX_MARKS
            )
            found += [mark_of(event, rule) for event in events if _is_shown(event)][:MAX_MARKS]
        return sorted(found, key=lambda mark: mark.time)

    async def _links(self, org: int) -> Linked:
        hidden = await self._folders.hidden(Scope(org, Role.VIEWER))
        linked: dict[str, list[StoredRule]] = {}
        for rule in await self._rules.list(org, hidden_folders=hidden):
            name, panel_id = rule.config.get("dashboard_id"), rule.config.get("panel_id")
            if rule.kind == ALERT and name and panel_id is not None:
                linked.setdefault(name, []).append(rule)
        return linked


def _is_shown(event: AlertEvent) -> bool:
    return event.to_state in ALARMS or event.from_state in ALARMS


def mark_of(event: AlertEvent, rule: StoredRule) -> Mark:
    """An event on the panel of its rule: in words what became of which instance."""
    name = instance_name(event.labels, rule.config.get("labels", {}))
    state = {"NoData": "No data", "Normal": "Resolved"}.get(event.to_state, event.to_state)
    text = " · ".join(part for part in (name, event.reason or event.annotations.get("summary", "")) if part)
    return Mark(
        event.at_ms,
        event.at_ms,
        text[:MAX_WORDS],
        f"{rule.title}: {state}"[:MAX_TITLE],
        panel=int(rule.config["panel_id"]),
        color=COLORS[event.to_state],
    )
