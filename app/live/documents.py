"""What views are opened of: dashboards, the boards of alert rules, and drafts, by one kind of id."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ...errors import NotFoundError
from ...storage.config.dashboard_rows import StoredDashboard
from ...storage.config.dashboards import Dashboards
from ...storage.config.drafts import Drafts
from ...storage.config.rules import ALERT, Rules
from .draft_board import draft_board, draft_board_id, draft_id_of
from .rule_board import board_id, board_of, rule_id_of

Key = tuple[int, str]


class Documents:
    """The dashboards of the config database, and rules and drafts as dashboards."""

    def __init__(self, dashboards: Dashboards, rules: Rules, drafts: Drafts) -> None:
        self._dashboards = dashboards
        self._rules = rules
        self._drafts = drafts

    async def get(self, org: int, dashboard_id: str) -> StoredDashboard:
        """The version that stands; NotFoundError."""
        rule_id, draft_id = rule_id_of(dashboard_id), draft_id_of(dashboard_id)
        if draft_id is not None:
            return draft_board(await self._drafts.get(org, draft_id))
        if rule_id is None:
            return await self._dashboards.get(org, dashboard_id)
        rule = await self._rules.get(org, rule_id)
        if rule.kind != ALERT:
            raise NotFoundError(f"{rule_id} records and alerts nobody")
        return board_of(rule)

    async def current_versions(self, keys: Iterable[Key]) -> Mapping[Key, int]:
        """The version that stands for each (org, id); those that are gone are not in the answer."""
        parts = _Parts.of(keys)
        found = dict(await self._dashboards.current_versions(parts.dashboards)) if parts.dashboards else {}
        return found | {key: version for key, (version, _) in (await self._standing(parts)).items()}

    async def places(self, keys: Collection[Key]) -> Mapping[Key, int | None]:
        """The folder of each (org, id) that is there; None is the root."""
        parts = _Parts.of(keys)
        found = dict(await self._dashboards.places(parts.dashboards)) if parts.dashboards else {}
        return found | {key: folder for key, (_, folder) in (await self._standing(parts)).items()}

    async def pinned(self) -> Sequence[Key]:
        """Those whose views are always held."""
        return await self._dashboards.pinned()

    async def _standing(self, parts: _Parts) -> dict[Key, tuple[int, int | None]]:
        """Version and folder of rules and drafts, by the ids of views."""
        rules = await self._rules.standing(parts.rules) if parts.rules else {}
        drafts = await self._drafts.standing(parts.drafts) if parts.drafts else {}
        return {(org, board_id(one)): stands for (org, one), stands in rules.items()} | {
            (org, draft_board_id(one)): stands for (org, one), stands in drafts.items()
        }


@dataclass(slots=True)
class _Parts:
    """Ids by what they are of; those of rules and drafts are their own."""

    dashboards: list[Key] = field(default_factory=list)
    rules: list[Key] = field(default_factory=list)
    drafts: list[Key] = field(default_factory=list)

    @classmethod
    def of(cls, keys: Iterable[Key]) -> _Parts:
        parts = cls()
        for org, one in keys:
            rule_id, draft_id = rule_id_of(one), draft_id_of(one)
            if rule_id is not None:
                parts.rules.append((org, rule_id))
            elif draft_id is not None:
                parts.drafts.append((org, draft_id))
            else:
                parts.dashboards.append((org, one))
        return parts
