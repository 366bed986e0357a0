"""The inner ids of dashboards: what other tables know them by, whatever is deleted and made again under one id."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...errors import NotFoundError
from .tables import dashboards


async def inner_id(connection: AsyncConnection, org: int, dashboard_id: str) -> str:
    """That of a dashboard; NotFoundError where there is none."""
    wanted = select(dashboards.c.id).where(dashboards.c.org_id == org, dashboards.c.dashboard_id == dashboard_id)
    found: str | None = await connection.scalar(wanted)
    if found is None:
        raise NotFoundError(f"there is no dashboard {dashboard_id}")
    return found
