"""Which dashboards each person has starred."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from ...errors import DuplicateError
from .dashboard_ids import inner_id
from .database import Database
from .tables import dashboards, stars


class Stars:
    """The repository of stars. A star goes with its person, and with its dashboard."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, org: int, user_id: int) -> Sequence[str]:
        """The ids of the dashboards that a person has starred, in the order of their titles."""
        wanted = (
            select(dashboards.c.dashboard_id)
            .join(stars, stars.c.dashboard == dashboards.c.id)
            .where(dashboards.c.org_id == org, stars.c.user_id == user_id)
            .order_by(dashboards.c.title, dashboards.c.dashboard_id)
        )
        async with self._database.connect() as connection:
            return list(await connection.scalars(wanted))

    async def add(self, org: int, user_id: int, dashboard_id: str) -> None:
        """Star a dashboard, once; NotFoundError where there is none."""
        try:
            async with self._database.begin() as connection:
                internal = await inner_id(connection, org, dashboard_id)
                await connection.execute(insert(stars).values(user_id=user_id, dashboard=internal))
        except DuplicateError:
            return

    async def remove(self, org: int, user_id: int, dashboard_id: str) -> None:
        """Take the star away, where there is one; NotFoundError where there is no such dashboard."""
        async with self._database.begin() as connection:
            internal = await inner_id(connection, org, dashboard_id)
            await connection.execute(delete(stars).where(stars.c.user_id == user_id, stars.c.dashboard == internal))
