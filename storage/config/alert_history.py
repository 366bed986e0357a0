"""What happened to alerts, long ago: forgotten a little at a time, and nothing that nobody was told of yet."""

from __future__ import annotations

from sqlalchemy import delete, select

from .alert_tables import alert_events, alert_gaps
from .database import Database
from .notifications import SEEN
from .tables import meta

BATCH = 1000  # rows that one transaction deletes


class AlertHistory:
    """Events, which are numbered in the order of time, and gaps, of all orgs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def forget(self, before_ms: int) -> int:
        """Delete the oldest of what happened before a time; how many rows, up to a thousand at once."""
        async with self._database.begin() as connection:
            taken = int(await connection.scalar(select(meta.c.value).where(meta.c.key == SEEN)) or 0)
            oldest = select(alert_events.c.id, alert_events.c.at_ms).order_by(alert_events.c.id).limit(BATCH)
            last, count = 0, 0
            for row in await connection.execute(oldest):
                if row.at_ms >= before_ms or row.id > taken:
                    break
                last, count = row.id, count + 1
            if count:
                await connection.execute(delete(alert_events).where(alert_events.c.id <= last))
            await connection.execute(delete(alert_gaps).where(alert_gaps.c.to_ms < before_ms))
        return count
