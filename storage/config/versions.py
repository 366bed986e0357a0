"""The versions of dashboards: each save is one, and stays readable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from ...errors import NotFoundError
from .dashboard_rows import is_dashboard
from .database import Database
from .tables import dashboard_versions, dashboards


@dataclass(frozen=True, slots=True)
class VersionEntry:
    """One version in a dashboard's history: who saved it, when (`updated_at`, ms) and why."""

    version: int
    updated_by: str
    updated_at: int
    message: str = ""


class Versions:
    """The repository of versions; `Dashboards` writes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, org: int, dashboard_id: str) -> Sequence[VersionEntry]:
        """All versions, the newest first."""
        async with self._database.connect() as connection:
            rows = await connection.execute(
                select(*(dashboard_versions.c[name] for name in ("version", "updated_by", "updated_at", "message")))
                .join(dashboards, dashboards.c.id == dashboard_versions.c.dashboard)
                .where(is_dashboard(org, dashboard_id))
                .order_by(dashboard_versions.c.version.desc())
            )
            entries = [VersionEntry(*row) for row in rows]
        if not entries:
            raise NotFoundError(f"there is no dashboard {dashboard_id}")
        return entries

    async def get(self, org: int, dashboard_id: str, version: int) -> Mapping[str, Any]:
        """The document as it was in that version; NotFoundError where there was none."""
        wanted = (
            select(dashboard_versions.c.config)
            .join(dashboards, dashboards.c.id == dashboard_versions.c.dashboard)
            .where(is_dashboard(org, dashboard_id), dashboard_versions.c.version == version)
        )
        async with self._database.connect() as connection:
            config = await connection.scalar(wanted)
        if config is None:
            raise NotFoundError(f"there is no version {version} of {dashboard_id}")
        return dict(config)


def version_of(
    internal: str, version: int, config: Mapping[str, Any], *, by: str, now_ms: int, message: str = ""
) -> dict[str, Any]:
    """The row of a version."""
    return {
        "dashboard": internal,
        "version": version,
        "config": dict(config),
        "updated_by": by,
        "updated_at": now_ms,
        "message": message,
    }
