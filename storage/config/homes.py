"""The dashboard that each person begins with."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from .dashboard_ids import inner_id
from .database import Database
from .tables import dashboards, homes


class Homes:
    """The repository of homes. One goes with its person, and with its dashboard."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, org: int, user_id: int) -> str | None:
        """The id of the dashboard that a person begins with; None where none was chosen, or it is gone."""
        wanted = (
            select(dashboards.c.dashboard_id)
            .join(homes, homes.c.dashboard == dashboards.c.id)
            .where(dashboards.c.org_id == org, homes.c.user_id == user_id)
        )
        async with self._database.connect() as connection:
            found: str | None = await connection.scalar(wanted)
            return found

    async def choose(self, org: int, user_id: int, dashboard_id: str | None) -> None:
        """Begin with that dashboard from now on, None: with the list; NotFoundError where there is none."""
        async with self._database.begin() as connection:
            internal = await inner_id(connection, org, dashboard_id) if dashboard_id is not None else None
            await connection.execute(delete(homes).where(homes.c.user_id == user_id))
            if internal is not None:
                await connection.execute(insert(homes).values(user_id=user_id, dashboard=internal))
