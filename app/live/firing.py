"""How many alert rules fire, for the head of each page: asked once for all who watch."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ...scope import Role, Scope
from ...storage.config.alert_states import AlertStates
from ...storage.config.folders import Folders


class Firing:
    """What every viewer of an org may see of it, as it was known last."""

    def __init__(self, alerts: AlertStates, folders: Folders) -> None:
        self._alerts = alerts
        self._folders = folders
        self._known: dict[int, int] = {}

    def known(self, org: int) -> int:
        """The rules that fired when somebody looked last; 0 where nobody did."""
        return self._known.get(org, 0)

    async def look(self, orgs: Collection[int]) -> Mapping[int, int]:
        """The numbers of those orgs, read now."""
        for org in orgs:
            hidden = await self._folders.hidden(Scope(org, Role.VIEWER))
            self._known[org] = await self._alerts.firing(org, hidden)
        return self._known
