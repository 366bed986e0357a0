"""What views are opened of: dashboards, and the boards of alert rules, by one kind of id."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from ...errors import NotFoundError
from ...storage.config.dashboards import Dashboards, StoredDashboard
from ...storage.config.rules import ALERT, Rules
from .rule_board import board_id, board_of, rule_id_of

Key = tuple[int, str]


class Documents:
    """The dashboards of the config database, and the rules as dashboards."""

    def __init__(self, dashboards: Dashboards, rules: Rules) -> None:
        self._dashboards = dashboards
        self._rules = rules

    async def get(self, org: int, dashboard_id: str) -> StoredDashboard:
        """The version that stands; NotFoundError."""
        rule_id = rule_id_of(dashboard_id)
        if rule_id is None:
            return await self._dashboards.get(org, dashboard_id)
        rule = await self._rules.get(org, rule_id)
        if rule.kind != ALERT:
            raise NotFoundError(f"{rule_id} records and alerts nobody")
        return board_of(rule)

    async def current_versions(self, keys: Iterable[Key]) -> Mapping[Key, int]:
        """The version that stands for each (org, id); those that are gone are not in the answer."""
        dashboards, rules = _parted(keys)
        found = dict(await self._dashboards.current_versions(dashboards)) if dashboards else {}
        standing = await self._rules.standing(rules) if rules else {}
        return found | {(org, board_id(rule_id)): version for (org, rule_id), (version, _) in standing.items()}

    async def places(self, keys: Collection[Key]) -> Mapping[Key, int | None]:
        """The folder of each (org, id) that is there; None is the root."""
        dashboards, rules = _parted(keys)
        found = dict(await self._dashboards.places(dashboards)) if dashboards else {}
        standing = await self._rules.standing(rules) if rules else {}
        return found | {(org, board_id(rule_id)): folder for (org, rule_id), (_, folder) in standing.items()}

    async def pinned(self) -> Sequence[Key]:
        """Those whose views are always held."""
        return await self._dashboards.pinned()


def _parted(keys: Iterable[Key]) -> tuple[list[Key], list[Key]]:
    """Those of dashboards, and those of rules by the rules' own ids."""
    dashboards: list[Key] = []
    rules: list[Key] = []
    for org, dashboard_id in keys:
        rule_id = rule_id_of(dashboard_id)
        if rule_id is None:
            dashboards.append((org, dashboard_id))
        else:
            rules.append((org, rule_id))
    return dashboards, rules
