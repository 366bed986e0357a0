"""The dashboard that a person begins with."""

from __future__ import annotations

from ...scope import Scope
from ...storage.config.dashboard_rows import DashboardSummary
from ...storage.config.repositories import Repositories


async def home_of(config: Repositories, scope: Scope) -> DashboardSummary | None:
    """The one that they chose; None where there is none that they may see."""
    dashboard_id = await config.homes.of(scope.org, scope.user_id) if scope.user_id is not None else None
    if dashboard_id is None:
        return None
    found = await config.dashboards.named(scope.org, [dashboard_id], hidden_folders=await config.folders.hidden(scope))
    return next(iter(found), None)
