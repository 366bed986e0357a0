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

LINKS_LIFE_S: Final = 5.0
MAX_RULES: Final = 20  # of a dashboard, whose changes are shown
MAX_MARKS: Final = 200  # of a rule, the newest
COLORS: Final = {"Firing": "bad", "Error": "warn", "NoData": "nodata", "Normal": "ok"}
Linked = Mapping[str, Sequence[StoredRule]]


class AlertMarks:
    """What every viewer of an org may see of them. Which rules name which dashboard is looked up every few seconds,
    once for all views; a dashboard that none names costs nothing more."""

    def __init__(self, rules: Rules, alerts: AlertStates, folders: Folders, clock: Callable[[], float]) -> None:
        self._rules = rules
        self._alerts = alerts
        self._folders = folders
        self._linked: Kept[Linked] = Kept(clock, LINKS_LIFE_S)

    async def find(self, org: int, dashboard_id: str, range_: TimeRange) -> Sequence[Mark]:
        """Where alerts of its panels began to fire, and ended: by time."""
        linked = await self._linked.get(org, lambda: self._read(org))
        found: list[Mark] = []
        for rule in linked.get(dashboard_id, ())[:MAX_RULES]:
            events = await self._alerts.events(
                org, range_.from_ms, range_.to_ms, rule_id=rule.rule_id, limit=2 * MAX_MARKS
            )
            found += [mark_of(event, rule) for event in events if _is_shown(event)][:MAX_MARKS]
        return sorted(found, key=lambda mark: mark.time)

    async def _read(self, org: int) -> Linked:
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
